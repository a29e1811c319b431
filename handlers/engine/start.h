/* SPDX-License-Identifier: MIT */
/* Starting the other processors: start.c; and what processors.c keeps. */
#ifndef RINGSIDE_START_H
#define RINGSIDE_START_H

#include <stdbool.h>
#include <stdint.h>

#include "trapframe.h"

enum processor_state {
    PROCESSOR_ABSENT,
    PROCESSOR_ARRIVED, /* in its world; waits to be taken */
    PROCESSOR_TAKEN,   /* makes itself ready */
    PROCESSOR_WAITING, /* for a job */
    PROCESSOR_WORKING,
    PROCESSOR_GONE, /* for good: died, or does not answer */
    PROCESSOR_REFUSED,
};

#define START_SECONDS 10 /* that one waits to be taken, at most */

enum processor_state processor_state(unsigned n);
void processor_set_state(unsigned n, enum processor_state s);

/* How one came: in SHARED memory, complete when it is taken. */
struct processor_start {
    uint32_t microseconds; /* from its SIPI to its first word: record.h */
    uint32_t from;         /* PROCESSOR_LISTED_*: record.h; 0: not listed */
    bool late;             /* not within the time that it had */
    bool twice;            /* one with that id is there already */
};
const struct processor_start *processor_start(unsigned n);

/* Of the listed ones, those that did not come: index into
 * handoff.processors.place from at on, or 0 behind the last. */
unsigned processor_absent(unsigned at);

/* On the first: an object of the core's data, as number n has it. */
void *processor_sees(unsigned n, const void *own);

/* INIT and SIPI to all, each wait bounded.  Returns how many are there. */
unsigned start_others(void);

/* On one that has come: says so; false: it is not wanted. */
bool processor_arrive(void);
/* Waits for jobs, and does them. */
_Noreturn void processor_serve(void);
/* Cannot go on; words say why. */
_Noreturn void processor_die(const char *words);
/* Is that the interrupt which wakes one that waits? */
bool processor_woken(const struct trapframe *f);

#endif
