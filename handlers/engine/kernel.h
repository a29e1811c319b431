/* SPDX-License-Identifier: MIT */
/*
 * A kernel of somebody else's, linked by its author, in this address space: on
 * the first processor alone.  There is one in an image at most, specimen_own.
 */
#ifndef RINGSIDE_KERNEL_H
#define RINGSIDE_KERNEL_H

#include "specimen.h"

/*
 * Maps its segments at its own addresses, for good, and makes a jump to the
 * harness of each of its functions.  NULL: it is there, or s has no kernel; or
 * why it cannot be, in a sentence.  The first call decides.
 */
const char *kernel_map(const struct specimen *s);

/* A user's GS base that a stub on the wrong one survives, as it looks like the
 * kernel's; 0: it has no kernel, or its kernel has no memory there. */
uint64_t kernel_decoy(bool negative);

/* Its writable memory is as linked, with the jumps.  True: some of it was not.
 */
bool kernel_put_back(void);

/* Is the address in its code?  Where a function of it has become a jump, that
 * is the harness's. */
bool kernel_under_test(uint64_t rip);

/* Its symbol at or before an address in its code, and the bytes past it; ""
 * and the address anywhere else. */
const char *kernel_symbol(uint64_t address, unsigned *offset);

/* Where the harness itself may write what lies at that address of the
 * kernel's, without a trace in its page tables; NULL: it is none of its.
 * kernel_decoy_alias(): the same in what a user's base leads to. */
void *kernel_alias(const void *at);
void *kernel_decoy_alias(const void *at, bool negative);

/* patch.c: code that jumps from `at' to an address, changing nothing else:
 * its length, or 0 if it is longer than room.  A jump of 32 bits where that
 * reaches, the address space being a circle. */
#define PATCH_MAX 14
unsigned patch_jump(uint8_t code[PATCH_MAX], uint64_t at, uint64_t to,
                    uint32_t room);
/* The last of count symbols that does not lie behind the address; or NULL. */
const struct specimen_symbol *patch_symbol(const struct specimen_symbol *s,
                                           unsigned count, uint64_t address);

/* entry/body.S: one entry for each function, so far apart. */
#define FUNCTION_ENTRIES 64
extern const char specimen_functions[FUNCTION_ENTRIES][8];

#endif
