/* SPDX-License-Identifier: MIT */
/* Wrong on purpose; see blind.S. */
#include "macros.h"
#include "specimen.h"
#include "vectors.h"

extern const char blind_syscall64[], blind_sysretq[], blind_int80[],
    blind_irq[], blind_ud[], blind_gp[], blind_pf[], blind_db[], blind_nmi[],
    blind_mc[];
static const struct specimen_stub blind_stubs[] = {
    {VEC_SYSCALL64, blind_syscall64, RULE_ALWAYS, false},
    {VEC_int80, blind_int80, RULE_BLIND, false},
    {VEC_WINDOW_IRQ, blind_irq, RULE_BLIND, false},
    {VEC_ud, blind_ud, RULE_BLIND, false},
    {VEC_gp, blind_gp, RULE_BLIND, false},
    {VEC_pf, blind_pf, RULE_BLIND, false},
    {VEC_db, blind_db, RULE_BLIND, false},
    {VEC_nmi, blind_nmi, RULE_BLIND, false},
    {VEC_mc, blind_mc, RULE_BLIND, false},
};

const struct specimen specimen_blind = {
    .name = "blind",
    .about = "wrong: swaps in every gate, wherever it came from",
    .stubs = blind_stubs,
    .count = COUNT(blind_stubs),
    .wrong = true,
    .sysretq = blind_sysretq,
};
