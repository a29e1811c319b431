/* SPDX-License-Identifier: MIT */
/* What the machine claims to be; see persona.h. */
#include "persona.h"

#include "cpu.h"
#include "insn.h"

struct persona persona;

/* The first four bytes of a CPUID vendor string, as EBX holds them. */
#define FOUR(a, b, c, d)                                                       \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 |                \
     (uint32_t)(d) << 24)

void persona_init(void)
{
    struct cpuid v = cpuid(0, 0);
    bool hypervisor = cpu_has(FEATURE_HYPERVISOR);
    uint32_t h = hypervisor ? cpuid(CPUID_HYPERVISOR, 0).ebx : 0;

    persona.intel = v.ebx == FOUR('G', 'e', 'n', 'u');
    persona.sysenter32 = persona.intel || v.ebx == FOUR('C', 'e', 'n', 't') ||
                         v.ebx == FOUR(' ', ' ', 'S', 'h');
    persona.amd =
        v.ebx == FOUR('A', 'u', 't', 'h') || v.ebx == FOUR('H', 'y', 'g', 'o');
    persona.qemu = h == FOUR('T', 'C', 'G', 'T');
    persona.virtualized = hypervisor && !persona.qemu;
}
