/* SPDX-License-Identifier: MIT */
/* The window's records of one subject: all bases and events folded together. */
#ifndef RINGSIDE_RECORDS_H
#define RINGSIDE_RECORDS_H

#include "walk.h"

void records_begin(void);
/* An undisturbed walk; then the events of it. */
void records_walk(const struct walk *w);
void records_events(const struct injection *i);
/* Appends them to the journal; its counts are filled in but for its hash. */
void records_end(struct record_subject *subject);

/*
 * Of a specimen from outside: a check of its begins, and the walk is about to
 * go on at rip, or from there into an event's stub (0: none).  If the machine
 * does not come back, the next boot reports the place.
 */
void records_own_check(const struct record_check *c);
void records_place(const struct walk *w, uint64_t rip, uint64_t stub);

#endif
