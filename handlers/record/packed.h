/* SPDX-License-Identifier: MIT */
/*
 * Checks as they lie in the journal.  There are thousands, and most have
 * little to say: each takes the room of its own strings, not of the longest.
 * Plain C over memory, shared by the core, boot B and the host.
 */
#ifndef RINGSIDE_PACKED_H
#define RINGSIDE_PACKED_H

#include <stdbool.h>

#include "journal.h"
#include "record.h"

/* A check as it is read from the journal, where its strings stay. */
struct check {
    const char *id, *expected, *seen, *facts, *why;
    uint16_t cpu;
    uint8_t verdict; /* enum verdict */
};

/* The most that check_pack() writes, bytes. */
#define CHECK_PACKED_MAX sizeof(struct record_check)

/* Packs *c to to, which has room for CHECK_PACKED_MAX; returns the bytes. */
unsigned check_pack(char *to, const struct record_check *c);

/* Points *c into the packed payload.  False if that is none. */
bool check_view(struct check *c, const void *payload, unsigned length);

/* A check's result where it is not the first processor's, as it is read. */
struct others {
    const struct record_others *on; /* the processors with just that result */
    struct check check;
};

/* Points *o into the payload of a RECORD_OTHERS.  False if that is none. */
bool others_view(struct others *o, const void *payload, unsigned length);

/* Packs and appends; false, and it is counted, when there is no room. */
bool journal_check(struct journal *j, const struct record_check *c);

#endif
