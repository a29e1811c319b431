/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_ARM_H
#define RINGSIDE_ARM_H

#include "boot.h"

/*
 * Prepares the way back: boot option, state variable, BootNext, and the
 * hand-over's pointer to the runtime services.  NULL when all of it stands,
 * b->state filled in; else a reason of less than 80 bytes, and nothing is left
 * behind: the core then reports by itself.
 */
const char *arm(struct boot *b);

/* Takes the preparations back: the run did not start. */
void disarm(struct boot *b);

#endif
