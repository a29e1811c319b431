/* SPDX-License-Identifier: MIT */
/* A check in the journal: what was packed comes back, what was cut does not. */
#include "host.h"

static const struct record_check sample = {
    .id = "syscall64.fmask.tf",
    .cpu = 3,
    .verdict = VERDICT_FAIL,
    .expected = "rflags TF=0",
    .seen = "rflags TF=1",
    .facts = "SC2",
    .why = "each bit of FMASK clears its own flag",
};

static void comes_back(void **state)
{
    char packed[CHECK_PACKED_MAX];
    unsigned n = check_pack(packed, &sample);
    struct check c;

    assert_true(check_view(&c, packed, n));
    assert_int_equal(c.cpu, sample.cpu);
    assert_int_equal(c.verdict, sample.verdict);
    assert_string_equal(c.id, sample.id);
    assert_string_equal(c.expected, sample.expected);
    assert_string_equal(c.seen, sample.seen);
    assert_string_equal(c.facts, sample.facts);
    assert_string_equal(c.why, sample.why);
}

/* In memory of just that size, for the sanitizer's sake. */
static void another_length_is_none(void **state)
{
    char packed[CHECK_PACKED_MAX];
    unsigned n = check_pack(packed, &sample);
    struct check c;

    for (unsigned length = 0; length <= n + 8; length++) {
        char *copy = calloc(1, length + 1);

        memcpy(copy, packed, length < n ? length : n);
        assert_int_equal(check_view(&c, copy, length), length == n);
        free(copy);
    }
}

TEST_LIST(packed, cmocka_unit_test(comes_back),
          cmocka_unit_test(another_length_is_none));
