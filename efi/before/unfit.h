/* SPDX-License-Identifier: MIT */
/*
 * Machines that no run can be begun on.  Plain C, shared with the host tests,
 * which answer for CPUID and for the MSRs.
 */
#ifndef RINGSIDE_UNFIT_H
#define RINGSIDE_UNFIT_H

#include <stdint.h>

#include "cpu.h"

typedef struct cpuid cpuid_reader(uint32_t leaf, uint32_t subleaf);
typedef uint64_t msr_reader(uint32_t number);

/* Why this guest of a hypervisor must be refused, in half a sentence; NULL
 * where it need not. */
const char *unfit_guest(cpuid_reader *cpuid_of, msr_reader *msr_of);

/* TSC cycles per second as CPUID says them, 0 where it does not. */
uint64_t unfit_tsc_rate(cpuid_reader *cpuid_of);

#endif
