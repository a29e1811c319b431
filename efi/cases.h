/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_CASES_H
#define RINGSIDE_CASES_H

#include <stdbool.h>

/* What --list prints: one line for each case, id and title, '\n' after each. */
const char *core_case_list(void);

/* The essay of a case (scripts/essays), to be kept; NULL when there is no such
 * case, or no memory. */
const char *core_case_essay(const char *id);

/* Is there a case that --only PATTERN would run? */
bool core_case_matches(const char *pattern);

#endif
