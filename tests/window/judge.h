/* SPDX-License-Identifier: MIT */
/* What the window's walks are held against; see judge.c. */
#ifndef RINGSIDE_JUDGE_H
#define RINGSIDE_JUDGE_H

#include "judge/diff.h"
#include "walk.h"

/* The undisturbed walk: the way in, the handler's base, the way out. */
void judge_walk(struct diff *d, const struct walk *w);
/* The rule is wrong at the boundaries where it has to be. */
void judge_rule(struct diff *d, const struct walk *w, enum window_rule rule);

struct tally {
    unsigned planned, sent, delivered, exact, walks;
};
/* The events, each against its stub's declared rule; adds to the tally. */
void judge_events(struct diff *d, const struct injection *i, struct tally *t);
/* Would the landing at stop n be failed? */
bool judge_doubts(const struct injection *i, unsigned n);
/* All that was planned has been sent, and has landed once and exactly. */
void judge_tally(struct diff *d, const struct tally *t);

#endif
