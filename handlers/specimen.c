/* SPDX-License-Identifier: MIT */
/* The specimens, and how one is installed; see specimen.h. */
#include "specimen.h"

#include "fatal.h"
#include "idt.h"
#include "syscall.h"
#include "vectors.h"

#define SPECIMEN(id, call_rule, paranoid_rule)                                 \
    extern const void *const id##_gates[256];                                  \
    extern const char id##_syscall64[], id##_syscall32[], id##_sysenter[],     \
        id##_sysretq[];                                                        \
    const struct specimen specimen_##id = {                                    \
        #id,                                                                   \
        id##_gates,                                                            \
        id##_syscall64,                                                        \
        id##_syscall32,                                                        \
        id##_sysenter,                                                         \
        id##_sysretq,                                                          \
        call_rule,                                                             \
        paranoid_rule,                                                         \
    }

SPECIMEN(linux, RULE_ALWAYS, RULE_BY_SIGN);
SPECIMEN(twice, RULE_ALWAYS, RULE_BY_SIGN);
SPECIMEN(never, RULE_NEVER, RULE_BY_SIGN);
SPECIMEN(bycs, RULE_ALWAYS, RULE_BY_CS);

static void point_msrs(const void *a, const void *b, const void *c)
{
    const char *bad = syscall_point(a, b, c);

    if (bad)
        fatal_here(bad);
}

void specimen_install(const struct specimen *s)
{
    idt_point(s->gates);
    point_msrs(s->syscall64, s->syscall32, s->sysenter);
}

void specimen_remove(void)
{
    idt_point(capture_stubs);
    point_msrs(capture_syscall64, capture_syscall32, capture_sysenter);
}

enum gs_rule specimen_rule(const struct specimen *s, unsigned vector)
{
    enum gs_rule r = vector_info(vector)->rule;

    return r == RULE_ALWAYS ? s->call : r == RULE_BY_SIGN ? s->paranoid : r;
}
