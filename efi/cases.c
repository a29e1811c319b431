/* SPDX-License-Identifier: MIT */
/*
 * The cases by name, for --list and for a check of --only, which both must
 * work without starting the core.  Called by main.c.
 */
#include "cases.h"

#include <stddef.h>

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

bool core_case_matches(const char *pattern)
{
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
        if (options_match(pattern, ids[i]))
            return true;
    }
    return false;
}
