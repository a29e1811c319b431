/* SPDX-License-Identifier: MIT */
/*
 * One stimulus run once: what check.c and stimulus.c have in common.
 */
#ifndef RINGSIDE_TRIAL_H
#define RINGSIDE_TRIAL_H

#include "compare.h"
#include "predict.h"

struct trial {
    struct start x;
    struct seen seen; /* with the capture stubs */
    struct left {
        const char *changed;    /* of the machine, not as it was; NULL */
        unsigned in_service;    /* a vector whose EOI is missing; 0 */
        struct drained pending; /* interrupts that nobody was waiting for */
    } left;
    struct {
        bool below, above; /* payload.h */
    } stack_intact;
    struct record_check check;
};

/* NULL, or why o shows nothing: an event that a script has sent, and that came
 * before the stimulus's code ran. */
const char *trial_too_early(const struct stimulus *s, const struct outcome *o);

/* NULL, or why a run that has ended without an entry shows nothing: nobody
 * outside has sent the event, or not in time. */
const char *trial_not_sent(const struct stimulus *s, unsigned entries);

/* Fills t with the bases that a stimulus starts on: user is the user's. */
void trial_begin(struct trial *t, const struct stimulus *s, uint64_t user);

/*
 * Becomes t's context with r's hooks (whatever stubs are installed), and
 * leaves the machine as it was, on the capture stubs.
 */
enum run_end trial_run(struct trial *t, const struct run *r);

/*
 * With the capture stubs: fills t->seen and compares it.  The verdict and the
 * texts go to t->check, which is a pass when nothing differs.
 */
void trial_capture(struct trial *t);

/* verdict.c: t->check, from t->seen and how the run ended. */
void trial_judge(struct trial *t, enum run_end end);

/* What the last run has left behind, if that makes it wrong, goes to d. */
void trial_left(struct diff *d, const struct trial *t);

/* What a kernel does about an event before it returns from it. */
void trial_mend(const struct start *x, struct trapframe *f);

#endif
