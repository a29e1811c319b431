/* SPDX-License-Identifier: MIT */
/* entry/mem.S, under names of its own, against the C library. */
#include "host.h"

void *our_memcpy(void *to, const void *from, size_t n);
void *our_memmove(void *to, const void *from, size_t n);
void *our_memset(void *to, int byte, size_t n);
int our_memcmp(const void *a, const void *b, size_t n);
size_t our_strlen(const char *text);
int our_strcmp(const char *a, const char *b);

#define ROOM 64

static char ours[ROOM], theirs[ROOM];

static void same_start(uint64_t *random)
{
    for (unsigned i = 0; i < ROOM; i++)
        ours[i] = theirs[i] = (char)next_random(random);
}

/* Apart, beside each other and over each other, both ways. */
static void moves(void **state)
{
    uint64_t random = 1;

    for (unsigned i = 0; i < 20000; i++) {
        size_t n = next_random(&random) % (ROOM / 2);
        size_t from = next_random(&random) % (ROOM - n);
        size_t to = next_random(&random) % (ROOM - n);

        same_start(&random);
        memmove(theirs + to, theirs + from, n);
        assert_ptr_equal(our_memmove(ours + to, ours + from, n), ours + to);
        assert_memory_equal(ours, theirs, ROOM);
    }
    assert_ptr_equal(our_memcpy, our_memmove);
}

static void fills(void **state)
{
    uint64_t random = 2;

    for (unsigned i = 0; i < 2000; i++) {
        size_t n = next_random(&random) % (ROOM / 2);
        size_t to = next_random(&random) % (ROOM - n);
        int byte = (int)next_random(&random);

        same_start(&random);
        memset(theirs + to, byte, n);
        assert_ptr_equal(our_memset(ours + to, byte, n), ours + to);
        assert_memory_equal(ours, theirs, ROOM);
    }
}

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

/* Bytes are unsigned, and what lies behind the n-th does not count. */
static void compares(void **state)
{
    uint64_t random = 3;

    for (unsigned i = 0; i < 20000; i++) {
        size_t n = next_random(&random) % ROOM;

        same_start(&random);
        ours[next_random(&random) % ROOM] = (char)next_random(&random);
        assert_int_equal(sign(our_memcmp(ours, theirs, n)),
                         sign(memcmp(ours, theirs, n)));
    }
    assert_true(our_memcmp("\x80", "\x7f", 1) > 0);
    assert_int_equal(our_memcmp("a", "b", 0), 0);
}

static void strings(void **state)
{
    static const char *const texts[] = {"",  "a",    "b",       "ab",
                                        "A", "\x80", "TCGTCG1", "TCGTCG"};

    for (unsigned i = 0; i < COUNT(texts); i++) {
        assert_int_equal(our_strlen(texts[i]), strlen(texts[i]));
        for (unsigned j = 0; j < COUNT(texts); j++)
            assert_int_equal(sign(our_strcmp(texts[i], texts[j])),
                             sign(strcmp(texts[i], texts[j])));
    }
}

TEST_LIST(mem, cmocka_unit_test(moves), cmocka_unit_test(fills),
          cmocka_unit_test(compares), cmocka_unit_test(strings));
