/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_PREFLIGHT_H
#define RINGSIDE_PREFLIGHT_H

#include <stdbool.h>

#include "boot.h"

/*
 * Tells the person what machine this is and what is about to happen to it;
 * waits some seconds for an objection unless --batch was given.  False: go
 * back to the firmware.
 */
bool preflight(const struct boot *b);

#endif
