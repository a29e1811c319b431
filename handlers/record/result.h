/* SPDX-License-Identifier: MIT */
/*
 * Results on their way out: into the journal first, then to who listens (the
 * screen and the serial line).  Cases and the engine report through here and
 * through nothing else.
 */
#ifndef RINGSIDE_RESULT_H
#define RINGSIDE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/*
 * Who is to hear of what has just been written to the journal.  What is
 * muted (an earlier boot has told it) or redirected is not heard.
 */
struct check;
struct journal;
struct result_listener {
    void (*begin)(unsigned cases); /* so many are to come */
    void (*case_begin)(unsigned number, unsigned total, const char *id,
                       const char *title);
    /* A check that may not come back is about to run, or is over. */
    void (*risk)(const char *id);
    void (*risk_over)(void);
    void (*check)(const struct record_check *c);
    /* The checks of the case that has ended, as they lie in the journal. */
    void (*case_end)(unsigned number, const char *id,
                     const struct check *checks, unsigned n);
    void (*line)(const char *text); /* one sentence for people */
    /* The journal from there on, before what may take the machine down. */
    void (*grown)(const struct journal *j, uint32_t from);
    void (*end)(unsigned cases); /* the end record is written */
};

/* Takes the journal over that efi/ started.  False: it is not there. */
bool result_init(const struct result_listener *l);

/* Appends any record; a full journal is noted once. */
void result_append(unsigned type, const void *payload, unsigned length);

/* "About to do": what boot B names when the machine did not come back. */
void result_step(const char *format, ...) __attribute__((format(printf, 1, 2)));
const char *result_step_name(void);

void result_check(const struct record_check *c);
void result_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * A check of the current case begins: the journal says which one, before it
 * does anything; a risky one is announced on the serial line too, so that a
 * script knows what it waits for, and withdrawn by result_check().  False:
 * an earlier boot of this run has been past it.  c: its id, and what else the
 * report shall say of it if it dies.
 */
bool result_check_begin(const struct record_check *c, bool risky);

/* Behind that: what the report shall say of it if the machine does not come
 * back; seen says where it was then.  The last call counts.  The verdict is
 * efi/after/resume.c's. */
void result_pending(const struct record_check *c);

/* The case dies, in a check or outside of them: written down, should the
 * machine not come back ... */
void result_dying(unsigned verdict, const char *words);
/* ... and reported, when it has.  True: the case may be run again, from behind
 * that check. */
bool result_died(void);

/* The check at hand takes long, and is alive: a sentence for who watches. */
void result_alive(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* The check at hand, if it is a risky one, has hung and gets on: whoever waits
 * for it begins to wait anew. */
void result_gets_on(void);

/* Has the check of this id hung, in this boot or in one before? */
bool result_hung(const char *id);

/* The id of the nth check, from 0, that did not come back, in this boot or in
 * one before, and its verdict: it hung, or restarted the machine, or died and
 * was given up (any other verdict).  NULL: there are no more. */
const char *result_fallen(unsigned n, unsigned *verdict);

/* Of the check that has just not begun: because it has been run before, by an
 * earlier boot or before the case died?  (Else nobody wanted it.) */
bool result_passed(void);

/* A case begins and ends: the KTAP subtests go out at its end. */
/* number: from 1, its place in the list; false: an earlier boot of this run
 * has been past it. */
bool result_case_begin(unsigned number, unsigned total, const char *id,
                       const char *title);
void result_case_end(void);

/*
 * Until called with NULL, checks go to sink instead, and nothing else goes
 * anywhere.  Once it answers false the checks that are still to come are
 * passed over.
 */
void result_redirect(bool (*sink)(const struct record_check *c));

/*
 * Until called with NULL, every check that would begin is named to `see' and
 * does not begin; nothing goes anywhere.
 */
void result_list(void (*see)(const char *id));

/* Until called with NULL, the checks that `wanted' denies do not begin. */
void result_only(bool (*wanted)(const char *id));

/* No run can be begun: the report will be this sentence. */
void result_refuse(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* So many cases come; the live KTAP stream begins with that. */
void result_begin(unsigned cases);

/* Tells the listener of what the journal has grown by.  With --stream that is
 * done before each step, too. */
void result_send(void);

/* The journal so far, to be read only. */
const struct journal *result_journal(void);

/* The end record, with the counts of all checks so far. */
void result_end(void);

#endif
