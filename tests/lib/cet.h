/* SPDX-License-Identifier: MIT */
/* Has this processor CET?  For the cases about its two halves. */
#ifndef RINGSIDE_CET_H
#define RINGSIDE_CET_H

#include "insn.h"
#include "judge/stimulus.h"

#define CPUID_7_SHSTK (1u << 7) /* ECX */
#define CPUID_7_IBT (1u << 20)  /* EDX */

static inline const char *no_ibt(const struct stimulus *s)
{
    (void)s;
    return cpuid(0, 0).a >= 7 && cpuid(7, 0).d & CPUID_7_IBT
               ? 0
               : "this processor has no indirect branch tracking";
}

static inline const char *no_shadow_stack(const struct stimulus *s)
{
    (void)s;
    return cpuid(0, 0).a >= 7 && cpuid(7, 0).c & CPUID_7_SHSTK
               ? 0
               : "this processor has no shadow stacks";
}

#endif
