/* SPDX-License-Identifier: MIT */
/*
 * One walk along a path.
 *
 * A breakpoint catches the stub's first instruction, TF all the others.  What
 * lies outside the code under test is run at full speed, to a breakpoint on
 * the return address.  Instructions behind which the trap may not come (STI,
 * MOV SS), or which raise a fault whose stub then starts without TF, get a
 * breakpoint where they lead to.
 *
 * The stub of an event is started on the event's true frame: a capture stub
 * takes the event on the very stack that the specimen's would have, and the
 * specimen's then begins on the frame as it lies there, while #DB, which
 * stops it, goes to another stack.  (#MC cannot be raised: its frame is
 * built.)
 */
#include "walk.h"

#include "apic.h"
#include "callgate.h"
#include "gs.h"
#include "idt.h"
#include "insn.h"
#include "msr.h"
#include "payload.h"
#include "records.h"
#include "stacks.h"
#include "symbols.h"
#include "vectors.h"

#define STI 0xfb
#define MOV_TO_SREG 0x8e
#define MODRM_REG_SS 0xd0 /* register to SS; the last three bits: which one */

#define FRAME_WORDS 5 /* RIP CS RFLAGS RSP SS */
#define FRAME_RSP 3

/* Ring 3 writes its base, and goes on where the stimulus starts. */
RING3(lab_wrgsbase, "wrgsbase %r15", "jmp *%r14", "");

static struct {
    const struct path *p;
    const struct subject *s;
    const struct visitor *v;
    struct calls *calls;
    struct trapframe context, origin; /* origin: where the first event lands */
    const void *stub, *call_stub, *fault_stub;
    uint64_t *frame; /* the processor's, of the stub that has begun last */
    unsigned stops;
    bool armed;
    bool begun;   /* the stimulus's instruction has been reached */
    bool hopping; /* the first event is on its way to a capture stub */
    bool hopped;
    bool faulted;
    uint64_t fixed; /* where the kernel's exception table has sent it */
    bool over;
} now;

static const void *stub_of(unsigned vector)
{
    const struct specimen_stub *s = specimen_stub(now.p->specimen, vector);

    return s ? s->stub : 0;
}

static void arm(uint64_t address)
{
    write_dr0(address);
    write_dr7(DR7_CLEAR | DR7_L0);
    now.armed = true;
}

static void disarm(void)
{
    if (now.armed)
        write_dr7(DR7_CLEAR);
    now.armed = false;
}

void walk_take_db(void)
{
    idt[VEC_db] =
        gate_make(capture_stubs[VEC_db], GATE_INTERRUPT, IST_harness_db, 0);
}

static void capture_on(unsigned vector)
{
    idt[vector] = gate_make(capture_stubs[vector], GATE_INTERRUPT,
                            vector_info(vector)->ist, 0);
}

void walk_take(unsigned vector)
{
    const void *stub = stub_of(vector);

    if (stub)
        idt[vector] =
            gate_make(stub, GATE_INTERRUPT, vector_info(vector)->ist, 0);
}

uint64_t *walk_event_frame(unsigned vector, const struct trapframe *f)
{
    unsigned ist = vector_info(vector)->ist;
    uint64_t top = ist         ? tss.ist[ist - 1]
                   : f->cs & 3 ? tss.rsp[0]
                               : f->rsp & ~15ull;

    return (uint64_t *)top - FRAME_WORDS;
}

uint64_t walk_push_frame(unsigned vector, const struct trapframe *f)
{
    uint64_t *frame = walk_event_frame(vector, f);

    __builtin_memcpy(frame, &f->rip, FRAME_WORDS * 8);
    return (uint64_t)frame;
}

static bool bytes_at(uint64_t rip, const uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (((const uint8_t *)rip)[i] != bytes[i])
            return false;
    return true;
}

/* IRETQ, LRETQ, SYSRETQ, SYSRETL, SYSEXITQ, SYSEXITL */
bool leaves_ring0(uint64_t rip)
{
    static const uint8_t ways[][4] = {
        {2, 0x48, 0xcf}, {2, 0x48, 0xcb},       {3, 0x48, 0x0f, 0x07},
        {2, 0x0f, 0x07}, {3, 0x48, 0x0f, 0x35}, {2, 0x0f, 0x35},
    };

    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (bytes_at(rip, &ways[i][1], ways[i][0]))
            return true;
    return false;
}

static const struct specimen_fixup *fixup_at(uint64_t rip)
{
    const struct specimen *s = now.p->specimen;

    for (unsigned i = 0; i < s->fixups_count; i++)
        if (rip == (uint64_t)s->fixups[i].at)
            return &s->fixups[i];
    return 0;
}

/* Where the instruction may lead to without a trap: 0 mostly. */
static uint64_t bridge(uint64_t rip)
{
    const uint8_t *code = (const uint8_t *)rip;

    if (code[0] == STI)
        return rip + 1;
    if (code[0] == MOV_TO_SREG && (code[1] & 0xf8) == MODRM_REG_SS)
        return rip + 2;
    if (now.fault_stub && !now.faulted && (leaves_ring0(rip) || fixup_at(rip)))
        return (uint64_t)now.fault_stub;
    return 0;
}

/* Goes on from a stop, to the next one. */
static void leave_stop(struct trapframe *f)
{
    if (f->cs & 3) {
        arm((uint64_t)now.call_stub);
    } else if (!engine_under_test(f->rip)) {
        arm(*(uint64_t *)f->rsp); /* it has called the harness */
    } else {
        uint64_t next = bridge(f->rip);

        if (next)
            arm(next);
        f->rflags |= FLAG_TF;
    }
}

_Noreturn void walk_resume(unsigned n)
{
    const struct stop *s = &now.p->stop[n];
    struct trapframe f = s->f;

    engine_set_gs(s->gs_base, s->kernel_gs_base);
    __builtin_memcpy((void *)f.rsp, s->stack, s->words * 8);
    walk_take_db();
    now.stops = n + 1;
    leave_stop(&f);
    engine_go(&f);
}

static struct trapframe *stop(const struct outcome *o, struct trapframe *f)
{
    unsigned n = now.stops, offset;
    const char *symbol;

    if (n == STOPS) {
        symbol = symbol_of(f->rip, &offset);
        engine_abandon("goes round and round at %s+0x%x", symbol, offset);
    }
    now.stops++;
    if (f->rip == (uint64_t)now.fault_stub)
        now.faulted = true;
    if (now.fixed && f->rip == now.fixed)
        now.frame = (uint64_t *)f->rsp; /* the one that IRETQ did not take */
    if (f->rip == (uint64_t)now.stub || f->rip == (uint64_t)now.fault_stub) {
        unsigned vector = now.faulted ? now.p->fault : subject_vector(now.s);
        bool error = vector < VECTORS && vector_info(vector)->error_code;

        now.frame = (uint64_t *)f->rsp + error;
        /* A word that the processor skips to align a frame holds nothing: the
         * same in all walks. */
        if (vector < VECTORS &&
            now.frame[FRAME_RSP] == (uint64_t)(now.frame + FRAME_WORDS + 1))
            now.frame[FRAME_WORDS] = 0;
    }
    records_place(now.p, f->rip, 0);
    now.v->stop(n, o, f);
    leave_stop(f);
    if (now.v->leave)
        now.v->leave(n, f);
    return f;
}

/* The specimen's stub begins on the frame at rsp. */
static _Noreturn void begin_stub(struct trapframe *f, uint64_t rsp)
{
    now.hopped = true;
    now.hopping = false;
    walk_take_db();
    f->rip = (uint64_t)now.stub;
    f->cs = SEL_KERNEL_CS;
    f->ss = 0;
    f->rsp = rsp;
    f->rflags = FLAG_ONE;
    engine_go_with_trap(f);
}

static _Noreturn void first_event(struct trapframe *f)
{
    now.origin = *f;
    now.hopping = true;
    if (now.s->first == WINDOW_NMI) {
        capture_on(VEC_nmi);
        engine_go_with_nmi(f);
    }
    if (now.s->first == WINDOW_DB) {
        capture_on(VEC_db);
        engine_go_with_trap(f);
    }
    begin_stub(f, walk_push_frame(VEC_mc, f));
}

static bool in_stimulus(uint64_t rip)
{
    return rip >= (uint64_t)now.s->s.start && rip <= (uint64_t)now.s->s.resume;
}

static bool is_over(const struct trapframe *f)
{
    return f->cs & 3 || in_stimulus(f->rip) ||
           (now.hopped && f->rip == now.origin.rip && f->rsp == now.origin.rsp);
}

/* The context that ring 3 goes on with behind the stimulus. */
static void back_to_stimulus(struct trapframe *f)
{
    f->rip = (uint64_t)now.s->s.resume;
    f->cs = now.context.cs;
    f->rflags = now.context.rflags;
    f->rsp = now.context.rsp;
    f->ss = now.context.ss;
}

/* The way out has faulted where no stub could run: the user's stack. */
static struct trapframe *end_on_harness(struct trapframe *f)
{
    now.faulted = !(f->cs & 3) && leaves_ring0(f->rip);
    now.over = true;
    *f = now.context;
    f->rip = (uint64_t)now.s->s.resume;
    return f;
}

static struct trapframe *on_event(struct outcome *o)
{
    static struct trapframe f;

    f = o->frame;
    f.rflags &= ~(uint64_t)(FLAG_TF | FLAG_RF);
    if (now.hopping && f.vector == subject_vector(now.s)) {
        if (now.s->first == WINDOW_NMI)
            walk_take(VEC_nmi);
        begin_stub(&f, o->rsp);
    }
    if (now.s->on_harness && f.vector == now.p->fault && now.stops)
        return end_on_harness(&f);
    if (f.vector != VEC_db) {
        now.v->astray((unsigned)f.vector, f.rip, o->gs_base);
        return &f;
    }
    write_dr6(DR6_CLEAR);
    disarm();
    if (now.over)
        return &f;
    if (!now.begun) {
        now.begun = true;
        if (now.s->first != NO_EVENT && !now.s->in_call)
            first_event(&f);
        if (now.s->in_call) {
            arm((uint64_t)now.call_stub);
            return &f;
        }
        return stop(o, &f);
    }
    if (now.s->in_call && !now.hopped)
        first_event(&f);
    if (is_over(&f)) {
        now.over = true;
        if (now.v->over)
            now.v->over();
        if (now.p->fault && !now.faulted && now.s->spoil)
            back_to_stimulus(&f); /* this processor has let it pass */
        return &f;
    }
    return stop(o, &f);
}

/* What a kernel does about the event: f's processor part. */
static void mend(unsigned vector, struct trapframe *f)
{
    const struct specimen_fixup *fixup = fixup_at(f->rip);

    if (now.faulted && fixup && fixup->to) {
        f->rip = (uint64_t)fixup->to;
        now.fixed = f->rip;
    } else if (now.faulted) {
        back_to_stimulus(f);
    } else if (vector < VECTORS && vector_info(vector)->class == FAULT) {
        f->rip = (uint64_t)now.s->s.resume;
    }
    if (now.calls->count == 1 && now.s->spoil)
        now.s->spoil(f);
}

/* The way out has been spoilt, and has raised something else? */
static void expect_fault(void)
{
    if (now.s->spoil && now.fault_stub && !now.faulted && now.calls->count)
        engine_abandon("not the fault that was waited for");
}

static void count(uint64_t gs_base)
{
    now.calls->count++;
    now.calls->gs_base = gs_base;
    if (gs_base != now.p->kernel_gs)
        now.calls->wrong++;
    if (now.s->s.in_handler)
        now.s->s.in_handler(0);
}

static leave on_entry(const struct entry *e, struct trapframe *f)
{
    const struct call c = {(unsigned)f->vector, e->gs_base, f};

    if (now.v->call && now.v->call(&c))
        return LEAVE_AS_ENTERED;
    expect_fault();
    if (f->vector != subject_vector(now.s) &&
        !(now.s->in_call && f->vector == now.s->s.vector) &&
        !(now.faulted && f->vector < VEC_FIRST_IRQ))
        now.v->astray((unsigned)f->vector, f->rip, e->gs_base);
    count(e->gs_base);
    mend((unsigned)f->vector, f);
    return now.s->s.leave_by;
}

/* Of stubs that build no struct trapframe: all that is known of the frame is
 * what the processor has pushed. */
static void on_body(const struct body *b)
{
    const struct call c = {0, b->gs_base, 0};
    struct trapframe f;
    unsigned vector = now.faulted ? now.p->fault : subject_vector(now.s);

    if (apic_in_service(VEC_WINDOW_IRQ))
        apic_eoi();
    if (now.v->call && now.v->call(&c))
        return;
    expect_fault();
    count(b->gs_base);
    if (vector >= VECTORS || !now.frame)
        return;
    __builtin_memcpy(&f.rip, now.frame, FRAME_WORDS * 8);
    mend(vector, &f);
    __builtin_memcpy(now.frame, &f.rip, FRAME_WORDS * 8);
}

/* What the stimulus needs to enter the stub by. */
static void prepare(struct trapframe *c)
{
    const struct subject *s = now.s;
    bool at_stub = s->s.from == FROM_RING0 && s->first == NO_EVENT;

    if (s->s.before)
        s->s.before(c);
    if (s->s.vector == VEC_CALLGATE) {
        callgate_put(CALL_GATE_ACCESS(3), SEL_KERNEL_CS,
                     (uint64_t)now.call_stub);
        callgate_pointer(c, SEL_CALL_GATE | 3);
    }
    if (s->s.vector == VEC_LOAD_GS) {
        c->rbx = (uint64_t)now.call_stub;
        c->rdi = SEL_NOT_PRESENT;
    }
    if (s->s.from == FROM_RING3 && !s->asynchronous &&
        read_cr4() & CR4_FSGSBASE) {
        c->r15 = now.p->user_gs;
        c->r14 = c->rip;
        c->rip = (uint64_t)lab_wrgsbase;
        wrmsr(MSR_GS_BASE, 0);
    }
    now.begun = at_stub || s->asynchronous;
    arm((uint64_t)(now.begun ? now.call_stub : (const void *)s->s.at));
}

unsigned walk(const struct path *p, const struct visitor *v, enum run_end *end,
              struct calls *calls)
{
    static const struct run r = {
        .on_event = on_event, .on_entry = on_entry, .on_body = on_body};
    const struct subject *s = p->subject;
    bool ring0 = s->s.from == FROM_RING0;

    __builtin_memset(&now, 0, sizeof(now));
    now.p = p;
    now.s = s;
    now.v = v;
    now.calls = calls;
    *calls = (struct calls){0};
    now.stub = stub_of(subject_vector(s));
    now.call_stub = s->s.vector ? stub_of(s->s.vector) : 0;
    now.fault_stub = p->fault && !s->on_harness ? stub_of(p->fault) : 0;
    stimulus_stop = 0;
    engine_set_gs(ring0 ? p->kernel_gs : p->user_gs,
                  ring0 ? p->user_gs : p->kernel_gs);
    walk_take_db();
    walk_take(VEC_nmi);
    now.context = payload_context(s->s.from, s->s.start);
    prepare(&now.context);
    *end = engine_run(&r, &now.context);
    disarm();
    write_dr6(DR6_CLEAR);
    if (*end != RUN_GATE || apic_requested(VEC_WINDOW_IRQ)) {
        apic_quiesce();
        engine_drain();
    }
    return now.stops;
}

bool walk_faulted(void)
{
    return now.faulted;
}

bool walk_fixed(void)
{
    return now.fixed;
}
