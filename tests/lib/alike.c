/* SPDX-License-Identifier: MIT */
/* See alike.h. */
#include "alike.h"

#include "fmt.h"
#include "report/cpuset.h"

#define LABEL_MAX 20 /* then a set of processors ends in dots */
#define SAYING_MAX 120
#define MORE_MAX 10 /* "; 255 more" */

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

void alike_words(char *buf, size_t n, unsigned processors,
                 const char *(*note)(unsigned i))
{
    uint8_t told[CPUSET_BYTES] = {0};
    unsigned more = 0;
    size_t at = 0;

    buf[0] = '\0';
    for (unsigned i = 1; i < processors; i++) {
        uint8_t set[CPUSET_BYTES] = {0};
        char label[LABEL_MAX], saying[SAYING_MAX];
        size_t length;

        if (!note(i)[0] || cpuset_has(told, i))
            continue;
        for (unsigned k = i; k < processors; k++)
            if (same(note(k), note(i))) {
                cpuset_add(set, k);
                cpuset_add(told, k);
            }
        cpuset_label(label, sizeof(label), set);
        length = (size_t)fmt(saying, sizeof(saying), "%s%s: %s", at ? "; " : "",
                             label, note(i));
        if (more || at + length + MORE_MAX >= n)
            more += cpuset_count(set);
        else
            at += (size_t)fmt(buf + at, n - at, "%s", saying);
    }
    if (more)
        fmt(buf + at, n - at, "; %u more", more);
}
