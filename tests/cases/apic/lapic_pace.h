/* SPDX-License-Identifier: MIT */
/*
 * The APIC timer's clock against the TSC: how long its counts take here, and
 * whether something was done before a count can have run out.
 */
#ifndef RINGSIDE_LAPIC_PACE_H
#define RINGSIDE_LAPIC_PACE_H

#include <stdbool.h>
#include <stdint.h>

/* So many counts took at least and at most so many cycles of the TSC. */
struct span {
    uint64_t counts, least, most;
};

/* Of the timer with that divider.  True: the span is known exactly enough. */
bool lapic_span_measure(uint32_t divider, struct span *p);

/* The pace, with the divider as lapic_begin() leaves it. */
void lapic_pace_measure(void);

/* So many counts take at least as long as so many cycles of the TSC. */
uint32_t lapic_pace_counts(uint64_t cycles);

/* Since that TSC, can a count of n not have run out yet?  (Where no pace is
 * known, none has been shown: then the row is missed.) */
bool lapic_pace_in_time(uint64_t since, uint32_t n);

#endif
