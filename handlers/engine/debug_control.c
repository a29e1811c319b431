/* SPDX-License-Identifier: MIT */
/*
 * IA32_DEBUGCTL at hand-over; see debug_control.h.  No CPUID bit says whether
 * it is there.  Called by core_main(), when exceptions can be taken.
 */
#include "debug_control.h"

#include "engine.h"
#include "msr.h"

uint64_t debug_control_clear(void)
{
    uint64_t was;

    return msr_read(MSR_DEBUGCTL, &was) && msr_write(MSR_DEBUGCTL, 0) ? was : 0;
}
