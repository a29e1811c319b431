/* SPDX-License-Identifier: MIT */
/*
 * --only: what is run of each case, and of each specimen's window.  The first
 * processor chooses, all are bound by it.
 */
#ifndef RINGSIDE_CHOSEN_H
#define RINGSIDE_CHOSEN_H

#include "specimen.h"

enum extent { NOTHING, SOME, WHOLE };

/* Reads the options; ends the run where a pattern matches nothing.  Returns
 * how many cases there are to run, windows among them. */
unsigned choose(void);

/* Of cases[i], and of the window of specimens[i]. */
enum extent chosen_case(unsigned i);
enum extent chosen_window(unsigned i);

/* The window's case of a specimen: window_NAME; valid until the next call. */
const char *chosen_window_case(const struct specimen *s);

#endif
