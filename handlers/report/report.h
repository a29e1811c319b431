/* SPDX-License-Identifier: MIT */
/*
 * The report: a journal, indexed, and the writers that render it.  Pure C
 * over the records; the core, boot B and the host program share it.
 */
#ifndef RINGSIDE_REPORT_H
#define RINGSIDE_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "processors.h"
#include "record.h"
#include "record/journal.h"
#include "record/packed.h"

/* Where the records came from, as the report must say. */
enum report_source { SOURCE_RAM, SOURCE_NVRAM, SOURCE_LIVE };

/* The 32 bytes that travel in the digest variable. */
struct digest {
    uint64_t nonce;
    uint32_t verdicts[4]; /* pass, differ, skip, fail and worse */
    uint16_t paths_wrong; /* path rows with a wrong decision */
    uint16_t others;      /* results of other processors that are findings */
    uint32_t crc;         /* of the fields above */
};

#define REPORT_WINDOWS 16384
#define REPORT_SUBJECTS 512
#define REPORT_COSTS 64
#define REPORT_NOTES 64
#define REPORT_OTHERS 1024
#define REPORT_LATENCIES 4096
#define REPORT_STORMS 64
#define REPORT_OUTCOMES 1024

struct report {
    enum report_source source;
    enum journal_status status;
    unsigned boots;              /* firmware boots that the run took */
    unsigned damaged;            /* records lost to flipped bits */
    const struct digest *digest; /* from the variable, NULL if none */
    bool brief; /* of what is alike the text names some and counts the rest */
    const struct record_machine *machine; /* NULL if damaged or lost */
    const struct record_step *last_step;  /* NULL if none */
    const struct record_last_words *last_words;
    const struct record_watchdog *watchdog; /* the last; NULL if lost */
    const struct record_end *end;           /* NULL: the run did not complete */
    const struct record_note *refused;      /* why no run was begun, or NULL */
    const char *trouble; /* efi/'s sentence about what else went wrong */
    unsigned overflow;   /* records without room, in the journal or below */
    unsigned paths, checks, windows, subjects, costs, notes, storms, outcomes;
    const struct record_path *path[PATHS_MAX];
    struct check check[CHECKS_MAX];
    const struct record_window *window[REPORT_WINDOWS];
    const struct record_subject *subject[REPORT_SUBJECTS];
    const struct record_cost *cost[REPORT_COSTS];
    const struct record_note *note[REPORT_NOTES];
    /* What more than one processor leaves behind. */
    unsigned processors; /* behind the highest number that has a record */
    unsigned others, latencies;
    const struct record_processor *processor[PROCESSORS_MAX]; /* by number; or
                                                               * NULL */
    struct others other[REPORT_OTHERS];
    const struct record_latency *latency[REPORT_LATENCIES];
    const struct record_storm *storm[REPORT_STORMS];
    const struct record_outcome *outcome[REPORT_OUTCOMES];
};

/* Indexes the journal at base.  r->status tells; r is valid in any case. */
void report_load(struct report *r, const void *base, uint32_t size,
                 uint64_t nonce, enum report_source source);

/* Did the run reach its end, with all records there? */
bool report_complete(const struct report *r);

/* How many checks ended with each verdict, on the first processor. */
void report_count(const struct report *r, unsigned count[VERDICT_COUNT]);

/* Results of other processors that are not the first's: those that are
 * findings. */
unsigned report_others_bad(const struct report *r);

/* SWAPGS decisions: those of the path table, which has the window's too. */
void report_decisions(const struct report *r, unsigned *judged,
                      unsigned *wrong);

/* Receives rendered text; may be called with any n >= 1. */
typedef void report_put(void *context, const char *text, size_t n);

/* Text for people: at most 79 columns, lines end in '\n'. */
void render_text(const struct report *r, report_put *put, void *context);
/* report.json, as tests/report.schema.json describes it. */
void render_json(const struct report *r, report_put *put, void *context);
/* KTAP version 1, the whole report. */
void render_ktap(const struct report *r, report_put *put, void *context);

/*
 * KTAP piecewise, for the live serial line: the head with the number of
 * top-level tests (cases, and one more for "run"), then one case at a time
 * with its checks as subtests.
 */
void ktap_begin(unsigned cases, report_put *put, void *context);
void ktap_case(unsigned number, const char *id, const struct check *checks,
               unsigned n, report_put *put, void *context);

/* The last test, "run": not ok unless the run completed. */
void ktap_run(unsigned number, const struct report *r, report_put *put,
              void *context);

void digest_make(struct digest *d, const struct report *r, uint64_t nonce);
bool digest_valid(const struct digest *d, uint64_t nonce);

#endif
