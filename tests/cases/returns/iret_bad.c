/* SPDX-License-Identifier: MIT */
/*
 * IRET with every kind of bad frame.
 *
 * This is the instruction that a kernel leaves by, with a frame that ring 3
 * had a say in (sigreturn, ptrace, LDTs): so every kernel has code for an
 * IRET that faults, and that code must know where it stands.  A good machine
 * faults at the IRET, in the ring it was executed in, with the old stack and
 * with the error code that the manual lists.  A bad one has left already, or
 * names another cause: Linux decided by the vector whether to fix it up, and
 * ran with the user's GS base where it did not (CVE-2014-9090, 9322).
 *
 * Not settled: the error code of a stack segment that is not present, and on
 * AMD the ring that a non-canonical RIP is refused in.
 */
#include "ret_defects.h"

void case_iret_bad(void)
{
    ret_defects_run("iretq", BY_IRETQ, FROM_RING0, FROM_RING3);
    ret_defects_run("iretq", BY_IRETQ, FROM_RING0, FROM_COMPAT);
    ret_defects_run("iretq", BY_IRETQ, FROM_RING0, FROM_RING0);
    ret_defects_run("iretq", BY_IRETQ, FROM_RING3, FROM_RING3);
    ret_defects_run("iretq", BY_IRETQ, FROM_RING3, FROM_COMPAT);
    ret_defects_run("iretd", BY_IRETD, FROM_COMPAT, FROM_COMPAT);
}
