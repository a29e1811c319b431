/* SPDX-License-Identifier: MIT */
/*
 * linux's stubs, for its own stubs.h and those of folders that differ from it
 * in a few: LINUX_CALLS(whose, rule) and LINUX_PARANOID(whose, rule) are those
 * that come in several versions.
 */
#include "macros.h"
#include "vectors.h"

extern const void *const linux_gates[VECTORS];
extern const char linux_sysretq[], linux_iretq[], linux_bad_iret[],
    linux_gs_change[], linux_gs_bad[], linux_load_gs[];
extern const char linux_syscall64[], linux_syscall32[], linux_sysenter[],
    linux_db[], linux_nmi[], linux_mc[], linux_df[], linux_de[], linux_bp[],
    linux_of[], linux_br[], linux_ud[], linux_nm[], linux_ts[], linux_np[],
    linux_ss[], linux_gp[], linux_pf[], linux_mf[], linux_ac[], linux_xm[],
    linux_ve[], linux_cp[], linux_vc[], linux_irq[], linux_int80[];

#define LINUX_CALLS(id, rule)                                                  \
    {VEC_SYSCALL64, id##_syscall64, rule, false},                              \
        {VEC_SYSCALL32, id##_syscall32, rule, false},                          \
    {                                                                          \
        VEC_SYSENTER, id##_sysenter, rule, false                               \
    }
#define LINUX_PARANOID(id, rule)                                               \
    {VEC_db, id##_db, rule, false}, {VEC_nmi, id##_nmi, rule, false},          \
        {VEC_mc, id##_mc, rule, false},                                        \
    {                                                                          \
        VEC_df, id##_df, rule, false                                           \
    }
#define LINUX_GATES                                                            \
    {VEC_int80, linux_int80, RULE_BY_CS, false},                               \
        {VEC_WINDOW_IRQ, linux_irq, RULE_BY_CS, false},                        \
        {VEC_de, linux_de, RULE_BY_CS, false},                                 \
        {VEC_bp, linux_bp, RULE_BY_CS, false},                                 \
        {VEC_of, linux_of, RULE_BY_CS, false},                                 \
        {VEC_br, linux_br, RULE_BY_CS, false},                                 \
        {VEC_ud, linux_ud, RULE_BY_CS, false},                                 \
        {VEC_nm, linux_nm, RULE_BY_CS, false},                                 \
        {VEC_ts, linux_ts, RULE_BY_CS, false},                                 \
        {VEC_np, linux_np, RULE_BY_CS, false},                                 \
        {VEC_ss, linux_ss, RULE_BY_CS, false},                                 \
        {VEC_gp, linux_gp, RULE_BY_CS, false},                                 \
        {VEC_pf, linux_pf, RULE_BY_CS, false},                                 \
        {VEC_mf, linux_mf, RULE_BY_CS, false},                                 \
        {VEC_ac, linux_ac, RULE_BY_CS, false},                                 \
        {VEC_xm, linux_xm, RULE_BY_CS, false},                                 \
        {VEC_ve, linux_ve, RULE_BY_CS, false},                                 \
        {VEC_cp, linux_cp, RULE_BY_CS, false},                                 \
        {VEC_vc, linux_vc, RULE_BY_CS, false},                                 \
    {                                                                          \
        VEC_LOAD_GS, linux_load_gs, RULE_ALWAYS, false                         \
    }
#define LINUX_FIXUPS                                                           \
    {linux_iretq, linux_bad_iret},                                             \
    {                                                                          \
        linux_gs_change, linux_gs_bad                                          \
    }

/* Of arrays called stubs and fixups with the name in front. */
#define STUBS_AND_FIXUPS(id)                                                   \
    .stubs = id##_stubs, .count = COUNT(id##_stubs), .fixups = id##_fixups,    \
    .fixups_count = COUNT(id##_fixups)
