/* SPDX-License-Identifier: MIT */
/* Every way in and out, on stubs that differ in one thing each; see cost.c. */
#include "cost.h"
#include "cpu.h"
#include "engine/persona.h"
#include "idt.h"
#include "insn.h"
#include "lib/callgate.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "percpu.h"
#include "record/result.h"
#include "stacks.h"
#include "syscall.h"
#include "vectors.h"

#define STORED_BYTES 16 /* above the IST's top: the base, and alignment */

/* cost_stubs.S */
extern const char cost_sysretq[], cost_iretq[], cost_fenced[], cost_cr3[],
    cost_pcid[], cost_sysenter[], cost_callgate[], cost_by_cs[],
    cost_by_cs_fenced[], cost_by_sign[], cost_save_set[], cost_stored[],
    cost_ud[], cost_pf[];

static const char *no_sysenter(void)
{
    return persona.amd ? "AMD's processors have no SYSENTER in long mode"
                       : unless_sysexit(0);
}

static const char *no_pcid(void)
{
    return cpu_has(FEATURE_PCID) ? 0 : "this processor has no PCID";
}

static const char *no_fsgsbase(void)
{
    return cpu_has(FEATURE_FSGSBASE) ? 0 : "this processor has no FSGSBASE";
}

/* In the order of what they cost on silicon. */
enum shape {
    NOT_SHOWN,
    SHAPE_SYSCALL,
    SHAPE_CALLGATE,
    SHAPE_INT,
    SHAPE_PF,
    SHAPES,
};

#define WAY(id, by, code, where, slot, what, ...)                              \
    {                                                                          \
        .cost = {"", id, RULE_##by, COST_##code, what}, .vector = VEC_##where, \
        .ist = slot, __VA_ARGS__                                               \
    }

static const struct way {
    struct cost cost;
    unsigned vector; /* where the stub goes */
    unsigned ist;
    const void *stub;
    const char *(*unfit)(void);
    enum shape shape;
} ways[] = {
    WAY("null", NONE, NOTHING, cost, NO_IST,
        "RDTSC to RDTSC, nothing in between", .stub = cost_by_cs),
    WAY("syscall-sysretq", ALWAYS, SYSCALL, SYSCALL64, NO_IST,
        "SYSCALL to SYSRETQ", .stub = cost_sysretq, .shape = SHAPE_SYSCALL),
    WAY("syscall-lfence", ALWAYS, SYSCALL, SYSCALL64, NO_IST,
        "the same with LFENCE behind SWAPGS", .stub = cost_fenced),
    WAY("syscall-iretq", ALWAYS, SYSCALL, SYSCALL64, NO_IST, "SYSCALL to IRETQ",
        .stub = cost_iretq),
    WAY("syscall-cr3", ALWAYS, SYSCALL, SYSCALL64, NO_IST,
        "SYSCALL to SYSRETQ, CR3 in and out, no PCID", .stub = cost_cr3),
    WAY("syscall-pcid", ALWAYS, SYSCALL, SYSCALL64, NO_IST,
        "the same with PCID, the TLB kept", .stub = cost_pcid,
        .unfit = no_pcid),
    WAY("sysenter", ALWAYS, SYSENTER, SYSENTER, NO_IST, "SYSENTER to SYSEXITQ",
        .stub = cost_sysenter, .unfit = no_sysenter),
    WAY("callgate", ALWAYS, CALLGATE, CALLGATE, NO_IST, "LCALL to LRETQ",
        .stub = cost_callgate, .shape = SHAPE_CALLGATE),
    WAY("int", BY_CS, INT, cost, NO_IST, "INT to IRETQ, on RSP0",
        .stub = cost_by_cs, .shape = SHAPE_INT),
    WAY("int-lfence", BY_CS, INT, cost, NO_IST,
        "the same with LFENCE behind the decision", .stub = cost_by_cs_fenced),
    WAY("int-ist", BY_CS, INT, cost, IST_spare, "INT to IRETQ, on an IST stack",
        .stub = cost_by_cs),
    WAY("int-ist", BY_SIGN, INT, cost, IST_spare, "the same; RDMSR",
        .stub = cost_by_sign),
    WAY("int-ist", SAVE_SET, INT, cost, IST_spare,
        "the same; RDGSBASE, WRGSBASE twice", .stub = cost_save_set,
        .unfit = no_fsgsbase),
    WAY("int-ist", STORED, INT, cost, IST_spare, "the same; RDMSR, WRMSR twice",
        .stub = cost_stored),
    WAY("ud", BY_CS, UD, ud, NO_IST, "UD2 to IRETQ", .stub = cost_ud),
    WAY("pf", BY_CS, PF, pf, NO_IST, "MOV from an unmapped page to IRETQ",
        .stub = cost_pf, .shape = SHAPE_PF),
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
    *(uint64_t *)top = (uint64_t)percpu;
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

    for (unsigned i = 0; i < COUNT(ways); i++) {
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
