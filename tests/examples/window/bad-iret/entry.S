/* SPDX-License-Identifier: MIT */
/* Wrong: an IRETQ that faults is taken for the kernel's own (BadIRET). */
#define BAD_IRET
#include "../right/entry.S"
