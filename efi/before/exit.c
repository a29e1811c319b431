/* SPDX-License-Identifier: MIT */
/*
 * The step that cannot be taken back.  ExitBootServices wants the key of the
 * very latest memory map, and a timer of the firmware may change the map
 * between the two calls: then the map is read again and the step retried.
 * The spaces are built from the map that is left with, not an older one.
 * Called by boota.c.
 */
#include "exit.h"

#include <efilib.h>

#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "machine.h"
#include "memmap.h"
#include "regions.h"
#include "say.h"
#include "space.h"
#include "switch.h"

#define TRIES 8

static void note_step(struct boot *b, const char *name)
{
    struct record_step step;

    SetMem(&step, sizeof(step), 0);
    fmt(step.name, sizeof(step.name), "%s", name);
    journal_append(&b->journal, RECORD_STEP, &step, sizeof(step));
}

static void note(struct boot *b, const char *f, unsigned n)
{
    struct record_note r;

    SetMem(&r, sizeof(r), 0);
    fmt(r.text, sizeof(r.text), f, n);
    journal_append(&b->journal, RECORD_NOTE, &r, sizeof(r));
}

static const char *build_spaces(struct boot *b, const struct core *c,
                                struct identity *regions,
                                const struct memmap *m)
{
    struct handoff *h = &b->handoff;
    unsigned n = regions_collect(regions, m, (uint64_t)b->loaded->ImageBase,
                                 b->loaded->ImageSize);

    SetMem((void *)h->tables, h->tables_size, 0);
    return space_build(h, c->header, c->base, cpu_has(FEATURE_NX), regions, n);
}

/* --provoke stale-key: something allocates after the map was read. */
static void make_key_stale(void)
{
    EFI_PHYSICAL_ADDRESS at = 0;

    BS->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &at);
}

const char *exit_into_core(struct boot *b, const struct core *c)
{
    static char why[120];
    struct identity *regions = NULL;
    struct memmap m;
    const char *trouble;
    EFI_STATUS s;
    unsigned tries = 0;

    s = BS->AllocatePool(EfiLoaderData, REGIONS_MAX * sizeof(*regions),
                         (void **)&regions);
    if (!EFI_ERROR(s))
        s = memmap_open(&m);
    if (EFI_ERROR(s)) {
        fmt(why, sizeof(why), "the memory map cannot be read: %s",
            status_words(s));
        return why;
    }
    note_step(b, "leaving the firmware's boot services");
    do {
        trouble = build_spaces(b, c, regions, &m);
        if (trouble)
            return trouble;
        if (b->options.provoke == PROVOKE_STALE_KEY && tries == 0)
            make_key_stale();
        b->handoff.tsc_start = rdtsc();
        s = BS->ExitBootServices(b->image, m.key);
        /* From here on, unless it failed, there is no firmware to call. */
        tries++;
    } while (EFI_ERROR(s) && tries < TRIES && !EFI_ERROR(memmap_read(&m)));
    if (EFI_ERROR(s)) {
        fmt(why, sizeof(why), "the firmware did not let go in %u tries: %s",
            tries, status_words(s));
        return why;
    }
    if (tries > 1)
        note(b, "ExitBootServices took %u tries: the memory map had changed",
             tries);
    core_hand_over(c, &b->handoff);
    core_switch(b->handoff.cr3_rt, c->header->entry, cpu_has(FEATURE_NX));
}
