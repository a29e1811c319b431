/* SPDX-License-Identifier: MIT */
/* The paths that the window walks; see subjects.c. */
#ifndef RINGSIDE_SUBJECTS_H
#define RINGSIDE_SUBJECTS_H

#include "judge/stimulus.h"
#include "specimen.h"

#define NO_EVENT WINDOW_EVENTS

/*
 * How a stub is entered.  Mostly the stimulus's instruction enters it.  Where
 * an event comes first, the stub is that event's: it lands in front of the
 * stimulus's instruction, or, in_call, of the first one of the stub that the
 * stimulus enters.
 */
struct subject {
    const char *name; /* up to 15 characters: it is part of check ids */
    struct stimulus s;
    enum window_event first;
    bool in_call;
    uint8_t lead;      /* instructions before the stimulus's own */
    bool asynchronous; /* does not wait for the stimulus's instruction */
    unsigned fault;    /* the vector that its exit raises, or 0 */
    /* With fault: makes the frame one that cannot be returned to. */
    void (*spoil)(struct trapframe *f);
    bool on_harness; /* with fault: no stub could take it, the harness does */
};

extern const struct subject subjects[];
extern const unsigned subjects_count;

/* The vector of an event, and the other way round (NO_EVENT: not one). */
unsigned event_vector(enum window_event e);
enum window_event event_of(unsigned vector);

/* The number of the stub that the subject begins with. */
unsigned subject_vector(const struct subject *p);

/* Is the path one of the specimen's: has it stubs and segments for it?  Of the
 * exits that fail, each is walked from the first gate that it has. */
bool subject_fits(const struct subject *p, const struct specimen *s);

#endif
