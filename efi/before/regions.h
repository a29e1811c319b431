/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_REGIONS_H
#define RINGSIDE_REGIONS_H

#include "memmap.h"
#include "space.h"

/* Room that suffices for the regions of any reading of this map. */
#define REGIONS_MAX(memmap) ((memmap)->capacity / (memmap)->step + 1)

/*
 * Collects what must be mapped where it is while a runtime service runs: the
 * firmware's runtime regions, this image (its last instructions run on the
 * new tables), and boot-services memory, which some firmware still calls: that
 * is optional, and comes last.  Returns the count.
 */
unsigned regions_collect(struct identity *r, const struct memmap *m,
                         uint64_t image, uint64_t image_size);

#endif
