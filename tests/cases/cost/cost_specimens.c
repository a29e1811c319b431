/* SPDX-License-Identifier: MIT */
/*
 * The specimens' own stubs: the length of each path, kernel's work excepted.
 * #DB from ring 0 is the paranoid one, on its IST stack.
 */
#include "cost.h"
#include "cpu.h"
#include "insn.h"
#include "lib/callgate.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

static const struct {
    unsigned vector;
    enum cost_code code;
    const char *path, *what;
} ways[] = {
    {VEC_SYSCALL64, COST_SYSCALL, "syscall64", "SYSCALL and back"},
    {VEC_CALLGATE, COST_CALLGATE, "callgate", "LCALL and back"},
    {VEC_int80, COST_INT80, "int80", "INT 0x80 and back"},
    {VEC_db, COST_DB, "db", "POPF, #DB and back"},
    {VEC_db, COST_DB_RING0, "db-ring0", "the same from ring 0"},
};

static void install(const struct specimen *s)
{
    const struct specimen_stub *gate = specimen_stub(s, VEC_CALLGATE);

    specimen_install(s);
    if (gate)
        callgate_put(CALL_GATE_ACCESS(3), SEL_KERNEL_CS, (uint64_t)gate->stub);
    if (s->stack_top)
        tss.rsp[0] = (uint64_t)s->stack_top;
    if (cpu_has(FEATURE_FSGSBASE))
        write_cr4(read_cr4() | CR4_FSGSBASE);
}

void cost_specimens(void)
{
    for (unsigned i = 0; i < specimens_count; i++) {
        const struct specimen *s = specimens[i];

        for (unsigned j = 0; !s->wrong && j < COUNT(ways); j++) {
            const struct specimen_stub *stub = specimen_stub(s, ways[j].vector);
            struct cost c = {s->name, ways[j].path, RULE_NONE, ways[j].code,
                             ways[j].what};

            if (!stub)
                continue;
            c.rule = stub->rule;
            install(s);
            cost_measure(&c, s->gs_base);
        }
    }
}
