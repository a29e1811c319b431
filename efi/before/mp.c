/* SPDX-License-Identifier: MIT */
/*
 * Who lists the machine's processors: the MADT, and the firmware itself by its
 * MP Services protocol (PI 1.7 vol 2, 13.4), which gnu-efi does not have.
 * Called by boota.c.
 */
#include <efi.h>

#include "boot.h"
#include "cpu.h"
#include "firmware.h"
#include "fmt.h"
#include "insn.h"
#include "listed.h"
#include "machine.h"

#define MP_ENABLED 2u /* of a processor's status */
#define MP_HEALTHY 4u
#define LEAF_TOPOLOGY 0xb
#define ASKED_MAX                                                              \
    4096 /* processors; what a count beyond it says is no count                \
          */

struct mp_information {
    uint64_t id; /* the APIC's */
    uint32_t status;
    uint32_t package, core, thread;
    uint32_t extended[6]; /* of later editions; written when asked for */
};

struct mp_services {
    EFI_STATUS(EFIAPI *count)
    (struct mp_services *this, UINTN *all, UINTN *enabled);
    EFI_STATUS(EFIAPI *information)
    (struct mp_services *this, UINTN number, struct mp_information *i);
};

static const EFI_GUID mp_guid = {
    0x3fdda605,
    0xa76e,
    0x4f46,
    {0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08}};

static struct listed_odds odds;

static uint32_t own_id(void)
{
    struct cpuid topology = cpuid_if_there(LEAF_TOPOLOGY, 0);

    return topology.ebx ? topology.edx : cpuid(1, 0).ebx >> 24;
}

static void ask_mp(struct processors *p)
{
    EFI_GUID name = mp_guid;
    struct mp_services *mp = NULL;
    UINTN all = 0, enabled = 0;

    if (EFI_ERROR(BS->LocateProtocol(&name, NULL, (void **)&mp)) || !mp ||
        EFI_ERROR(mp->count(mp, &all, &enabled)) || all > ASKED_MAX)
        return;
    for (UINTN i = 0; i < all; i++) {
        struct mp_information one = {.status = 0};

        if (!EFI_ERROR(mp->information(mp, i, &one)) &&
            one.status & MP_ENABLED && one.status & MP_HEALTHY &&
            one.id <= UINT32_MAX)
            listed_add(p, (uint32_t)one.id, PROCESSOR_LISTED_MP, &odds);
    }
}

static void from_madt(void *p, uint32_t id)
{
    listed_add(p, id, PROCESSOR_LISTED_MADT, &odds);
}

void listed_ask(struct boot *b)
{
    struct processors *p = &b->handoff.processors;

    odds = (struct listed_odds){.madt = false};
    listed_begin(p, own_id());
    acpi_ask(&b->handoff, from_madt, p);
    ask_mp(p);
    listed_check(p, &odds);
    b->machine.processors = p->n;
}

static void note(struct boot *b, const char *f, uint32_t n, uint32_t id)
{
    struct record_note r = {.text = ""};

    if (!n)
        return;
    fmt(r.text, sizeof(r.text), f, n, id);
    journal_append(&b->journal, RECORD_NOTE, &r, sizeof(r));
}

void listed_note(struct boot *b)
{
    const struct processors *p = &b->handoff.processors;

    note(b,
         "%u processors are listed twice by the firmware, APIC id %x the "
         "first of them",
         odds.twice.n, odds.twice.id);
    note(b,
         "%u processors are in the MADT and not in the MP Services "
         "protocol's list, APIC id %x the first of them",
         odds.madt_only.n, odds.madt_only.id);
    note(b,
         "%u processors are in the MP Services protocol's list and not in "
         "the MADT, APIC id %x the first of them",
         odds.mp_only.n, odds.mp_only.id);
    note(b,
         "%u processor, the one that this runs on (APIC id %x), is not in "
         "the firmware's lists",
         odds.self_unlisted, p->place[0].apic_id);
    note(b, "%u processors beyond %u are left alone: a run has no more",
         p->over, PROCESSORS_MAX);
    note(b, "--cpus names processor %u, which this machine has not",
         options_cpu_absent(&b->options, p->listed ? p->n : PROCESSORS_MAX), 0);
}
