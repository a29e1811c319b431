/* SPDX-License-Identifier: MIT */
/*
 * --only's pattern against a case id.  Apart from the option parser because
 * the core, which runs the cases, needs this and nothing else of it.
 */
#include "options.h"

bool options_match(const char *pattern, const char *id)
{
    const char *star = NULL; /* behind the last '*' seen ... */
    const char *held = NULL; /* ... and where its text ends so far */

    if (*pattern == '\0')
        return true;
    while (*id != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            held = id;
        } else if (*pattern == '?' || *pattern == *id) {
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
    return *pattern == '\0';
}
