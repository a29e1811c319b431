/* SPDX-License-Identifier: MIT */
#include "specimen.h"
#include "vectors.h"
extern const char tinyos_syscall[], tinyos_int80[], tinyos_nmi[];
extern char tinyos_cpu[], tinyos_top[];
static const struct specimen_stub tinyos_stubs[] = {
    {VEC_SYSCALL64, tinyos_syscall, RULE_ALWAYS, false},
    {VEC_int80, tinyos_int80, RULE_BY_CS, false},
    {VEC_nmi, tinyos_nmi, RULE_SAVE_SET, false}};
const struct specimen specimen_tinyos = {
    .name = "tinyos",
    .about = "an example; its NMI needs FSGSBASE",
    .stubs = tinyos_stubs,
    .count = 3,
    .gs_base = tinyos_cpu,
    .stack_top = tinyos_top,
};
