/* SPDX-License-Identifier: MIT */
/* Wrong on purpose; see no-fixup.S. */
#include "macros.h"
#include "specimen.h"
#include "vectors.h"

extern const char linux_modern_syscall64[], linux_modern_sysretq[],
    linux_modern_int80[], linux_modern_irq[], linux_modern_ud[],
    linux_modern_pf[], linux_modern_db[], linux_modern_nmi[], linux_modern_mc[],
    linux_modern_iretq[], linux_modern_load_gs[], linux_modern_gs_change[],
    linux_modern_gs_bad[];
extern const char no_fixup_np[], no_fixup_ss[], no_fixup_gp[];
static const struct specimen_stub no_fixup_stubs[] = {
    {VEC_SYSCALL64, linux_modern_syscall64, RULE_ALWAYS, false},
    {VEC_int80, linux_modern_int80, RULE_BY_CS, false},
    {VEC_WINDOW_IRQ, linux_modern_irq, RULE_BY_CS, false},
    {VEC_ud, linux_modern_ud, RULE_BY_CS, false},
    {VEC_np, no_fixup_np, RULE_BY_CS, false},
    {VEC_ss, no_fixup_ss, RULE_BY_CS, false},
    {VEC_gp, no_fixup_gp, RULE_BY_CS, false},
    {VEC_pf, linux_modern_pf, RULE_BY_CS, false},
    {VEC_db, linux_modern_db, RULE_SAVE_SET, false},
    {VEC_nmi, linux_modern_nmi, RULE_SAVE_SET, true},
    {VEC_mc, linux_modern_mc, RULE_SAVE_SET, false},
    {VEC_LOAD_GS, linux_modern_load_gs, RULE_ALWAYS, false},
};
static const struct specimen_fixup no_fixup_fixups[] = {
    {linux_modern_iretq, 0},
    {linux_modern_gs_change, linux_modern_gs_bad},
};

const struct specimen specimen_no_fixup = {
    .name = "no-fixup",
    .about = "wrong: linux-modern without its gates' two special cases",
    .stubs = no_fixup_stubs,
    .count = COUNT(no_fixup_stubs),
    .fixups = no_fixup_fixups,
    .fixups_count = COUNT(no_fixup_fixups),
    .unaware = true,
    .wrong = true,
    .sysretq = linux_modern_sysretq,
};
