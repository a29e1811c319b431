/* SPDX-License-Identifier: MIT */
/*
 * A REP instruction that is interrupted half-way.
 *
 * Between two iterations a trap or an interrupt may come.  The frame then has
 * the address of the REP instruction, RCX and RSI say how much is left, and
 * RF is set in the image: on return the instruction goes on, and a breakpoint
 * on it does not fire once more (Intel's rule; on AMD the RF bit is left
 * open).  With TF each iteration is a step.  A kernel that copies from a user
 * relies on the registers; one that finds RIP behind the instruction with RCX
 * not zero has lost the rest.
 */
#include "apic.h"
#include "layout.h"
#include "lib/triggers.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define STEPS 3
#define LONG 16384 /* bytes of ring 3's stack: all of it */
#define TRIES 6    /* interrupts, until one lands in the REP */
#define TIMER_COUNT 50000

/* Stepped: RCX and RSI are set from outside. */
RING3(rep_step3, "", "rep lodsb", "");
COMPAT(rep_stepc, "", "rep lodsb %ss:(%esi), %al", "");
RING0(rep_step0, "", "rep lodsb", "");

/* Interrupted: started again and again until it is. */
#define FILL                                                                   \
    "3: mov $" STRING(LONG) ", %ecx\nmov $" STRING(VA_USER_STACK) ", %esi"
#define AGAIN WAIT_OR("3b")
RING3(rep_irq3, FILL, "rep lodsb", AGAIN);
RING0(rep_irq0, FILL, "rep lodsb", AGAIN);

static const char why[] =
    "between iterations RIP is the REP's, RCX and RSI what is left, RF set in "
    "the image; SDM vol 3, Instruction-Breakpoint Exception Condition";

static void step(struct trapframe *c)
{
    c->rflags |= FLAG_TF;
    c->rcx = STEPS;
    c->rsi = VA_USER_STACK;
}

static void step_on(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)o;
    if (nth < STEPS - 1)
        f->rflags |= FLAG_TF;
}

static void iterations(const struct stimulus *s, struct want *w, bool amd)
{
    for (unsigned i = 0; i < STEPS; i++) {
        struct wanted *e = &w->event[i];
        bool last = i == STEPS - 1;

        e->any &= ~(ANY(rcx) | ANY(rsi));
        e->o.frame.rcx = STEPS - 1 - i;
        e->o.frame.rsi = VA_USER_STACK + 1 + i;
        e->o.frame.rip = (uint64_t)(last ? s->resume : s->at);
        if (!last)
            e->o.frame.rflags |= FLAG_RF;
        if (amd)
            e->any_flags |= FLAG_RF;
    }
}

/* The interrupt that landed in the REP, and whether what it saw adds up. */
static unsigned landed;
static bool has_landed;
static uint64_t left;

static void start_timer(struct trapframe *c)
{
    (void)c;
    landed = TRIES - 1;
    left = 0;
    has_landed = false;
    apic_timer_start(TIMER_COUNT);
}

static void until_it_lands(unsigned nth, const struct outcome *o,
                           struct trapframe *f)
{
    (void)f;
    /* With all of it left, it came before the first iteration. */
    if (o->frame.rip == (uint64_t)stimulus_now()->at && o->frame.rcx < LONG) {
        landed = nth;
        has_landed = true;
        if (o->frame.rsi + o->frame.rcx == VA_USER_STACK + LONG)
            left = o->frame.rcx;
    }
    if (nth >= landed)
        stimulus_stop = 1;
    else
        apic_write(APIC_TIMER_INITIAL, TIMER_COUNT);
}

static void the_last_one(const struct stimulus *s, struct want *w, bool amd)
{
    struct wanted *e = &w->event[landed];

    w->event[landed + 1] = w->event[TRIES];
    w->count = landed + 2;
    e->any &= ~(ANY(rip) | ANY(rcx));
    e->o.frame.rip = (uint64_t)s->at;
    e->o.frame.rcx = left;
    e->o.frame.rflags |= FLAG_RF;
    if (amd)
        e->any_flags |= FLAG_RF;
}

/* Where the host was away each time the timer ran down. */
static const char *never_within(const struct stimulus *s)
{
    (void)s;
    return has_landed ? 0 : "no interrupt came between two iterations";
}

#define STEPPED(name, origin, code)                                            \
    {                                                                          \
        .id = "rep.tf." name, .from = origin, CODE(code), .vector = VEC_db,    \
        .saved = SAVED_RESUME, .address = DR6_BS, .entries = STEPS,            \
        .clobbers = REG_RAX | REG_RCX | REG_RSI, .flags_changed = FLAG_TF,     \
        .before = step, .mend = step_on, .expect = iterations,                 \
        .in_full = true, .facts = "IV35 IV18 DB13", .why = why                 \
    }
#define INTERRUPTED(name, origin, code)                                        \
    {                                                                          \
        .id = "rep.irq." name, .from = origin, CODE(code),                     \
        .vector = VEC_timer, .saved = SAVED_WITHIN, .entries = TRIES,          \
        .clobbers = REG_RAX | REG_RCX | REG_RDX | REG_RSI,                     \
        .flags_changed = ARITHMETIC_FLAGS, .before = start_timer,              \
        .after = apic_timer_stop, .mend = until_it_lands,                      \
        .expect = the_last_one, .missed = never_within,                        \
        .reports = DEVIATION_REP_RF, .facts = "IV35 IV18 DB14", .why = why     \
    }

static const struct stimulus stimuli[] = {
    STEPPED("ring3", FROM_RING3, rep_step3),
    STEPPED("compat", FROM_COMPAT, rep_stepc),
    STEPPED("ring0", FROM_RING0, rep_step0),
    INTERRUPTED("ring3", FROM_RING3, rep_irq3),
    INTERRUPTED("ring0", FROM_RING0, rep_irq0),
};

void case_rep(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
