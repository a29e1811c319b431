/* SPDX-License-Identifier: MIT */
/*
 * Whom an IPI is for, as the manuals have it: SDM vol 3, "Determining IPI
 * Destination".  Pure, so that the host tests hold it, and the APICs of a
 * machine are held against it.
 */
#ifndef RINGSIDE_LIB_DESTINATION_H
#define RINGSIDE_LIB_DESTINATION_H

#include <stdbool.h>
#include <stdint.h>

enum destination_model {
    DESTINATION_FLAT,    /* xAPIC: eight bits, one or more a processor */
    DESTINATION_CLUSTER, /* xAPIC: 15 clusters of four */
    DESTINATION_X2APIC,  /* clusters of 16, by id */
};

/* What an APIC knows of itself. */
struct destination_who {
    uint32_t id;  /* 8 bits or, in x2APIC mode, 32 */
    uint32_t ldr; /* as the register reads */
    bool sender;
};

/* Is an IPI with that ICR (the destination field's 8 or 32 bits, and the low
 * half) for it?  Lowest priority is for one of those. */
bool destination_is(enum destination_model model, uint32_t destination,
                    uint32_t low, const struct destination_who *who);

/* An LDR for processor number n, so that clusters, and bits, are all in use:
 * the eight bits are given again from the ninth processor on, the clusters
 * from the 61st. */
uint32_t destination_ldr(enum destination_model model, unsigned n);

#endif
