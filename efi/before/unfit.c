/* SPDX-License-Identifier: MIT */
/*
 * Confidential guests: their memory is private by bits of the page tables that
 * ringside replaces, and much of what it does on purpose goes to a handler of
 * their own instead (#VC on SEV-ES, #VE in TDX).  APM vol 2, 15.34 to 15.36;
 * Intel TDX module specification, "CPUID leaf 0x21".  Called by boota.c.
 */
#include "unfit.h"

#include "insn.h"

#define LEAF_FEATURES 1u
#define UNDER_HYPERVISOR (1u << 31) /* its ECX */
#define LEAF_TSC 0x15u
#define LEAF_TDX 0x21u
#define LEAF_MEMORY_ENCRYPTION 0x8000001fu
#define SEV_SUPPORTED (1u << 1) /* its EAX */
#define MSR_SEV_STATUS 0xc0010131u
#define SEV_ON 1u
#define SEV_ES_ON 2u
#define SEV_SNP_ON 4u

/* Four characters, as CPUID's registers hold them. */
#define FOUR(a, b, c, d)                                                       \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 |                \
     (uint32_t)(d) << 24)

const char *unfit_guest(cpuid_reader *cpuid_of, msr_reader *msr_of)
{
    struct cpuid tdx = cpuid_of(LEAF_TDX, 0);
    uint64_t sev = 0;

    if (tdx.ebx == FOUR('I', 'n', 't', 'e') &&
        tdx.edx == FOUR('l', 'T', 'D', 'X') &&
        tdx.ecx == FOUR(' ', ' ', ' ', ' '))
        return "this is a TDX guest, whose #VE takes the place of what is "
               "under test";
    /* A guest has the MSR.  Bochs's ryzen lists SEV, is nobody's guest and has
     * it not, and here a #GP would be the end. */
    if (cpuid_of(LEAF_FEATURES, 0).ecx & UNDER_HYPERVISOR &&
        cpuid_of(LEAF_MEMORY_ENCRYPTION, 0).eax & SEV_SUPPORTED)
        sev = msr_of(MSR_SEV_STATUS);
    if (sev & (SEV_ES_ON | SEV_SNP_ON))
        return "this is an SEV-ES or SEV-SNP guest, whose #VC takes the place "
               "of what is under test";
    if (sev & SEV_ON)
        return "this is an SEV guest, whose memory other page tables cannot "
               "read";
    return 0;
}

uint64_t unfit_tsc_rate(cpuid_reader *cpuid_of)
{
    struct cpuid r = cpuid_of(LEAF_TSC, 0);

    return r.eax ? (uint64_t)r.ecx * r.ebx / r.eax : 0;
}
