/* SPDX-License-Identifier: MIT */
/*
 * --only: which cases are run, and which of their checks.  A pattern that
 * matches the id of a case stands for all of it.  Any other one stands for the
 * checks whose ids it matches, wherever they are, and these are known only
 * when every case has been asked for the names of its own.
 */
#ifndef RINGSIDE_ONLY_H
#define RINGSIDE_ONLY_H

#include <stdbool.h>

/* From here on these patterns are meant, which commas separate; "": all. */
void only_begin(const char *patterns);

/* There is a case of this id.  Is all of it wanted? */
bool only_case(const char *id);

/* Behind the last case: are there patterns left, for checks? */
bool only_for_checks(void);

/* There is a check of this id.  Is it wanted by one of those? */
bool only_check(const char *id);

/* The first pattern that nothing has matched, as long as *length says; NULL
 * when there is none. */
const char *only_unmatched(int *length);

#endif
