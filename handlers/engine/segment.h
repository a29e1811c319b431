/* SPDX-License-Identifier: MIT */
/* A segment of somebody else's kernel: mapped, and put back as linked. */
#ifndef RINGSIDE_SEGMENT_H
#define RINGSIDE_SEGMENT_H

#include <stddef.h>

#include "specimen.h"

/* Maps it, once, for good, with its rights and `more', and fills it; false,
 * and why not in `why'. */
bool segment_lay(const struct specimen_segment *s, uint64_t more, char *why,
                 size_t size);

/* Its pages that have been written, by their Dirty bits, are as linked.  True:
 * there were some. */
bool segment_put_back(const struct specimen_segment *s);

#endif
