/* SPDX-License-Identifier: MIT */
/*
 * The cases by name, for --list, --explain and a check of --only, which must
 * work without starting the core.  Called by main.c.
 */
#include "cases.h"

#include <efi.h>

#include "firmware.h"
#include "fmt.h"
#include "inflate.h"
#include "macros.h"
#include "mem.h"
#include "options.h"

#define CASE(id, title) #id,
static const char *const ids[] = {
#include "cases/list.def"
#include "specimens.def"
};
#undef CASE

#define CASE(id, title) "  " #id ": " title "\n"
static const char list[] =
#include "cases/list.def"
#include "specimens.def"
    ;
#undef CASE

const char *core_case_list(void)
{
    return list;
}

/* From the Makefile's embed.o: what scripts/essays made, deflated, how much it
 * expands to, and what crc32() says of that. */
extern const uint8_t essays[] __attribute__((visibility("hidden")));
extern const uint8_t essays_end[] __attribute__((visibility("hidden")));
extern const uint32_t essays_size __attribute__((visibility("hidden")));
extern const uint32_t essays_crc __attribute__((visibility("hidden")));

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_name(const char *a, const char *b)
{
    while (*a != '\0' && small(*a) == small(*b)) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

const char *core_case_essay(const char *id, char *why, size_t n)
{
    char *all;
    const char *at;

    fmt(why, n, "there is not enough memory for the essays");
    if (EFI_ERROR(BS->AllocatePool(EfiLoaderData, essays_size, (void **)&all)))
        return NULL;
    at = all;
    fmt(why, n, "this file is damaged");
    if (inflate_whole((uint8_t *)all, essays_size, essays,
                      (uint32_t)(essays_end - essays), essays_crc)) {
        fmt(why, n,
            "there is no case and no fact \"%s\"; --list names the cases", id);
        while (at < all + essays_size) {
            bool found = same_name(at, id);

            at += strlen(at) + 1;
            if (found)
                return at;
            at += strlen(at) + 1;
        }
    }
    BS->FreePool(all);
    return NULL;
}

/* Does the first of the patterns match any? */
static bool first_matches(const char *patterns)
{
    for (size_t i = 0; i < COUNT(ids); i++) {
        if (options_match_one(patterns, ids[i]))
            return true;
    }
    return false;
}

const char *core_case_unmatched(const char *patterns, bool checks, int *length)
{
    for (; patterns; patterns = options_next_pattern(patterns)) {
        bool wild = false;
        int n = 0;

        for (; patterns[n] != '\0' && patterns[n] != ','; n++)
            wild |=
                patterns[n] == '.' || patterns[n] == '*' || patterns[n] == '?';
        *length = n;
        /* The id of a check has a dot in it. */
        if (!(checks && wild) && !first_matches(patterns))
            return patterns;
    }
    return NULL;
}
