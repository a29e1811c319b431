/* SPDX-License-Identifier: MIT */
/*
 * The cases as list.def names them, for who runs them.  A case's own file does
 * not include this, so that a line in the list rebuilds few files.
 */
#ifndef RINGSIDE_CASES_H
#define RINGSIDE_CASES_H

/* On which processors: list.def says what each means. */
enum case_where { CASE_CASE, CASE_EACH, CASE_TURN, CASE_ONCE, CASE_LAST };

struct test_case {
    const char *id, *title;
    void (*run)(void);
    enum case_where where;
};

extern const struct test_case cases[];
extern const unsigned cases_count;

#define CASE(id, title) void case_##id(void);
#include "list.def"
#undef CASE

#endif
