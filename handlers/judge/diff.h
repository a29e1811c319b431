/* SPDX-License-Identifier: MIT */
/* "Expected" and "seen", collected field by field, for one check. */
#ifndef RINGSIDE_DIFF_H
#define RINGSIDE_DIFF_H

#include <stdbool.h>
#include <stdint.h>

struct diff {
    char expected[120], seen[120];
};

/* Each appends "name value" to both sides when the two are not the same; what
 * finds no room is left out, but never the first. */
void diff_hex(struct diff *d, const char *name, uint64_t expected,
              uint64_t seen);
void diff_text(struct diff *d, const char *name, const char *expected,
               const char *seen);
/* Flag registers: the names of the bits that are not the same, and how. */
void diff_flags(struct diff *d, const char *name, uint64_t expected,
                uint64_t seen);
static inline bool diff_any(const struct diff *d)
{
    return d->seen[0];
}

#endif
