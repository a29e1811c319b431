/* SPDX-License-Identifier: MIT */
/*
 * The window: a specimen's every entry and exit, instruction by instruction,
 * with every event that can arrive there.
 *
 * Between SYSCALL and the stub's SWAPGS the processor is in ring 0 with the
 * user's GS base, and again between the exit's SWAPGS and SYSRET:
 *
 *	ring 3 | swapgs | ... the kernel's work ... | swapgs | sysretq | ring 3
 *	       ^ user's ^ kernel's                           ^ user's
 *
 * That is the window that gives the room its name.  An event there finds CS of
 * ring 0 on its frame, and the user's base.  Some take that for the kernel's,
 * and then run a kernel on memory that ring 3 has chosen.  How wide it is, and
 * whether a stub stands it, cannot be seen by running the stub: an event must
 * land at each boundary, between two instructions.  So:
 *
 *	subjects.c       the ways in, and out
 *	bench.c          the machine as walks want it
 *	walks.c          one subject's undisturbed walks, a user's base each
 *	  undisturbed.c    what each boundary looks like
 *	  given_back.c     what it gives back at the end
 *	  hostile.c        what ring 3 can choose badly
 *	  built.c          the faults of an exit, whether the machine has them
 *or not rules.c          what each rule makes of it: probe.S runs it count.c
 *the proof that no boundary was missed inject.c         the same walk with an
 *event at each boundary same.c           has the interrupted code got all back?
 *	  nest.c           a second one, on the first one's stack
 *	walk.c           what all walks share: step.c, hop.c, handler.c
 *	judge.c          what the declared rules predict, against what came
 *	records.c        the journal
 */
#ifndef RINGSIDE_WINDOW_H
#define RINGSIDE_WINDOW_H

#include "specimen.h"

/* All of a specimen's subjects: their checks and records. */
void window_run(const struct specimen *s);

/* So many NMIs, at every boundary of linux's paths, again and again. */
void window_soak(unsigned count);

#endif
