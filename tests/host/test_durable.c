/* SPDX-License-Identifier: MIT */
/*
 * What of the journal a reset leaves: at every flush the machine stops, with
 * the lines of the cache that were flushed in memory, and of the others any
 * selection, for a cache writes back when it likes.  Every record whose
 * append had returned must be there, the one in the making whole or absent,
 * and nothing may look damaged.
 */
#include "host.h"
#include "record.h"

#define SIZE 16384u
#define LINE 64u
#define NONCE 9u
#define CUTS 24 /* selections tried at each flush */

static uint8_t cached[SIZE] __attribute__((aligned(4096)));
static uint8_t memory[SIZE] __attribute__((aligned(4096)));
static uint64_t seed = 0x9e3779b97f4a7c15;
static struct journal j;
static bool watching;
static unsigned least, most; /* records that may be there now */
static unsigned cuts;

void __real_journal_flush(const void *from, size_t n);
void __wrap_journal_flush(const void *from, size_t n);

/* Reads what is left: the payload of record n is the text "record n" and as
 * many dots as n says. */
static void read_after(const uint8_t *left)
{
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;
    unsigned n = 0;

    assert_int_equal(journal_open(&c, left, SIZE, NONCE), JOURNAL_OK);
    while ((h = journal_next(&c, &payload)) != NULL) {
        assert_int_equal(h->seq, n);
        assert_int_equal(h->type, RECORD_NOTE + n % 2);
        assert_memory_equal(payload, "record", 6);
        n++;
    }
    assert_int_equal(c.damaged, 0);
    assert_in_range(n, least, most);
}

static void cut(void)
{
    static uint8_t left[SIZE] __attribute__((aligned(8)));

    for (unsigned round = 0; round < CUTS; round++) {
        for (unsigned at = 0; at < SIZE; at += LINE) {
            bool written = round == 0   ? false
                           : round == 1 ? true
                                        : next_random(&seed) >> 40 & 1;

            memcpy(left + at, (written ? cached : memory) + at, LINE);
        }
        read_after(left);
        cuts++;
    }
}

void __wrap_journal_flush(const void *from, size_t n)
{
    __real_journal_flush(from, n);
    if (!watching)
        return;
    cut();
    for (size_t at = (const uint8_t *)from - cached, end = at + n; at < end;
         at = (at / LINE + 1) * LINE)
        memcpy(memory + at / LINE * LINE, cached + at / LINE * LINE, LINE);
    cut();
}

/* Memory that an older run has left full of records of its own. */
static int create(void **state)
{
    watching = false;
    journal_create(&j, cached, SIZE, NONCE + 1);
    while (journal_append(&j, RECORD_NOTE, "older record", 13))
        continue;
    memcpy(memory, cached, SIZE);
    journal_create(&j, cached, SIZE, NONCE);
    for (unsigned at = 0; at < 2 * LINE; at++) /* what create has flushed */
        memory[at] = cached[at];
    watching = true;
    least = most = cuts = 0;
    return 0;
}

static int stop_watching(void **state)
{
    watching = false;
    return 0;
}

static unsigned text(char *to, unsigned n, unsigned length)
{
    memset(to, '.', length + 9);
    memcpy(to, "record", 6);
    to[7] = (char)('0' + n % 10);
    return length + 9;
}

static void append(unsigned length)
{
    char payload[JOURNAL_PAYLOAD_MAX];
    unsigned n = j.seq;

    most = least + 1;
    assert_true(journal_append(&j, RECORD_NOTE + n % 2, payload,
                               text(payload, n, length)));
    least = most;
    cut(); /* what it returned for is in memory */
}

static void whole_or_absent(void **state)
{
    for (unsigned i = 0; i < 60; i++)
        append(next_random(&seed) % 300);
    append(JOURNAL_PAYLOAD_MAX - 9);
    append(0);
    assert_true(cuts > 1000);
}

/* The record may be lost meanwhile, but never half of it. */
static void amended(void **state)
{
    char payload[JOURNAL_PAYLOAD_MAX];

    append(10);
    for (unsigned i = 0; i < 40; i++) {
        unsigned type = RECORD_NOTE + (j.seq - 1) % 2;

        least--;
        assert_true(journal_amend(&j, type, payload,
                                  text(payload, i, next_random(&seed) % 300)));
        least++;
        cut();
        if (i % 3 == 0)
            append(next_random(&seed) % 200);
    }
}

static void resumed(void **state)
{
    append(100);
    append(30);
    memcpy(cached, memory, SIZE);
    assert_true(journal_resume(&j, cached, SIZE));
    append(50);
    append(5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, create, stop_watching)

TEST_LIST(durable, TEST(whole_or_absent), TEST(amended), TEST(resumed));
