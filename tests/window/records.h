/* SPDX-License-Identifier: MIT */
/* The lab's records of one subject: all bases and events folded together. */
#ifndef RINGSIDE_RECORDS_H
#define RINGSIDE_RECORDS_H

#include "walk.h"

void records_begin(void);
/* An undisturbed walk; then the events of it. */
void records_path(const struct path *p);
void records_events(const struct injection *i);
/* Appends them to the journal; lab's counts are filled in but for its hash. */
void records_end(struct record_lab *lab);

/*
 * Of a specimen from outside: a check of its begins, and the walk is about to
 * go on at rip, or from there into an event's stub (0: none).  If the machine
 * does not come back, the next boot tells.
 */
void records_own_check(const struct record_check *c);
void records_place(const struct path *p, uint64_t rip, uint64_t stub);

#endif
