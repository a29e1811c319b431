/* SPDX-License-Identifier: MIT */
/* Wrong on purpose: SYSCALL and SYSENTER swap twice on the way in. */
#define SPECIMEN twice
#define CALL_ENTER GS_ENTER_TWICE
#include "../../linux/calls.S"
