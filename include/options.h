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

#include "processors.h"

#define OPTIONS_TEXT_MAX 1024 /* bytes, with the terminating NUL */
#define OPTIONS_NUMBER_MAX 999999999

enum provocation {
    PROVOKE_NOTHING,
#define PROVOCATION(word, constant) constant,
#include "options.def"
#undef PROVOCATION
    PROVOCATIONS,
};

/* --cpus: which processors do all that the first does. */
struct cpus {
    enum { CPUS_NOT_GIVEN, CPUS_ALL, CPUS_FIRST, CPUS_THESE } which;
    uint8_t bit[PROCESSORS_MAX / 8]; /* CPUS_THESE: of each number */
};

/* A field for each row; what was not given is false, "", 0 or nothing. */
struct options {
#define OPTION_FLAG(field) bool field
#define OPTION_TEXT(field) char field[OPTIONS_TEXT_MAX]
#define OPTION_NUMBER(field) uint32_t field
#define OPTION_CPUS(field) struct cpus field
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

/* What a processor has to do in this run. */
enum cpu_share {
    CPU_NOTHING, /* it is left alone */
    CPU_SHORT,   /* the set of those behind the first */
    CPU_ALL,
};

/* That of a number below PROCESSORS_MAX; 0, the first, always does all. */
static inline enum cpu_share options_cpu(const struct options *o,
                                         unsigned number)
{
    if (number == 0 || o->cpus.which == CPUS_ALL)
        return CPU_ALL;
    if (o->cpus.which == CPUS_NOT_GIVEN)
        return CPU_SHORT;
    return o->cpus.bit[number / 8] >> number % 8 & 1 ? CPU_ALL : CPU_NOTHING;
}

/* The least number that --cpus names and a machine with numbers below n does
 * not have; 0: it has all. */
static inline unsigned options_cpu_absent(const struct options *o, unsigned n)
{
    for (; n < PROCESSORS_MAX; n++)
        if (o->cpus.bit[n / 8] >> n % 8 & 1)
            return n;
    return 0;
}

/* What --seed says, or else one made of the run's nonce, which --seed takes:
 * 1 to OPTIONS_NUMBER_MAX. */
static inline uint32_t options_seed(const struct options *o, uint64_t nonce)
{
    return o->seed ? o->seed : (uint32_t)(nonce % OPTIONS_NUMBER_MAX) + 1;
}

/* Does a case id match one of --only's patterns, which commas separate ('*'
 * and '?' glob; "" matches all)? */
bool options_match(const char *patterns, const char *id);

/* The same for the first of the patterns alone. */
bool options_match_one(const char *patterns, const char *id);

/* Behind the first of the patterns; NULL when it is the only one. */
const char *options_next_pattern(const char *patterns);

#endif
