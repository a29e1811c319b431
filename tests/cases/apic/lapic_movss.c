/* SPDX-License-Identifier: MIT */
/*
 * MOV SS and POP SS hold an interrupt off for one instruction, with IF=1 all
 * along: so that SS and RSP can be loaded as a pair.
 *
 * What is pending before the MOV SS comes before it.  So the interrupt has to
 * fall into it by chance: a timer goes off, several times, somewhere in a
 * long row of MOV SS;NOP.  Wherever it comes, it is never between the two.
 */
#include "lib/lapic.h"
#include "vectors.h"

#define PAIRS "32"
#define PAIR_BYTES 3u /* of which the last is the NOP */
#define SHOTS 6
#define FIRST_SHOT 20000 /* bus cycles */
#define LATER_BY 7919

#define IN_A_ROW(shadowing) ".rept " PAIRS "\n" shadowing "\nnop\n.endr"
#define MOV_SS IN_A_ROW("mov %ebx, %ss")
#define AGAIN WAIT_OR("3b")
#define AGAIN32 WAIT_OR32("3b")

RING3(lapic_movss3, "mov %ss, %ebx\n3:", MOV_SS, AGAIN);
RING0(lapic_movss0, "mov %ss, %ebx\n3:", MOV_SS, AGAIN);
COMPAT(lapic_movss32, "mov %ss, %ebx\n3:", MOV_SS, AGAIN32);
COMPAT(lapic_popss32, "mov %ss, %ebx\n3:", IN_A_ROW("push %ebx\npop %ss"),
       AGAIN32);

static void shoot(unsigned nth)
{
    apic_write(APIC_TIMER_INITIAL, FIRST_SHOT + nth * LATER_BY);
}

static void first_shot(struct trapframe *c)
{
    (void)c;
    apic_write(APIC_LVT_TIMER, VEC_timer);
    shoot(0);
}

static void and_again(unsigned nth, const struct outcome *o,
                      struct trapframe *f)
{
    lapic_mend(nth, o, f);
    if (nth + 1 < SHOTS)
        shoot(nth + 1);
}

static void never_between(const struct stimulus *s, struct diff *d)
{
    lapic_also(s, d);
    for (unsigned i = 0; i < SHOTS && !diff_any(d); i++) {
        uint64_t rip = lapic_seen[i].rip, at = (uint64_t)s->at;

        if (rip >= at && rip < (uint64_t)s->resume &&
            (rip - at) % PAIR_BYTES == PAIR_BYTES - 1)
            diff_text(d, "interrupted", "an insn later",
                      "behind the load of SS");
    }
}

/* Between PUSH and POP, too. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    lapic_expect(s, w, amd);
    for (unsigned i = 0; i < SHOTS; i++)
        w->event[i].any |= ANY(saved_rsp);
}

static void run(const char *id, enum origin from,
                const struct snippet code[FROM_COUNT])
{
    struct stimulus s = lapic_stimulus(from, code, VEC_timer);

    s.id = id;
    s.before = first_shot;
    s.mend = and_again;
    if (code[from].start == lapic_popss32)
        s.expect = expect;
    s.also = never_between;
    s.entries = SHOTS;
    s.clobbers = REG_RAX | REG_RBX | REG_RDX;
    s.facts = "AP3 SH2";
    s.why = "no interrupt between a load of SS and the next instruction: it "
            "would find SS and RSP that do not match; SDM vol 2, MOV and POP";
    check_run(&s);
}

void case_lapic_movss(void)
{
    static const struct snippet mov[FROM_COUNT] = LAPIC_CODES(lapic_movss),
                                pop[FROM_COUNT] = {[FROM_COMPAT] =
                                                       SNIPPET(lapic_popss32)};

    lapic_begin();
    run("lapic.mov-ss.ring3", FROM_RING3, mov);
    run("lapic.mov-ss.ring0", FROM_RING0, mov);
    run("lapic.mov-ss.compat", FROM_COMPAT, mov);
    run("lapic.pop-ss.compat", FROM_COMPAT, pop);
}
