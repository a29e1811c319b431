/* SPDX-License-Identifier: MIT */
/*
 * What the host tests share: cmocka's includes in the order that it wants,
 * a growing string that receives rendered text, and the sample journals.
 */
#ifndef RINGSIDE_HOST_H
#define RINGSIDE_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* cmocka 2 warns of this name; it means unsigned values, as it does before. */
#ifdef assert_uint_in_range
#undef assert_in_range
#define assert_in_range assert_uint_in_range
#endif

#include "macros.h"
#include "record/journal.h"
#include "record/packed.h"
#include "report/report.h"

/* Every file of tests has one list; main.c runs them all. */
#define TEST_LIST(name, ...)                                                   \
    const struct CMUnitTest name##_tests[] = {__VA_ARGS__};                    \
    const size_t name##_test_count = COUNT(name##_tests)

/* Rendered text; s is always NUL-terminated.  Free with text_free. */
struct text {
    char *s;
    size_t n;
};

void text_put(void *text, const char *s, size_t n);
void text_free(struct text *t);

/* xorshift64: random tests are the same ones every time. */
uint64_t next_random(uint64_t *state);

#define SAMPLE_NONCE 0x1122334455667788ull
#define SAMPLE_SIZE (256u << 10)

/*
 * A journal as a run could leave it, in memory of exactly its size, so that a
 * sanitizer sees a read beyond it.
 */
struct sample {
    const char *name;
    void (*build)(struct journal *j); /* appends the records */
    void (*spoil)(struct report *r, struct journal *j); /* then, or NULL */
    bool complete;
};

extern const struct sample samples[];
extern const size_t sample_count;

/* An empty journal, where no other sample's records show through. */
void sample_begin(struct journal *j);
/* Builds and loads; sample_close frees. */
void sample_open(const struct sample *s, struct journal *j, struct report *r);
void sample_close(struct journal *j);
const struct sample *sample_named(const char *name);

/* Single records with everything filled in. */
void sample_machine(struct journal *j);
void sample_path(struct journal *j, const char *path, unsigned from,
                 unsigned entries, unsigned wrong);
void sample_check(struct journal *j, const char *id, unsigned verdict);
void sample_step(struct journal *j, unsigned kind, const char *name);
/*
 * Boundaries of a path that was reached with every base, one row each: the
 * user's base is live where live has a 'u', and the NMI's stub is wrong at 'W'
 * in stub, damages at 'D', overwrites at 'o', is missed at 'M' and wrong with
 * a negative base alone at 'n'; it is not sent at ' '.  Then the subject's own
 * record.
 */
void sample_window(struct journal *j, const char *specimen, const char *path,
                   const char *live, const char *stub);
void sample_cost(struct journal *j, unsigned rule, uint64_t median);
/* caught: 0, or the number of the entry at which it was. */
void sample_storm(struct journal *j, const char *specimen, unsigned caught);
void sample_note(struct journal *j, const char *text);
/* Of a machine with several: see sample_records.c. */
void sample_processor(struct journal *j, unsigned number, unsigned checks,
                      unsigned others);
void sample_others(struct journal *j, const char *id, unsigned verdict,
                   const uint8_t cpus[32]);
void sample_latency(struct journal *j, unsigned kind, unsigned from,
                    unsigned to, uint64_t median);
/* Counts the checks that stand in the journal. */
void sample_end(struct journal *j);

#endif
