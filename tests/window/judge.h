/* SPDX-License-Identifier: MIT */
/* What the window's walks are held against; see judge.c. */
#ifndef RINGSIDE_JUDGE_H
#define RINGSIDE_JUDGE_H

#include "judge/diff.h"
#include "walk.h"

/* The undisturbed walk: the way in, the handler's base, the way out. */
void judge_walk(struct diff *d, const struct walk *w);
/* Does it reach SYSRETQ with an address that is none, and may not?  On Intel's
 * processors that faults in ring 0, on the user's stack and base. */
bool judge_sysret(const struct walk *w);
/* The rule is wrong at the boundaries where it has to be. */
void judge_rule(struct diff *d, const struct walk *w, enum window_rule rule);

/* "expected A, seen B at linux_nmi+0x12 with a negative base", in front of
 * stop n: the first such. */
void judge_differ_at(struct diff *d, const struct walk *w, unsigned n,
                     const char *expected, const char *seen);

/* given_back.c: the undisturbed walk's way back.  Exceptions and interrupts
 * give all back; calls what C's functions keep, and RSP.  What a call changes
 * of the other registers, bit n for general[n], is nobody's fault. */
void judge_given_back(struct diff *d, const struct walk *w);
unsigned given_back_changed(const struct walk *w);
const char *given_back_name(unsigned general);

/* by-sign is not for negative bases, and a specimen that is wrong on purpose
 * may be wrong: is that what the stub is on this walk? */
bool judge_limit(const struct walk *w, const struct specimen_stub *stub);

/* own_stack.c: has the specimen given the vector's stub an IST?  And the first
 * boundary at which its frame goes to ring 3's stack, if not. */
bool own_stack(const struct specimen *s, unsigned vector);
void judge_own_stack(struct diff *d, const struct walk *w, unsigned vector);

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
