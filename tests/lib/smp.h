/* SPDX-License-Identifier: MIT */
/* For cases that need more than one processor. */
#ifndef RINGSIDE_LIB_SMP_H
#define RINGSIDE_LIB_SMP_H

#include <stdbool.h>
#include <stdint.h>

/* Starts the others where that was not done yet; returns how many run. */
unsigned smp_start(void);

/* NULL, or why there is nothing to be seen here: there is one processor, or
 * --cpus first. */
const char *smp_unfit(void);

/* The same for what asks all of them: also one that is lost, of which an
 * earlier check has told.  The words are good until the next call. */
const char *smp_unfit_together(void);

/* The check smp.start.alike: each compares itself with the first. */
void smp_alike(void);

/* What is known of a processor by now, into the journal. */
void smp_record(unsigned n);

/* Is that one named by --cpus: does it run all that it can? */
bool smp_runs_all(unsigned n);

/* The slice of the journal that number n writes, as the first sees it. */
const void *smp_slice(unsigned n);
uint32_t smp_slice_size(unsigned n);

/* The work that a processor was given, for its record. */
struct smp_work {
    uint32_t checks, others; /* run; and not as on the first */
    uint64_t microseconds;
    bool ran; /* to the end */
};
struct smp_work *smp_work(unsigned n);

#endif
