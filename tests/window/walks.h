/* SPDX-License-Identifier: MIT */
/* The undisturbed walks of the subject in hand; see walks.c. */
#ifndef RINGSIDE_WALKS_H
#define RINGSIDE_WALKS_H

#include "walk.h"

struct walks {
    const struct specimen *specimen;
    const struct subject *subject;
    const char *unfit; /* why nothing can be asked of them, or NULL */
    bool done;
    unsigned bases; /* of these: without FSGSBASE ring 3 has no negative one */
    struct walk of[WINDOW_BASES];
};
extern struct walks walks;

void walks_begin(const struct specimen *s, const struct subject *p);
/* The same with linux, or else with the first right specimen that has such a
 * path: for who asks something of the path.  NULL, or why that cannot be. */
const char *walks_begin_any(const struct subject *p);
/* Walks, once, unless unfit. */
void walks_do(void);

/* A walk of this specimen and subject with the base, still to be made. */
void walks_set(struct walk *w, const struct specimen *s,
               const struct subject *p, enum window_base b);

#endif
