/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_REGIONS_H
#define RINGSIDE_REGIONS_H

#include "memmap.h"
#include "space.h"

#define REGIONS_MAX 512

/*
 * Collects what must be mapped where it is while a runtime service runs: the
 * firmware's runtime regions, this image (its last instructions run on the
 * new tables), and boot-services memory, which some firmware still calls.
 * Returns the count, at most REGIONS_MAX; runtime regions come first, so that
 * the others are what is cut.
 */
unsigned regions_collect(struct identity *r, const struct memmap *m,
                         uint64_t image, uint64_t image_size);

#endif
