/* SPDX-License-Identifier: MIT */
/* The machine's processors as its firmware lists them: from efi/ to the core.
 */
#ifndef RINGSIDE_PROCESSORS_H
#define RINGSIDE_PROCESSORS_H

#include <stdint.h>

#define PROCESSORS_MAX 256 /* in one run; ids may be of 32 bits */

struct processor_place {
    uint32_t apic_id;
    uint32_t from; /* PROCESSOR_LISTED_MADT, PROCESSOR_LISTED_MP: record.h */
};

/* place[0] is the one that all of this runs on. */
struct processors {
    uint32_t n;      /* places used; at least 1 */
    uint32_t over;   /* enabled ones beyond PROCESSORS_MAX, left out */
    uint32_t listed; /* 0: nobody lists them, only counting who comes tells */
    struct processor_place place[PROCESSORS_MAX];
};

#endif
