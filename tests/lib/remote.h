/* SPDX-License-Identifier: MIT */
/*
 * A stimulus on another processor, for which this one sends the event: all of
 * stimulus_run(), field by field and on the specimen, there.
 *
 * Its code asks for the event by counting, REMOTE_ASK, and then waits for it:
 * so the event finds the code, and not the harness.
 */
#ifndef RINGSIDE_LIB_REMOTE_H
#define RINGSIDE_LIB_REMOTE_H

#include "engine/processors.h"
#include "judge/stimulus.h"

#define REMOTE_ASK "lock incl (%rbx)"

/* The stimulus's before(), or the first thing in it. */
void remote_before(struct trapframe *c);

/*
 * On the first: reports s's check, of so many others in turn (from number 1
 * on), the first that is no pass; adds their rows.  send: to number n.
 */
void remote_run(const struct stimulus *s, unsigned others,
                void (*send)(unsigned n, const struct stimulus *s));

#endif
