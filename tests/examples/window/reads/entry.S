/* SPDX-License-Identifier: MIT */
/* Wrong: reads an argument from ring 3's stack, as if it were there. */
#define READS_ARGUMENT
#include "../right/entry.S"
