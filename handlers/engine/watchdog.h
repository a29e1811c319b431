/* SPDX-License-Identifier: MIT */
/*
 * The watchdog: an NMI that ends a run which does not end by itself, also
 * with interrupts off.
 *
 * Its clock is the RTC's alarm, which goes through the 8259s and LINT0 set to
 * NMI: nothing of that is under test, and it fires only when a run has lasted
 * for seconds, so it disturbs none that does not hang.  Where a machine lacks
 * one of these parts it never fires: there the person, or the run script,
 * resets, and the next boot goes on behind the check.
 */
#ifndef RINGSIDE_WATCHDOG_H
#define RINGSIDE_WATCHDOG_H

#include <stdbool.h>

void watchdog_init(void);

/* A run begins: it gets at least WATCHDOG_SECONDS - 1 seconds.  Cheap: the
 * alarm is moved on only when the second has changed. */
void watchdog_kick(void);

/* In an NMI: was it the watchdog's?  If so it is quiet again. */
bool watchdog_fired(void);

/* The alarm off, for good: before the firmware gets the machine back. */
void watchdog_stop(void);

#define WATCHDOG_SECONDS 5

#endif
