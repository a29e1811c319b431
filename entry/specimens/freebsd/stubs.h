/* SPDX-License-Identifier: MIT */
/* FreeBSD's stubs; see calls.S, gates.S and ist.S. */
#include "macros.h"
#include "specimen.h"
#include "vectors.h"

extern const char freebsd_syscall64[], freebsd_sysretq[], freebsd_int80[],
    freebsd_irq[], freebsd_ud[], freebsd_np[], freebsd_ss[], freebsd_gp[],
    freebsd_pf[], freebsd_db[], freebsd_nmi[], freebsd_mc[],
    freebsd_doreti_iret[], freebsd_iret_fault[], freebsd_load_gs[],
    freebsd_ld_gs[], freebsd_gs_loaded[];
static const struct specimen_stub freebsd_stubs[] = {
    {VEC_SYSCALL64, freebsd_syscall64, RULE_ALWAYS, false},
    {VEC_int80, freebsd_int80, RULE_BY_CS, false},
    {VEC_WINDOW_IRQ, freebsd_irq, RULE_BY_CS, false},
    {VEC_ud, freebsd_ud, RULE_BY_CS, false},
    {VEC_np, freebsd_np, RULE_BY_CS, false},
    {VEC_ss, freebsd_ss, RULE_BY_CS, false},
    {VEC_gp, freebsd_gp, RULE_BY_CS, false},
    {VEC_pf, freebsd_pf, RULE_BY_CS, false},
    {VEC_db, freebsd_db, RULE_STORED, false},
    {VEC_nmi, freebsd_nmi, RULE_STORED, false},
    {VEC_mc, freebsd_mc, RULE_STORED, false},
    {VEC_LOAD_GS, freebsd_load_gs, RULE_NONE, false},
};
static const struct specimen_fixup freebsd_fixups[] = {
    {freebsd_doreti_iret, freebsd_iret_fault},
    {freebsd_ld_gs, freebsd_gs_loaded},
};

const struct specimen specimen_freebsd = {
    .name = "freebsd",
    .about = "FreeBSD's: the base lies above each IST stack; NMIs do not nest",
    .stubs = freebsd_stubs,
    .count = COUNT(freebsd_stubs),
    .fixups = freebsd_fixups,
    .fixups_count = COUNT(freebsd_fixups),
    .stored = true,
    .sysretq = freebsd_sysretq,
};
