/* SPDX-License-Identifier: MIT */
/*
 * The step that cannot be taken back.  ExitBootServices wants the key of the
 * very latest memory map, and a timer of the firmware may change the map
 * between the two calls: then the map is read again and the step retried.
 * The spaces are built from the map that is left with, not an older one.
 * Called by boota.c.
 */
#include "exit.h"

#include "cpu.h"
#include "firmware.h"
#include "fmt.h"
#include "insn.h"
#include "machine.h"
#include "memmap.h"
#include "note.h"
#include "regions.h"
#include "say.h"
#include "space.h"
#include "switch.h"

#define TRIES 8

static void note_step(struct boot *b, const char *name)
{
    struct record_step step = {.kind = STEP_WORK};

    fmt(step.name, sizeof(step.name), "%s", name);
    journal_append(&b->journal, RECORD_STEP, &step, sizeof(step));
}

/* What is needed on the way, and of no use if it ends here. */
struct way {
    struct memmap map;
    struct identity *regions;
    unsigned left_out, tries;
};

static const char *build_spaces(struct boot *b, const struct core *c,
                                struct way *w)
{
    unsigned n =
        regions_collect(w->regions, &w->map, (uint64_t)b->loaded->ImageBase,
                        b->loaded->ImageSize);

    const char *trouble =
        space_build(&b->handoff, c->header, c->base, cpu_has(FEATURE_NX),
                    w->regions, n, &w->left_out);

    return trouble ? trouble
                   : worlds_build(c, &b->handoff, cpu_has(FEATURE_NX));
}

/* --provoke stale-key: something has changed the map since it was read. */
static void make_key_stale(void)
{
    EFI_PHYSICAL_ADDRESS at = 0;

    if (!EFI_ERROR(BS->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &at)))
        BS->FreePages(at, 1);
}

static EFI_STATUS prepare(struct way *w)
{
    EFI_STATUS s = memmap_open(&w->map);

    if (!EFI_ERROR(s))
        s = BS->AllocatePool(EfiLoaderData,
                             REGIONS_MAX(&w->map) * sizeof(*w->regions),
                             (void **)&w->regions);
    if (EFI_ERROR(s))
        w->regions = NULL;
    else
        s = memmap_read(&w->map); /* that has changed it */
    return s;
}

/* NULL: there is no firmware to call any more. */
static const char *leave(struct boot *b, const struct core *c, struct way *w)
{
    enum provocation provoke = b->options.provoke;
    static char why[120];
    const char *trouble;
    EFI_STATUS s;

    do {
        trouble = build_spaces(b, c, w);
        if (trouble)
            return trouble;
        if (provoke == PROVOKE_EXIT_REFUSED ||
            (provoke == PROVOKE_STALE_KEY && w->tries == 0))
            make_key_stale();
        b->handoff.tsc_start = rdtsc();
        s = BS->ExitBootServices(b->image, w->map.key);
        w->tries++;
    } while (EFI_ERROR(s) && w->tries < TRIES &&
             !EFI_ERROR(memmap_read(&w->map)));
    if (!EFI_ERROR(s))
        return NULL;
    fmt(why, sizeof(why), "the firmware did not let go in %u tries: %s",
        w->tries, status_words(s));
    return why;
}

const char *exit_into_core(struct boot *b, const struct core *c)
{
    static char why[120];
    struct way w = {.regions = NULL};
    const char *trouble = why;
    EFI_STATUS s = prepare(&w);

    fmt(why, sizeof(why), "the memory map cannot be read: %s", status_words(s));
    if (!EFI_ERROR(s)) {
        note_step(b, STEP_LEAVING);
        trouble = leave(b, c, &w);
    }
    if (trouble) {
        if (w.regions)
            BS->FreePool(w.regions);
        memmap_close(&w.map);
        return trouble;
    }
    if (w.tries > 1)
        note(b, "ExitBootServices took %u tries: the memory map had changed",
             w.tries);
    if (w.left_out)
        note(b,
             "%u regions of the firmware's boot services find no room in the "
             "page tables: a runtime service that still uses them will fault",
             w.left_out);
    core_hand_over(c, &b->handoff);
    core_switch(b->handoff.cr3_rt, c->header->entry, cpu_has(FEATURE_NX));
}
