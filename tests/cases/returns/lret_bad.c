/* SPDX-License-Identifier: MIT */
/*
 * LRET (RETF) with every kind of bad frame: the other way to an outer ring.
 *
 * It pops no RFLAGS, and SS:RSP only on the way out: to the same ring a bad
 * SS cannot be told.  All else is as for IRET.  Not settled: whether a stack
 * segment that is not present is #NP or #SS, and on AMD which ring a
 * non-canonical RIP is refused in.
 */
#include "ret_defects.h"

void case_lret_bad(void)
{
    ret_defects_run("lretq", BY_LRETQ, FROM_RING0, FROM_RING3);
    ret_defects_run("lretq", BY_LRETQ, FROM_RING0, FROM_COMPAT);
    ret_defects_run("lretq", BY_LRETQ, FROM_RING0, FROM_RING0);
    ret_defects_run("lretq", BY_LRETQ, FROM_RING3, FROM_RING3);
    ret_defects_run("lretq", BY_LRETQ, FROM_RING3, FROM_COMPAT);
    ret_defects_run("lretd", BY_LRETD, FROM_COMPAT, FROM_COMPAT);
}
