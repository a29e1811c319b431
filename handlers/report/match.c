/* SPDX-License-Identifier: MIT */
/*
 * --only's patterns against a case id.  Apart from the option parser because
 * the core, which runs the cases, needs this and nothing else of it.
 */
#include "options.h"

static bool at_end(const char *pattern)
{
    return *pattern == '\0' || *pattern == ',';
}

bool options_match_one(const char *pattern, const char *id)
{
    const char *star = NULL; /* behind the last '*' seen ... */
    const char *held = NULL; /* ... and where its text ends so far */

    while (*id != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            held = id;
        } else if (!at_end(pattern) && (*pattern == '?' || *pattern == *id)) {
            pattern++;
            id++;
        } else if (star != NULL) { /* the last '*' takes one more */
            pattern = star;
            id = ++held;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return at_end(pattern);
}

const char *options_next_pattern(const char *patterns)
{
    while (!at_end(patterns))
        patterns++;
    return *patterns == ',' ? patterns + 1 : NULL;
}

bool options_match(const char *patterns, const char *id)
{
    if (*patterns == '\0')
        return true;
    for (; patterns != NULL; patterns = options_next_pattern(patterns)) {
        if (options_match_one(patterns, id))
            return true;
    }
    return false;
}
