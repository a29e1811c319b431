/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_CALLS_H
#define RINGSIDE_CALLS_H

#include <stdint.h>

/*
 * code[n] has the offset of its target in place of each displacement that
 * follows a byte of a call or a jump (scripts/calls, so that it packs better);
 * puts the displacements back.  Plain C, shared with the host tests.
 */
void calls_restore(uint8_t *code, uint32_t n);

#endif
