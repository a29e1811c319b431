/* SPDX-License-Identifier: MIT */
/* What the machine claims to be; see persona.h. */
#include "persona.h"

#include "insn.h"

#define HYPERVISOR_BIT (1u << 31) /* CPUID 1:ECX */

struct persona persona;

/* The first four bytes of a CPUID vendor string, as EBX holds them. */
#define FOUR(a, b, c, d)                                                       \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 |                \
     (uint32_t)(d) << 24)

void persona_init(void)
{
    struct cpuid v = cpuid(0, 0);
    bool hypervisor = cpuid(1, 0).c & HYPERVISOR_BIT;
    uint32_t h = hypervisor ? cpuid(0x40000000, 0).b : 0;

    persona.amd =
        v.b == FOUR('A', 'u', 't', 'h') || v.b == FOUR('H', 'y', 'g', 'o');
    persona.qemu = h == FOUR('T', 'C', 'G', 'T');
    persona.virtualized = hypervisor && !persona.qemu;
}
