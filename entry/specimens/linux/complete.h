/* SPDX-License-Identifier: MIT */
/*
 * The stubs that linux.S defines, for the stubs.h of every folder that
 * includes it: COMPLETE(id, call rule, paranoid rule) declares them and makes
 * id_stubs.  (Gates without an IST stack are by-cs in all of them.)
 */
#include "vectors.h"

#define COMPLETE(id, call, paranoid)                                           \
    extern const void *const id##_gates[VECTORS];                              \
    extern const char id##_syscall64[], id##_syscall32[], id##_sysenter[],     \
        id##_sysretq[], id##_db[], id##_nmi[], id##_mc[], id##_df[],           \
        id##_de[], id##_bp[], id##_of[], id##_br[], id##_ud[], id##_nm[],      \
        id##_ts[], id##_np[], id##_ss[], id##_gp[], id##_pf[], id##_mf[],      \
        id##_ac[], id##_xm[], id##_ve[], id##_cp[], id##_vc[], id##_irq[],     \
        id##_int80[];                                                          \
    static const struct specimen_stub id##_stubs[] = {                         \
        {VEC_SYSCALL64, id##_syscall64, call, false},                          \
        {VEC_SYSCALL32, id##_syscall32, call, false},                          \
        {VEC_SYSENTER, id##_sysenter, call, false},                            \
        {VEC_int80, id##_int80, RULE_BY_CS, false},                            \
        {VEC_WINDOW_IRQ, id##_irq, RULE_BY_CS, false},                         \
        {VEC_db, id##_db, paranoid, false},                                    \
        {VEC_nmi, id##_nmi, paranoid, false},                                  \
        {VEC_mc, id##_mc, paranoid, false},                                    \
        {VEC_df, id##_df, paranoid, false},                                    \
        {VEC_de, id##_de, RULE_BY_CS, false},                                  \
        {VEC_bp, id##_bp, RULE_BY_CS, false},                                  \
        {VEC_of, id##_of, RULE_BY_CS, false},                                  \
        {VEC_br, id##_br, RULE_BY_CS, false},                                  \
        {VEC_ud, id##_ud, RULE_BY_CS, false},                                  \
        {VEC_nm, id##_nm, RULE_BY_CS, false},                                  \
        {VEC_ts, id##_ts, RULE_BY_CS, false},                                  \
        {VEC_np, id##_np, RULE_BY_CS, false},                                  \
        {VEC_ss, id##_ss, RULE_BY_CS, false},                                  \
        {VEC_gp, id##_gp, RULE_BY_CS, false},                                  \
        {VEC_pf, id##_pf, RULE_BY_CS, false},                                  \
        {VEC_mf, id##_mf, RULE_BY_CS, false},                                  \
        {VEC_ac, id##_ac, RULE_BY_CS, false},                                  \
        {VEC_xm, id##_xm, RULE_BY_CS, false},                                  \
        {VEC_ve, id##_ve, RULE_BY_CS, false},                                  \
        {VEC_cp, id##_cp, RULE_BY_CS, false},                                  \
        {VEC_vc, id##_vc, RULE_BY_CS, false},                                  \
    }
#define COMPLETE_FIELDS(id)                                                    \
    .stubs = id##_stubs, .count = sizeof(id##_stubs) / sizeof(id##_stubs[0]),  \
    .gates = id##_gates, .sysretq = id##_sysretq
