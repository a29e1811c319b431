/* SPDX-License-Identifier: MIT */
/* Sets of processors in words; see cpuset.h. */
#include "cpuset.h"

#include "fmt.h"

#define RUN_MAX 12 /* ",254-255" and its NUL */
#define ELLIPSIS "..."

bool cpuset_has(const uint8_t *set, unsigned number)
{
    return set[number / 8] >> number % 8 & 1;
}

void cpuset_add(uint8_t *set, unsigned number)
{
    set[number / 8] |= (uint8_t)(1u << number % 8);
}

unsigned cpuset_count(const uint8_t *set)
{
    unsigned n = 0;

    for (unsigned i = 0; i < PROCESSORS_MAX; i++)
        n += cpuset_has(set, i);
    return n;
}

/* Behind the last of those without a gap that begin with number. */
static unsigned run_end(const uint8_t *set, unsigned number)
{
    while (number < PROCESSORS_MAX && cpuset_has(set, number))
        number++;
    return number;
}

void cpuset_words(char *buf, size_t n, const uint8_t *set)
{
    const char *comma = "";
    size_t at = 0;

    buf[0] = '\0';
    for (unsigned i = 0; i < PROCESSORS_MAX; i++) {
        unsigned end = run_end(set, i);
        char run[RUN_MAX];
        size_t length;

        if (end == i)
            continue;
        length = (size_t)(end == i + 1 ? fmt(run, sizeof(run), "%s%u", comma, i)
                                       : fmt(run, sizeof(run), "%s%u-%u", comma,
                                             i, end - 1));
        /* What follows may need the dots' room. */
        if (at + length + sizeof("," ELLIPSIS) > n) {
            fmt(buf + at, n - at, "%s" ELLIPSIS, comma);
            return;
        }
        at += (size_t)fmt(buf + at, n - at, "%s", run);
        comma = ",";
        i = end;
    }
}

void cpuset_label(char *buf, size_t n, const uint8_t *set)
{
    size_t at = (size_t)fmt(buf, n, cpuset_count(set) == 1 ? "cpu " : "cpus ");

    cpuset_words(buf + at, n - at, set);
}
