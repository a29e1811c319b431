/* SPDX-License-Identifier: MIT */
/* Wrong: pushes on the stack that ring 3 has chosen. */
#define PUSHES
#include "../right/entry.S"
