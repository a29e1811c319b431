/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_CASES_H
#define RINGSIDE_CASES_H

#include <stdbool.h>
#include <stddef.h>

/* What --list prints: one line for each case, id and title, '\n' after each. */
const char *core_case_list(void);

/* The essay of a case or the text of a fact (scripts/essays), to be kept; a
 * fact's id is known in small letters, too.  NULL, with one line in why[n],
 * when there is no such name, or it cannot be read. */
const char *core_case_essay(const char *id, char *why, size_t n);

/* The first of --only's patterns that no case matches, as long as *length
 * says; NULL: none, or it may be one of checks, which the core alone knows. */
const char *core_case_unmatched(const char *patterns, bool checks, int *length);

#endif
