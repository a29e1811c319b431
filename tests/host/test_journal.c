/* SPDX-License-Identifier: MIT */
/* The journal as its writers use it: append, fill up, resume, read. */
#include "host.h"
#include "record.h"

#define SIZE 16384u
#define NONCE 77u

static struct journal j;

static int create(void **state)
{
    void *base = malloc(SIZE);

    assert_non_null(base);
    memset(base, 0xcc, SIZE);
    journal_create(&j, base, SIZE, NONCE);
    return 0;
}

static int destroy(void **state)
{
    free(j.base);
    return 0;
}

/* Reads all; every payload must be the text of its seq. */
static unsigned count_records(uint32_t *damaged)
{
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;
    unsigned n = 0;

    assert_int_equal(journal_open(&c, j.base, SIZE, NONCE), JOURNAL_OK);
    while ((h = journal_next(&c, &payload)) != NULL) {
        char expected[32];

        snprintf(expected, sizeof(expected), "payload %u", h->seq);
        assert_string_equal(payload, expected);
        assert_int_equal(h->length, strlen(expected) + 1);
        n++;
    }
    assert_null(journal_next(&c, &payload));
    *damaged = c.damaged;
    return n;
}

static bool append(unsigned type)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "payload %u", j.seq);

    return journal_append(&j, type, text, (unsigned)n + 1);
}

static void empty(void **state)
{
    uint32_t damaged;

    assert_int_equal(count_records(&damaged), 0);
    assert_int_equal(damaged, 0);
}

static void append_and_read(void **state)
{
    uint32_t damaged;

    for (unsigned i = 1; i <= 20; i++) {
        assert_true(append(RECORD_NOTE));
        assert_int_equal(count_records(&damaged), i);
        assert_int_equal(damaged, 0);
        assert_int_equal(j.used % 8, 0);
    }
}

static void payload_of_any_length(void **state)
{
    static const uint8_t bytes[JOURNAL_PAYLOAD_MAX + 1];
    struct journal_cursor c;
    const void *payload;

    for (unsigned n = 0; n < 20; n++)
        assert_true(journal_append(&j, RECORD_NOTE, bytes, n));
    assert_true(journal_append(&j, RECORD_NOTE, bytes, JOURNAL_PAYLOAD_MAX));
    assert_false(
        journal_append(&j, RECORD_NOTE, bytes, JOURNAL_PAYLOAD_MAX + 1));
    assert_int_equal(j.lost, 1);
    journal_open(&c, j.base, SIZE, NONCE);
    for (unsigned n = 0; n < 20; n++)
        assert_int_equal(journal_next(&c, &payload)->length, n);
    assert_int_equal(journal_next(&c, &payload)->length, JOURNAL_PAYLOAD_MAX);
    assert_null(journal_next(&c, &payload));
    assert_int_equal(c.damaged, 0);
}

static void full_keeps_the_reserve(void **state)
{
    static const struct record_last_words last;
    static const struct record_end end;
    struct journal_cursor c;
    const void *payload;
    unsigned n = 0, read = 0;

    while (append(RECORD_NOTE))
        n++;
    assert_true(n > 100);
    assert_int_equal(j.lost, 1);
    assert_false(append(RECORD_CHECK));
    assert_int_equal(j.lost, 2);
    assert_true(SIZE - j.used >= JOURNAL_RESERVE);
    assert_true(journal_append(&j, RECORD_LAST_WORDS, &last, sizeof(last)));
    assert_true(journal_append(&j, RECORD_END, &end, sizeof(end)));
    while (append(RECORD_END))
        n++;
    assert_true(j.used <= SIZE);
    journal_open(&c, j.base, SIZE, NONCE);
    while (journal_next(&c, &payload) != NULL)
        read++;
    assert_int_equal(read, n + 2);
    assert_int_equal(c.damaged, 0);
}

/* In place of the last record, if that is of the same type. */
static void amend(void **state)
{
    static const char first[] = "payload 9", other[] = "payload 0";
    static const char again[] = "payload 1, much longer than it was at first";
    struct journal_cursor c;
    const void *payload;

    assert_true(journal_amend(&j, RECORD_STEP, other, sizeof(other)));
    assert_true(journal_amend(&j, RECORD_NOTE, again, sizeof(again)));
    assert_true(journal_amend(&j, RECORD_NOTE, first, sizeof(first)));
    assert_true(journal_amend(&j, RECORD_NOTE, again, sizeof(again)));
    journal_open(&c, j.base, SIZE, NONCE);
    assert_int_equal(journal_next(&c, &payload)->type, RECORD_STEP);
    assert_string_equal(payload, other);
    assert_int_equal(journal_next(&c, &payload)->type, RECORD_NOTE);
    assert_string_equal(payload, again);
    assert_null(journal_next(&c, &payload));
    assert_int_equal(c.damaged, 0);
    assert_int_equal(j.seq, 2);
}

static void resume(void **state)
{
    struct journal first = j;
    uint32_t damaged;

    assert_true(append(RECORD_NOTE) && append(RECORD_NOTE));
    first = j;
    memset(&j, 0, sizeof(j));
    assert_true(journal_resume(&j, first.base, SIZE));
    first.last = 0; /* which one that was it does not know */
    assert_memory_equal(&j, &first, sizeof(j));
    assert_true(append(RECORD_NOTE));
    assert_int_equal(count_records(&damaged), 3);
    assert_int_equal(damaged, 0);
}

static void resume_refuses_what_is_none(void **state)
{
    struct journal other;

    j.base[0] ^= 1;
    assert_false(journal_resume(&other, j.base, SIZE));
}

/* After damage at the tail, what is appended must not hide that loss. */
static void resume_after_damage(void **state)
{
    uint8_t *base = j.base;
    uint32_t damaged;

    assert_true(append(RECORD_NOTE) && append(RECORD_NOTE));
    base[j.used - 8] ^= 1;
    assert_true(journal_resume(&j, base, SIZE));
    assert_true(append(RECORD_NOTE));
    assert_int_equal(count_records(&damaged), 2);
    assert_int_equal(damaged, 1);
}

/* It is found behind as many zeros as may be, and at any place. */
static void found_behind_nothing(void **state)
{
    for (uint32_t before = 0; before < 3; before++)
        for (uint32_t zeros = 8; zeros < 256; zeros += 8) {
            uint32_t damaged;

            journal_create(&j, j.base, SIZE, NONCE);
            for (uint32_t i = 0; i <= before; i++)
                assert_true(append(RECORD_NOTE));
            memset(j.base + j.used, 0, SIZE - j.used);
            j.used += zeros;
            assert_true(append(RECORD_NOTE));
            assert_int_equal(count_records(&damaged), before + 2);
            assert_int_equal(damaged, 0);
        }
}

/* The same area, used again: nothing of the older run may show. */
static void older_run_never_shows(void **state)
{
    uint32_t damaged;

    j.nonce = NONCE + 1; /* of the records; the header is written anew */
    while (append(RECORD_NOTE))
        continue;
    for (unsigned n = 0; n < 20; n++) {
        uint8_t *base = malloc(SIZE);

        memcpy(base, j.base, SIZE);
        free(j.base);
        journal_create(&j, base, SIZE, NONCE);
        for (unsigned i = 0; i < n; i++)
            assert_true(append(RECORD_NOTE));
        assert_int_equal(count_records(&damaged), n);
        assert_int_equal(damaged, 0);
    }
}

static void open_tells_why(void **state)
{
    struct journal_header *h = (struct journal_header *)j.base;
    struct journal_cursor c;

    assert_int_equal(journal_open(&c, j.base, SIZE, 0), JOURNAL_OK);
    assert_int_equal(journal_open(&c, j.base, SIZE, NONCE + 1),
                     JOURNAL_OTHER_NONCE);
    assert_int_equal(journal_open(&c, j.base, sizeof(*h) - 1, NONCE),
                     JOURNAL_ABSENT);
    assert_int_equal(journal_open(&c, NULL, 0, NONCE), JOURNAL_ABSENT);
    h->version++;
    assert_int_equal(journal_open(&c, j.base, SIZE, NONCE), JOURNAL_BAD_HEADER);
    h->crc = crc32(0, h, offsetof(struct journal_header, crc));
    assert_int_equal(journal_open(&c, j.base, SIZE, NONCE), JOURNAL_BAD_HEADER);
    h->version--;
    h->crc = crc32(0, h, offsetof(struct journal_header, crc));
    assert_int_equal(journal_open(&c, j.base, SIZE, NONCE), JOURNAL_OK);
    h->magic++;
    assert_int_equal(journal_open(&c, j.base, SIZE, NONCE), JOURNAL_ABSENT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, create, destroy)

TEST_LIST(journal, TEST(empty), TEST(append_and_read), TEST(amend),
          TEST(payload_of_any_length), TEST(full_keeps_the_reserve),
          TEST(resume), TEST(resume_refuses_what_is_none),
          TEST(resume_after_damage), TEST(found_behind_nothing),
          TEST(older_run_never_shows), TEST(open_tells_why));
