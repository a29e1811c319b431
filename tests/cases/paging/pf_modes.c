/* SPDX-License-Identifier: MIT */
/*
 * #PF under CR0.WP, SMEP and SMAP: what ring 0 may do with which page.
 *
 * Without WP ring 0 writes to any present page.  SMEP keeps it from running
 * ring 3's pages, SMAP from touching them unless AC is set; neither concerns
 * ring 3, nor SMAP a fetch.  The error code says nothing of either: P, and W
 * or I as ever.
 */
#include "lib/pf_page.h"
#include "macros.h"

static const struct {
    const char *name;
    unsigned set, clear;
} modes[] = {
    {"pf.wp-off", 0, PF_WP},
    {"pf.smep", PF_SMEP, 0},
    {"pf.smap", PF_SMAP, 0},
    {"pf.smap-ac", PF_SMAP | PF_AC, 0},
};
static const uint64_t rights[] = {
    PAGE_PRESENT,
    PAGE_PRESENT | PAGE_WRITE,
    PAGE_PRESENT | PAGE_USER,
    PAGE_PRESENT | PAGE_USER | PAGE_WRITE,
    PAGE_PRESENT | PAGE_USER | PAGE_WRITE | PAGE_NX,
    0,
};

void case_pf_modes(void)
{
    static const enum origin from[] = {FROM_RING0, FROM_RING3};

    for (unsigned m = 0; m < COUNT(modes); m++)
        for (unsigned f = 0; f < 2; f++)
            for (unsigned r = 0; r < COUNT(rights); r++) {
                struct pf p = {
                    .from = from[f],
                    .rights = rights[r],
                    .mode = (pf_mode_now() & ~modes[m].clear) | modes[m].set,
                };

                for (p.access = 0; p.access < PF_ACCESSES; p.access++)
                    pf_run(modes[m].name, &p);
            }
}
