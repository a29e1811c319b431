/* SPDX-License-Identifier: MIT */
/*
 * The cases by name, for --list, --explain and a check of --only, which must
 * work without starting the core.  Called by main.c.
 */
#include "cases.h"

#include <stddef.h>

#include "essays.h"
#include "options.h"

#define CASE(id, title) #id,
static const char *const ids[] = {
#include "../tests/list.def"
};
#undef CASE

#define CASE(id, title) "  " #id ": " title "\n"
static const char list[] =
#include "../tests/list.def"
    ;
#undef CASE

const char *core_case_list(void)
{
    return list;
}

const char *core_case_essay(const char *id)
{
    for (const struct essay *e = essays; e->id; e++)
        if (options_match(e->id, id)) /* ids hold no wildcards */
            return e->text;
    return NULL;
}

bool core_case_matches(const char *pattern)
{
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        if (options_match(pattern, ids[i]))
            return true;
    }
    return false;
}
