/* SPDX-License-Identifier: MIT */
/* CPUID by name; see cpu.h. */
#include "cpu.h"

#include "insn.h"

#define SUBLEAF_LEAF 7 /* whose subleaf 0 has the highest one in EAX */
#define PHYSICAL_BITS_DEFAULT 36 /* SDM vol 3: where CPUID does not say */

struct cpuid cpuid_if_there(uint32_t leaf, uint32_t subleaf)
{
    if (cpuid(leaf & CPUID_EXTENDED, 0).eax < leaf)
        return (struct cpuid){0};
    if (leaf == SUBLEAF_LEAF && cpuid(leaf, 0).eax < subleaf)
        return (struct cpuid){0};
    return cpuid(leaf, subleaf);
}

bool cpu_has(enum feature f)
{
    switch (f) {
#define FEATURE(id, name, leaf, subleaf, reg, bit)                             \
    case FEATURE_##id:                                                         \
        return cpuid_if_there(leaf, subleaf).reg >> (bit)&1;
#include "features.def"
    case FEATURE_COUNT:
        break;
    }
    return false;
}

unsigned cpu_physical_bits(void)
{
    unsigned bits = cpuid_if_there(CPUID_ADDRESS_SIZES, 0).eax & 0xff;

    return bits ? bits : PHYSICAL_BITS_DEFAULT;
}
