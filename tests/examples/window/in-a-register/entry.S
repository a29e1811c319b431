/* SPDX-License-Identifier: MIT */
/* Wrong: the same, and RCX never comes to a stack. */
#define IN_A_REGISTER
#include "../right/entry.S"
