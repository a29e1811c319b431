/* SPDX-License-Identifier: MIT */
/*
 * What the processor says of itself: CPUID, asked by name.  For whoever would
 * otherwise spell a leaf and a bit: the efi side, the engine, the cases.
 */
#ifndef RINGSIDE_CPU_H
#define RINGSIDE_CPU_H

#include <stdbool.h>
#include <stdint.h>

#define CPUID_HYPERVISOR                                                       \
    0x40000000u /* who the hypervisor is, if there is one */
#define CPUID_EXTENDED 0x80000000u
#define CPUID_ADDRESS_SIZES 0x80000008u

enum feature {
#define FEATURE(id, name, leaf, subleaf, reg, bit) FEATURE_##id,
#include "features.def"
    FEATURE_COUNT,
};

bool cpu_has(enum feature f);

/* CPUID, or zeroes where that leaf is not: a processor answers for one above
 * its highest with what stands in another. */
struct cpuid cpuid_if_there(uint32_t leaf, uint32_t subleaf);

/* MAXPHYADDR: the width of a physical address. */
unsigned cpu_physical_bits(void);

#endif
