/* SPDX-License-Identifier: MIT */
/*
 * LINT0: the 8259s' interrupt, as ExtINT, fixed, NMI, and masked.
 *
 * An ExtINT is the processor's old INTR: the 8259 gives the vector, IF alone
 * holds it back, whatever TPR and ISR say; it sets no ISR bit, and its EOI
 * goes to the 8259.  So it nests in any fixed interrupt, and any fixed one in
 * it.  As a fixed interrupt the same line has the LVT's vector, an ISR bit
 * and the APIC's EOI.  (That INTR goes through LINT0 is the board's affair:
 * where it goes past the APIC, the fixed, NMI and masked rows only warn.)
 *
 * The code under test starts the PIT for one shot by itself: ring 3 with IOPL
 * 3, so that nothing comes before it runs.
 */
#include "engine/engine.h"
#include "fmt.h"
#include "lapic_pic.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

#define FIXED 0xe5 /* above all; in service, it holds every other fixed */
#define LOW_FIXED 0x31
#define LINT0_VECTOR 0x55

RING3(lapic_pit3, PIT_SHOOT, WAIT, "");
RING0(lapic_pit0, PIT_SHOOT, WAIT, "");
COMPAT(lapic_pit32, PIT_SHOOT, WAIT32, "");
/* A handler's body: with IF=1, until the next has come. */
RING0(lapic_pit_body, "push %rax\npush %rdx\n" PIT_SHOOT, WAIT,
      "pop %rdx\npop %rax\niretq");

static const struct snippet pit[FROM_COUNT] = LAPIC_CODES(lapic_pit);

static struct {
    bool apic, pic, after; /* in service: by the APIC, the 8259; after EOI */
} seen;
static unsigned nmis;

static void open(struct trapframe *c, uint32_t lint0)
{
    c->rflags |= FLAG_IOPL;
    pic_lend_pit(lint0);
}

static void extint(struct trapframe *c)
{
    open(c, APIC_DELIVER_EXTINT);
}

static void extint_at_tpr_f(struct trapframe *c)
{
    open(c, APIC_DELIVER_EXTINT);
    apic_write(APIC_TPR, 0xff);
}

/* In service already, from ring 0: no fixed one can come. */
static void extint_in_service(struct trapframe *c)
{
    lapic_request(FIXED);
    lapic_open();
    stimulus_stop = 0;
    open(c, APIC_DELIVER_EXTINT);
}

static void extint_pending_if_0(struct trapframe *c)
{
    open(c, APIC_DELIVER_EXTINT);
    c->rflags &= ~(uint64_t)FLAG_IF;
    pit_shoot();
    WAIT_UNTIL(lapic_soon(), pic_requested());
}

static void lint0_fixed(struct trapframe *c)
{
    open(c, APIC_DELIVER_FIXED | LINT0_VECTOR);
}

static void lint0_nmi(struct trapframe *c)
{
    open(c, APIC_DELIVER_NMI);
}

static void lint0_masked(struct trapframe *c)
{
    open(c, APIC_LVT_MASKED | APIC_DELIVER_EXTINT);
    pit_shoot();
    WAIT_UNTIL(lapic_soon(), pic_requested());
}

static void end(void)
{
    unsigned left;

    apic_quiesce();
    left = engine_drain().count;
    pic_take_back();
    lapic_restore();
    lapic_left = left;
}

static void note(void)
{
    seen.apic = apic_in_service(PIC_VECTOR);
    seen.pic = pic_in_service();
    pic_eoi();
    seen.after = pic_in_service();
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    nmis = nth ? nmis : 0;
    if (o->frame.vector == VEC_nmi) {
        nmis++;
        pic_close(); /* nobody acknowledges the request */
    }
    if (o->frame.vector == PIC_VECTOR)
        note();
    else
        lapic_mend(nth, o, f);
}

static void by_8259(const struct stimulus *s, struct diff *d)
{
    (void)s;
    if (diff_any(d))
        return;
    diff_text(d, "APIC's ISR bit", "clear", seen.apic ? "set" : "clear");
    diff_text(d, "8259's ISR bit", "set", seen.pic ? "set" : "clear");
    diff_text(d, "after its EOI", "clear", seen.after ? "set" : "clear");
}

/* What else pulls at the 8259s may repeat an edge: one or two. */
static void nmi_again(const struct stimulus *s, struct want *w, bool amd)
{
    lapic_expect(s, w, amd);
    if (nmis < 2)
        return;
    w->event[2] = w->event[1];
    w->event[1] = w->event[0];
    w->count = 3;
}

static void nothing_else(const struct stimulus *s, struct diff *d)
{
    (void)s, (void)d;
}

static void held(const struct stimulus *s, struct diff *d)
{
    (void)s;
    if (!diff_any(d))
        diff_hex(d, "delivered once allowed", 1, lapic_left);
}

static const char extint_why[] =
    "ExtINT: the 8259's vector, at any TPR and PPR, without an ISR bit or the "
    "APIC's EOI; SDM vol 3, Local Vector Table, and EOI",
                  lint0_why[] =
                      "LINT0 does with the 8259s' interrupt what its LVT entry "
                      "says; SDM vol 3, Local Vector Table";

static const struct row {
    const char *name;
    void (*before)(struct trapframe *c);
    unsigned vector;
    void (*also)(const struct stimulus *s, struct diff *d);
    enum confidence confidence;
    const char *facts, *why;
} rows[] = {
    {"extint", extint, PIC_VECTOR, by_8259, 0, "AP7 AP5 AP12", extint_why},
    {"extint.tpr-f", extint_at_tpr_f, PIC_VECTOR, by_8259, 0, "AP7 AP4",
     extint_why},
    {"extint.isr-e", extint_in_service, PIC_VECTOR, by_8259, 0, "AP23 AP7 AP4",
     extint_why},
    {"extint.if-0", extint_pending_if_0, VEC_gate, held, 0, "AP7", extint_why},
    {"lint0.fixed", lint0_fixed, LINT0_VECTOR, lapic_also, CONFIDENCE_MEDIUM,
     "AP5", lint0_why},
    {"lint0.nmi", lint0_nmi, VEC_nmi, nothing_else, CONFIDENCE_MEDIUM, "AP5",
     lint0_why},
    {"lint0.masked", lint0_masked, VEC_gate, nothing_else, CONFIDENCE_MEDIUM,
     "AP5", lint0_why},
};

static void run(const struct row *r, enum origin from)
{
    struct stimulus s = lapic_stimulus(
        from, r->vector == VEC_gate ? lapic_spin : pit, r->vector);
    char id[44];

    s.id = id;
    s.confidence = r->confidence;
    s.unfit = unless_pit;
    s.before = r->before;
    s.mend = mend;
    if (r->vector == VEC_nmi)
        s.expect = nmi_again;
    s.after = end;
    s.also = r->also;
    s.facts = r->facts;
    s.why = r->why;
    fmt(id, sizeof(id), "lapic.%s.%s", r->name, origin_ids[from]);
    check_run(&s);
}

/* Two at a time: the first one's handler opens IF, in ring 0 on the frame's
 * stack, and starts the PIT or sends a fixed one. */
static uint8_t second;

static void send(struct trapframe *c)
{
    extint(c);
    lapic_request(FIXED);
}

static void nest(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    if (nth == 0) {
        if (o->frame.vector == FIXED)
            lapic_seen[0].in_service = apic_in_service(FIXED);
        else
            lapic_request(second);
        f->rip = (uint64_t)lapic_pit_body;
        if (o->frame.vector != FIXED)
            f->rip = (uint64_t)lapic_pit_body_at;
        f->cs = SEL_KERNEL_CS;
        f->ss = o->ss;
        f->rsp = o->rsp;
        if (o->frame.vector != FIXED)
            f->rsp -= 16; /* for what the body pops */
        f->rflags = o->rflags | FLAG_IF;
    } else if (o->frame.vector == PIC_VECTOR) {
        note();
        apic_eoi(); /* the first one's */
    } else {
        lapic_mend(nth, o, f);
        note(); /* of the first one */
    }
}

static void nested(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe body = *stimulus_context();
    struct wanted gate = w->event[w->count - 1];
    struct stimulus two = *s;

    (void)amd;
    body.cs = SEL_KERNEL_CS;
    body.ss = w->event[0].o.ss;
    body.rsp = w->event[0].o.rsp - 16;
    body.rflags = w->event[0].o.rflags | FLAG_IF;
    two.vector = second;
    want_at(w, 1, &two, &body);
    w->event[0].any |= ANY(rip);
    w->event[1].any |= ANY(rip);
    w->event[2] = gate;
    w->count = 3;
}

static void nest_row(enum origin from, bool extint_first)
{
    struct stimulus s = lapic_stimulus(from, extint_first ? pit : lapic_spin,
                                       extint_first ? PIC_VECTOR : FIXED);
    char id[44];

    second = extint_first ? LOW_FIXED : PIC_VECTOR;
    s.id = id;
    s.entries = 2;
    s.unfit = unless_pit;
    s.before = extint_first ? extint : send;
    s.mend = nest;
    s.expect = nested;
    s.also = by_8259;
    s.after = end;
    s.facts = "AP23 AP7 AP12";
    s.why = "ExtINT nests in a fixed interrupt of any class, and a fixed one "
            "of any class in it; SDM vol 3, Task and Processor Priorities";
    fmt(id, sizeof(id), "lapic.%s.%s",
        extint_first ? "fixed-in-extint" : "extint-in-fixed", origin_ids[from]);
    check_run(&s);
}

void case_lapic_extint(void)
{
    lapic_begin();
    for (enum origin from = 0; from < FROM_COUNT; from++) {
        for (unsigned i = 0; i < COUNT(rows); i++)
            run(&rows[i], from);
        nest_row(from, false);
        nest_row(from, true);
    }
}
