/* SPDX-License-Identifier: MIT */
/*
 * HLT, ended by an NMI: with interrupts on, and with interrupts off.
 *
 * CLI; HLT stops a processor for good but for an NMI (and SMI, INIT, reset).
 * The frame has the address behind HLT, and IF as it was: clear.  The local
 * APIC cannot send an NMI to a processor that has halted itself, so the 8254
 * does, over the 8259 and LINT0 set to NMI; where that does not get through,
 * nothing is tried.
 */
#include "apic.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/trial.h"
#include "lib/nmi_own.h"
#include "lib/sequence.h"
#include "macros.h"
#include "msr.h"
#include "pic.h"
#include "stacks.h"
#include "vectors.h"

#define PIT_COMMAND 0x43
#define PIT_CHANNEL0 0x40
#define PIT_ONE_SHOT 0x30 /* channel 0, both bytes, mode 0 */
#define PIT_10_MS 11932   /* at 1.193182 MHz */
#define PIC_MASTER_MASK 0x21
#define PIC_TIMER 1 /* line 0 */

RING0(hlt_busy0, "", WAIT, "");
RING3(hlt_busy3, "", WAIT, "");
RING0(hlt_cli, "cli", "hlt", "");
RING0(hlt_sti, "sti", "hlt", "");

/* Nobody acknowledges a request: the 8259s begin anew each time. */
static void silence(void)
{
    outb(PIC_MASTER_MASK, 0xff);
    pic_silence();
    pic_open_rtc();
}

/* What its line has latched before is cleared, then the count starts. */
static void start_timer(void)
{
    outb(PIT_COMMAND, PIT_ONE_SHOT);
    silence();
    outb(PIC_MASTER_MASK, inb(PIC_MASTER_MASK) & (uint8_t)~PIC_TIMER);
    outb(PIT_CHANNEL0, PIT_10_MS & 0xff);
    outb(PIT_CHANNEL0, PIT_10_MS >> 8);
}

static bool halts(const struct stimulus *s)
{
    return s->start == hlt_cli || s->start == hlt_sti;
}

/* On a busy host the time is up before the code is reached. */
static bool early(const struct stimulus *s)
{
    uint64_t rip = nmi_own_frame.rip;

    return rip > (uint64_t)s->resume ||
           rip < (uint64_t)(halts(s) ? s->resume : s->start);
}

/* In the NMI's handler: an own one, since the harness's looks whether it was
 * the watchdog's, which comes over the same line.  The code still needs one
 * that comes too early. */
static void hook(void)
{
    silence();
    stimulus_stop = !early(stimulus_now());
    if (!stimulus_stop) {
        nmi_own_use(IST_nmi, hook, nmi_exit_iretq, IST_nmi);
        start_timer();
    }
}

static void before(struct trapframe *c)
{
    c->rflags &= ~(uint64_t)FLAG_IF;
    nmi_own_use(IST_nmi, hook, nmi_exit_iretq, IST_nmi);
    start_timer();
}

static void after(void)
{
    silence();
    nmi_own_done();
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    if (s->start == hlt_sti)
        q.c.rflags |= FLAG_IF;
    sequence_end(&q);
}

/* What the own handler was entered with. */
static void also(const struct stimulus *s, struct diff *d)
{
    const struct trapframe *c = stimulus_context();
    uint64_t flags = s->flags_changed | FLAG_RF;

    diff_hex(d, "NMIs", 1, nmi_own_entries);
    if (halts(s))
        diff_hex(d, "saved rip, from behind HLT", 0,
                 nmi_own_frame.rip - (uint64_t)s->resume);
    diff_hex(d, "saved cs", c->cs, nmi_own_frame.cs);
    diff_flags(d, "saved rflags",
               (c->rflags | (s->start == hlt_sti ? FLAG_IF : 0)) & ~flags,
               nmi_own_frame.rflags & ~flags);
    diff_hex(d, "saved rsp", c->rsp, nmi_own_frame.rsp);
    diff_hex(d, "saved ss", c->ss, nmi_own_frame.ss);
}

static const char why[] = "an NMI ends HLT, and saves the address behind it "
                          "and IF as it was; SDM vol 2 "
                          "HLT";

#define HLT(name, origin, code, ...)                                           \
    {                                                                          \
        .id = "nmi-hlt." name, .from = origin, CODE(code), .vector = VEC_gate, \
        .before = before, .after = after, .expect = expect, .also = also,      \
        .why = why, __VA_ARGS__                                                \
    }

static const struct stimulus stimuli[] = {
    HLT("busy.ring0", FROM_RING0, hlt_busy0, .facts = "NM8 NM7 NM12",
        .clobbers = WAIT_CLOBBERS, .flags_changed = ARITHMETIC_FLAGS),
    HLT("busy.ring3", FROM_RING3, hlt_busy3, .facts = "NM8 NM7 NM12",
        .clobbers = WAIT_CLOBBERS, .flags_changed = ARITHMETIC_FLAGS),
    HLT("cli.ring0", FROM_RING0, hlt_cli, .facts = "NM8"),
    HLT("sti.ring0", FROM_RING0, hlt_sti, .facts = "NM8"),
};

/* Does the timer get through as an NMI at all? */
static bool gets_through(void)
{
    static struct trial t;

    if (apic_read(APIC_LVT_LINT0) != APIC_DELIVER_NMI)
        return false;
    trial_begin(&t, &stimuli[0], 0);
    trial_capture(&t);
    return nmi_own_entries == 1;
}

static bool reachable;

static const char *unfit(const struct stimulus *s)
{
    return reachable ? 0 : "no NMI from outside gets to the processor here";
}

void case_nmi_hlt(void)
{
    reachable = gets_through();
    for (unsigned i = 0; i < COUNT(stimuli); i++) {
        struct stimulus s = stimuli[i];

        s.unfit = unfit;
        check_run(&s);
    }
}
