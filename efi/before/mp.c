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
#include "insn.h"
#include "listed.h"
#include "machine.h"
#include "note.h"

#define MP_ENABLED 2u /* of a processor's status */
#define MP_HEALTHY 4u
#define LEAF_TOPOLOGY 0xb
#define ASKED_MAX 4096 /* processors; a count beyond it is none */

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

static void ask_one(struct processors *p, struct mp_services *mp, UINTN i)
{
    struct mp_information one = {.status = 0};

    if (EFI_ERROR(mp->information(mp, i, &one)) || one.id >= UINT32_MAX)
        listed_odd(&odds.mp_refused, (uint32_t)i);
    else if (one.status & MP_ENABLED && one.status & MP_HEALTHY)
        listed_add(p, (uint32_t)one.id, PROCESSOR_LISTED_MP, &odds);
    else
        listed_off(p, (uint32_t)one.id, PROCESSOR_LISTED_MP);
}

static void ask_mp(struct processors *p)
{
    EFI_GUID name = mp_guid;
    struct mp_services *mp = NULL;
    UINTN all = 0, enabled = 0;

    if (EFI_ERROR(BS->LocateProtocol(&name, NULL, (void **)&mp)) || !mp)
        return;
    odds.mp_miscounts = EFI_ERROR(mp->count(mp, &all, &enabled)) ||
                        all > ASKED_MAX || !enabled || enabled > all;
    for (UINTN i = 0; i < all && !odds.mp_miscounts; i++)
        ask_one(p, mp, i);
}

static void madt_has(void *p, uint32_t id, bool enabled)
{
    if (enabled)
        listed_add(p, id, PROCESSOR_LISTED_MADT, &odds);
}

static void madt_disables(void *p, uint32_t id, bool enabled)
{
    if (!enabled)
        listed_off(p, id, PROCESSOR_LISTED_MADT);
}

void listed_ask(struct boot *b)
{
    struct processors *p = &b->handoff.processors;

    odds = (struct listed_odds){.madt = false};
    listed_begin(p, own_id());
    odds.madt_cut = !acpi_ask(&b->handoff, madt_has, p);
    ask_mp(p);
    acpi_ask(&b->handoff, madt_disables, p);
    listed_check(p, &odds);
    b->machine.processors = p->n;
}

static void note_odd(struct boot *b, const struct listed_odd *o,
                     const char *what, const char *how)
{
    if (o->n == 1)
        note(b, "%s %x is %s", what, o->id, how);
    else if (o->n)
        note(b, "%s %x and %u more are %s", what, o->id, o->n - 1, how);
}

void listed_note(struct boot *b)
{
    const struct processors *p = &b->handoff.processors;
    unsigned absent =
        options_cpu_absent(&b->options, p->listed ? p->n : PROCESSORS_MAX);

    note_odd(b, &odds.twice, "APIC id", "listed twice by the firmware");
    note_odd(b, &odds.madt_only, "APIC id",
             "in the MADT and not in the MP Services protocol's list");
    note_odd(b, &odds.mp_only, "APIC id",
             "in the MP Services protocol's list and not in the MADT");
    note_odd(b, &odds.mp_refused, "processor number",
             "counted by the MP Services protocol and not described by it");
    note_odd(b, &odds.mp_off, "APIC id",
             "enabled in the MADT and disabled in the MP Services protocol's "
             "list");
    note_odd(b, &odds.madt_off, "APIC id",
             "enabled in the MP Services protocol's list and disabled in the "
             "MADT");
    if (odds.madt_cut)
        note(b, "the MADT ends within an entry: what is behind it is not read");
    if (odds.mp_miscounts)
        note(b, "the MP Services protocol has no count of processors that can "
                "be believed: its list is not used");
    if (odds.self_unlisted)
        note(b,
             "APIC id %x, the processor that this runs on, is in none of the "
             "firmware's lists",
             p->place[0].apic_id);
    if (p->over)
        note(b, "%u of the firmware's processors are left alone: a run has %u",
             p->over, PROCESSORS_MAX);
    if (absent)
        note(b, "--cpus names processor %u, which this machine has not",
             absent);
}
