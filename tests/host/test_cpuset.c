/* SPDX-License-Identifier: MIT */
/* Sets of processors in words: every set, and every room for it. */
#include "host.h"
#include "report/cpuset.h"

/* The set with each number that the text has a 'x' at. */
static void set_of(uint8_t *set, const char *text)
{
    memset(set, 0, CPUSET_BYTES);
    for (unsigned i = 0; text[i] != '\0'; i++) {
        if (text[i] == 'x')
            cpuset_add(set, i);
    }
}

static void words(void **state)
{
    static const struct {
        const char *set, *label;
    } cases[] = {
        {"", "cpus "},
        {"x", "cpu 0"},
        {".x", "cpu 1"},
        {"xx", "cpus 0-1"},
        {"xxxx...x", "cpus 0-3,7"},
        {".x.x.x", "cpus 1,3,5"},
        {"..........xxx.......x", "cpus 10-12,20"},
    };
    uint8_t set[CPUSET_BYTES];
    char buf[CPUSET_WORDS_MAX];

    for (unsigned i = 0; i < COUNT(cases); i++) {
        set_of(set, cases[i].set);
        cpuset_label(buf, sizeof(buf), set);
        assert_string_equal(buf, cases[i].label);
    }
    memset(set, 0xff, sizeof(set));
    cpuset_label(buf, sizeof(buf), set);
    assert_string_equal(buf, "cpus 0-255");
    assert_int_equal(cpuset_count(set), 256);
    memset(set, 0, sizeof(set));
    cpuset_add(set, 255);
    cpuset_words(buf, 8, set);
    assert_string_equal(buf, "255");
    assert_true(cpuset_has(set, 255) && !cpuset_has(set, 254));
}

/* Back from words to a set; false where they are cut. */
static bool parse(const char *s, uint8_t *set)
{
    memset(set, 0, CPUSET_BYTES);
    while (*s != '\0') {
        unsigned long first, last;
        char *end;

        if (strcmp(s, "...") == 0)
            return false;
        first = last = strtoul(s, &end, 10);
        assert_true(end != s);
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        for (; first <= last; first++)
            cpuset_add(set, (unsigned)first);
        assert_true(*end == ',' || *end == '\0');
        s = end + (*end == ',');
    }
    return true;
}

/* Nothing is cut in full room, and what is cut is a prefix that says so. */
static void room(void **state)
{
    uint64_t seed = 0x243f6a8885a308d3;

    for (unsigned round = 0; round < 2000; round++) {
        uint8_t set[CPUSET_BYTES] = {0}, back[CPUSET_BYTES];
        unsigned every = 2 + round % 5;
        char whole[CPUSET_WORDS_MAX], *cut;
        size_t n = 8 + next_random(&seed) % 100;

        for (unsigned i = 0; i < PROCESSORS_MAX; i++) {
            if (round < 5 ? i % every != every - 1
                          : next_random(&seed) % every != 0)
                cpuset_add(set, i);
        }
        cpuset_words(whole, sizeof(whole), set);
        assert_true(parse(whole, back));
        assert_memory_equal(set, back, sizeof(set));
        cut = malloc(n); /* of just that size, for the sanitizer's sake */
        cpuset_words(cut, n, set);
        assert_true(strlen(cut) < n);
        if (!parse(cut, back)) {
            assert_memory_equal(cut, whole, strlen(cut) - 3);
            assert_true(strlen(whole) + 5 > n);
        } else {
            assert_string_equal(cut, whole);
        }
        free(cut);
    }
}

TEST_LIST(cpuset, cmocka_unit_test(words), cmocka_unit_test(room));
