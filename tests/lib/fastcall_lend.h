/* SPDX-License-Identifier: MIT */
/* The MSRs as a row of the fastcall cases has set them, for the model. */
#ifndef RINGSIDE_FASTCALL_LEND_H
#define RINGSIDE_FASTCALL_LEND_H

#include <stdint.h>

struct lent_msr {
    uint64_t star, lstar, cstar, fmask, cs, esp, eip;
};
extern struct lent_msr lent_msr;

#endif
