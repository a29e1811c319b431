/* SPDX-License-Identifier: MIT */
#include "specimen.h"
#include "vectors.h"
extern const char mishaps_syscall[], mishaps_int80[], mishaps_db[],
    mishaps_nmi[], mishaps_mc[], mishaps_irq[];
extern char mishaps_cpu[], mishaps_top[];
static const struct specimen_stub mishaps_stubs[] = {
    {.vector = VEC_SYSCALL64, .stub = mishaps_syscall, .rule = RULE_ALWAYS},
    {.vector = VEC_int80, .stub = mishaps_int80, .rule = RULE_BY_CS},
    {.vector = VEC_db, .stub = mishaps_db, .rule = RULE_SAVE_SET},
    {.vector = VEC_nmi, .stub = mishaps_nmi, .rule = RULE_SAVE_SET},
    {.vector = VEC_mc, .stub = mishaps_mc, .rule = RULE_SAVE_SET},
    {.vector = VEC_WINDOW_IRQ, .stub = mishaps_irq, .rule = RULE_BY_CS}};
const struct specimen specimen_mishaps = {
    .name = "mishaps",
    .about = "a mishap each",
    .stubs = mishaps_stubs,
    .count = 6,
    .gs_base = mishaps_cpu,
    .stack_top = mishaps_top,
};
