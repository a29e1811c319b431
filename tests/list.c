/* SPDX-License-Identifier: MIT */
/* The cases of list.def, to be run. */
#include "cases/cases.h"
#include "macros.h"

#define ROW(id, title, where) {#id, title, case_##id, CASE_##where},
const struct test_case cases[] = {
#define CASE(id, title) ROW(id, title, CASE)
#define EACH(id, title) ROW(id, title, EACH)
#define TURN(id, title) ROW(id, title, TURN)
#define ONCE(id, title) ROW(id, title, ONCE)
#define LAST(id, title) ROW(id, title, LAST)
#include "cases/list.def"
};
const unsigned cases_count = COUNT(cases);
