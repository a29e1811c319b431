/* SPDX-License-Identifier: MIT */
/* fmt() against the C library's snprintf, for all that fmt.h promises. */
#include "fmt.h"
#include "host.h"

#define SIZE 128

/* Both into buffers of every size up to the whole text and one beyond. */
#define SAME(...)                                                              \
    do {                                                                       \
        char mine_[SIZE], theirs_[SIZE];                                       \
        int length_ = snprintf(theirs_, SIZE, __VA_ARGS__);                    \
        for (int n_ = 0; n_ <= length_ + 2; n_++) {                            \
            memset(mine_, 0x55, SIZE);                                         \
            memset(theirs_, 0x55, SIZE);                                       \
            snprintf(theirs_, (size_t)n_, __VA_ARGS__);                        \
            assert_int_equal(fmt(mine_, (size_t)n_, __VA_ARGS__), length_);    \
            assert_memory_equal(mine_, theirs_, SIZE);                         \
        }                                                                      \
    } while (0)

/* Buffers too small for the text are the point here. */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-overflow"
#endif

static void strings(void **state)
{
    SAME("plain");
    SAME("%s", "");
    SAME("[%s|%10s|%-10s]", "abc", "right", "left");
    SAME("[%.2s|%6.2s|%-6.2s|%.0s]", "abc", "abc", "abc", "abc");
    SAME("[%*s|%-*s|%*s]", 7, "abc", 7, "abc", -7, "abc");
    SAME("[%.*s]", 2, "abc");
    SAME("%c%c%3c%-3c|%%", 'a', 'b', 'c', 'd');
}

static void numbers(void **state)
{
    static const long long values[] = {
        0, 1, 9, 10, -1, -10, 12345, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN,
    };

    for (size_t i = 0; i < COUNT(values); i++) {
        long long v = values[i];

        SAME("%d %u %x", (int)v, (unsigned)v, (unsigned)v);
        SAME("%ld %lu %lx", (long)v, (unsigned long)v, (unsigned long)v);
        SAME("%lld %llu %llx", v, (unsigned long long)v, (unsigned long long)v);
        SAME("[%12d|%-12d|%012d]", (int)v, (int)v, (int)v);
        SAME("[%20llx|%-20llx|%020llx]", (unsigned long long)v,
             (unsigned long long)v, (unsigned long long)v);
        SAME("[%*d|%0*d]", 6, (int)v, 6, (int)v);
    }
}

/* A precision without a string it bounds would read beyond the array. */
static void precision_bounds_the_read(void **state)
{
    char *three = malloc(3);
    char out[8];

    memcpy(three, "abc", 3);
    assert_int_equal(fmt(out, sizeof(out), "%.3s", three), 3);
    assert_string_equal(out, "abc");
    free(three);
}

static void unknown_conversions_show(void **state)
{
    char out[32];
    const char *format = "%q %d";

    fmt(out, sizeof(out), format, 5);
    assert_string_equal(out, "%q 5");
    format = "%d%";
    fmt(out, sizeof(out), format, 100);
    assert_string_equal(out, "100%");
}

static void random_numbers(void **state)
{
    uint64_t seed = 0x9e3779b97f4a7c15;

    for (int i = 0; i < 2000; i++) {
        uint64_t v = next_random(&seed) >> (next_random(&seed) & 63);
        int width = (int)(next_random(&seed) % 50) - 25;

        SAME("%lu|%lx|%ld|%*lu|%0*lx", v, v, (long)v, width, v,
             width < 0 ? -width : width, v);
    }
}

TEST_LIST(fmt, cmocka_unit_test(strings), cmocka_unit_test(numbers),
          cmocka_unit_test(precision_bounds_the_read),
          cmocka_unit_test(unknown_conversions_show),
          cmocka_unit_test(random_numbers));
