/* SPDX-License-Identifier: MIT */
/*
 * The window: a specimen's every entry and exit, instruction by instruction,
 * with every event that can arrive there.
 *
 * A path is walked undisturbed first (walk.c, undisturbed.c), stopping in front
 * of each instruction; each rule is applied there (rules.c).  Then it is walked
 * again, once for each kind of event, with one injected at every boundary
 * (inject.c).  What came of it is held against what the stubs' declared rules
 * predict (judge.c).
 *
 * subjects.c has the list of the paths, bench.c what the machine must look
 * like, handler.c what happens where a kernel would do its work, count.c the
 * proof that no instruction was missed, records.c what goes to the journal.
 */
#ifndef RINGSIDE_WINDOW_H
#define RINGSIDE_WINDOW_H

#include "specimen.h"

/* All of a specimen's subjects: their checks, records. */
void window_run(const struct specimen *s);

/* So many NMIs, at every boundary of linux's paths, again and again. */
void window_soak(unsigned count);

/* For who asks something else of a path: NULL, or why it cannot be walked.
 * window_walks(): then, one for each of the user's bases, walked when first
 * asked for. */
struct subject;
struct walk;
const char *window_begin(const struct subject *p);
const struct walk *window_walks(void);

#endif
