/* SPDX-License-Identifier: MIT */
/*
 * One landing, looked at closely: the arbiter.
 *
 * The walk with an event at each boundary (inject.c) is quick, and holds what
 * comes behind an event against the undisturbed walk.  Where all is equal the
 * event has cost nothing.  Where it is not, that need not be the stub's fault:
 * it may count, or keep time, or have moved its frame, and then two walks are
 * not alike.  So whatever would be failed is tried once more, alone, and held
 * against nothing but what the interrupted code itself had at that boundary:
 *
 *	a fresh walk, with the specimen's memory as it was at first
 *	step to the boundary, and keep all of the context that stands there
 *	the event comes to a capture stub: its frame shows whether it is exact,
 *	  before any code of the specimen's has touched it
 *	the stub is begun on that very frame, as the processor would have
 *	a breakpoint on the boundary: there the context must stand once more
 *	and on to the end, which must be reached
 *
 * The breakpoint is armed while the event's stub runs.  That may come through
 * the very same address (a tail that several stubs share): it counts where RSP
 * is the interrupted code's, and nowhere else.
 *
 * The frame's RF is cleared: a machine that sets it for interrupts would not
 * stop at the breakpoint.
 */
#include "injecting.h"

#include "apic.h"
#include "bench.h"
#include "fmt.h"
#include "insn.h"
#include "judge.h"
#include "msr.h"
#include "record/result.h"
#include "records.h"
#include "stacks.h"
#include "symbols.h"
#include "vectors.h"
#include "walking.h"

#define TRIES 3     /* a foreign NMI, a busy host */
#define HANGS_MAX 2 /* of one event's: seconds each */
#define UNLIKE_RF (~(uint64_t)(FLAG_TF | FLAG_RF))

static struct {
    struct injection *i;
    unsigned n, vector;
    bool sent, arrived, over, called, wrong, exact;
    struct stop at; /* as it stood there, with the live part of its stack */
    unsigned words;
    uint64_t stack[STACK_SIZE / 8];
} careful;

static void nothing(unsigned n, const struct outcome *o, struct trapframe *f)
{
    (void)f;
    if (n != careful.n || careful.sent)
        return;
    careful.at.gs_base = o->gs_base;
    careful.at.kernel_gs_base = o->kernel_gs_base;
    careful.at.gs = o->gs;
    careful.at.cr3 = read_cr3();
}

/* The event's stub, on the frame that lies at rsp. */
static _Noreturn void begin(struct trapframe *f, uint64_t rsp, uint64_t rflags,
                            unsigned cs)
{
    careful.arrived = true;
    bench_take(careful.vector);
    bench_take_db();
    f->rip = (uint64_t)specimen_stub(careful.i->walk->specimen, careful.vector)
                 ->stub;
    f->cs = cs;
    f->rsp = rsp;
    f->rflags = rflags & UNLIKE_RF;
    step_arm(careful.at.f.rip);
    engine_go(f);
}

static _Noreturn void raise(struct trapframe *f)
{
    uint64_t rsp;

    switch (careful.i->event) {
    case WINDOW_DB:
        bench_capture(VEC_db);
        engine_go_with_trap(f);
    case WINDOW_NMI:
        bench_capture(VEC_nmi);
        engine_go_with_nmi(f);
    case WINDOW_MC:
        careful.exact = true;
        rsp = bench_push_frame(VEC_mc, f);
        f->ss = 0;
        begin(f, rsp, FLAG_ONE, bench_kernel_cs());
    default:
        bench_capture(VEC_WINDOW_IRQ);
        bench_request_irq();
        engine_go(f);
    }
}

/* The boundary: what stands there is kept, and the event is let go. */
static void leave_at(unsigned n, struct trapframe *f)
{
    if (n != careful.n || careful.sent)
        return;
    if (f->rip != careful.i->walk->stop[n].f.rip)
        engine_abandon("another way each time");
    f->rflags &= UNLIKE_RF;
    careful.at.f = *f;
    careful.words = walk_words(careful.i->walk, n, f->rsp);
    __builtin_memcpy(careful.stack, (const void *)f->rsp, careful.words * 8);
    careful.sent = true;
    records_place(
        careful.i->walk, f->rip,
        (uint64_t)specimen_stub(careful.i->walk->specimen, careful.vector)
            ->stub);
    step_disarm();
    raise(f);
}

static void arrive(const struct outcome *o, struct trapframe *f)
{
    uint64_t *flags = (uint64_t *)o->rsp + o->error_code + FRAME_RFLAGS;

    write_dr6(DR6_CLEAR);
    careful.exact = f->rsp == careful.at.f.rsp &&
                    injecting_same_registers(f, &careful.at.f);
    *flags &= ~(uint64_t)FLAG_RF;
    f->ss = o->ss;
    begin(f, o->rsp, o->rflags, o->cs);
}

/* Is all there once more?  What is not is named. */
static void look(const struct outcome *o, const struct trapframe *f)
{
    struct diff *d = &careful.i->changed;
    const uint64_t *live = (const uint64_t *)f->rsp;
    struct diff seen = {"", ""};

    injecting_name(&seen, &careful.at, o, f);
    for (unsigned i = 0; i < careful.words && !diff_any(&seen); i++)
        diff_hex(&seen, "a word of the stack", careful.stack[i], live[i]);
    if (diff_any(&seen)) {
        careful.i->at[careful.n].damaged = true;
        if (!diff_any(d)) {
            *d = seen;
            careful.i->changed_at = careful.n;
        }
    }
    /* A stub that has dropped it has not told the APIC. */
    if (apic_in_service(VEC_WINDOW_IRQ))
        apic_eoi();
}

/* Each entry through a capture stub, before the walk sees it: the context to
 * go on with, or NULL if it is none of ours. */
static struct trapframe *on_first(const struct outcome *o, struct trapframe *f)
{
    if (!careful.sent || careful.over)
        return 0;
    if (!careful.arrived && f->vector == careful.vector)
        arrive(o, f);
    if (!careful.arrived || f->vector != VEC_db)
        return 0;
    write_dr6(DR6_CLEAR);
    if (f->rip != careful.at.f.rip || f->rsp != careful.at.f.rsp) {
        /* The same address, in the event's own stub. */
        f->rflags |= FLAG_RF;
        return f;
    }
    step_disarm();
    careful.over = true;
    look(o, f);
    step_from(f);
    return f;
}

static bool on_call(const struct call *c)
{
    if (!careful.arrived || careful.over)
        return false;
    careful.called = true;
    if (walk_wrong(careful.i->walk, c->gs_base))
        careful.wrong = true;
    return true;
}

static void astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    char place[SYMBOL_PLACE_MAX];

    if (careful.arrived && !careful.over &&
        walk_wrong(careful.i->walk, gs_base))
        careful.wrong = true;
    symbol_place(place, sizeof(place), rip);
    engine_abandon("%s at %s", vector_info(vector)->mnemonic, place);
}

/* What has come of it, into the landing's record. */
static void conclude(enum run_end end)
{
    struct landing *l = &careful.i->at[careful.n];

    l->sent = careful.sent;
    l->delivered = careful.arrived;
    l->exact = careful.exact;
    l->wrong = careful.wrong;
    l->dropped = careful.over && !careful.called && !l->damaged;
    if (end == RUN_GATE)
        return;
    l->damaged = true;
    injecting.at = careful.n;
    injecting_trouble(end == RUN_NO_NMI ? "the NMI was not taken"
                                        : engine_trouble());
}

static enum run_end land(struct injection *i, unsigned n)
{
    static const struct visitor visitor = {.stop = nothing,
                                           .leave = leave_at,
                                           .call = on_call,
                                           .astray = astray,
                                           .first = on_first};
    struct calls calls;
    enum run_end end = RUN_ABANDONED;

    for (unsigned t = 0; t < TRIES; t++) {
        careful.i = i;
        careful.n = n;
        careful.vector = event_vector(i->event);
        careful.sent = careful.arrived = careful.over = false;
        careful.called = careful.wrong = careful.exact = false;
        i->at[n] = (struct landing){0};
        walk_once(i->walk, &visitor, &end, &calls);
        if (careful.arrived && careful.exact)
            break;
        if (end == RUN_HANG)
            break;
    }
    conclude(end);
    return end;
}

void careful_confirm(struct injection *i)
{
    const struct walk *w = i->walk;
    unsigned hangs = 0;

    i->changed = (struct diff){"", ""};
    for (unsigned n = 0; n < w->stops && hangs < HANGS_MAX; n++)
        if (can_land(w, &w->stop[n], i->event) && judge_doubts(i, n)) {
            i->closely++;
            if (hangs || i->hung)
                result_gets_on();
            hangs += land(i, n) == RUN_HANG;
        }
    i->hung = hangs;
}
