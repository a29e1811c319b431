/* SPDX-License-Identifier: MIT */
/* What the machine claims to be, for expectations that differ by vendor. */
#ifndef RINGSIDE_PERSONA_H
#define RINGSIDE_PERSONA_H

#include <stdbool.h>

struct persona {
    bool amd;  /* AMD and Hygon; everything else is judged as Intel */
    bool qemu; /* TCG, whose monitor can inject #MC */
    /* Hardware virtualisation: the silicon below may be another vendor's
     * than the CPUID string, so vendor rows are reported, never failed. */
    bool virtualized;
};

extern struct persona persona;
void persona_init(void);

#endif
