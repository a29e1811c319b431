/* SPDX-License-Identifier: MIT */
/*
 * The sweep; see gs_sweep.h.  A breakpoint catches the stub's first
 * instruction, TF all the others; a CALL into C is run at full speed to a
 * breakpoint on its return address.  STI gets one too: under some emulators
 * the trap behind it does not come.
 */
#include "gs_sweep.h"

#include "callgate.h"
#include "fmt.h"
#include "gs.h"
#include "idt.h"
#include "insn.h"
#include "msr.h"
#include "percpu.h"
#include "specimen.h"
#include "stacks.h"
#include "vectors.h"

#define STI 0xfb
#define SEL_CPU ((GDT_SLOTS - 1) * 8)
#define CPU_NUMBER 0x5005u /* in a limit, as a kernel without GS keeps it */
#define STORED_BYTES 16    /* above the IST's top: the base, and alignment */

/* Ring 3 writes its base, and goes on where the stimulus starts. */
RING3(sweep_wrgsbase, "wrgsbase %r15", "jmp *%r14", "");

static struct {
    struct sweep *w;
    const struct subject *p;
    struct trial t;
    uint64_t user_gs;
    const uint8_t *stub;
    bool armed;  /* DR0, on an address in ring 0 */
    bool hopped; /* a paranoid stub has been started on its event's frame */
} now;

static bool bytes_at(uint64_t rip, const uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (((const uint8_t *)rip)[i] != bytes[i])
            return false;
    return true;
}

static bool is_swapgs(uint64_t rip)
{
    static const uint8_t swapgs[] = {0x0f, 0x01, 0xf8};

    return bytes_at(rip, swapgs, sizeof(swapgs));
}

/* IRETQ, LRETQ, SYSRETQ, SYSRETL, SYSEXITQ, SYSEXITL */
static bool leaves_ring0(uint64_t rip)
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

static void arm(uint64_t address)
{
    write_dr0(address);
    write_dr7(DR7_CLEAR | DR7_L0);
    now.armed = true;
}

/* Each rule as an event's stub would apply it now, and whether the handler
 * would then be on the kernel's base, and the interrupted code on its own. */
static void judge(struct boundary *b, const struct outcome *o)
{
    const uint64_t kernel = (uint64_t)&percpu;
    uint64_t expected = b->users ? now.user_gs : kernel, stored;
    bool fsgsbase = read_cr4() & CR4_FSGSBASE, set;

    b->wrong[BY_CS] = ((o->frame.cs & 3) == 3) != b->users;
    b->wrong[BY_SIGN] = !(rdmsr(MSR_GS_BASE) >> 63) != b->users;

    /* Without the instructions, by the MSR. */
    stored = fsgsbase ? rdgsbase() : rdmsr(MSR_GS_BASE);
    if (fsgsbase)
        wrgsbase(kernel);
    else
        wrmsr(MSR_GS_BASE, kernel);
    set = rdmsr(MSR_GS_BASE) == kernel;
    if (fsgsbase)
        wrgsbase(stored);
    else
        wrmsr(MSR_GS_BASE, stored);
    b->wrong[SAVE_SET] = !set || rdmsr(MSR_GS_BASE) != expected;

    /* The base is found above the frame, which is at the IST's top. */
    wrmsr(MSR_GS_BASE, *(uint64_t *)(o->rsp + 40));
    set = rdmsr(MSR_GS_BASE) == kernel && lsl(SEL_CPU) == CPU_NUMBER;
    wrmsr(MSR_GS_BASE, stored);
    b->wrong[STORED] = !set || rdmsr(MSR_GS_BASE) != expected;
}

static struct boundary *record(const struct outcome *o, bool ring0)
{
    struct sweep *w = now.w;
    struct boundary *b = &w->at[w->boundaries];

    if (w->boundaries++ == BOUNDARIES - 1)
        engine_abandon("more than %d boundaries", BOUNDARIES - 1);
    b->rip = o->frame.rip;
    b->ring0 = ring0;
    b->users = now.p->s.from != FROM_RING0 && !(w->swaps & 1);
    judge(b, o);
    if (ring0) {
        w->swaps += is_swapgs(b->rip);
        w->leaves = leaves_ring0(b->rip);
    }
    return b;
}

static bool in_stimulus(uint64_t rip)
{
    return rip >= (uint64_t)now.p->s.start && rip <= (uint64_t)now.p->s.resume;
}

static void take_db(unsigned ist)
{
    idt[VEC_db] = gate_make(capture_stubs[VEC_db], GATE_INTERRUPT, ist, 0);
}

/*
 * The event of a stub that runs on an IST of its own, taken by a capture stub
 * on that IST: its own stub now starts on the frame as it lies there, and
 * what stops it has another stack.
 */
static struct trapframe *hop(const struct outcome *o, struct trapframe *f)
{
    now.hopped = true;
    take_db(IST_harness_db);
    f->rip = (uint64_t)now.stub;
    f->cs = SEL_KERNEL_CS;
    f->ss = 0;
    f->rsp = o->rsp;
    f->rflags = FLAG_ONE;
    arm(f->rip);
    return f;
}

static struct trapframe *on_event(struct outcome *o)
{
    static struct trapframe f;
    bool ring3 = o->frame.cs & 3;

    f = o->frame;
    write_dr6(DR6_CLEAR);
    if (now.p->by_sign && !now.hopped && f.vector == now.p->s.vector)
        return hop(o, &f);
    if (o->frame.vector != VEC_db)
        engine_abandon("%s at %llx, gs base %llx",
                       vector_info((unsigned)o->frame.vector)->mnemonic,
                       (unsigned long long)o->frame.rip,
                       (unsigned long long)o->gs_base);
    f.rflags = (f.rflags & ~(uint64_t)FLAG_TF) | FLAG_RF;
    if (now.armed) {
        write_dr7(DR7_CLEAR);
        now.armed = false;
    }
    if (ring3 && !now.w->boundaries) { /* about to enter */
        record(o, false);
        arm((uint64_t)now.stub);
    } else if (ring3 || in_stimulus(f.rip)) {
        ; /* the path is over */
    } else if (!engine_under_test(f.rip)) {
        arm(*(uint64_t *)f.rsp); /* it has called C */
    } else {
        record(o, true);
        if (*(const uint8_t *)f.rip == STI)
            arm(f.rip + 1);
        f.rflags |= FLAG_TF;
    }
    return &f;
}

static leave on_entry(const struct entry *e, struct trapframe *f)
{
    const struct stimulus *s = &now.p->s;

    if (f->vector != s->vector)
        engine_abandon("%s at %llx, gs base %llx",
                       vector_info((unsigned)f->vector)->mnemonic,
                       (unsigned long long)f->rip,
                       (unsigned long long)e->gs_base);
    now.w->calls++;
    now.w->handler_gs = e->gs_base;
    trial_mend(&now.t.x, f);
    if (s->in_handler)
        s->in_handler(0);
    return s->leave_by;
}

/* Called by gs_sweep_gate.S. */
void gs_sweep_called(void)
{
    now.w->calls++;
    now.w->handler_gs = rdmsr(MSR_GS_BASE);
}

static const void *stub_of(const struct subject *p)
{
    const struct specimen *s = &specimen_linux;

    return p->stub ? p->stub : specimen_stub(s, p->s.vector)->stub;
}

static void before(struct trapframe *c)
{
    const struct subject *p = now.p;
    bool writes =
        p->s.from == FROM_RING3 && !p->asynchronous && gs_has_fsgsbase();

    specimen_install(&specimen_linux);
    take_db(p->by_sign ? IST_db : IST_harness_db);
    if (p->by_sign)
        idt[VEC_nmi] =
            gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, IST_nmi, 0);
    tss.ist[IST_harness_db - 1] = STACK_TOP(STACK_harness_db) - STORED_BYTES;
    *(uint64_t *)(STACK_TOP(STACK_harness_db) - STORED_BYTES) =
        (uint64_t)&percpu;
    gdt[SEL_CPU / 8] = descriptor_limited(
        DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(3) | DESCRIPTOR_DATA, DESCRIPTOR_DB,
        CPU_NUMBER);
    if (gs_has_fsgsbase())
        write_cr4(read_cr4() | CR4_FSGSBASE);
    if (p->s.before)
        p->s.before(c);
    if (writes) {
        c->r15 = now.user_gs;
        c->r14 = c->rip;
        c->rip = (uint64_t)sweep_wrgsbase;
        wrmsr(MSR_GS_BASE, 0);
    }
    if (!p->by_sign)
        arm(p->s.from == FROM_RING0 || p->asynchronous ? (uint64_t)now.stub
                                                       : (uint64_t)p->s.at);
}

static void after(void)
{
    if (now.p->s.after)
        now.p->s.after();
    tss.ist[IST_harness_db - 1] = STACK_TOP(STACK_harness_db);
    callgate_after();
}

void gs_sweep(struct sweep *w, const struct subject *p, uint64_t user_gs)
{
    struct stimulus s = p->s;
    struct run r = {.on_event = on_event, .on_entry = on_entry, .nmi = s.nmi};

    *w = (struct sweep){.end = RUN_ABANDONED};
    now.w = w;
    now.p = p;
    now.user_gs = user_gs;
    now.stub = stub_of(p);
    now.armed = now.hopped = false;
    s.before = before;
    s.after = after;
    trial_begin(&now.t, &s, user_gs);
    w->end = trial_run(&now.t, &r);
    w->final_gs = engine_last()->gs_base;
    fmt(w->trouble, sizeof(w->trouble), "%s", engine_trouble());
}
