/* SPDX-License-Identifier: MIT */
/*
 * The options of a run.  Parsed in efi/ (from the Shell's argv, the load
 * options, or \RINGSIDE\ringside.cfg) by plain C that the host tests share,
 * and handed to the core inside struct handoff.
 */
#ifndef RINGSIDE_OPTIONS_H
#define RINGSIDE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_TEXT_MAX 1024 /* bytes, with the terminating NUL */

enum provocation {
    PROVOKE_NOTHING,
#define PROVOCATION(word, constant) constant,
#include "options.def"
#undef PROVOCATION
    PROVOCATIONS,
};

/* A field for each row; what was not given is false, "", 0 or nothing. */
struct options {
#define OPTION_FLAG(field) bool field
#define OPTION_TEXT(field) char field[OPTIONS_TEXT_MAX]
#define OPTION_NUMBER(field) uint32_t field
#define OPTION_PROVOKE(field) enum provocation field
#define OPTION(word, kind, field, group, argument, help) OPTION_##kind(field);
#include "options.def"
#undef OPTION
};

/*
 * Parses argc words (argv[0] is the first option, not the program's name)
 * into *o, on top of what *o holds already.  Returns true, or false with one
 * line without a newline in why[n] that names the offending word.
 */
bool options_parse(struct options *o, int argc, const char *const *argv,
                   char *why, size_t n);

/*
 * Splits a line at blanks into at most max words, in place (double quotes
 * keep blanks together).  Returns the count n, or -1 - n for n good words
 * before one too many or an unbalanced quote.
 */
int options_split(char *line, const char **argv, int max);

/* The usage text, several lines, fit for 79 columns; valid for good. */
const char *options_usage(void);

/* Does a case id match one of --only's patterns, which commas separate ('*'
 * and '?' glob; "" matches all)? */
bool options_match(const char *patterns, const char *id);

/* The same for the first of the patterns alone. */
bool options_match_one(const char *patterns, const char *id);

/* Behind the first of the patterns; NULL when it is the only one. */
const char *options_next_pattern(const char *patterns);

#endif
