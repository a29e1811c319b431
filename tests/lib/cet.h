/* SPDX-License-Identifier: MIT */
/* Has this processor CET?  For the cases about its two halves. */
#ifndef RINGSIDE_CET_H
#define RINGSIDE_CET_H

#include "cpu.h"
#include "judge/stimulus.h"

static inline const char *no_ibt(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_CET_IBT)
               ? 0
               : "this processor has no indirect branch tracking";
}

static inline const char *no_shadow_stack(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_CET_SS) ? 0 : "this processor has no shadow stacks";
}

#endif
