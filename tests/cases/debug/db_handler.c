/* SPDX-License-Identifier: MIT */
/*
 * An instruction breakpoint on the first instruction of a handler, for every
 * way in.
 *
 * Debuggers put them there, and the #DB that comes is the awkward one: from
 * ring 0, before the handler's SWAPGS, so with the user's GS base; on SYSCALL
 * even on the user's stack.  It is a fault, but RF is clear in its image; the
 * handler under it goes on as if nothing had been.
 */
#include "apic.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/origin.h"
#include "lib/sequence.h"
#include "lib/shadow.h"
#include "macros.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

/* The NMI gets another vector's stub: its own is the engine's, too. */
#define NMI_STUB VEC_v16

static const struct way {
    const char *id;
    enum shadow_follower follower; /* FOLLOWERS: an event from outside */
    unsigned vector;               /* of that */
} ways[] = {
    {"int80", FOLLOWER_INT80, 0},     {"int3", FOLLOWER_INT3, 0},
    {"syscall", FOLLOWER_SYSCALL, 0}, {"sysenter", FOLLOWER_SYSENTER, 0},
    {"lcall", FOLLOWER_LCALL, 0},     {"ud", FOLLOWER_UD, 0},
    {"irq", FOLLOWERS, VEC_self_ipi}, {"nmi", FOLLOWERS, NMI_STUB},
};

static bool gated(const struct stimulus *s)
{
    return s->vector == VEC_gate; /* LCALL: no handler but its target */
}

static const char *first(const struct stimulus *s)
{
    return gated(s) ? shadow_lcall_target : sequence_handler(s->vector);
}

static void before(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();

    shadow_gate_set();
    if (s->vector == VEC_self_ipi) {
        apic_request(VEC_self_ipi);
    }
    if (s->nmi)
        idt[VEC_nmi] = idt[NMI_STUB] =
            gate_make(capture_stubs[NMI_STUB], GATE_INTERRUPT, IST_nmi, 0);
    debug_arm(2, (uint64_t)first(s), DEBUG_EXECUTE, 1);
}

static void after(void)
{
    debug_off();
    shadow_gate_clear();
    idt[VEC_nmi] =
        gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, IST_nmi, 0);
    idt[NMI_STUB] = gate_make(capture_stubs[NMI_STUB], GATE_INTERRUPT, 0, 0);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    bool inner = s->from == FROM_RING0;
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    if (gated(s)) {
        struct trapframe code = q.c;

        q.c.cs = SEL_KERNEL_CS;
        q.c.ss = inner ? SEL_KERNEL_SS : 0;
        q.c.rsp = inner ? q.c.rsp - 16 : STACK_TOP(STACK_rsp0) - 32;
        sequence_db(&q, shadow_lcall_target, DR6_B(2));
        q.c = code;
    } else {
        e = sequence_event(&q, s->vector,
                           s->saved == SAVED_AT ? s->at : s->resume);
        e->rf_as = s->nmi ? VEC_nmi : 0;
        sequence_in_handler(&q, VEC_db, DR6_B(2));
    }
    sequence_end(&q);
}

static void run(const struct way *y, enum origin from)
{
    bool outside = y->follower == FOLLOWERS;
    unsigned vector = outside ? y->vector : shadow_probe(from, y->follower);
    struct stimulus s =
        shadow_stimulus(from, LEAD_NOTHING, y->follower, vector);
    char id[44];

    fmt(id, sizeof(id), "handler-bp.%s.%s", y->id, origin_ids[from]);
    s.id = id;
    s.saved = outside || vector == VEC_ud ? SAVED_AT : SAVED_RESUME;
    s.nmi = vector == NMI_STUB;
    s.before = before;
    s.after = after;
    s.expect = expect;
    s.unfit = shadow_unfit;
    s.mend = sequence_mend;
    s.facts = "DB5 GS10 GS15";
    s.why = "an instruction breakpoint on a handler's first instruction comes "
            "in ring 0 before its SWAPGS; SDM vol 3, Instruction-Breakpoint "
            "Exception";
    check_run(&s);
}

void case_db_handler(void)
{
    for (unsigned i = 0; i < COUNT(ways); i++)
        for (unsigned o = 0; o < FROM_COUNT; o++)
            run(&ways[i], o);
}
