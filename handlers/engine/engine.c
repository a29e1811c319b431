/* SPDX-License-Identifier: MIT */
/*
 * Becoming a context, and coming back.  A context is a struct trapframe: all
 * general registers, RIP, RSP, RFLAGS and the two selectors that say in which
 * ring and mode it runs.  The way round, one run at a time:
 *
 *   engine_run() --> run_context() --> the context: ring 3, compat or ring 0
 *        ^                                |  something enters ring 0
 *        |                                v
 *     finish() <-- on_event() <-- capture() <-- capture stub, which saves all
 *                      |
 *                      +--> or on with the context that it returns
 *
 * Nothing returns through a capture stub: go_context() loads a context whole
 * and leaves by IRETQ, also back into engine_run(), whose own context
 * run_context() has kept in engine.back.  So a run can be given up from
 * anywhere, however deep in whatever handler.  A run that ends by itself
 * executes INT VEC_gate, "the gate".
 *
 * Entries on a specimen's stubs come through entry/body.S to engine_handle()
 * and engine_body(), and do return: the stub's way out is under test, too.
 * The assembly is entry/capture.S; what the rooms above call is engine.h.
 */
#include "engine.h"

#include "apic.h"
#include "fatal.h"
#include "fmt.h"
#include "handoff.h"
#include "idt.h"
#include "insn.h"
#include "msr.h"
#include "patience.h"
#include "selectors.h"
#include "snippet.h"
#include "stacks.h"
#include "vectors.h"
#include "watchdog.h"

/* entry/capture.S */
_Noreturn void go_context(const struct trapframe *context);
void run_context(const struct trapframe *context, struct trapframe *back);
_Noreturn void go_context_trap(const struct trapframe *context);
extern const char go_context_iretq[], go_context_trap_iretq[];

/* Bounds of the code under test: entry/core.lds. */
extern const char under_test_start[], under_test_end[], text_end[];

#define NMI_WAIT 10   /* of a second, one part in so many */
#define LATCH_READS 8 /* port reads, about 1 us each: time for the latch */
#define PORT_DELAY 0x80

static struct {
    const struct run *run; /* NULL: no run, every event is the core's fault */
    struct trapframe back;
    struct outcome last;
    enum run_end end;
    char trouble[96];
    unsigned strays;       /* NMIs that came when no run was on */
    volatile bool kicking; /* the first of a pair of NMIs is on its way */
    struct trapframe target;
    struct gate nmi_gate; /* where the second one shall go */
    unsigned own_gates;   /* still to come */
} engine;

/* Quadwords that specimen_body finds or pushes: 15 registers, RFLAGS, RIP. */
#define BODY_PUSHED 17

/* What capture.S leaves on the stack; the frame may have an error code. */
struct raw {
    uint64_t regs[GENERAL_REGISTERS], vector, rflags;
    uint64_t hardware[6];
};

enum run_end engine_end(void)
{
    return engine.end;
}

const struct outcome *engine_last(void)
{
    return &engine.last;
}

unsigned engine_strays(void)
{
    return engine.strays;
}

const char *engine_trouble(void)
{
    return engine.trouble;
}

bool engine_under_test(uint64_t rip)
{
    return rip >= (uint64_t)under_test_start && rip < (uint64_t)under_test_end;
}

void engine_set_gs(uint64_t gs_base, uint64_t kernel_gs_base)
{
    wrmsr(MSR_GS_BASE, gs_base);
    wrmsr(MSR_KERNEL_GS_BASE, kernel_gs_base);
}

static _Noreturn void finish(enum run_end end)
{
    engine.end = end;
    go_context(&engine.back);
}

_Noreturn void engine_abandon(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vfmt(engine.trouble, sizeof(engine.trouble), format, ap);
    va_end(ap);
    finish(RUN_ABANDONED);
}

_Noreturn void engine_go(const struct trapframe *context)
{
    go_context(context);
}

_Noreturn void engine_go_with_trap(const struct trapframe *context)
{
    go_context_trap(context);
}

/* The first NMI of a pair: sent from harness code, where it does no harm. */
static _Noreturn void kick(void)
{
    apic_send_self(APIC_DELIVER_NMI, 0);
    WAIT_UNTIL(handoff.tsc_hz / NMI_WAIT, !engine.kicking);
    finish(RUN_NO_NMI);
}

static void take_first_nmi(unsigned ist)
{
    idt[VEC_nmi] = gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, ist, 0);
}

_Noreturn void engine_go_with_nmi(const struct trapframe *context)
{
    engine.target = *context;
    engine.nmi_gate = idt[VEC_nmi];
    /* On #DF's stack: a frame that is in use on the NMI's stays as it is. */
    take_first_nmi(IST_df);
    engine.kicking = true;
    kick();
}

/* In the first NMI: the second is latched, and lands after the IRETQ. */
static _Noreturn void kicked(void)
{
    engine.kicking = false;
    idt[VEC_nmi] = engine.nmi_gate;
    apic_send_self(APIC_DELIVER_NMI, 0);
    for (unsigned i = 0; i < LATCH_READS; i++)
        inb(PORT_DELAY);
    go_context(&engine.target);
}

enum run_end engine_run(const struct run *r, const struct trapframe *context)
{
    engine.run = r;
    engine.own_gates = r->own_gates;
    watchdog_kick();
    if (r->nmi) {
        /* kick() runs where the harness is; back is filled on the way. */
        struct trapframe kicker = {
            .rip = (uint64_t)kick,
            .cs = SEL_KERNEL_CS,
            .rflags = FLAG_ONE,
            .rsp = STACK_TOP(STACK_ring0) - 8,
            .ss = SEL_KERNEL_SS,
        };
        engine.target = *context;
        engine.nmi_gate = idt[VEC_nmi];
        take_first_nmi(IST_nmi);
        engine.kicking = true;
        run_context(&kicker, &engine.back);
    } else {
        run_context(context, &engine.back);
    }
    engine.run = 0;
    if (engine.kicking) {
        engine.kicking = false;
        idt[VEC_nmi] = engine.nmi_gate;
    }
    return engine.end;
}

RING0(engine_nothing, "", "nop", "");

static struct drained drained;

static struct trapframe *drain_one(struct outcome *o)
{
    static struct trapframe f;

    if (!drained.count++)
        drained.vector = (unsigned)o->frame.vector;
    apic_quiesce();
    f = o->frame;
    return &f;
}

struct drained engine_drain(void)
{
    static const struct run r = {.on_event = drain_one};
    struct trapframe c = {
        .rip = (uint64_t)engine_nothing,
        .cs = SEL_KERNEL_CS,
        .rflags = FLAG_ONE | FLAG_IF,
        .rsp = STACK_TOP(STACK_ring0) - 8,
        .ss = SEL_KERNEL_SS,
    };

    /* The run that this cleans up after is still being looked at. */
    struct outcome last = engine.last;
    enum run_end end = engine.end;

    drained = (struct drained){0, 0};
    engine_run(&r, &c);
    engine.last = last;
    engine.end = end;
    return drained;
}

static _Noreturn void hang(const struct trapframe *f)
{
    fmt(engine.trouble, sizeof(engine.trouble),
        "no end in sight after seconds, at %llx in ring %d",
        (unsigned long long)f->rip, (int)f->cs & 3);
    finish(RUN_HANG);
}

static void read_outcome(struct outcome *o, const struct raw *raw)
{
    const uint64_t *hw = raw->hardware;
    /* RSP was a multiple of 16 before the frame was pushed. */
    bool error_code = !((uint64_t)hw & 8);

    *o = (struct outcome){
        .error_code = error_code,
        .rsp = (uint64_t)hw,
        .rflags = raw->rflags,
        .cs = read_cs(),
        .ss = read_ss(),
        .ds = read_ds(),
        .es = read_es(),
        .fs = read_fs(),
        .gs = read_gs(),
        .gs_base = rdmsr(MSR_GS_BASE),
        .kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE),
        .fs_base = rdmsr(MSR_FS_BASE),
        .cr2 = read_cr2(),
        .dr6 = read_dr6(),
        .dr7 = read_dr7(),
    };
    __builtin_memcpy(o->frame.general, raw->regs, sizeof(raw->regs));
    o->frame.vector = raw->vector;
    o->frame.error_code = error_code ? *hw++ : 0;
    o->frame.rip = hw[0];
    o->frame.cs = hw[1];
    o->frame.rflags = hw[2];
    o->frame.rsp = hw[3];
    o->frame.ss = hw[4];
    if (raw->vector >= VECTORS) /* no frame: this is what there is instead */
        o->rsp = o->frame.rsp;
}

/* A fault whose RIP is in the harness's code: ours, not the subject's. */
static bool own_fault(const struct trapframe *f)
{
    return f->vector < VECTORS && vector_info(f->vector)->class == FAULT &&
           !(f->cs & 3) && f->rip >= VA_CORE && f->rip < (uint64_t)text_end &&
           !engine_under_test(f->rip);
}

/* Called by capture.S with what it saved; leaves by go_context(). */
_Noreturn void capture(const struct raw *raw)
{
    bool nmi = raw->vector == VEC_nmi, alarm = nmi && watchdog_fired();
    struct outcome o;
    struct trapframe *next;

    if (nmi && engine.kicking && !alarm) /* nothing to look at: be quick */
        kicked();
    read_outcome(&o, raw);
    if (nmi && !engine.run) {
        engine.strays++; /* a foreign one is none of our business, and nothing
                          * hangs between runs */
        go_context(&o.frame);
    }
    if (engine.run && (o.frame.rip == (uint64_t)go_context_iretq ||
                       o.frame.rip == (uint64_t)go_context_trap_iretq))
        engine_abandon("where this led to there is no going on from: %s",
                       vector_info((unsigned)o.frame.vector)->mnemonic);
    if (!engine.run || own_fault(&o.frame))
        fatal(&o, "an exception in the core itself");
    if (alarm)
        hang(&o.frame);
    if (o.frame.vector == VEC_gate && !engine.own_gates--) {
        engine.last = o;
        finish(RUN_GATE);
    }
    next = engine.run->on_event(&o);
    if (next)
        go_context(next);
    engine.last = o;
    finish(RUN_EVENT);
}

/* Called by entry/body.S for the specimens' stubs. */
leave engine_handle(struct trapframe *f);
void engine_body(const uint64_t *regs);

leave engine_handle(struct trapframe *f)
{
    struct entry e = {
        .frame = *f,
        .stack = (uint64_t)f,
        .gs_base = rdmsr(MSR_GS_BASE),
        .kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE),
    };

    if (f->vector == VEC_nmi && engine.run && watchdog_fired())
        hang(f);
    if (!engine.run || !engine.run->on_entry || own_fault(f)) {
        struct outcome o = {.frame = *f,
                            .gs_base = e.gs_base,
                            .kernel_gs_base = e.kernel_gs_base,
                            .cr2 = read_cr2()};
        fatal(&o, "an exception in the core itself, on a specimen's stub");
    }
    if (f->vector < VECTORS && vector_info(f->vector)->class == EVENT &&
        f->vector != VEC_nmi && apic_in_service(f->vector)) {
        e.in_service = true;
        apic_eoi();
        e.stuck = apic_in_service((uint8_t)f->vector);
    }
    return engine.run->on_entry(&e, f);
}

void engine_body(const uint64_t *regs)
{
    struct body b = {
        .gs_base = rdmsr(MSR_GS_BASE),
        .kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE),
        .rsp = (uint64_t)(regs + BODY_PUSHED),
        .rip = regs[BODY_PUSHED - 1],
    };

    if (!engine.run || !engine.run->on_body)
        return;
    if (watchdog_fired()) {
        struct trapframe f = {.rip = b.rip, .cs = read_cs()};

        hang(&f);
    }
    engine.run->on_body(&b);
}
