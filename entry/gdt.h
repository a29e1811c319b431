/* SPDX-License-Identifier: MIT */
/*
 * The GDT and the TSS: descriptors are built by plain C that the host tests
 * check against the manual's figures.  Layout: include/selectors.h.
 */
#ifndef RINGSIDE_GDT_H
#define RINGSIDE_GDT_H

#include <stdint.h>

#include "selectors.h"

/* A flat code or data descriptor: access byte and flags as in SDM vol 3,
 * "Segment Descriptors"; base 0, limit 4 GiB. */
uint64_t descriptor_flat(unsigned access, unsigned flags);

/* The 16-byte descriptor of an available 64-bit TSS at base. */
void descriptor_tss(uint64_t d[2], uint64_t base, uint32_t limit);

struct tss {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7]; /* ist[0] is IST1 */
    uint64_t reserved2;
    uint16_t reserved3, io_map; /* io_map >= limit: no I/O from ring 3 */
} __attribute__((packed));

_Static_assert(sizeof(struct tss) == 0x68, "SDM vol 3, 64-bit TSS");

extern uint64_t gdt[GDT_SLOTS];
extern struct tss tss;

/* Fills GDT and TSS with what every case expects, and loads TR. */
void gdt_init(void);

/* Reloads TR with another TSS limit (sizeof(tss) - 1 is the usual one). */
void tss_load(uint32_t limit);

#endif
