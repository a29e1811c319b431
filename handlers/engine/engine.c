/* SPDX-License-Identifier: MIT */
/*
 * Becoming a context, and coming back.  A context is a struct trapframe: all
 * general registers, RIP, RSP, RFLAGS and the two selectors that say in which
 * ring and mode it runs.
 *
 * Code that is under test cannot be called: it may fault, be interrupted,
 * change every register and leave at another place.  So the harness does what
 * a kernel does to run a user: it puts a context on a stack and executes IRETQ.
 * From then on it has control only when something enters ring 0:
 *
 *   engine_run() --> run_context() --> the context: ring 3, compat or ring 0
 *        ^                                |  something enters ring 0
 *        |                                v
 *   running_end() <-- on_event() <-- capture() <-- capture stub, saves all
 *                         |
 *                         +--> or on with the context that it returns
 *
 * Nothing returns through a capture stub: go_context() loads a context whole
 * and leaves by IRETQ, also back into engine_run(), whose own context
 * run_context() has kept in running.back.  So a run can be given up from
 * anywhere, from inside an NMI's handler as well, with nothing to unwind:
 * frames that are left on the stacks are dead, and each stack is used from its
 * top again.  A run that ends by itself executes INT VEC_gate, "the gate".
 *
 * Entries on a specimen's stubs come through entry/body.S to specimen_call.c,
 * and do return: the stub's way out is under test, too.  With an NMI on the
 * next instruction: nmi_pair.c.  The assembly is entry/capture.S; what the
 * rooms above call is engine.h.
 */
#include "engine.h"

#include "apic.h"
#include "fatal.h"
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "kernel.h"
#include "msr.h"
#include "running.h"
#include "stacks.h"
#include "start.h"
#include "unwind.h"
#include "vectors.h"
#include "watchdog.h"

/* Bounds of the code under test that is linked in: entry/core.lds. */
extern const char under_test_start[], under_test_end[], text_end[];
/* entry/body.S */
extern const char specimen_calls[], specimen_calls_end[];

struct running running;

/* What capture.S leaves on the stack; the frame may have an error code. */
struct raw {
    uint64_t general[GENERAL_REGISTERS], vector, rflags;
    uint64_t hardware[6];
};

enum run_end engine_end(void)
{
    return running.end;
}

const struct outcome *engine_last(void)
{
    return &running.last;
}

unsigned engine_strays(void)
{
    return running.strays;
}

const char *engine_trouble(void)
{
    return running.trouble;
}

bool engine_under_test(uint64_t rip)
{
    return (rip >= (uint64_t)under_test_start &&
            rip < (uint64_t)under_test_end) ||
           (specimen_own && kernel_under_test(rip));
}

bool engine_called(uint64_t rip)
{
    return rip >= (uint64_t)specimen_calls &&
           rip < (uint64_t)specimen_calls_end;
}

void engine_set_gs(uint64_t gs_base, uint64_t kernel_gs_base)
{
    wrmsr(MSR_GS_BASE, gs_base);
    wrmsr(MSR_KERNEL_GS_BASE, kernel_gs_base);
}

/* --- out: into a context, and back into engine_run()'s caller ------------- */

enum run_end engine_run(const struct run *r, const struct trapframe *context)
{
    /* With an NMI the run begins in the harness, which sends the first of the
     * two; the context comes with the second. */
    const struct trapframe sender = {
        .rip = (uint64_t)nmi_pair_begin,
        .cs = selectors.kernel_cs,
        .rflags = FLAG_ONE,
        .rsp = STACK_TOP(STACK_ring0) - 8,
        .ss = selectors.kernel_ss,
    };

    running.run = r;
    running.busy = false;
    running.own_gates = r->own_gates;
    watchdog_kick();
    if (r->begun)
        r->begun();
    if (r->nmi)
        nmi_pair_arm(context, IST_nmi);
    run_context(r->nmi ? &sender : context, &running.back);
    running.run = 0;
    nmi_pair_disarm();
    return running.end;
}

_Noreturn void running_end(enum run_end end)
{
    running.busy = false;
    running.end = end;
    go_context(&running.back);
}

_Noreturn void engine_abandon(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vfmt(running.trouble, sizeof(running.trouble), format, ap);
    va_end(ap);
    running_end(RUN_ABANDONED);
}

_Noreturn void running_hang(const struct trapframe *f)
{
    fmt(running.trouble, sizeof(running.trouble),
        "no end in sight after seconds, at %llx in ring %d",
        (unsigned long long)f->rip, (int)f->cs & 3);
    running_end(RUN_HANG);
}

_Noreturn void engine_go(const struct trapframe *context)
{
    running.busy = false;
    go_context(context);
}

_Noreturn void engine_go_with_trap(const struct trapframe *context)
{
    running.busy = false;
    go_context_trap(context);
}

/* --- in: what a capture stub has saved ------------------------------------ */

static void read_outcome(struct outcome *o, const struct raw *raw)
{
    const uint64_t *hw = raw->hardware;
    /* The processor aligned RSP to 16 before it pushed five quadwords or, with
     * an error code, six: which of the two, RSP itself says, and no table of
     * vectors has to be believed. */
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
    __builtin_memcpy(o->frame.general, raw->general, sizeof(raw->general));
    o->frame.vector = raw->vector;
    o->frame.error_code = error_code ? *hw++ : 0;
    o->frame.rip = hw[0];
    o->frame.cs = hw[1];
    o->frame.rflags = hw[2];
    o->frame.rsp = hw[3];
    o->frame.ss = hw[4];
    /* SYSCALL and SYSENTER push nothing: the stub did, on a stack of its own,
     * and RSP in the handler is the caller's. */
    if (raw->vector >= VECTORS)
        o->rsp = o->frame.rsp;
}

static bool in_harness(const struct trapframe *f)
{
    return !(f->cs & 3) && f->rip >= VA_CORE && f->rip < (uint64_t)text_end &&
           !engine_under_test(f->rip) && !engine_called(f->rip);
}

/* Traps and interrupts may come in the harness's code, on purpose (a watched
 * stack) or not (an NMI from elsewhere).  A fault there is a bug of ours. */
bool running_own_fault(const struct trapframe *f)
{
    return in_harness(f) && f->vector < VECTORS &&
           (vector_info(f->vector)->class == FAULT || f->vector == VEC_df ||
            (running.busy && f->vector == VEC_mc));
}

/* A machine check after which the processor can go on, as it says.  What it
 * reports is no check's business, but the next one must not be a shutdown. */
static bool machine_check_over(void)
{
    uint64_t status;

    return msr_read(MSR_MCG_STATUS, &status) && status & MCG_STATUS_RIPV &&
           msr_write(MSR_MCG_STATUS, 0);
}

/* It is of no run's, or comes into the middle of what is made of another
 * event: to be forgotten. */
static bool stray(const struct trapframe *f, enum watchdog_nmi alarm)
{
    if (running.run && !(running.busy && in_harness(f)))
        return false;
    if (processor_woken(f)) {
        apic_eoi();
        return true;
    }
    if (f->vector == VEC_nmi && alarm == WATCHDOG_NOT) {
        running.strays++;
        return true;
    }
    if (f->vector != VEC_mc || !machine_check_over())
        return false;
    running.strays++;
    return true;
}

/* Called by capture.S with what it saved, on the stack that the event came
 * to; leaves by go_context(), never by returning. */
_Noreturn void capture(struct raw *raw)
{
    bool nmi = raw->vector == VEC_nmi;
    enum watchdog_nmi alarm = nmi ? watchdog_nmi() : WATCHDOG_NOT;
    struct outcome o;
    struct trapframe *next;

    if (nmi && nmi_pair_armed() && alarm == WATCHDOG_NOT)
        nmi_pair_first(); /* nothing to look at */
    read_outcome(&o, raw);
    if (o.frame.vector == VEC_gp && (o.frame.rip == (uint64_t)msr_read_at ||
                                     o.frame.rip == (uint64_t)msr_write_at)) {
        raw->hardware[1] = (uint64_t)msr_absent;
        go_back_from_fault(raw);
    }
    if (alarm == WATCHDOG_HANG && !running.run && unwind_possible())
        fatal_hang(&o);
    if (stray(&o.frame, alarm) || alarm == WATCHDOG_WAITS ||
        (alarm == WATCHDOG_HANG && !running.run))
        go_back(raw);
    /* The IRETQ into a context faults if the frame is not one that can be
     * returned to: on_event has led there, and would lead there again. */
    if (running.run && (o.frame.rip == (uint64_t)go_context_iretq ||
                        o.frame.rip == (uint64_t)go_context_trap_iretq))
        engine_abandon("where this led to there is no going on from: %s",
                       vector_info((unsigned)o.frame.vector)->mnemonic);
    if (!running.run || running_own_fault(&o.frame))
        fatal(&o, "an exception in the core itself");
    if (alarm == WATCHDOG_HANG)
        running_hang(&o.frame);
    if (o.frame.vector == VEC_gate && !running.own_gates--) {
        running.last = o;
        running_end(RUN_GATE);
    }
    running.busy = true;
    next = running.run->on_event(&o);
    running.busy = false;
    /* One that was sent from outside may have come too early, into harness
     * code that is itself on the capture stack. */
    if (next && o.frame.vector == VEC_mc && !(o.frame.cs & 3) &&
        !engine_under_test(o.frame.rip))
        go_back(raw);
    if (next)
        go_context(next);
    running.last = o;
    running_end(RUN_EVENT);
}
