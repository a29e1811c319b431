/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_EXIT_H
#define RINGSIDE_EXIT_H

#include "boot.h"
#include "load.h"

/*
 * Builds the address spaces, leaves boot services and jumps into the core.
 * Returns only if that failed, with one line that says why.
 */
const char *exit_into_core(struct boot *b, const struct core *c);

#endif
