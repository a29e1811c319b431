/* SPDX-License-Identifier: MIT */
/* Right: the same, and the kernel's table knows the instruction. */
#define READS_ARGUMENT
#include "../right/entry.S"
