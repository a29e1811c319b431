/* SPDX-License-Identifier: MIT */
/*
 * Waits for another processor.  Its thread may be somewhere else for as long as
 * an emulator's host likes; the wait has a bound of its own, and is no hang.
 */
#ifndef RINGSIDE_LIB_WAIT_H
#define RINGSIDE_LIB_WAIT_H

#include "engine/watchdog.h"
#include "patience.h"

/* As WAIT_UNTIL, and the watchdog waits with it. */
#define WAIT_FOR_OTHER(cycles, condition)                                      \
    for (struct patience patience = patience_of(cycles);                       \
         !(condition) && patience_left(&patience);)                            \
    watchdog_kick(), pause()

#endif
