/* SPDX-License-Identifier: MIT */
/*
 * The two address spaces of a run, built while the firmware is still there
 * (so a lack of memory is one clear line) and by plain C that the host tests
 * walk afterwards.
 *
 *   cr3_test  the core and ring 3, nothing else: what the cases run in
 *   cr3_rt    the core and the firmware's runtime regions where it wants them;
 *             another processor's: the core and the page that it starts in
 *
 * Each further processor has both of its own, over the same text and other
 * data: include/shared.h.
 */
#ifndef RINGSIDE_SPACE_H
#define RINGSIDE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff.h"
#include "layout.h"

/* Enough for the core and for what any firmware seen keeps at run time; a
 * region far from all others takes two pages. */
#define SPACE_POOL_PAGES 256

/* The same for a further processor. */
#define SPACE_POOL_OTHER 48

enum identity_kind { IDENTITY_CODE, IDENTITY_DATA, IDENTITY_MMIO };

/* A region that cr3_rt maps where it is: code RX+W, data RW, mmio RW+PCD. */
struct identity {
    uint64_t base, size; /* multiples of 4 KiB */
    /* The same for a further processor. */
#define SPACE_POOL_OTHER 48

    enum identity_kind kind;
    bool optional; /* left out where there is no room for its tables */
};

/*
 * Builds both spaces in the pool of handoff->tables (identity-mapped while
 * this runs; handoff->tables_size bytes) and stores cr3_test and cr3_rt in
 * *handoff.  core is the physical address that the image h was copied to.
 * Reads handoff's levels, journal, screen, APICs.  nx: the processor has
 * EFER.NXE.  *left_out: how many optional regions are not, or not all, mapped.
 * Returns NULL, or a sentence that says what did not fit.
 */
const char *space_build(struct handoff *handoff, const struct core_header *h,
                        uint64_t core, bool nx, const struct identity *rt,
                        unsigned n, unsigned *left_out);

/*
 * The same for the processor that the hand-over is for, whose private part of
 * the image lies at own and whose trampoline is mapped where it is.
 */
const char *space_build_other(struct handoff *handoff,
                              const struct core_header *h, uint64_t core,
                              uint64_t own, bool nx);

#endif
