/* SPDX-License-Identifier: MIT */
/*
 * The journal's reader over memory that did not survive whole.  The area has
 * exactly its size on the heap, so the sanitizers see any read beyond it.
 */
#include "host.h"
#include "record.h"

#define SIZE 8192u
#define NONCE 0xfeedu
#define RECORDS 6u

static uint32_t used;

/* A small journal on the heap; payloads are "0", "11", "222", ... */
static uint8_t *small_journal(void)
{
    uint8_t *base = malloc(SIZE);
    struct journal j;

    assert_non_null(base);
    memset(base, 0, SIZE);
    journal_create(&j, base, SIZE, NONCE);
    for (unsigned i = 0; i < RECORDS; i++) {
        char text[RECORDS];

        memset(text, '0' + (int)i, sizeof(text));
        assert_true(journal_append(&j, RECORD_NOTE, text, i + 1));
    }
    used = j.used;
    return base;
}

/* Which records come through, as a mask; each must be unchanged. */
static unsigned survivors(const uint8_t *base, uint32_t size, uint32_t *damaged)
{
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;
    unsigned mask = 0;

    if (journal_open(&c, base, size, NONCE) != JOURNAL_OK)
        return 0;
    while ((h = journal_next(&c, &payload)) != NULL) {
        assert_true(h->seq < RECORDS);
        assert_int_equal(h->length, h->seq + 1);
        for (unsigned i = 0; i < h->length; i++)
            assert_int_equal(((const char *)payload)[i], '0' + (int)h->seq);
        assert_false(mask & 1u << h->seq);
        mask |= 1u << h->seq;
    }
    *damaged = c.damaged;
    return mask;
}

/* Which record a byte of the journal belongs to; RECORDS for none. */
static unsigned record_of(uint32_t at)
{
    uint32_t start = sizeof(struct journal_header);

    for (unsigned i = 0; i < RECORDS; i++) {
        uint32_t end = start + sizeof(struct record_header) + i + 1;

        if (at >= start && at < end)
            return i;
        start = (end + 7) & ~7u;
    }
    return RECORDS;
}

#define ALL ((1u << RECORDS) - 1)

static void each_flipped_bit(void **state)
{
    uint8_t *base = small_journal();

    for (uint32_t bit = 0; bit < used * 8; bit++) {
        unsigned touched = record_of(bit / 8);
        uint32_t damaged = 0;
        unsigned mask;

        base[bit / 8] ^= 1 << bit % 8;
        mask = survivors(base, SIZE, &damaged);
        if (bit / 8 < offsetof(struct journal_header, pad)) {
            assert_int_equal(mask, 0);
        } else if (touched == RECORDS) { /* padding */
            assert_int_equal(mask, ALL);
            assert_int_equal(damaged, 0);
        } else {
            assert_int_equal(mask, ALL & ~(1u << touched));
            assert_int_equal(damaged, 1);
        }
        base[bit / 8] ^= 1 << bit % 8;
    }
    free(base);
}

static void each_byte_lost(void **state)
{
    uint8_t *base = small_journal();

    for (uint32_t at = sizeof(struct journal_header); at < used; at++) {
        uint8_t saved = base[at];
        unsigned touched = record_of(at);
        uint32_t damaged = 0;
        unsigned mask;

        base[at] = (uint8_t)~saved;
        mask = survivors(base, SIZE, &damaged);
        assert_int_equal(mask,
                         touched == RECORDS ? ALL : ALL & ~(1u << touched));
        base[at] = saved;
    }
    free(base);
}

/* A dump that was cut short, at every length, in memory of that length. */
static void truncated(void **state)
{
    uint8_t *base = small_journal();

    for (uint32_t size = 0; size <= used; size++) {
        uint8_t *cut = malloc(size + 1);
        unsigned whole = 0, mask;
        uint32_t damaged = 0;

        cut = realloc(cut, size > 0 ? size : 1);
        memcpy(cut, base, size);
        mask = survivors(cut, size, &damaged);
        while (whole < RECORDS && (mask & 1u << whole))
            whole++;
        assert_int_equal(mask, (1u << whole) - 1); /* a prefix */
        if (size < sizeof(struct journal_header))
            assert_int_equal(whole, 0);
        if (size == used)
            assert_int_equal(whole, RECORDS);
        free(cut);
    }
    free(base);
}

/* Lengths that lead beyond the area, with a good CRC where one can be. */
static void length_beyond_the_end(void **state)
{
    uint8_t *base = small_journal();
    struct record_header *h =
        (struct record_header *)(base + SIZE - sizeof(*h));
    uint32_t damaged;

    for (unsigned length = 1; length < 0x10000; length += 0x101) {
        *h = (struct record_header){
            .magic = RECORD_MAGIC,
            .type = RECORD_NOTE,
            .length = (uint16_t)length,
            .seq = RECORDS,
        };
        assert_int_equal(survivors(base, SIZE, &damaged), ALL);
    }
    free(base);
}

/*
 * A record whose payload is a copy of an older record: when the outer one is
 * damaged, the inner one must not come back as if it were new.
 */
static void older_record_inside(void **state)
{
    uint8_t *base = malloc(SIZE);
    struct journal_cursor c;
    const void *payload;
    struct journal j;
    uint32_t outer;

    memset(base, 0, SIZE);
    journal_create(&j, base, SIZE, NONCE);
    assert_true(journal_append(&j, RECORD_NOTE, "first", 6));
    outer = j.used;
    assert_true(journal_append(&j, RECORD_NOTE,
                               base + sizeof(struct journal_header),
                               outer - sizeof(struct journal_header)));
    assert_true(journal_append(&j, RECORD_NOTE, "last", 5));
    base[outer] ^= 1;
    assert_int_equal(journal_open(&c, base, SIZE, NONCE), JOURNAL_OK);
    assert_int_equal(journal_next(&c, &payload)->seq, 0);
    assert_int_equal(journal_next(&c, &payload)->seq, 2);
    assert_string_equal(payload, "last");
    assert_null(journal_next(&c, &payload));
    assert_int_equal(c.damaged, 1);
    free(base);
}

static void random_damage(void **state)
{
    uint8_t *good = small_journal();
    uint8_t *base = malloc(SIZE);
    uint64_t seed = 0x243f6a8885a308d3;

    for (unsigned round = 0; round < 3000; round++) {
        unsigned flips = 1 + next_random(&seed) % 64;
        uint32_t damaged = 0;

        memcpy(base, good, SIZE);
        for (unsigned i = 0; i < flips; i++) {
            uint32_t at =
                sizeof(struct journal_header) +
                next_random(&seed) % (used - sizeof(struct journal_header));
            base[at] = (uint8_t)next_random(&seed);
        }
        survivors(base, SIZE, &damaged); /* asserts on what it reads */
    }
    free(base);
    free(good);
}

/* Noise with many magics in it: bounded work, nothing found, no bad read. */
static void noise(void **state)
{
    uint8_t *base = small_journal();
    uint64_t seed = 0x13198a2e03707344;
    uint32_t damaged;

    for (uint32_t at = sizeof(struct journal_header); at < SIZE; at += 8) {
        uint64_t v = next_random(&seed);
        uint32_t magic = RECORD_MAGIC;

        memcpy(base + at, &v, sizeof(v));
        if (v % 3 == 0)
            memcpy(base + at, &magic, sizeof(magic));
    }
    assert_int_equal(survivors(base, SIZE, &damaged), 0);
    assert_int_equal(damaged, 1);
    free(base);
}

TEST_LIST(damage, cmocka_unit_test(each_flipped_bit),
          cmocka_unit_test(each_byte_lost), cmocka_unit_test(truncated),
          cmocka_unit_test(length_beyond_the_end),
          cmocka_unit_test(older_record_inside),
          cmocka_unit_test(random_damage), cmocka_unit_test(noise));
