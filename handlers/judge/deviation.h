/* SPDX-License-Identifier: MIT */
/*
 * Deviations that would show in very many entries.
 *
 * A machine that, say, never saves RF would turn a thousand checks red, and
 * bury whatever else is wrong with it.  So each of these has one check that is
 * about nothing else (tests/cases/general/flags.c, mostly, which runs first).
 * Once that check has failed the deviation is known, and every other verdict
 * leaves the bits in question out, or the check that could only fail for the
 * same reason is skipped.
 */
#ifndef RINGSIDE_DEVIATION_H
#define RINGSIDE_DEVIATION_H

#include <stdbool.h>

enum deviation {
    DEVIATION_NONE,
    DEVIATION_FAULT_RF,      /* RF in the image that faults save */
    DEVIATION_IRQ_RF_USER,   /* RF in an interrupt's image, from ring 3 */
    DEVIATION_IRQ_RF_KERNEL, /* the same, from ring 0 */
    DEVIATION_NMI_RF_USER,   /* and in an NMI's */
    DEVIATION_NMI_RF_KERNEL,
    DEVIATION_REP_RF,        /* RF in an interrupt's between REP's iterations */
    DEVIATION_SYSCALL_FLAGS, /* arithmetic flags in SYSCALL's handler */
    DEVIATION_SYSCALL_DF,    /* DF there */
    DEVIATION_IDT_INDEX,     /* bits 15:3 of error codes about the IDT */
    DEVIATION_EXT,           /* bit 0 of error codes */
    DEVIATION_INT1,          /* INT1 (ICEBP) raises no #DB */
    DEVIATION_ABSENT_MSR,    /* no #GP for an MSR that there is not */
    DEVIATION_COUNT,
};

/* The check of this id has found it.  The first one that does is named. */
void deviation_report(enum deviation d, const char *id);

/* The one about RF in the image of this event, from there: NONE for what
 * neither an interrupt nor an NMI is. */
enum deviation deviation_of_rf(unsigned vector, bool user);

/* The id of the check that reported it, or NULL if none has (yet). */
const char *deviation_reported(enum deviation d);

#endif
