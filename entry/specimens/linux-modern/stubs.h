/* SPDX-License-Identifier: MIT */
/* Linux's stubs of today; see calls.S, gates.S, paranoid.S and nmi.S. */
#include "macros.h"
#include "specimen.h"
#include "vectors.h"

extern const char linux_modern_syscall64[], linux_modern_syscall32[],
    linux_modern_sysenter[], linux_modern_sysretq[], linux_modern_int80[],
    linux_modern_irq[], linux_modern_ud[], linux_modern_np[], linux_modern_ss[],
    linux_modern_gp[], linux_modern_pf[], linux_modern_db[], linux_modern_nmi[],
    linux_modern_mc[], linux_modern_iretq[], linux_modern_load_gs[],
    linux_modern_gs_change[], linux_modern_gs_bad[];
static const struct specimen_stub linux_modern_stubs[] = {
    {VEC_SYSCALL64, linux_modern_syscall64, RULE_ALWAYS, false},
    {VEC_SYSCALL32, linux_modern_syscall32, RULE_ALWAYS, false},
    {VEC_SYSENTER, linux_modern_sysenter, RULE_ALWAYS, false},
    {VEC_int80, linux_modern_int80, RULE_BY_CS, false},
    {VEC_WINDOW_IRQ, linux_modern_irq, RULE_BY_CS, false},
    {VEC_ud, linux_modern_ud, RULE_BY_CS, false},
    {VEC_np, linux_modern_np, RULE_BY_CS, false},
    {VEC_ss, linux_modern_ss, RULE_BY_CS, false},
    {VEC_gp, linux_modern_gp, RULE_BY_CS, false},
    {VEC_pf, linux_modern_pf, RULE_BY_CS, false},
    {VEC_db, linux_modern_db, RULE_SAVE_SET, false},
    {VEC_nmi, linux_modern_nmi, RULE_SAVE_SET, true},
    {VEC_mc, linux_modern_mc, RULE_SAVE_SET, false},
    {VEC_LOAD_GS, linux_modern_load_gs, RULE_ALWAYS, false},
};
static const struct specimen_fixup linux_modern_fixups[] = {
    {linux_modern_iretq, 0},
    {linux_modern_gs_change, linux_modern_gs_bad},
};

const struct specimen specimen_linux_modern = {
    .name = "linux-modern",
    .about = "today's kernel: no #DB inside #DB, none before an NMI has saved "
             "its frame",
    .stubs = linux_modern_stubs,
    .count = COUNT(linux_modern_stubs),
    .fixups = linux_modern_fixups,
    .fixups_count = COUNT(linux_modern_fixups),
    .sysretq = linux_modern_sysretq,
};
