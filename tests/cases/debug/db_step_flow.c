/* SPDX-License-Identifier: MIT */
/*
 * Single-stepping where TF changes on the way, or one instruction is many.
 *
 * The trap is the instruction's own: POPF that clears TF still has it; POPF
 * that sets TF has none, and the one behind is the first to trap.  MOV SS has
 * none at all: the next trap is the next instruction's.  REP has one behind
 * each iteration, with RF in the image while it is not done.  HLT's own trap
 * ends it, no interrupt is needed.
 *
 * SYSCALL clears TF if FMASK names it, and is not followed by a trap then; a
 * kernel that forgets TF in FMASK is stepped from its first instruction on, on
 * the user's stack and with the user's GS base.
 */
#include "apic.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "selectors.h"
#include "syscall.h"
#include "vectors.h"

#define NOP 1 /* its length in bytes */

RING3(flow_popf3, "", "popf", "nop\nnop");
COMPAT(flow_popfc, "", "popf", "nop\nnop");
RING0(flow_popf0, "", "popf", "nop\nnop");
RING3(flow_mov_ss3, "", "mov flow_ss, %ss", "nop\nnop");
COMPAT(flow_mov_ssc, "", "mov %cs:flow_ss, %ss", "nop\nnop");
RING0(flow_mov_ss0, "", "mov flow_ss, %ss", "nop\nnop");
COMPAT(flow_pop_ssc, "", "pop %ss", "nop\nnop");
RING3(flow_rep3, "", "rep lodsb", "nop");
COMPAT(flow_repc, "", "rep lodsb %ss:(%esi), %al", "nop");
RING0(flow_rep0, "", "rep lodsb", "nop");
RING0(flow_hlt, "", "hlt", "nop");
RING0(flow_sti_hlt, "sti", "hlt", "nop");
RING3(flow_syscall, "", "syscall", "nop\nnop");

__attribute__((section(".user.data"), used)) volatile uint16_t flow_ss;
static char bytes[8] __attribute__((section(".user.data")));
#define ITERATIONS 3
/* Longer than a trap takes to come, shorter than a person's patience. */
#define WAKE_UP 2000000

static unsigned word(const struct stimulus *s)
{
    return s->from == FROM_COMPAT ? 4 : 8;
}

/* The argument of the POPFs: what they pop.  RSP is behind it afterwards. */
static void popf(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();

    c->rsp -= word(s);
    *(volatile uint32_t *)c->rsp = (uint32_t)s->argument;
    if (word(s) == 8)
        *(volatile uint32_t *)(c->rsp + 4) = 0;
    if (!(s->argument & FLAG_TF))
        debug_step(c);
}

static void expect_popf(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    q.c.rflags = s->argument;
    q.c.rsp += word(s);
    sequence_db(&q, s->argument & FLAG_TF ? s->resume + NOP : s->resume,
                DR6_BS);
    sequence_end(&q);
}

static void load_ss(struct trapframe *c)
{
    flow_ss = (uint16_t)c->ss;
    if (stimulus_now()->start == flow_pop_ssc) {
        c->rsp -= 4;
        *(volatile uint32_t *)c->rsp = SEL_USER_SS;
    }
    debug_step(c);
}

static void expect_deferred(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    if (s->start == flow_pop_ssc)
        q.c.rsp += 4;
    sequence_db(&q, s->resume + NOP, DR6_BS);
    sequence_end(&q);
}

static void rep(struct trapframe *c)
{
    c->rsi = (uint64_t)bytes;
    c->rcx = ITERATIONS;
    c->rax = 0;
    debug_step(c);
}

static void expect_rep(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    for (unsigned left = ITERATIONS; left--;) {
        struct wanted *e;

        q.c.rcx--;
        q.c.rsi++;
        e = sequence_db(&q, left ? s->at : s->resume, DR6_BS);
        if (left)
            e->o.frame.rflags |= FLAG_RF;
        if (amd)
            e->any_flags |= FLAG_RF;
    }
    sequence_end(&q);
}

static void mend_rep(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    sequence_mend(nth, o, f);
    if (f->rcx)
        f->rflags |= FLAG_TF;
}

/* If the trap does not come, an interrupt shall end it: again and again, as
 * the first may come before the HLT is reached. */
static void halt(struct trapframe *c)
{
    if (stimulus_now()->start == flow_sti_hlt)
        c->rflags &= ~(uint64_t)FLAG_IF;
    debug_step(c);
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
    apic_write(APIC_LVT_TIMER, VEC_timer | APIC_TIMER_PERIODIC);
    apic_write(APIC_TIMER_INITIAL, WAKE_UP);
}

static void wake(void)
{
    apic_timer_stop();
    debug_off();
}

static void expect_halt(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    q.c.rflags |= FLAG_IF;
    if (s->start == flow_sti_hlt)
        sequence_db(&q, s->at, DR6_BS);
    sequence_db(&q, s->resume, DR6_BS);
    sequence_end(&q);
}

static void mend_halt(unsigned nth, const struct outcome *o,
                      struct trapframe *f)
{
    sequence_mend(nth, o, f);
    if (f->rip == (uint64_t)stimulus_now()->at)
        f->rflags |= FLAG_TF;
    else
        apic_write(APIC_TIMER_INITIAL, 0);
}

static void unmask_tf(struct trapframe *c)
{
    wrmsr(MSR_FMASK, SYSCALL_FMASK & ~(uint64_t)FLAG_TF);
    debug_step(c);
}

static void mask_tf(void)
{
    wrmsr(MSR_FMASK, SYSCALL_FMASK);
    debug_off();
}

static void expect_unmasked(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    sequence_event(&q, VEC_SYSCALL64, s->resume);
    sequence_in_handler(&q, VEC_db, DR6_BS)->o.frame.rflags |= FLAG_TF;
    sequence_db(&q, s->resume + NOP, DR6_BS); /* TF is in R11, too */
    sequence_end(&q);
}

static const char why[] =
    "TF counts as it is when an instruction starts; MOV SS holds its trap off, "
    "REP traps each time; SDM vol 3, Single-Step Exception Condition";

#define FLOW(name, origin, code, setup, wants, ...)                            \
    {                                                                          \
        .id = "step." name, .from = origin, CODE(code), .vector = VEC_db,      \
        .before = setup, .expect = wants, .why = why, __VA_ARGS__              \
    }
#define IN_ALL(name, code, setup, wants, ...)                                  \
    FLOW(name ".ring3", FROM_RING3, code##3, setup, wants, __VA_ARGS__),       \
        FLOW(name ".compat", FROM_COMPAT, code##c, setup, wants, __VA_ARGS__), \
        FLOW(name ".ring0", FROM_RING0, code##0, setup, wants, __VA_ARGS__)

static const struct stimulus stimuli[] = {
    IN_ALL("popf-sets", flow_popf, popf, expect_popf, .facts = "DB8 DB25",
           .argument = FLAG_ONE | FLAG_IF | FLAG_TF),
    IN_ALL("popf-clears", flow_popf, popf, expect_popf, .facts = "DB8 DB25",
           .argument = FLAG_ONE | FLAG_IF | FLAG_ZF),
    IN_ALL("mov-ss", flow_mov_ss, load_ss, expect_deferred, .facts = "DB8"),
    FLOW("pop-ss.compat", FROM_COMPAT, flow_pop_ssc, load_ss, expect_deferred,
         .facts = "DB8 SH2"),
    IN_ALL("rep", flow_rep, rep, expect_rep, .facts = "DB13", .mend = mend_rep,
           .clobbers = REG_RAX),
    FLOW("hlt", FROM_RING0, flow_hlt, halt, expect_halt, .facts = "DB8",
         .after = wake, .mend = mend_halt, .confidence = CONFIDENCE_MEDIUM),
    FLOW("sti-hlt", FROM_RING0, flow_sti_hlt, halt, expect_halt, .facts = "DB8",
         .after = wake, .mend = mend_halt, .confidence = CONFIDENCE_MEDIUM),
    FLOW("syscall-unmasked", FROM_RING3, flow_syscall, unmask_tf,
         expect_unmasked, .facts = "DB9 SC12", .after = mask_tf,
         .clobbers = REG_RCX | REG_R11),
};

void case_db_step_flow(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++) {
        struct stimulus s = stimuli[i];

        if (!s.after)
            s.after = debug_off;
        if (!s.mend)
            s.mend = sequence_mend;
        check_run(&s);
    }
}
