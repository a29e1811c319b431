/* SPDX-License-Identifier: MIT */
/* What --only names; see only.h. */
#include "only.h"

#include "options.h"

#define PATTERNS_MAX (OPTIONS_TEXT_MAX / 2) /* a letter and a comma each */

enum stands_for { NOTHING_YET, CASES, CHECKS };

static const char *all;
static unsigned char stands_for[PATTERNS_MAX]; /* of each pattern in turn */

void only_begin(const char *patterns)
{
    all = patterns;
    for (unsigned i = 0; i < PATTERNS_MAX; i++)
        stands_for[i] = NOTHING_YET;
}

/* Does one of them match?  Those that stand for the other thing do not. */
static bool matches(const char *id, enum stands_for what)
{
    const char *p = *all ? all : 0;
    bool found = false;

    for (unsigned i = 0; p; p = options_next_pattern(p), i++) {
        if ((stands_for[i] != NOTHING_YET && stands_for[i] != what) ||
            !options_match_one(p, id))
            continue;
        stands_for[i] = (unsigned char)what;
        found = true;
    }
    return found;
}

bool only_case(const char *id)
{
    return !*all || matches(id, CASES);
}

bool only_for_checks(void)
{
    const char *p = *all ? all : 0;

    for (unsigned i = 0; p; p = options_next_pattern(p), i++)
        if (stands_for[i] != CASES)
            return true;
    return false;
}

bool only_check(const char *id)
{
    return matches(id, CHECKS);
}

const char *only_unmatched(int *length)
{
    const char *p = *all ? all : 0;

    for (unsigned i = 0; p; p = options_next_pattern(p), i++) {
        if (stands_for[i] != NOTHING_YET)
            continue;
        for (*length = 0; p[*length] != '\0' && p[*length] != ','; ++*length)
            continue;
        return p;
    }
    return 0;
}
