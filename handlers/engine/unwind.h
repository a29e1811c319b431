/* SPDX-License-Identifier: MIT */
/*
 * No check takes the others down: what a case runs of the harness's own C may
 * fault, too.  A case is a context of its own, with a stack of its own; where
 * it dies, that is given up, and its caller goes on.
 *
 * Unwinding comes first, and a reset only where it does not work: it costs
 * milliseconds and no other check, and needs no firmware.  What it cannot put
 * back, the statics of the case, is what the next check sets anyhow.
 */
#ifndef RINGSIDE_UNWIND_H
#define RINGSIDE_UNWIND_H

#include <stdbool.h>

/* The page tables as they are now, beside machine_remember()'s machine. */
void unwind_remember(void);

/* Runs body.  False: it died, and the machine is as it was remembered. */
bool unwind_run(void (*body)(void));

/* Does a body run, that can be given up? */
bool unwind_possible(void);

/* Gives it up, from anywhere in ring 0: unwind_run() returns false. */
_Noreturn void unwind(void);

#endif
