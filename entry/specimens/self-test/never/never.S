/* SPDX-License-Identifier: MIT */
/* Wrong on purpose: SYSCALL and SYSENTER forget to swap, in and out. */
#define SPECIMEN never
#define CALL_ENTER GS_ENTER_NEVER
#define CALL_EXIT GS_EXIT_NEVER
#include "../../linux/calls.S"
