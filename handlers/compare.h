/* SPDX-License-Identifier: MIT */
/* A run's outcomes against what was wanted, field by field. */
#ifndef RINGSIDE_COMPARE_H
#define RINGSIDE_COMPARE_H

#include "diff.h"
#include "stimulus.h"
#include "want.h"

struct seen {
    unsigned count;
    struct outcome event[WANT_MAX];
};

/* Puts every difference into d, the first event's first; compat compares the
 * lower halves of the general registers. */
void compare(struct diff *d, const struct want *w, const struct seen *s,
             bool compat);

/* The seen events in few words, for rows that are reported, not judged: places
 * are told from the stimulus's own instruction ("it"). */
void summarise(char *buf, unsigned n, const struct seen *s,
               const struct stimulus *stimulus);

#endif
