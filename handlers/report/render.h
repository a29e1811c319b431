/* SPDX-License-Identifier: MIT */
/*
 * What the three renderers share: buffered output, the words for how a run
 * ended, and the names of register and feature bits.
 */
#ifndef RINGSIDE_RENDER_H
#define RINGSIDE_RENDER_H

#include "report.h"

#define OUT_BUFFER 512  /* bytes handed to report_put at a time */
#define TEXT_COLUMNS 79 /* the 80th wraps on the EFI console */

struct out {
    report_put *put;
    void *context;
    unsigned n;
    char buf[OUT_BUFFER];
};

void out_start(struct out *o, report_put *put, void *context);
void out_char(struct out *o, char c);
void out_bytes(struct out *o, const char *s, size_t n);
void out_text(struct out *o, const char *s);
void out_fmt(struct out *o, const char *f, ...)
    __attribute__((format(printf, 2, 3)));
void out_flush(struct out *o);

/*
 * One line of text for people, wrapped at blanks to TEXT_COLUMNS; what does
 * not fit goes on below, indented by hang.  Anything but printable ASCII
 * becomes '?'.
 */
void out_line(struct out *o, unsigned hang, const char *f, ...)
    __attribute__((format(printf, 3, 4)));

bool same_text(const char *a, const char *b);

/* A list of words, separated by commas and wrapped at TEXT_COLUMNS. */
struct list {
    unsigned column; /* where the next character goes */
    unsigned items;
};

/* Begins a list behind lead; o may be NULL here and below: nothing goes out. */
void out_list_begin(struct out *o, struct list *l, const char *lead);
void out_list_item(struct out *o, struct list *l, const char *item);

/* "complete", "died at ...", "results lost: ...": how the run ended. */
void report_outcome(const struct report *r, char *buf, size_t n);
/* Where the records were read from, and after how many boots. */
void report_origin(const struct report *r, char *buf, size_t n);
/* The reason of a skip, or what was seen. */
const char *check_reason(const struct check *c);
bool verdict_is_finding(unsigned v);
const char *source_name(unsigned source); /* "ram", "nvram", "live" */
const char *screen_name(unsigned screen);
/* The version of the image that ran, else of the one that renders. */
const char *report_version(const struct report *r);

/* A named bit of a register. */
struct bit_name {
    unsigned char bit;
    char name[15];
};

/* Ends with an empty name. */
extern const struct bit_name cr0_bits[], cr4_bits[], efer_bits[];

/*
 * What this machine has of features.def, one after the other: returns the next
 * name and moves *at, which starts at 0, or NULL.
 */
const char *next_feature(const struct record_machine *m, unsigned *at);

/* The tables of the text report. */
void text_processors(struct out *o, const struct report *r);
/* Ids that came out otherwise on other processors, and where how. */
void text_otherwise(struct out *o, const struct report *r);
void text_paths(struct out *o, const struct report *r);
void text_windows(struct out *o, const struct report *r);
void text_latency(struct out *o, const struct report *r);
void text_costs(struct out *o, const struct report *r);
void text_storms(struct out *o, const struct report *r);
/* Every wrong decision of the path table, with its GS bases. */
void text_wrong_paths(struct out *o, const struct report *r);
/* Each fail, hang and reset. */
void text_findings(struct out *o, const struct report *r);
/* The checks with another verdict, and why; head comes before the first. */
void text_others(struct out *o, const struct report *r, unsigned verdict,
                 const char *head);
/* The machine, and the last words. */
void text_machine(struct out *o, const struct record_machine *m);
void text_last_words(struct out *o, const struct record_last_words *w);

#endif
