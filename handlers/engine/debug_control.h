/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_DEBUG_CONTROL_H
#define RINGSIDE_DEBUG_CONTROL_H

#include <stdint.h>

/*
 * IA32_DEBUGCTL is 0 from here on, where there is one.  Returns what the
 * firmware had left in it: BTF makes TF step over whole blocks, LBR and BTS
 * cost time in every branch, and the freeze bits stop counters.
 */
uint64_t debug_control_clear(void);

#endif
