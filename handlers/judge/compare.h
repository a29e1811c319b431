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

/* Puts every difference into d, the first event's first; from compat code the
 * lower halves of the general registers alone.  RIPs are told from the
 * stimulus's own instruction ("the insn"), so that they are the same in every
 * build. */
void compare(struct diff *d, const struct want *w, const struct seen *s,
             const struct stimulus *stimulus);

/* The arrival at the gate, as far as w says nothing of it: CR2 and DR6 as the
 * last event left them (a hook may have cleared DR6), RIP behind an INT to the
 * gate. */
void compare_return(struct diff *d, const struct want *w, const struct seen *s);

/* The seen events in few words, for rows that are reported, not judged. */
void summarise(char *buf, unsigned n, const struct seen *s,
               const struct stimulus *stimulus);

#endif
