/* SPDX-License-Identifier: MIT */
/* See entry.S.  The folders beside it have other names, and declare less. */
#include "selectors.h"
#include "specimen.h"
#include "vectors.h"
#ifndef TWIN
#define TWIN specimen_right
#define TWIN_NAME "right"
#define TWIN_IRETQ
#endif
#ifndef TWIN_IST
#define TWIN_IST SPECIMEN_IST_OURS
#endif
extern const char twin_syscall[], twin_int80[], twin_ud[], twin_np[], twin_ss[],
    twin_gp[], twin_db[], twin_nmi[], twin_iretq[], twin_argument[],
    twin_no_argument[];
extern char twin_cpu[], twin_top[];
static const struct specimen_stub twin_stubs[] = {
    {VEC_SYSCALL64, twin_syscall, RULE_ALWAYS},
#ifndef TWIN_WITHOUT_INT80
    {VEC_int80, twin_int80, RULE_BY_CS},
#endif
    {VEC_ud, twin_ud, RULE_BY_CS},
    {VEC_np, twin_np, RULE_BY_CS},
    {VEC_ss, twin_ss, RULE_BY_CS},
    {VEC_gp, twin_gp, RULE_BY_CS},
#ifndef TWIN_WITHOUT_FSGSBASE
    {VEC_db, twin_db, RULE_SAVE_SET, .ist = TWIN_IST},
    {VEC_nmi, twin_nmi, RULE_SAVE_SET, .ist = TWIN_IST},
#endif
};
static const struct specimen_fixup twin_fixups[] = {
#ifdef TWIN_ARGUMENT
    {twin_argument, twin_no_argument},
#endif
    {twin_iretq, 0},
};
#ifdef TWIN_MACHINE
static const struct specimen_machine twin_machine = {TWIN_MACHINE};
#endif
const struct specimen TWIN = {
    .name = TWIN_NAME,
    .about = "a small kernel, and its twins",
    .stubs = twin_stubs,
    .count = sizeof(twin_stubs) / sizeof(twin_stubs[0]),
    .gs_base = twin_cpu,
    .stack_top = twin_top,
#ifdef TWIN_IRETQ
    .fixups = twin_fixups,
    .fixups_count = sizeof(twin_fixups) / sizeof(twin_fixups[0]),
#endif
#ifdef TWIN_MACHINE
    .machine = &twin_machine,
#endif
};
