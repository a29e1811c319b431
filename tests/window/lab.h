/* SPDX-License-Identifier: MIT */
/*
 * The lab: a specimen's every entry and exit, instruction by instruction, with
 * every event that can arrive there.
 *
 * A path is walked undisturbed first (walk.c, path.c), stopping in front of
 * each instruction; each rule is applied there (rules.c).  Then it is walked
 * again, once for each kind of event, with one injected at every boundary
 * (inject.c).  What came of it is held against what the stubs' declared rules
 * predict (judge.c).
 *
 * subjects.c has the list of the paths, bench.c what the machine must look
 * like, handler.c what happens where a kernel would do its work, count.c the
 * proof that no instruction was missed, records.c what goes to the journal.
 */
#ifndef RINGSIDE_LAB_H
#define RINGSIDE_LAB_H

#include "specimen.h"

/* All of a specimen's subjects: their checks, window and lab records. */
void lab_run(const struct specimen *s);

/* So many NMIs, at every boundary of linux's paths, again and again. */
void lab_soak(unsigned count);

/* For who asks something else of a path: NULL, or why it cannot be walked.
 * lab_paths(): then, one for each of the user's bases, walked when first
 * asked for. */
struct subject;
struct path;
const char *lab_begin(const struct subject *p);
const struct path *lab_paths(void);

#endif
