/* SPDX-License-Identifier: MIT */
/* What the machine claims to be, for expectations that differ by vendor. */
#ifndef RINGSIDE_PERSONA_H
#define RINGSIDE_PERSONA_H

#include <stdbool.h>

struct persona {
    /* Neither: what Intel's and AMD's processors do differently is recorded
     * and not judged, as no manual says whose way Zhaoxin's and Centaur's go.
     */
    bool intel, amd; /* amd: and Hygon */
    /* SYSENTER works in compat code for sure: Linux has 32-bit programs of
     * Intel's, Centaur's and Zhaoxin's processors call by it. */
    bool sysenter32;
    bool qemu; /* TCG, whose monitor can inject #MC */
    /* Hardware virtualisation: the silicon below may be another vendor's
     * than the CPUID string, so vendor rows are reported, never failed. */
    bool virtualized;
};

extern struct persona persona;
void persona_init(void);

#endif
