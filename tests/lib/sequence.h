/* SPDX-License-Identifier: MIT */
/*
 * Expectations of more than one event, for expect() hooks: each is predicted
 * from the context that the code is in by then, which the hook brings up to
 * date between two of them.
 */
#ifndef RINGSIDE_SEQUENCE_H
#define RINGSIDE_SEQUENCE_H

#include "judge/stimulus.h"

struct sequence {
    struct want *want;
    const struct stimulus *s;
    struct trapframe c; /* the code, between two events */
};

/* From here on: nothing is expected yet, and c is what the run began with. */
void sequence_begin(struct sequence *q, const struct stimulus *s,
                    struct want *w);

/* The next event, taken in c with rip saved.  Its error code, where there is
 * one, is the stimulus's.  What is particular may be changed in *result. */
struct wanted *sequence_event(struct sequence *q, unsigned vector,
                              const char *rip);

/* Likewise a #DB with those of DR6's bits. */
struct wanted *sequence_db(struct sequence *q, const char *rip,
                           uint64_t causes);

/* In front of the last event, for it is recorded first: another that lands on
 * the first instruction of its handler; causes as above. */
struct wanted *sequence_in_handler(struct sequence *q, unsigned vector,
                                   uint64_t causes);

/* The code arrives at the harness's gate. */
struct wanted *sequence_end(struct sequence *q);

/* The capture stub at which an event arrives. */
const char *sequence_handler(unsigned vector);

/* A mend(): DR6 is cleared for the next event, and RF is set only over an
 * instruction breakpoint. */
void sequence_mend(unsigned nth, const struct outcome *o, struct trapframe *f);

#endif
