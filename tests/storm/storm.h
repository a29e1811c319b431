/* SPDX-License-Identifier: MIT */
/*
 * The storm: for a time, or so many entries, ring 3 calls ring 0 by all ways
 * that a specimen has, while whatever can come comes: NMIs, interrupts and
 * timer ticks at odd moments, single steps, frames that IRETQ does not take;
 * of the processor's own making, and of all others' that storm as well.
 *
 * The window lets one event land at each boundary in turn.  The storm asks
 * what that cannot: is it right as well when they come on top of each other,
 * in no order, on all processors at once?  After each entry the invariants are
 * looked at (judge.c), and what breaks one ends that processor's storm.
 */
#ifndef RINGSIDE_STORM_H
#define RINGSIDE_STORM_H

#include <stdbool.h>

#include "record.h"
#include "specimen.h"

/* The same for all processors of a storm. */
struct storm_plan {
    uint32_t seed;
    uint64_t milliseconds; /* 0: no such bound */
    uint64_t entries;      /* of each processor; 0: no such bound */
    const char *name;      /* of the check, if not the specimen's; or NULL */
    bool keeps_stale;      /* wrong on purpose: no handler flushes */
};

enum storm_end {
    STORM_NOT_RUN,
    STORM_SURVIVED,
    STORM_CAUGHT,
    STORM_HUNG, /* ended by the watchdog */
};

/* Of one processor. */
struct storm_result {
    enum storm_end end;
    uint64_t entries, microseconds;
    uint64_t kind[STORM_KINDS];
    char what[96]; /* unless it has survived */
};

/* On this processor, as long as the plan says and some other one is not
 * through; leaves the machine as it was.  One at a time. */
void storm_run(const struct specimen *s, const struct storm_plan *plan,
               struct storm_result *r);

/* The last entries of this processor's last storm, from the oldest on; how
 * many. */
unsigned storm_outcomes(struct record_outcome to[STORM_OUTCOMES]);

/*
 * On the first, on all processors at once (those that --cpus leaves alone
 * excepted): the check smp.storm.NAME, and its records.  The plan's entries
 * are those of all of them together.
 */
void storm_check(const struct specimen *s, const struct storm_plan *plan);

/* Every specimen that is not wrong on purpose; they share the plan's bounds. */
void storm_checks(const struct storm_plan *plan);

/* --storm, --storm-entries: in place of the cases. */
void storm_asked(void);

#endif
