/* SPDX-License-Identifier: MIT */
/*
 * How long to wait for what should come: so many cycles of the TSC that this
 * processor has spent waiting.
 *
 * Under an emulator its thread may stand still for any time while the TSC
 * goes on, and with it all that it waits for; a bound in TSC alone would then
 * be over at the first look.  So between two looks a gap counts as a step at
 * most: whoever waits has looked many times before it gives up.
 */
#ifndef RINGSIDE_PATIENCE_H
#define RINGSIDE_PATIENCE_H

#include <stdbool.h>

#include "handoff.h"
#include "insn.h"

#define PATIENCE_STEP 10000 /* of a second, one part in so many */

struct patience {
    uint64_t left, last; /* cycles; TSC at the last look */
};

static inline struct patience patience_of(uint64_t cycles)
{
    return (struct patience){.left = cycles, .last = rdtsc()};
}

/* A look: is there some left? */
static inline bool patience_left(struct patience *p)
{
    uint64_t now = rdtsc(), gap = now - p->last,
             step = handoff.tsc_hz / PATIENCE_STEP;

    p->last = now;
    if (gap > step)
        gap = step;
    p->left = p->left > gap ? p->left - gap : 0;
    return p->left;
}

/* Until condition holds, or patience for so many cycles is at its end. */
#define WAIT_UNTIL(cycles, condition)                                          \
    for (struct patience patience = patience_of(cycles);                       \
         !(condition) && patience_left(&patience);)                            \
    pause()

#endif
