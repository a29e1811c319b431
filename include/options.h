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

#define OPTIONS_ONLY_MAX 128 /* bytes, with the terminating NUL */

/* Things broken on purpose, so that each failure path can be seen to work. */
enum provocation {
    PROVOKE_NOTHING,
    PROVOKE_STALE_KEY,     /* the memory map changes before ExitBootServices */
    PROVOKE_NO_VARIABLES,  /* behave as if SetVariable were refused */
    PROVOKE_STORE_FULL,    /* fill the variable store first */
    PROVOKE_JOURNAL_TAKEN, /* allocate the journal's usual places first */
    PROVOKE_JOURNAL_FLIP,  /* flip bits in the journal before the reset */
    PROVOKE_CORE_FAULT,    /* the core itself touches an unmapped page */
    PROVOKE_TRIPLE_FAULT,  /* the core loads an empty IDT and faults */
};

struct options {
    bool help;        /* -h, --help */
    bool list;        /* --list: name the cases, run none */
    bool list_checks; /* --list-checks: name every check, run none */
    bool no_risky;    /* --no-risky: leave out what may not come back */
    bool no_reboot;   /* --no-reboot: the core prints the report itself */
    bool batch;       /* --batch: nobody is there; no waiting, power off */
    bool inject;    /* --inject: a script answers injection requests on COM1 */
    bool mutants;   /* --mutants: perturb, and see the checks turn red */
    bool self_test; /* --self-test: broken specimens, which must be found */
    uint32_t soak;  /* --soak N: N injections, 0 for none */
    enum provocation provoke;       /* --provoke NAME */
    char explain[OPTIONS_ONLY_MAX]; /* --explain CASE: its essay, "" for none */
    char only[OPTIONS_ONLY_MAX];    /* --only PATTERN,...; "" for all; globs */
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

/* The usage text, several lines, fit for 79 columns. */
const char *options_usage(void);

/* Does a case id match one of --only's patterns, which commas separate ('*'
 * and '?' glob; "" matches all)? */
bool options_match(const char *patterns, const char *id);

/* Behind the first of the patterns; NULL when it is the only one. */
const char *options_next_pattern(const char *patterns);

#endif
