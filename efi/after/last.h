/* SPDX-License-Identifier: MIT */
/*
 * Where the run stood when the machine restarted, read from its journal.
 * Plain C over memory, shared with the host tests.
 */
#ifndef RINGSIDE_LAST_H
#define RINGSIDE_LAST_H

#include <stdbool.h>
#include <stdint.h>

#include "record/packed.h"

struct last {
    const struct record_case *in;   /* the case that was running, or NULL */
    const struct record_step *step; /* the last one, or NULL */
    struct check pending;           /* id NULL: the step has the id alone */
    bool reported;                  /* its check already has a verdict */
    /* The step into the case, if this boot came so far; and how it began, if
     * it went on with an earlier one's run. */
    const struct record_header *begun;
    const struct record_resume *resume;
    bool over; /* the run ended, or died with last words */
};

/* The pointers of *l lead into the journal.  An unreadable one is over. */
void last_find(struct last *l, const void *journal, uint32_t size,
               uint64_t nonce);

/*
 * Can the run go on behind that?  0: no; else handoff.resume_after.  before:
 * that of the boot that ended here, which must have come further.
 */
uint32_t last_resume(const struct last *l, uint32_t before);

/*
 * Where the run goes on when the machine was not at fault: with the case that
 * was running, all of it once more, once the journal is cut in front of
 * l->begun.  0: there is none; else handoff.resume_after.
 */
uint32_t last_again(const struct last *l);

/* How often that case has been interrupted so, this time too. */
uint32_t last_kills(const struct last *l);

/* The verdict on what took the machine down; hang: it was reset from outside;
 * words: how, if not as it is called.  False: that has one already, and *c
 * stays as it is. */
bool last_verdict(const struct last *l, bool hang, const char *words,
                  struct record_check *c);

#endif
