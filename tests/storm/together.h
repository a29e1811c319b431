/* SPDX-License-Identifier: MIT */
/* Where each processor is in a storm: in SHARED memory. */
#ifndef RINGSIDE_STORM_TOGETHER_H
#define RINGSIDE_STORM_TOGETHER_H

#include <stdbool.h>

enum storm_phase {
    STORM_OFF,
    STORM_TOLD,    /* is to come */
    STORM_ON,      /* may be sent to, and sends */
    STORM_THROUGH, /* with its own share: the same */
    STORM_QUIET,   /* sends no more */
};

void storm_set_phase(unsigned n, enum storm_phase p);
/* Is it at it, and may be sent to? */
bool storm_storms(unsigned n);

#endif
