/* SPDX-License-Identifier: MIT */
/* Instructions of an undisturbed path; see count.c. */
#ifndef RINGSIDE_COUNT_H
#define RINGSIDE_COUNT_H

#include "judge/stimulus.h"

/* Tries the TSC out; count_on(): it counts instructions, exactly. */
void count_begin(void);
bool count_on(void);
/* engine_run(), with the ticks that it took, but for the handler's. */
uint32_t count_run(const struct run *r, const struct trapframe *c);
/* The instructions in ring 0 and the one that entered it, from a run's ticks
 * and its calls of specimen_body and specimen_handle, each of which counts as
 * the one CALL that it is. */
uint32_t count_instructions(enum origin from, uint32_t t, unsigned bodies,
                            unsigned handles);

/* *counts: 1 if the fault that the stimulus raises behind its lead, which is
 * so many instructions, counts as one itself, 0 if not; false: neither. */
bool count_fault(const struct stimulus *s, unsigned lead, uint32_t *counts);

#endif
