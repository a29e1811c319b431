/* SPDX-License-Identifier: MIT */
/* The defaults of a struct want: what the manuals say of every entry. */
#ifndef RINGSIDE_PREDICT_H
#define RINGSIDE_PREDICT_H

#include "stimulus.h"
#include "want.h"

/*
 * The stimulus as it is started: all that the prediction rests on.  It is
 * taken once before() is through and before the first instruction runs.
 */
struct start {
    const struct stimulus *s;
    struct trapframe context;
    uint64_t gs_base, kernel_gs_base, dr7;
    struct {
        uint8_t ist, type;
    } gate[256];     /* the IDT as before() left it ... */
    uint64_t top[8]; /* ... and the TSS: RSP0, IST1 to IST7 */
};

/* Fills x->gate and x->top from the IDT and the TSS. */
void start_tables(struct start *x);

#define CR2_BEFORE 0xdead0000ull /* in CR2 before each run */

/* s->entries times s->vector, then the gate. */
void predict(struct want *w, const struct start *x);

#endif
