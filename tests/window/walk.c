/* SPDX-License-Identifier: MIT */
/*
 * One walk along a path.
 *
 * A breakpoint catches the stub's first instruction, TF all the others.  What
 * lies outside the code under test is run at full speed, to a breakpoint on
 * the return address.  Instructions behind which the trap may not come (STI,
 * MOV SS), or which raise a fault whose stub then starts without TF, get a
 * breakpoint where they lead to; so does PUSHF, which must not see TF.
 *
 * The stub of an event is started on the event's true frame: a capture stub
 * takes the event on the very stack that the specimen's would have, and the
 * specimen's then begins on the frame as it lies there, while #DB, which
 * stops it, goes to another stack.  (#MC cannot be raised: its frame is
 * built.)
 */
#include "walking.h"

#include "apic.h"
#include "code.h"
#include "count.h"
#include "engine/payload.h"
#include "idt.h"
#include "insn.h"
#include "lib/callgate.h"
#include "msr.h"
#include "records.h"
#include "stacks.h"
#include "symbols.h"
#include "vectors.h"

#define WRGSBASE_LEAD 2 /* instructions of window_wrgsbase */
#define COUNT_TRIES 2

/* Ring 3 writes its base, and goes on where the stimulus starts. */
RING3(window_wrgsbase, "wrgsbase %r15", "jmp *%r14", "");

struct walking walking;

static const void *stub_of(unsigned vector)
{
    const struct specimen_stub *s = specimen_stub(walking.w->specimen, vector);

    return s ? s->stub : 0;
}

static void arm(uint64_t address)
{
    if (!walking.v) /* undisturbed */
        return;
    write_dr0(address);
    write_dr7(DR7_CLEAR | DR7_L0);
    walking.armed = true;
}

static void disarm(void)
{
    if (walking.armed)
        write_dr7(DR7_CLEAR);
    walking.armed = false;
}

static void capture_on(unsigned vector)
{
    idt[vector] = gate_make(capture_stubs[vector], GATE_INTERRUPT,
                            vector_info(vector)->ist, 0);
}

/* Where the instruction may lead to without a trap: 0 mostly. */
static uint64_t bridge(uint64_t rip)
{
    if (code_is_sti(rip) || code_is_pushf(rip))
        return rip + 1;
    if (code_loads_ss(rip))
        return rip + 2;
    if (walking.fault_stub && !walking.faulted &&
        (code_leaves_ring0(rip) || walking_fixup(rip)))
        return (uint64_t)walking.fault_stub;
    return 0;
}

/* Goes on from a stop, to the next one. */
static void leave_stop(struct trapframe *f)
{
    if (f->cs & 3) {
        arm((uint64_t)walking.call_stub);
    } else if (!engine_under_test(f->rip)) {
        arm(*(uint64_t *)f->rsp); /* it has called the harness */
    } else {
        uint64_t next = bridge(f->rip);

        if (next)
            arm(next);
        /* PUSHF would show TF to the stub, which may act on it. */
        if (!code_is_pushf(f->rip))
            f->rflags |= FLAG_TF;
    }
}

void walk_restore(unsigned n, struct trapframe *f)
{
    const struct stop *s = &walking.w->stop[n];

    *f = s->f;
    engine_set_gs(s->gs_base, s->kernel_gs_base);
    if (s->words)
        __builtin_memcpy((uint64_t *)f->rsp - BELOW_WORDS, s->stack,
                         (BELOW_WORDS + s->words) * 8);
}

_Noreturn void walk_resume(unsigned n, bool tell)
{
    struct trapframe f;

    walk_restore(n, &f);
    bench_take_db();
    walking.stops = n + 1;
    leave_stop(&f);
    if (tell)
        walking.v->leave(n, &f);
    engine_go(&f);
}

static struct trapframe *stop(const struct outcome *o, struct trapframe *f)
{
    unsigned n = walking.stops, offset;
    const char *symbol;

    if (n == STOPS) {
        symbol = symbol_of(f->rip, &offset);
        engine_abandon("goes round and round at %s+0x%x", symbol, offset);
    }
    walking.stops++;
    if (f->rip == (uint64_t)walking.fault_stub)
        walking.faulted = true;
    if (walking.fixed && f->rip == walking.fixed)
        walking.frame =
            (uint64_t *)f->rsp; /* the one that IRETQ did not take */
    if (f->rip == (uint64_t)walking.stub ||
        f->rip == (uint64_t)walking.fault_stub) {
        unsigned vector =
            walking.faulted ? walking.w->fault : subject_vector(walking.s);
        bool error = vector < VECTORS && vector_info(vector)->error_code;

        walking.frame = (uint64_t *)f->rsp + error;
        /* A word that the processor skips to align a frame holds nothing: the
         * same in all walks. */
        if (vector < VECTORS && walking.frame[FRAME_RSP] ==
                                    (uint64_t)(walking.frame + FRAME_WORDS + 1))
            walking.frame[FRAME_WORDS] = 0;
    }
    records_place(walking.w, f->rip, 0);
    walking.v->stop(n, o, f);
    leave_stop(f);
    if (walking.v->leave)
        walking.v->leave(n, f);
    return f;
}

/* The specimen's stub begins on the frame at rsp. */
static _Noreturn void begin_stub(struct trapframe *f, uint64_t rsp)
{
    walking.hopped = true;
    walking.hopping = false;
    bench_take_db();
    f->rip = (uint64_t)walking.stub;
    f->cs = SEL_KERNEL_CS;
    f->ss = 0;
    f->rsp = rsp;
    f->rflags = FLAG_ONE;
    engine_go_with_trap(f);
}

static _Noreturn void first_event(struct trapframe *f)
{
    walking.origin = *f;
    walking.hopping = true;
    if (walking.s->first == WINDOW_NMI) {
        capture_on(VEC_nmi);
        engine_go_with_nmi(f);
    }
    if (walking.s->first == WINDOW_DB) {
        capture_on(VEC_db);
        engine_go_with_trap(f);
    }
    begin_stub(f, bench_push_frame(VEC_mc, f));
}

static bool in_stimulus(uint64_t rip)
{
    return rip >= (uint64_t)walking.s->s.start &&
           rip <= (uint64_t)walking.s->s.resume;
}

static bool is_over(const struct trapframe *f)
{
    return f->cs & 3 || in_stimulus(f->rip) ||
           (walking.hopped && f->rip == walking.origin.rip &&
            f->rsp == walking.origin.rsp);
}

/* The way out has faulted where no stub could run: the user's stack. */
static struct trapframe *end_on_harness(struct trapframe *f)
{
    walking.faulted = !(f->cs & 3) && code_leaves_ring0(f->rip);
    walking.over = true;
    *f = walking.context;
    f->rip = (uint64_t)walking.s->s.resume;
    return f;
}

static struct trapframe *on_event(struct outcome *o)
{
    static struct trapframe f;

    f = o->frame;
    f.rflags &= ~(uint64_t)(FLAG_TF | FLAG_RF);
    if (walking.hopping && f.vector == subject_vector(walking.s)) {
        if (walking.s->first == WINDOW_NMI)
            bench_take(VEC_nmi);
        begin_stub(&f, o->rsp);
    }
    if (walking.s->on_harness && f.vector == walking.w->fault && walking.stops)
        return end_on_harness(&f);
    if (f.vector != VEC_db) {
        walking_astray((unsigned)f.vector, f.rip, o->gs_base);
        return &f;
    }
    write_dr6(DR6_CLEAR);
    disarm();
    if (walking.over)
        return &f;
    if (!walking.begun) {
        walking.begun = true;
        if (walking.s->first != NO_EVENT && !walking.s->in_call)
            first_event(&f);
        if (walking.s->in_call) {
            arm((uint64_t)walking.call_stub);
            return &f;
        }
        return stop(o, &f);
    }
    if (walking.s->in_call && !walking.hopped)
        first_event(&f);
    if (is_over(&f)) {
        walking.over = true;
        if (walking.v->over)
            walking.v->over();
        if (walking.w->fault && !walking.faulted && walking.s->spoil)
            walking_back(&f); /* this processor has let it pass */
        return &f;
    }
    return stop(o, &f);
}

/* What the stimulus needs to enter the stub by. */
static void prepare(struct trapframe *c)
{
    const struct subject *s = walking.s;
    bool at_stub = s->s.from == FROM_RING0 && s->first == NO_EVENT;

    if (s->s.before)
        s->s.before(c);
    if (s->s.vector == VEC_CALLGATE) {
        callgate_put(CALL_GATE_ACCESS(3), SEL_KERNEL_CS,
                     (uint64_t)walking.call_stub);
        callgate_pointer(c, SEL_CALL_GATE | 3);
    }
    if (s->s.vector == VEC_LOAD_GS) {
        c->rbx = (uint64_t)walking.call_stub;
        c->rdi = SEL_NOT_PRESENT;
    }
    if (s->s.from == FROM_RING3 && !s->asynchronous &&
        read_cr4() & CR4_FSGSBASE) {
        c->r15 = walking.w->user_gs;
        c->r14 = c->rip;
        c->rip = (uint64_t)window_wrgsbase;
        wrmsr(MSR_GS_BASE, 0);
    }
    walking.begun = at_stub || s->asynchronous;
    arm((uint64_t)(walking.begun ? walking.call_stub : (const void *)s->s.at));
}

unsigned walk_once(const struct walk *w, const struct visitor *v,
                   enum run_end *end, struct calls *calls)
{
    static const struct run r = {.on_event = on_event,
                                 .on_entry = walking_entry,
                                 .on_body = walking_body};
    const struct subject *s = w->subject;
    bool ring0 = s->s.from == FROM_RING0;

    __builtin_memset(&walking, 0, sizeof(walking));
    walking.w = w;
    walking.s = s;
    walking.v = v;
    walking.calls = calls;
    *calls = (struct calls){0};
    walking.stub = stub_of(subject_vector(s));
    walking.call_stub = s->s.vector ? stub_of(s->s.vector) : 0;
    walking.fault_stub = w->fault && !s->on_harness ? stub_of(w->fault) : 0;
    stimulus_stop = 0;
    engine_set_gs(ring0 ? w->kernel_gs : w->user_gs,
                  ring0 ? w->user_gs : w->kernel_gs);
    bench_take_db();
    bench_take(VEC_nmi);
    walking.context = payload_context(s->s.from, s->s.start);
    prepare(&walking.context);
    if (!v && subject_vector(s) < VECTORS)
        walking.frame = bench_event_frame(subject_vector(s), &walking.context);
    walking.ticks = count_run(&r, &walking.context);
    *end = engine_end();
    disarm();
    write_dr6(DR6_CLEAR);
    if (*end != RUN_GATE || apic_requested(VEC_WINDOW_IRQ)) {
        apic_quiesce();
        engine_drain();
    }
    return walking.stops;
}

bool walk_spoilt(void)
{
    return walking.spoilt;
}

bool walk_faulted(void)
{
    return walking.faulted;
}

bool walk_fixed(void)
{
    return walking.fixed;
}

uint32_t walk_instructions(const struct walk *w)
{
    const struct stimulus *s = &w->subject->s;
    bool faults = s->vector < VECTORS && vector_info(s->vector)->class == FAULT;
    struct calls calls;
    enum run_end end;
    uint32_t best = ~0u, entering = 1;

    if (faults && !count_fault(s, w->subject->lead, &entering))
        return 0;
    for (unsigned i = 0; i < COUNT_TRIES; i++) {
        uint32_t n;

        walk_once(w, 0, &end, &calls);
        if (end != RUN_GATE)
            return 0;
        n = count_instructions(w->subject->s.from, walking.ticks,
                               walking.bodies, walking.handles);
        best = n < best ? n : best;
    }
    return best + 1 - entering - w->subject->lead -
           (walking.context.rip == (uint64_t)window_wrgsbase ? WRGSBASE_LEAD
                                                             : 0);
}
