/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_CASES_H
#define RINGSIDE_CASES_H

/* What --list prints: one line for each case, id and title, '\n' after each. */
const char *core_case_list(void);

#endif
