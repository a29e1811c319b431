/* SPDX-License-Identifier: MIT */
/* What an instruction's first bytes mean: no more than the walks need. */
#ifndef RINGSIDE_CODE_H
#define RINGSIDE_CODE_H

#include <stdbool.h>
#include <stdint.h>

bool code_leaves_ring0(uint64_t rip);
bool code_is_swapgs(uint64_t rip);
bool code_is_sysretq(uint64_t rip);
bool code_is_iretq(uint64_t rip);
bool code_loads_gs(uint64_t rip); /* MOV from a register, or POP */
bool code_is_sti(uint64_t rip);
bool code_is_pushf(uint64_t rip);
bool code_loads_ss(uint64_t rip); /* MOV from a register */
bool code_is_hlt(uint64_t rip);
bool code_jumps_to_itself(uint64_t rip);
/* The length of an instruction that does not lead to the next one; 0: it may,
 * and its length is what lies between the two. */
unsigned code_branch_length(uint64_t rip);

#endif
