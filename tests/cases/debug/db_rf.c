/* SPDX-License-Identifier: MIT */
/*
 * RF through every kind of entry, when it was set before.
 *
 * RF is cleared when an instruction begins, so what the instruction itself
 * raises by way of a trap or a call saves it clear: INT n, INT3, ICEBP,
 * SYSCALL's R11, the single-step trap and the data breakpoint.  What comes
 * between two instructions finds it as the IRETQ before has set it, and keeps
 * it: an interrupt and an NMI.  Faults set it themselves.
 *
 * An emulator that clears RF at an instruction's end is a beat behind: it
 * shows in what INT n saves.
 */
#include "apic.h"
#include "fmt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/origin.h"
#include "lib/sequence.h"
#include "lib/shadow.h"
#include "macros.h"
#include "vectors.h"

enum { KEPT = 1, STEPPED = 2, WATCHED = 4, REQUESTED = 8, NMI = 16 };

static const struct row {
    const char *id;
    enum shadow_lead lead;
    enum shadow_follower follower;
    unsigned setup;
} rows[] = {
    {"int80", LEAD_NOTHING, FOLLOWER_INT80, 0},
    {"int3", LEAD_NOTHING, FOLLOWER_INT3, 0},
    {"icebp", LEAD_NOTHING, FOLLOWER_ICEBP, 0},
    {"syscall", LEAD_NOTHING, FOLLOWER_SYSCALL, 0},
    {"sysenter", LEAD_NOTHING, FOLLOWER_SYSENTER, 0},
    {"ud", LEAD_NOTHING, FOLLOWER_UD, 0},
    {"step", LEAD_LOAD, FOLLOWER_INT80, STEPPED},
    {"watch", LEAD_LOAD, FOLLOWER_INT80, WATCHED},
    {"irq", LEAD_NOTHING, FOLLOWER_INT80, REQUESTED | KEPT},
    {"nmi", LEAD_NOTHING, FOLLOWER_INT80, NMI | KEPT},
};

static void before(struct trapframe *c)
{
    unsigned setup = (unsigned)stimulus_now()->argument;

    c->rflags |= FLAG_RF;
    if (setup & STEPPED)
        debug_step(c);
    if (setup & WATCHED)
        debug_arm(0, (uint64_t)&shadow_watched, DEBUG_ACCESS, 2);
    if (setup & REQUESTED) {
        apic_request(VEC_self_ipi);
    }
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    unsigned setup = (unsigned)s->argument;
    struct sequence q;

    sequence_begin(&q, s, w);
    if (setup & KEPT)
        sequence_event(&q, setup & NMI ? VEC_nmi : VEC_self_ipi, s->at);
    q.c.rflags &= ~(uint64_t)FLAG_RF;
    if (setup & (STEPPED | WATCHED)) {
        q.c.rax = shadow_watched;
        sequence_db(&q, s->at, setup & STEPPED ? DR6_BS : DR6_B(0));
        q.c.rflags &= ~(uint64_t)FLAG_TF;
    }
    sequence_event(&q, s->vector, s->vector == VEC_ud ? s->at : s->resume);
    sequence_end(&q);
}

/* An RF that the interrupt's frame has kept is of no use any more. */
static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    sequence_mend(nth, o, f);
    f->rflags &= ~(uint64_t)FLAG_RF;
}

static void run(const struct row *r, enum origin from)
{
    unsigned vector = shadow_probe(from, r->follower);
    struct stimulus s = shadow_stimulus(from, r->lead, r->follower, vector);
    char id[44];

    fmt(id, sizeof(id), "rf.%s.%s", r->id, origin_ids[from]);
    s.id = id;
    s.argument = r->setup;
    s.nmi = r->setup & NMI;
    s.in_full = vector < VECTORS && vector != VEC_ud;
    s.skipped_after =
        r->follower == FOLLOWER_ICEBP ? DEVIATION_INT1 : DEVIATION_NONE;
    s.before = before;
    s.after = debug_off;
    s.expect = expect;
    s.mend = mend;
    s.facts = "IV1 DB26 IV18 SC2";
    s.why = "RF is cleared when an instruction begins; interrupts between two "
            "save it as it is; SDM vol 3, Instruction-Breakpoint Exception";
    check_run(&s);
}

void case_db_rf(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++)
        for (unsigned o = 0; o < FROM_COUNT; o++)
            run(&rows[i], o);
}
