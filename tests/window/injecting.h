/* SPDX-License-Identifier: MIT */
/* The walk with events that is under way: what inject.c and nest.c share. */
#ifndef RINGSIDE_INJECTING_H
#define RINGSIDE_INJECTING_H

#include "engine/engine.h"
#include "walk.h"

struct injecting {
    struct injection *i;
    const struct walk *w;
    unsigned vector;
    const struct specimen_stub *stub; /* of the event */
    unsigned from;                    /* the first stop where one is injected */
    unsigned at;                      /* the last stop where one was */
    bool any;                         /* ... if one was */
    bool once;   /* at from alone, and the walk is another one then */
    bool looked; /* once: where the event landed has been looked at */
    unsigned calls;
    bool outstanding;   /* it has not come back yet */
    struct trapframe f; /* the context that it landed in */
};
extern struct injecting injecting;

/* same.c: is all as it was without the event?  Else it is recorded what is
 * not, and made so. */
bool injecting_same_registers(const struct trapframe *a,
                              const struct trapframe *b);
void injecting_compare(unsigned n, const struct outcome *o,
                       struct trapframe *f);
/* What differs between a context and what it was at s, but for its stack. */
void injecting_name(struct diff *d, const struct stop *s,
                    const struct outcome *o, const struct trapframe *f);
/* The end of a walk that has not ended well: records what is not as it was. */
void injecting_name_end(void);
/* Lets the event land in f, if it is to land at stop n. */
void injecting_send(unsigned n, struct trapframe *f);
/* A sentence about the boundary, if it is the first one. */
void injecting_trouble(const char *what);
/* The end, compared with the undisturbed walk's. */
bool injecting_ended_well(unsigned stops, enum run_end end);

/* nest.c: a walk with the event at stop n alone. */
void nest_walk(unsigned n);

#endif
