/* SPDX-License-Identifier: MIT */
/*
 * The watchdog: an NMI that ends a run which does not end by itself, also
 * with interrupts off.
 *
 * Its clock is the RTC, whose interrupt goes through the 8259s and LINT0 set
 * to NMI, or through the I/O APIC: nothing of that is under test.  Whether it
 * gets through is tried at the start, with a tick on that very way; where it
 * does on neither, nothing ends a hang, and the report says so.
 *
 * An alarm alone is no proof of a hang: a host that was away for seconds lets
 * it come in a run that has hardly begun.  So a run goes on behind the first
 * one, and is ended by the second.
 */
#ifndef RINGSIDE_WATCHDOG_H
#define RINGSIDE_WATCHDOG_H

#include <stdbool.h>

struct record_watchdog;

/* earlier: what a boot before this one of the same run has recorded (the RTC
 * was its owner's then), or NULL. */
void watchdog_init(const struct record_watchdog *earlier);

/* Its state, for the journal. */
const struct record_watchdog *watchdog_record(void);

/* Does anything end a hang? */
bool watchdog_on(void);

/* A run begins: it gets at least WATCHDOG_SECONDS - 1 seconds.  Cheap: the
 * alarm is moved on only when the second has changed. */
void watchdog_kick(void);
#define WATCHDOG_SECONDS 5

/* The next run may take so many: it waits for somebody outside. */
void watchdog_grant(unsigned seconds);

/* From the beginning, whatever a case that died has left of the 8259s. */
void watchdog_again(void);

enum watchdog_nmi {
    WATCHDOG_NOT, /* the NMI is another's */
    WATCHDOG_WAITS,
    WATCHDOG_HANG,
};
/* In an NMI: is it the watchdog's?  If so it is quiet again. */
enum watchdog_nmi watchdog_nmi(void);

/* Off for good, and the RTC as its owner had it: before the firmware gets the
 * machine back. */
void watchdog_stop(void);

#endif
