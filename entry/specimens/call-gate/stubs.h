/* SPDX-License-Identifier: MIT */
/* A kernel behind a call gate; see call-gate.S. */
#include "macros.h"
#include "specimen.h"
#include "vectors.h"

extern const char call_gate_entry[], call_gate_int80[], call_gate_irq[],
    call_gate_ud[], call_gate_np[], call_gate_ss[], call_gate_gp[],
    call_gate_pf[], call_gate_db[], call_gate_nmi[], call_gate_mc[],
    call_gate_iretq[], call_gate_lretq[];
static const struct specimen_stub call_gate_stubs[] = {
    {VEC_CALLGATE, call_gate_entry, RULE_ALWAYS, false},
    {VEC_int80, call_gate_int80, RULE_BY_CS, false},
    {VEC_WINDOW_IRQ, call_gate_irq, RULE_BY_CS, false},
    {VEC_ud, call_gate_ud, RULE_BY_CS, false},
    {VEC_np, call_gate_np, RULE_BY_CS, false},
    {VEC_ss, call_gate_ss, RULE_BY_CS, false},
    {VEC_gp, call_gate_gp, RULE_BY_CS, false},
    {VEC_pf, call_gate_pf, RULE_BY_CS, false},
    {VEC_db, call_gate_db, RULE_SAVE_SET, false},
    {VEC_nmi, call_gate_nmi, RULE_SAVE_SET, false},
    {VEC_mc, call_gate_mc, RULE_SAVE_SET, false},
};
static const struct specimen_fixup call_gate_fixups[] = {
    {call_gate_iretq, 0},
    {call_gate_entry, 0},
    {call_gate_lretq, 0},
};

const struct specimen specimen_call_gate = {
    .name = "call-gate",
    .about = "called by LCALL, interrupts on: its gates know two RIPs",
    .stubs = call_gate_stubs,
    .count = COUNT(call_gate_stubs),
    .fixups = call_gate_fixups,
    .fixups_count = COUNT(call_gate_fixups),
};
