/* SPDX-License-Identifier: MIT */
/*
 * One walk along a path: every #DB of it comes here.
 *
 * The stimulus's own instruction is the first boundary, and where the path has
 * led back to is the end.  In between each #DB is a stop (step.c gets from one
 * to the next), at which the visitor is asked: the undisturbed walk records
 * what it sees, a walk with events lets one land there and compares.
 *
 *	ring 3   wrgsbase, jmp | syscall                         | int
 *	                       ^ first stop                      ^ over
 *	the stub               | swapgs | mov | call | ... | sysretq
 *	                       ^ stops, and boundaries, all of them
 *	the harness                             | specimen_handle
 *	                                        ^ a stop, and no boundary
 *
 * Where an event comes first (subjects.c), the stimulus's instruction is not a
 * stop but the place that the event interrupts, and the stub is the event's,
 * begun by hop.c.
 *
 * What can go wrong: the stub goes round in circles (there are only so many
 * stops), leads to where nobody waits for it (walking_astray), or does not end
 * (the watchdog).  Each ends the walk with a sentence and leaves the machine
 * usable.
 */
#include "walking.h"

#include "apic.h"
#include "bench.h"
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

/* Ring 3 writes its base itself, where it can: no MSR of the harness's stands
 * in for what WRGSBASE leaves.  Then it goes on where the stimulus starts. */
RING3(window_wrgsbase, "wrgsbase %r15", "jmp *%r14", "");

struct walking walking;

static const void *stub_of(unsigned vector)
{
    const struct specimen_stub *s = specimen_stub(walking.w->specimen, vector);

    return s ? s->stub : 0;
}

/* Where there is one table alone it is never written. */
static void use_table(uint64_t cr3)
{
    if (read_cr3() != cr3)
        write_cr3(cr3);
}

void walk_restore(unsigned n, struct trapframe *f)
{
    const struct stop *s = &walking.w->stop[n];

    *f = s->f;
    engine_set_gs(s->gs_base, s->kernel_gs_base);
    use_table(s->cr3);
    if (s->words)
        __builtin_memcpy((uint64_t *)f->rsp - BELOW_WORDS, s->stack,
                         (BELOW_WORDS + s->words) * 8);
}

_Noreturn void walk_resume(unsigned n, bool arriving)
{
    struct trapframe f;

    walk_restore(n, &f);
    bench_take_db();
    walking.inside = false;
    walking.stops = n + 1;
    step_from(&f);
    if (arriving)
        walking.v->leave(n, &f);
    engine_go(&f);
}

static void begun_on(uint64_t *frame)
{
    walking.frame = frame;
    __builtin_memcpy(walking.pushed, frame, FRAME_WORDS * 8);
    walking.seen = true;
}

/* Stepped, that is seen before it is run: at full speed it would take seconds,
 * or the machine. */
static void look_for_end(const struct trapframe *f)
{
    char place[SYMBOL_PLACE_MAX];
    bool hlt;

    if (f->cs & 3 || !engine_under_test(f->rip))
        return;
    hlt = code_is_hlt(f->rip) && !(f->rflags & FLAG_IF);
    if (!hlt && !code_jumps_to_itself(f->rip))
        return;
    symbol_place(place, sizeof(place), f->rip);
    engine_abandon("never returns: %s at %s",
                   hlt ? "hlt, interrupts off," : "a jump to itself", place);
}

/*
 * A stop.  Where a stub begins, the frame that the processor has pushed is at
 * RSP, above an error code: the handler's calls will look for it there.
 */
static struct trapframe *stop(const struct outcome *o, struct trapframe *f)
{
    unsigned n = walking.stops;
    char place[SYMBOL_PLACE_MAX];

    if (n == STOPS) {
        symbol_place(place, sizeof(place), f->rip);
        engine_abandon("goes round and round at %s", place);
    }
    walking.stops++;
    if (f->rip == (uint64_t)walking.fault_stub &&
        (walking.fault_stub != walking.stub || walking.calls->count))
        walking.faulted = true;
    if (walking.fixed && f->rip == walking.fixed)
        begun_on((uint64_t *)f->rsp); /* the one that IRETQ did not take */
    if (f->rip == (uint64_t)walking.stub ||
        f->rip == (uint64_t)walking.fault_stub) {
        unsigned vector =
            walking.faulted ? walking.w->fault : subject_vector(walking.s);
        bool error = vector < VECTORS && vector_info(vector)->error_code;

        if (vector < VECTORS)
            begun_on((uint64_t *)f->rsp + error);
        /* A word that the processor skips to align a frame holds nothing: the
         * same in all walks. */
        if (vector < VECTORS && walking.frame[FRAME_RSP] ==
                                    (uint64_t)(walking.frame + FRAME_WORDS + 1))
            walking.frame[FRAME_WORDS] = 0;
    }
    /* The way is known when events are let loose on it: then its place is
     * written down where one is. */
    if (!walking.v->leave) {
        records_place(walking.w, f->rip, 0);
        look_for_end(f);
    }
    walking.v->stop(n, o, f);
    step_from(f);
    if (walking.v->leave)
        walking.v->leave(n, f);
    return f;
}

static bool in_stimulus(uint64_t rip)
{
    return rip >= (uint64_t)walking.s->s.start &&
           rip <= (uint64_t)walking.s->s.resume;
}

/* Back where the path came from: in ring 3, in a stimulus of ring 0's, or at
 * the place that the event has interrupted.  By RSP as well: a stub may lead
 * through there again with the event's frame still on its stack. */
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

/*
 * Each entry through a capture stub.  The harness's #DB, mostly; the event that
 * comes first, on its way to the stub; or what nobody has waited for.
 *
 * Once it is over no #DB is a stop any more.  One may still come: an exit that
 * runs with TF traps behind it in ring 3 by IRETQ, LRETQ and SYSEXITQ, by
 * SYSRETQ on some machines only.  It is let pass.
 */
static struct trapframe *on_event(struct outcome *o)
{
    static struct trapframe f;

    walking.inside = false;
    f = o->frame;
    f.rflags &= ~(uint64_t)(FLAG_TF | FLAG_RF);
    if (walking.v && walking.v->first) {
        struct trapframe *next = walking.v->first(o, &f);

        if (next)
            return next;
    }
    if (walking.hopping && f.vector == subject_vector(walking.s))
        hop_land(&f, o->rsp);
    if (walking.s->on_harness && f.vector == walking.w->fault && walking.stops)
        return end_on_harness(&f);
    if (f.vector != VEC_db) {
        walking_astray((unsigned)f.vector, f.rip, o->gs_base);
        return &f;
    }
    write_dr6(DR6_CLEAR);
    step_disarm();
    if (walking.over)
        return &f;
    if (!walking.begun) {
        walking.begun = true;
        if (walking.s->first != NO_EVENT && !walking.s->in_call)
            hop_raise(&f);
        if (walking.s->in_call) {
            step_arm((uint64_t)walking.call_stub);
            return &f;
        }
        return stop(o, &f);
    }
    if (walking.s->in_call && !walking.hopped)
        hop_raise(&f);
    if (is_over(&f)) {
        walking.over = walking.returned = true;
        walking.back = *o;
        if (walking.v->over)
            walking.v->over();
        if (walking.w->fault && !walking.faulted && walking.s->spoil)
            walking_back(&f); /* this processor has let it pass */
        return &f;
    }
    return stop(o, &f);
}

/* A call's number is the author's to say. */
static void ask_for_work(struct trapframe *c)
{
    const struct specimen_machine *machine = walking.w->specimen->machine;

    if (machine && machine->rax)
        c->rax = machine->rax;
}

/* What the stimulus needs to enter the stub by. */
static void prepare(struct trapframe *c)
{
    const struct subject *s = walking.s;
    bool at_stub = s->s.from == FROM_RING0 && s->first == NO_EVENT;

    walking.lead = s->lead;
    if (s->s.before)
        s->s.before(c);
    if (s->s.vector == VEC_CALLGATE) {
        callgate_put(CALL_GATE_ACCESS(3), bench_kernel_cs(),
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
        walking.lead += WRGSBASE_LEAD;
    }
    if (s->s.vector >= VECTORS || s->s.vector == VEC_int80)
        ask_for_work(c);
    if (walking.v && walking.v->context)
        walking.v->context(c);
    walking.begun = at_stub || s->asynchronous;
    step_arm(
        (uint64_t)(walking.begun ? walking.call_stub : (const void *)s->s.at));
}

/*
 * From ring 3 the user's base is in GS_BASE and the kernel's in the other MSR,
 * as a kernel leaves them on its way out; in ring 0 it is the other way round.
 * Whatever is still pending at the end must not stray into the next walk.
 */
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
    specimen_put_back();
    write_gs(0); /* a stub may have left another selector there */
    engine_set_gs(ring0 ? w->kernel_gs : w->user_gs,
                  ring0 ? w->user_gs : w->kernel_gs);
    bench_take_db();
    bench_take(VEC_nmi);
    walking.context = payload_context(s->s.from, s->s.start);
    prepare(&walking.context);
    if (!v && subject_vector(s) < VECTORS)
        walking.frame = bench_event_frame(subject_vector(s), &walking.context);
    use_table(bench_cr3(!ring0));
    walking.ticks = count_run(&r, &walking.context);
    use_table(bench_cr3(false));
    *end = engine_end();
    step_disarm();
    write_dr6(DR6_CLEAR);
    if (*end != RUN_GATE || apic_requested(VEC_WINDOW_IRQ)) {
        apic_quiesce();
        engine_drain();
    }
    return walking.stops;
}
