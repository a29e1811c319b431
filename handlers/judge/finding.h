/* SPDX-License-Identifier: MIT */
/*
 * What a check asks, apart from how it finds out: its id, its rule, and the
 * conditions under which it can be run at all.
 *
 * finding_begin() is the one place that decides whether a check runs, and the
 * one that says why not: check_run() and stimulus_run() come through here with
 * their stimuli, and cases whose rows are no entry at all with findings of
 * their own.
 */
#ifndef RINGSIDE_FINDING_H
#define RINGSIDE_FINDING_H

#include <stdbool.h>

#include "deviation.h"

struct diff;
struct record_check;

/* How far a row can be trusted, and so what a difference means. */
enum confidence {
    CONFIDENCE_HIGH,   /* a difference fails the machine */
    CONFIDENCE_MEDIUM, /* a difference is `differ' */
    CONFIDENCE_VALUE,  /* not judged: what was seen is the result, `differ' */
};

struct finding {
    const char *id, *facts, *why;
    enum confidence confidence;
    const char *unfit; /* why this machine cannot show it; NULL: it can */
    enum deviation skipped_after; /* once that is known, this tells no more */
    /* May not come back: announced, journalled first, and skipped where a
     * reset cannot be survived. */
    bool risky;
};

/* NULL, or the reason why it must not run here; valid until the next call. */
const char *finding_why_not(const struct finding *f);

/* True: run it, and report.  False: it has been skipped, with the reason, or
 * an earlier boot of this run has been past it. */
bool finding_begin(const struct finding *f);

/* Reports c's verdict, expected and seen as this finding's. */
void finding_report(const struct finding *f, const struct record_check *c);

/* What differs, as diff.h collects it, judged by the finding's confidence;
 * value: what was seen, for CONFIDENCE_VALUE, or NULL. */
void finding_end(const struct finding *f, const struct diff *d,
                 const char *value);

/* Not run, for a reason that the case knows. */
void finding_skip(const struct finding *f, const char *reason);

/* Begun, and run CHECK_TRIES times, and for that reason nothing was shown. */
void finding_miss(const struct finding *f, const char *reason);
#define CHECK_TRIES 10

#endif
