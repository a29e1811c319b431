/* SPDX-License-Identifier: MIT */
/*
 * The cases as list.def names them, for who runs them.  A case's own file does
 * not include this, so that a line in the list rebuilds few files.
 */
#ifndef RINGSIDE_CASES_H
#define RINGSIDE_CASES_H

struct test_case {
    const char *id, *title;
    void (*run)(void);
};

#define CASE(id, title) void case_##id(void);
#include "list.def"
#undef CASE

#endif
