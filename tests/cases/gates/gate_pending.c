/* SPDX-License-Identifier: MIT */
/*
 * An interrupt that waits while INT n goes through a trap gate: it comes at
 * the handler's first instruction.
 *
 * A trap gate leaves IF as it was.  If an interrupt is pending then, it finds
 * the kernel's CS on its frame and the user's GS in the register: the check of
 * CS, which is right for every other maskable interrupt, is wrong here.  So
 * kernels that swap by CS have no trap gates for ring 3 (Linux's INT 0x80 and
 * INT3 are interrupt gates).  Behind an interrupt gate the same interrupt
 * waits until IRETQ.
 *
 * STI right before the INT holds the interrupt back just long enough.
 */
#include "apic.h"
#include "fmt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING3(gate_pending3, "sti", "int $0x41", "");
COMPAT(gate_pendingc, "sti", "int $0x41", "");
RING0(gate_pending0, "sti", "int $0x41", "");

#define IRQ_VECTOR 0x44

static unsigned type, ist;
static struct trapframe start;

static void prepare(struct trapframe *c)
{
    gate_lend(TRIGGER_VECTOR,
              gate_make(capture_stubs[TRIGGER_VECTOR], type, ist, 3));
    apic_request(IRQ_VECTOR);
    c->rflags &= ~(uint64_t)FLAG_IF;
    c->rflags |= FLAG_IOPL; /* ring 3 may STI */
    start = *c;
}

static void in_turn(const struct stimulus *s, struct want *w, bool amd)
{
    static struct stimulus irq;
    struct wanted call, gate = w->event[w->count - 1];
    struct trapframe c = start;

    (void)amd;
    c.rflags |= FLAG_IF; /* by STI */
    want_at(w, 0, s, &c);
    call = w->event[0];
    irq = (struct stimulus){
        .from = s->from, .vector = IRQ_VECTOR, .saved = SAVED_AT};
    if (type == GATE_TRAP) {
        irq.at = (const char *)capture_stubs[TRIGGER_VECTOR];
        c.cs = SEL_KERNEL_CS;
        c.ss = call.o.ss;
        c.rsp = call.o.rsp;
        c.rflags = call.o.rflags;
        want_at(w, 0, &irq, &c);
        if (call.any & ANY(ss)) /* SS behind an IST gate is anybody's guess */
            w->event[0].any |= ANY(saved_ss) | ANY(ss);
        w->event[1] = call;
    } else {
        irq.at = s->resume;
        want_at(w, 1, &irq, &c);
    }
    gate.o.frame.rflags |= FLAG_IF;
    w->event[2] = gate;
    w->count = 3;
}

static void run(enum origin from)
{
    static const struct snippet codes[FROM_COUNT] = {
        [FROM_RING3] = SNIPPET(gate_pending3),
        [FROM_COMPAT] = SNIPPET(gate_pendingc),
        [FROM_RING0] = SNIPPET(gate_pending0),
    };
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .start = codes[from].start,
        .at = codes[from].at,
        .resume = codes[from].resume,
        .vector = TRIGGER_VECTOR,
        .software = true,
        .saved = SAVED_RESUME,
        .before = prepare,
        .after = gates_back,
        .expect = in_turn,
        .facts = "IV34 IV16",
        .why = "a trap gate leaves IF set: what is pending is taken at the "
               "handler's first instruction; SDM vol 3, Flag Usage By "
               "Exception- or Interrupt-Handler Procedure",
    };

    fmt(id, sizeof(id), "pending.%s.%s%s", type == GATE_TRAP ? "trap" : "intr",
        origin_ids[from], ist ? ".ist" : "");
    check_run(&s);
}

void case_gate_pending(void)
{
    for (type = GATE_INTERRUPT; type <= GATE_TRAP; type++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            ist = NO_IST;
            run(from);
            ist = IST_spare;
            run(from);
        }
}
