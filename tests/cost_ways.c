/* SPDX-License-Identifier: MIT */
/* Every way in and out, on stubs that differ in one thing each; see cost.c. */
#include "callgate.h"
#include "cost.h"
#include "fastcall.h"
#include "gs.h"
#include "idt.h"
#include "insn.h"
#include "msr.h"
#include "percpu.h"
#include "persona.h"
#include "result.h"
#include "stacks.h"
#include "syscall.h"
#include "vectors.h"

#define CPUID_1_ECX_PCID (1u << 17)
#define STORED_BYTES 16 /* above the IST's top: the base, and alignment */

/* cost_stubs.S */
extern const char cost_sysretq[], cost_iretq[], cost_fenced[], cost_cr3[],
    cost_pcid[], cost_sysenter[], cost_callgate[], cost_by_cs[],
    cost_by_cs_fenced[], cost_by_sign[], cost_save_set[], cost_stored[],
    cost_ud[], cost_pf[];

static const char *no_sysenter(void)
{
    return persona.amd ? "AMD's processors have no SYSENTER in long mode" : 0;
}

static const char *no_pcid(void)
{
    return cpuid(1, 0).c & CPUID_1_ECX_PCID ? 0 : "this processor has no PCID";
}

static const char *no_fsgsbase(void)
{
    return gs_has_fsgsbase() ? 0 : "this processor has no FSGSBASE";
}

enum shape {
    NOT_SHOWN,
    SHAPE_SYSCALL,
    SHAPE_CALLGATE,
    SHAPE_INT,
    SHAPE_PF,
    SHAPES
};

static const struct way {
    struct cost cost;
    unsigned vector; /* where the stub goes */
    const void *stub;
    unsigned ist;
    const char *(*unfit)(void);
    enum shape shape;
} ways[] = {
    {{"", "null", RULE_NONE, COST_NULL, "RDTSC to RDTSC, nothing in between"},
     VEC_cost,
     cost_by_cs,
     0,
     0,
     NOT_SHOWN},
    {{"", "syscall-sysretq", RULE_ALWAYS, COST_SYSCALL, "SYSCALL to SYSRETQ"},
     VEC_SYSCALL64,
     cost_sysretq,
     0,
     0,
     SHAPE_SYSCALL},
    {{"", "syscall-lfence", RULE_ALWAYS, COST_SYSCALL,
      "the same with LFENCE behind SWAPGS"},
     VEC_SYSCALL64,
     cost_fenced,
     0,
     0,
     NOT_SHOWN},
    {{"", "syscall-iretq", RULE_ALWAYS, COST_SYSCALL, "SYSCALL to IRETQ"},
     VEC_SYSCALL64,
     cost_iretq,
     0,
     0,
     NOT_SHOWN},
    {{"", "syscall-cr3", RULE_ALWAYS, COST_SYSCALL,
      "SYSCALL to SYSRETQ, CR3 in and out, no PCID"},
     VEC_SYSCALL64,
     cost_cr3,
     0,
     0,
     NOT_SHOWN},
    {{"", "syscall-pcid", RULE_ALWAYS, COST_SYSCALL,
      "the same with PCID, the TLB kept"},
     VEC_SYSCALL64,
     cost_pcid,
     0,
     no_pcid,
     NOT_SHOWN},
    {{"", "sysenter", RULE_ALWAYS, COST_SYSENTER, "SYSENTER to SYSEXITQ"},
     VEC_SYSENTER,
     cost_sysenter,
     0,
     no_sysenter,
     NOT_SHOWN},
    {{"", "callgate", RULE_ALWAYS, COST_CALLGATE, "LCALL to LRETQ"},
     VEC_CALLGATE,
     cost_callgate,
     0,
     0,
     SHAPE_CALLGATE},
    {{"", "int", RULE_BY_CS, COST_INT, "INT to IRETQ, on RSP0"},
     VEC_cost,
     cost_by_cs,
     0,
     0,
     SHAPE_INT},
    {{"", "int-lfence", RULE_BY_CS, COST_INT,
      "the same with LFENCE behind the decision"},
     VEC_cost,
     cost_by_cs_fenced,
     0,
     0,
     NOT_SHOWN},
    {{"", "int-ist", RULE_BY_CS, COST_INT, "INT to IRETQ, on an IST stack"},
     VEC_cost,
     cost_by_cs,
     IST_spare,
     0,
     NOT_SHOWN},
    {{"", "int-ist", RULE_BY_SIGN, COST_INT, "the same; RDMSR"},
     VEC_cost,
     cost_by_sign,
     IST_spare,
     0,
     NOT_SHOWN},
    {{"", "int-ist", RULE_SAVE_SET, COST_INT,
      "the same; RDGSBASE, WRGSBASE twice"},
     VEC_cost,
     cost_save_set,
     IST_spare,
     no_fsgsbase,
     NOT_SHOWN},
    {{"", "int-ist", RULE_STORED, COST_INT, "the same; RDMSR, WRMSR twice"},
     VEC_cost,
     cost_stored,
     IST_spare,
     0,
     NOT_SHOWN},
    {{"", "ud", RULE_BY_CS, COST_UD, "UD2 to IRETQ"},
     VEC_ud,
     cost_ud,
     0,
     0,
     NOT_SHOWN},
    {{"", "pf", RULE_BY_CS, COST_PF, "MOV from an unmapped page to IRETQ"},
     VEC_pf,
     cost_pf,
     0,
     0,
     SHAPE_PF},
};

/* cost_measure() puts back what is changed here. */
static void install(const struct way *w)
{
    uint64_t top = STACK_TOP(STACK_spare) - STORED_BYTES;

    switch (w->vector) {
    case VEC_SYSCALL64:
        syscall_point(w->stub, capture_syscall32, capture_sysenter);
        break;
    case VEC_SYSENTER:
        syscall_point(capture_syscall64, capture_syscall32, w->stub);
        break;
    case VEC_CALLGATE:
        callgate_put(CALL_GATE_ACCESS(3), SEL_KERNEL_CS, (uint64_t)w->stub);
        break;
    default:
        idt[w->vector] = gate_make(w->stub, GATE_INTERRUPT, w->ist, 3);
    }
    tss.ist[IST_spare - 1] = top;
    *(uint64_t *)top = (uint64_t)&percpu;
    if (w->cost.rule == RULE_SAVE_SET)
        write_cr4(read_cr4() | CR4_FSGSBASE);
    if (w->unfit == no_pcid)
        write_cr4(read_cr4() | CR4_PCIDE);
}

/* On silicon each of these costs more than the one before it. */
static void show_shape(const uint32_t median[SHAPES])
{
    bool holds = true;

    for (unsigned i = SHAPE_SYSCALL; i < SHAPES; i++)
        if (!median[i] || (i > SHAPE_SYSCALL && median[i] <= median[i - 1]))
            holds = false;
    result_note("costs: SYSCALL %u < call gate %u < INT %u < #PF %u %s",
                median[SHAPE_SYSCALL], median[SHAPE_CALLGATE],
                median[SHAPE_INT], median[SHAPE_PF],
                holds ? "holds" : "does not hold: silicon would show it");
}

void cost_ways(void)
{
    uint32_t median[SHAPES] = {0};

    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        const struct way *w = &ways[i];
        const char *unfit = w->unfit ? w->unfit() : 0;

        if (unfit) {
            cost_skip(&w->cost, unfit);
            continue;
        }
        install(w);
        median[w->shape] = cost_measure(&w->cost, 0);
    }
    show_shape(median);
}
