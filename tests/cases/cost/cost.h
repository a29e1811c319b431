/* SPDX-License-Identifier: MIT */
/*
 * What an entry and its exit cost, timed from where it is made: what cost.c,
 * cost_ways.c and cost_specimens.c share.
 */
#ifndef RINGSIDE_COST_H
#define RINGSIDE_COST_H

#include "judge/stimulus.h"
#include "specimen.h"

/* Code that times one way in, COST_SAMPLES times over. */
enum cost_code {
    COST_NOTHING,
    COST_SYSCALL,
    COST_SYSENTER,
    COST_CALLGATE,
    COST_INT, /* VEC_cost */
    COST_INT80,
    COST_UD,
    COST_PF,
    COST_DB,       /* a single step */
    COST_DB_RING0, /* the same from ring 0 */
    COST_CODES,
};

struct cost {
    const char *specimen; /* "" for cost_stubs.S */
    const char *path;
    enum gs_rule rule;
    enum cost_code code;
    const char *what;
};

/* Times it on the stubs as they are installed, with the kernel's GS base
 * (NULL: the harness's percpu); the machine is put back.  Returns the median, 0
 * if it did not come back (and says so in a note). */
uint32_t cost_measure(const struct cost *c, const void *gs_base);
/* In a note: what is not measured, and why. */
void cost_skip(const struct cost *c, const char *reason);

void cost_ways(void);      /* stubs that differ in one thing each */
void cost_specimens(void); /* the specimens' own */

#endif
