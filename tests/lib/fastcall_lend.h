/* SPDX-License-Identifier: MIT */
/* What the MSRs of SYSCALL and SYSENTER hold while a row runs: fastcall_lend.c
 * keeps it, and fastcall.c predicts by it. */
#ifndef RINGSIDE_FASTCALL_LEND_H
#define RINGSIDE_FASTCALL_LEND_H

#include <stdint.h>

struct lent_msr {
    uint64_t star, lstar, cstar, fmask, cs, esp, eip;
};
extern struct lent_msr lent_msr;

#endif
