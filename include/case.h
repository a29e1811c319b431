/* SPDX-License-Identifier: MIT */
/* A case: one question, one file in tests/cases/, one line in
 * tests/cases/list.def. */
#ifndef RINGSIDE_CASE_H
#define RINGSIDE_CASE_H

struct test_case {
    const char *id, *title;
    void (*run)(void);
};

#define CASE(id, title) void case_##id(void);
#include "cases/list.def"
#undef CASE

#endif
