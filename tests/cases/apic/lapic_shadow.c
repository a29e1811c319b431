/* SPDX-License-Identifier: MIT */
/*
 * An interrupt is pending and IF goes from 0 to 1: where exactly does it come?
 *
 * STI holds it off for one more instruction, so that STI;HLT cannot miss a
 * wake-up and STI;RET or STI;SYSEXIT leave before it comes; STI;CLI lets
 * nothing in.  POPF has no such shadow.  The shadow ends with any event: a
 * fault in it is delivered first, and the interrupt right after the return.
 *
 * What a second shadowing instruction inside a first one's shadow does
 * (STI;STI, STI;MOV SS) the manuals leave open, and processors differ: those
 * rows only tell.  The plain shadow of MOV SS is lapic_movss.c's.
 */
#include "fmt.h"
#include "lib/lapic.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define VECTOR 0x52

EVERYWHERE(lapic_sti, "sti", "nop", "nop\nnop");
EVERYWHERE(lapic_sti_cli, "sti", "cli", "nop\nnop");
EVERYWHERE(lapic_sti_cli_sti, "sti\ncli\nnop\nsti", "nop", "nop");
EVERYWHERE(lapic_sti_fault, "sti", "ud2", "nop");
EVERYWHERE(lapic_sti_sti, "sti", "sti", "nop\nnop");
EVERYWHERE(lapic_sti_ss, "mov %ss, %eax\nsti", "mov %eax, %ss", "nop\nnop");
EVERYWHERE(lapic_if_0, "nop", "nop", "nop");
RING0(lapic_sti_hlt0, "sti", "hlt", "nop");
COMPAT(lapic_sti_pop32, "push %ss\nsti", "pop %ss", "nop\nnop");
RING3(lapic_popf3, "pushf\norl $0x200, (%rsp)", "popf", "nop\nnop");
RING0(lapic_popf0, "pushf\norl $0x200, (%rsp)", "popf", "nop\nnop");
COMPAT(lapic_popf32, "pushf\norl $0x200, (%esp)", "popf", "nop\nnop");

/* Pending, and IF=0; ring 3 may change IF. */
static void pending(struct trapframe *c)
{
    c->rflags = (c->rflags & ~(uint64_t)FLAG_IF) | FLAG_IOPL;
    lapic_request(VECTOR);
}

static void pending_ist(struct trapframe *c)
{
    lapic_lend_ist(VECTOR);
    pending(c);
}

/* Nothing is pending: HLT waits for it, however long it takes. */
static void timer(struct trapframe *c)
{
    c->rflags &= ~(uint64_t)FLAG_IF;
    apic_write(APIC_LVT_TIMER, VECTOR);
    apic_write(APIC_TIMER_INITIAL, 100000);
}

/* The code has set IF, before whatever came and until the end. */
static void if_set(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    for (unsigned i = 0; i < w->count; i++)
        w->event[i].o.frame.rflags |= FLAG_IF;
}

/* The #UD first, then the interrupt where the run goes on. */
static void fault_first(const struct stimulus *s, struct want *w, bool amd)
{
    struct stimulus ud = *s;
    struct wanted irq = w->event[0], gate = w->event[1];

    ud.vector = VEC_ud;
    ud.saved = SAVED_AT;
    want_at(w, 0, &ud, stimulus_context());
    w->event[1] = irq;
    w->event[1].any_flags |= FLAG_RF; /* as the #UD's image has left it */
    w->event[2] = gate;
    w->count = 3;
    if_set(s, w, amd);
}

static void sound_but_first(const struct stimulus *s, struct diff *d)
{
    (void)s;
    if (!diff_any(d) && !lapic_seen[1].in_service)
        diff_text(d, "in-service bit", "set", "clear");
}

/* Left pending, and let in by lapic_restore(). */
static void nothing(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)w, (void)amd;
}

static const char sti[] =
    "STI from IF=0 lets interrupts in only after the next instruction, and "
    "STI;CLI none; SDM vol 2, STI";

static const struct row {
    const char *name;
    struct snippet code[FROM_COUNT];
    void (*expect)(const struct stimulus *s, struct want *w, bool amd);
    void (*before)(struct trapframe *c); /* NULL: pending() */
    enum confidence confidence;
    bool held;
    const char *facts, *why;
} rows[] = {
    {.name = "sti-nop",
     .code = LAPIC_CODES(lapic_sti),
     .expect = if_set,
     .facts = "AP2 SH1",
     .why = sti},
    {.name = "sti-cli",
     .code = LAPIC_CODES(lapic_sti_cli),
     .expect = nothing,
     .held = true,
     .facts = "AP2",
     .why = sti},
    {.name = "sti-cli-sti",
     .code = LAPIC_CODES(lapic_sti_cli_sti),
     .expect = if_set,
     .facts = "AP2",
     .why = sti},
    {.name = "sti-hlt.pending",
     .code = {[FROM_RING0] = SNIPPET(lapic_sti_hlt0)},
     .expect = if_set,
     .facts = "AP2",
     .why = "STI;HLT with an interrupt pending: HLT is entered and woken, RIP "
            "behind it; SDM vol 2, STI and HLT; idle loops live by it"},
    {.name = "sti-hlt.timer",
     .code = {[FROM_RING0] = SNIPPET(lapic_sti_hlt0)},
     .expect = if_set,
     .before = timer,
     .facts = "AP2",
     .why = "an interrupt ends HLT, and its frame's RIP is behind the HLT; SDM "
            "vol 2, HLT; idle loops live by it"},
    {.name = "popf",
     .code = LAPIC_CODES(lapic_popf),
     .expect = if_set,
     .facts = "AP2 IR11",
     .why = "POPF that sets IF has no shadow: a pending interrupt comes right "
            "after it; SDM vol 2, POPF and STI"},
    {.name = "if-0",
     .code = LAPIC_CODES(lapic_if_0),
     .expect = nothing,
     .held = true,
     .facts = "AP2",
     .why = "IF=0: an interrupt stays pending; SDM vol 3, Masking Maskable "
            "Hardware Interrupts"},
    {.name = "sti-ud2",
     .code = LAPIC_CODES(lapic_sti_fault),
     .expect = fault_first,
     .facts = "AP2 SH1",
     .why = "STI's shadow delays no fault and ends with it: the interrupt "
            "comes right after the return; SDM vol 2, STI"},
    {.name = "sti-sti",
     .code = LAPIC_CODES(lapic_sti_sti),
     .expect = if_set,
     .confidence = CONFIDENCE_VALUE,
     .facts = "AP2 SH1",
     .why = "of several shadowing instructions in a row only the first is sure "
            "to hold interrupts off; SDM vol 2, STI"},
    {.name = "sti-mov-ss",
     .code = LAPIC_CODES(lapic_sti_ss),
     .expect = if_set,
     .confidence = CONFIDENCE_VALUE,
     .facts = "AP3 SH3",
     .why = "of several shadowing instructions in a row only the first is sure "
            "to hold interrupts off: Intel holds on, AMD does not; SDM vol 2"},
    {.name = "sti-pop-ss",
     .code = {[FROM_COMPAT] = SNIPPET(lapic_sti_pop32)},
     .expect = if_set,
     .confidence = CONFIDENCE_VALUE,
     .facts = "AP3 SH3 SH2",
     .why = "of several shadowing instructions in a row only the first is sure "
            "to hold interrupts off: Intel holds on, AMD does not; SDM vol 2"},
};

static void run(const struct row *r, enum origin from, bool ist)
{
    struct stimulus s =
        lapic_stimulus(from, r->code, r->held ? VEC_gate : VECTOR);
    char id[44];

    s.id = id;
    s.before = r->before ? r->before : ist ? pending_ist : pending;
    s.expect = r->expect;
    s.in_handler = 0;
    s.clobbers = REG_RAX;
    s.flags_changed = 0;
    s.confidence = r->confidence;
    s.argument = r->held ? LAPIC_HELD(1) : 0;
    if (r->expect == fault_first)
        s.also = sound_but_first;
    s.facts = r->facts;
    s.why = r->why;
    fmt(id, sizeof(id), "lapic.%s%s.%s", r->name, ist ? ".ist" : "",
        origin_ids[from]);
    check_run(&s);
}

void case_lapic_shadow(void)
{
    lapic_begin();
    for (unsigned i = 0; i < COUNT(rows); i++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            if (!rows[i].code[from].start)
                continue;
            run(&rows[i], from, false);
            if (!rows[i].held && !rows[i].before && !rows[i].confidence)
                run(&rows[i], from, true);
        }
}
