/* SPDX-License-Identifier: MIT */
/* Has this processor CET?  For the cases about its two halves. */
#ifndef RINGSIDE_CET_H
#define RINGSIDE_CET_H

#include "cpu.h"
#include "judge/stimulus.h"
#include "msr.h"

/* CPUID's word alone is no reason to touch an MSR. */
static inline const char *no_cet_msr(uint32_t msr)
{
    uint64_t value;

    return msr_read(msr, &value) ? 0 : "CPUID lists CET, and its MSRs fault";
}

static inline const char *no_ibt(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_CET_IBT)
               ? no_cet_msr(MSR_U_CET)
               : "this processor has no indirect branch tracking";
}

static inline const char *no_shadow_stack(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_CET_SS) ? no_cet_msr(MSR_PL3_SSP)
                                   : "this processor has no shadow stacks";
}

#endif
