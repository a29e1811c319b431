/* SPDX-License-Identifier: MIT */
/* What processors have otherwise, in one sentence of which nothing is cut. */
#include "host.h"
#include "lib/alike.h"

#define MTRR "MTRR 2ffh is 0, on the first c06"

static char notes[256][88];
static unsigned processors;

static const char *note(unsigned i)
{
    assert_true(i > 0 && i < processors);
    return notes[i];
}

static const char *words(unsigned n)
{
    static char buf[ALIKE_MIN];

    processors = n;
    alike_words(buf, sizeof(buf), n, note);
    return buf;
}

static void say(unsigned i, const char *what)
{
    snprintf(notes[i], sizeof(notes[i]), "%s", what);
}

static int forget(void **state)
{
    memset(notes, 0, sizeof(notes));
    return 0;
}

static void sentences(void **state)
{
    assert_string_equal(words(1), "");
    assert_string_equal(words(16), "");
    for (unsigned i = 1; i < 10; i++)
        say(i, MTRR);
    assert_string_equal(words(10), "cpus 1-9: " MTRR);
    assert_string_equal(words(2), "cpu 1: " MTRR);
    say(3, "");
    assert_string_equal(words(10), "cpus 1-2,4-9: " MTRR);
    say(3, "core type is 20, on the first 40");
    assert_string_equal(words(10), "cpus 1-2,4-9: " MTRR
                                   "; cpu 3: core type is 20, on the first 40");
    say(5, "CPUID leaf 7, EBX:ECX is 1, on the first 2");
    say(6, "CPUID leaf 7, EBX:ECX is 2, on the first 1");
    assert_string_equal(words(10),
                        "cpus 1-2,4,7-9: " MTRR
                        "; cpu 3: core type is 20, on the first 40; 2 more");
}

/* What finds no room is counted, all of it, and for that there is room. */
static void counted(void **state)
{
    char first[81], whole[ALIKE_MIN];

    memset(first, 'a', 80);
    first[80] = '\0';
    say(1, first);
    say(2, "thirteen long");
    for (unsigned i = 3; i < 256; i++)
        say(i, "b");
    snprintf(whole, sizeof(whole), "cpu 1: %s; cpu 2: thirteen long; 253 more",
             first);
    assert_string_equal(words(256), whole);
    say(2, "fourteen long.");
    snprintf(whole, sizeof(whole), "cpu 1: %s; 3 more", first);
    assert_string_equal(words(5), whole);
}

/* The first saying is whole, whoever has it. */
static void room(void **state)
{
    uint64_t seed = 0x243f6a8885a308d3;

    for (unsigned round = 0; round < 2000; round++) {
        unsigned n = 2 + (unsigned)(next_random(&seed) % 255), length = 0;
        const char *w;

        forget(NULL);
        for (unsigned i = 1; i < n; i++) {
            unsigned kind = (unsigned)(next_random(&seed) % (2 + round % 4));

            memset(notes[i], 'a' + (int)kind, kind * 20);
        }
        w = words(n);
        for (unsigned i = 1; i < n && length == 0; i++)
            length = (unsigned)strlen(notes[i]);
        assert_true(strlen(w) < ALIKE_MIN);
        if (length == 0)
            assert_string_equal(w, "");
        else
            assert_int_equal(strspn(strstr(w, ": ") + 2, "bcde"), length);
    }
}

TEST_LIST(alike, cmocka_unit_test_setup(sentences, forget),
          cmocka_unit_test_setup(counted, forget),
          cmocka_unit_test_setup(room, forget));
