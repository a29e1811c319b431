/* SPDX-License-Identifier: MIT */
/*
 * A short storm: ring 3 calls ring 0 by all ways at once, on all processors,
 * while NMIs, interrupts, timer ticks and single steps land wherever they may,
 * each processor sending them to the others.  tests/storm/ has it; --storm
 * makes it as long as one likes.
 *
 * What the window finds by looking at each boundary in turn, this finds by
 * chance, and it finds what only comes of several events on top of each other
 * or of two processors: a GS base that is another processor's, a frame that a
 * second event has overwritten, a handler that was entered and never left.
 *
 * On a machine with one processor that one storms alone, with what it sends to
 * itself.
 */
#include "handoff.h"
#include "lib/smp.h"
#include "storm/storm.h"

#define ENTRIES 200000 /* of all specimens on all processors */
#define MILLISECONDS 1000

void case_smp_storm(void)
{
    const struct storm_plan plan = {
        .seed = options_seed(&handoff.options, handoff.nonce),
        .entries = ENTRIES,
        .milliseconds = MILLISECONDS,
    };

    smp_start();
    storm_checks(&plan);
}
