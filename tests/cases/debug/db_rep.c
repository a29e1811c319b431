/* SPDX-License-Identifier: MIT */
/*
 * Interrupts in the middle of REP.
 *
 * A REP can be interrupted between two iterations.  What is saved then is the
 * address of the REP itself, the registers say how far it got, and the IRET
 * back goes on with it.  RF is set in the image, or an instruction breakpoint
 * on the REP would fire again; on that AMD's manual is not clear.
 *
 * A timer is set and a long REP LODSB repeated until it comes, so it comes
 * within one nearly always; the few instructions between two of them prove
 * nothing, and fail nobody.
 */
#include "apic.h"
#include "engine/persona.h"
#include "judge/diff.h"
#include "layout.h"
#include "lib/sequence.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define BYTES 0x4000 /* the user's stack is read: it is as long as that */
#define TIMER_COUNT 200000
#define ICR_NMI (APIC_DELIVER_NMI | 1u << 14 /* level: assert */)

#define AGAIN "1: mov $" STRING(BYTES) ", %ecx\nmov %ebx, %esi"
#define UNTIL "cmpl $0, %ss:stimulus_stop\nje 1b"
RING3(rep_lods3, AGAIN, "rep lodsb", UNTIL);
COMPAT(rep_lodsc, AGAIN, "rep lodsb %ss:(%esi), %al", UNTIL);
RING0(rep_lods0, AGAIN, "rep lodsb", UNTIL);
/* The NMI is sent right before; when it comes the machine decides. */
RING0(rep_nmi, "mov %ebp, (%rdi)", "rep lodsb", "");

static struct trapframe interrupted;

static void start_timer(struct trapframe *c)
{
    c->rbx = VA_USER_STACK;
    apic_timer_start(TIMER_COUNT);
}

static void address_icr(struct trapframe *c)
{
    c->rsi = VA_USER_STACK;
    c->rcx = BYTES;
    c->rdi = VA_APIC + APIC_ICR;
    c->rbp = ICR_NMI;
    apic_write(APIC_ICR_HIGH, apic_read(APIC_ID));
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    e = sequence_event(&q, s->vector, s->at);
    e->any |= ANY(rip) | ANY(rcx) | ANY(rsi);
    e->any_flags |= FLAG_RF; /* see progress() */
    q.c.rcx = 0;
    q.c.rsi = VA_USER_STACK + BYTES;
    sequence_end(&q);
}

static void remember(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    sequence_mend(nth, o, f);
    interrupted = o->frame;
}

/* In the middle of it: are the registers and RF as they must be then? */
static void progress(const struct stimulus *s, struct diff *d)
{
    uint64_t left = (uint32_t)interrupted.rcx;

    if (interrupted.rip != (uint64_t)s->at)
        return;
    diff_hex(d, "rsi", VA_USER_STACK + BYTES - left, interrupted.rsi);
    diff_text(d, "iterations left", "some",
              left && left <= BYTES ? "some" : "none");
    if (left < BYTES && persona.intel &&
        !deviation_reported(DEVIATION_FAULT_RF) &&
        !deviation_reported(DEVIATION_REP_RF))
        diff_flags(d, "saved rflags", FLAG_RF, interrupted.rflags & FLAG_RF);
}

static const char *only_xapic(const struct stimulus *s)
{
    return apic_is_x2apic() ? "made for an APIC in xAPIC mode" : 0;
}

#define REP(name, origin, code, v, setup, ...)                                 \
    {                                                                          \
        .id = "rep.lods." name, .from = origin, CODE(code), .vector = v,       \
        .clobbers = REG_RAX, .flags_changed = ARITHMETIC_FLAGS,                \
        .before = setup, .in_handler = stimulus_stop_spinning,                 \
        .expect = expect, .mend = remember, .also = progress,                  \
        .facts = "DB14 IV35 IV18", .why = why, __VA_ARGS__                     \
    }

static const char why[] =
    "REP interrupted between iterations saves its own address, RF set, and "
    "goes "
    "on behind IRET; SDM vol 3, Instruction-Breakpoint; vol 2 REP";

static const struct stimulus stimuli[] = {
    REP("irq.ring3", FROM_RING3, rep_lods3, VEC_timer, start_timer,
        .after = apic_timer_stop),
    REP("irq.compat", FROM_COMPAT, rep_lodsc, VEC_timer, start_timer,
        .after = apic_timer_stop),
    REP("irq.ring0", FROM_RING0, rep_lods0, VEC_timer, start_timer,
        .after = apic_timer_stop),
    REP("nmi.ring0", FROM_RING0, rep_nmi, VEC_nmi, address_icr,
        .unfit = only_xapic),
};

void case_db_rep(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
