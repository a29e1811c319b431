/* SPDX-License-Identifier: MIT */
/*
 * What the other processors find, beside the first's results: what is alike
 * is counted, and only what is not is kept, once for all that found the same.
 *
 * Of each result the first leaves a digest in SHARED memory, which the others
 * compare their own with; what is not the same goes to their own slice of the
 * journal, and from there, merged, into the first's.
 */
#ifndef RINGSIDE_OTHERS_H
#define RINGSIDE_OTHERS_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

/* On the first: a check's result, as it is written, in this boot or before.
 * Not more than CHECKS_MAX of them. */
void others_know(const char *id, unsigned verdict, const char *seen);

/* On another: its results go here from now on, in place of the journal. */
void others_begin(void);

struct others_count {
    uint32_t checks, others; /* run; and not as on the first */
};
struct others_count others_end(void);

/*
 * On the first, behind all: the records of what number n found otherwise, one
 * for each distinct result, into the journal.  slice: its journal, so many
 * bytes.  others_merged() says how it went.
 */
void others_merge_begin(void);
void others_merge(unsigned n, const void *slice, uint32_t size);
void others_merge_end(void);

struct others_merged {
    uint32_t results; /* distinct ones */
    uint32_t worse;   /* of them findings (fail, hang, reset) */
    uint32_t lost;    /* without room */
    const char *id;   /* of the first of them; "" */
};
struct others_merged others_merged(void);

#endif
