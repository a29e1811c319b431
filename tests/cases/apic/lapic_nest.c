/* SPDX-License-Identifier: MIT */
/*
 * Interrupts within interrupts: what is held, what nests, what EOI ends.
 *
 * The APIC remembers one interrupt of each vector in service (ISR) and one
 * more requested (IRR).  While one is in service, its whole class and all
 * below are held, whatever IF says, until its EOI; a higher class nests at
 * once.  EOI has no operand: it ends the highest that is in service, which is
 * not the handler's own when a lower one was taken for granted.
 *
 * A handler here opens IF in ring 0, on the frame's own stack, and returns by
 * IRETQ from that frame, as a kernel's does; or it returns without EOI.
 */
#include "fmt.h"
#include "lib/lapic.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

#define LOWER 0x41
#define OWN 0x52
#define SAME_CLASS 0x5e
#define HIGHER 0x73

#define SAVE                                                                   \
    "push %rax\npush %rcx\npush %rdx\npush %rsi\npush %rdi\n"                  \
    "push %r8\npush %r9\npush %r10\npush %r11\n"
#define LOAD                                                                   \
    "\npop %r11\npop %r10\npop %r9\npop %r8\n"                                 \
    "pop %rdi\npop %rsi\npop %rdx\npop %rcx\npop %rax\n"

/* Bodies of handlers: with IF=1, an EOI in the middle; with IF=0 again for
 * EOI and return. */
RING0(lapic_eoi_open, SPIN(200), SAVE "call apic_eoi" LOAD,
      SPIN(200) "\niretq");
RING0(lapic_eoi_closed, SPIN(200) "\ncli", SAVE "call apic_eoi" LOAD, "iretq");

enum where {
    NOWHERE,
    BEFORE_EOI, /* in the body */
    BEHIND_EOI, /* in the body, or in what it calls there */
    OUTSIDE,    /* in the code that the first one has interrupted */
};

/* OWN comes; its handler sends `then'; what comes of that, and where? */
static const struct scene {
    const char *name;
    const char *body, *eoi; /* NULL: it returns without EOI */
    uint8_t then[2];
    struct {
        uint8_t vector;
        enum where where;
    } comes[2];
    unsigned held; /* until the end */
} scenes[] = {
#define OPEN .body = lapic_eoi_open, .eoi = lapic_eoi_open_at
#define CLOSED .body = lapic_eoi_closed, .eoi = lapic_eoi_closed_at
    {"lower", OPEN, {LOWER}, {{LOWER, BEHIND_EOI}}, 0},
    {"same-class", OPEN, {SAME_CLASS}, {{SAME_CLASS, BEHIND_EOI}}, 0},
    {"own", OPEN, {OWN}, {{OWN, BEHIND_EOI}}, 0},
    {"own-twice", OPEN, {OWN, OWN}, {{OWN, BEHIND_EOI}}, 0},
    {"higher", OPEN, {HIGHER}, {{HIGHER, BEFORE_EOI}}, 0},
    {"lower-higher",
     OPEN,
     {LOWER, HIGHER},
     {{HIGHER, BEFORE_EOI}, {LOWER, BEHIND_EOI}},
     0},
    {"same-class-higher",
     OPEN,
     {SAME_CLASS, HIGHER},
     {{HIGHER, BEFORE_EOI}, {SAME_CLASS, BEHIND_EOI}},
     0},
    {"lower.closed", CLOSED, {LOWER}, {{LOWER, OUTSIDE}}, 0},
    {"own.closed", CLOSED, {OWN, OWN}, {{OWN, OUTSIDE}}, 0},
    {"higher.closed", CLOSED, {HIGHER}, {{HIGHER, BEFORE_EOI}}, 0},
    {"lower.no-eoi", 0, 0, {LOWER}, {{0}}, 1},
    {"same-class.no-eoi", 0, 0, {SAME_CLASS}, {{0}}, 1},
    {"own.no-eoi", 0, 0, {OWN, OWN}, {{0}}, 1},
    {"higher.no-eoi", 0, 0, {HIGHER}, {{HIGHER, OUTSIDE}}, 0},
    {"lower-higher.no-eoi", 0, 0, {LOWER, HIGHER}, {{HIGHER, OUTSIDE}}, 1},
};
static const struct scene *scene;

static void send(struct trapframe *c)
{
    (void)c;
    lapic_request(OWN);
}

static void nest(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    if (nth) {
        lapic_mend(nth, o, f);
        return;
    }
    lapic_seen[0] =
        (struct lapic_seen){.vector = OWN, .in_service = apic_in_service(OWN)};
    for (unsigned i = 0; i < 2 && scene->then[i]; i++)
        lapic_request(scene->then[i]);
    if (!scene->body)
        return;
    f->rip = (uint64_t)scene->body;
    f->cs = SEL_KERNEL_CS;
    f->ss = o->ss;
    f->rsp = o->rsp;
    f->rflags = o->rflags | FLAG_IF;
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe body = *stimulus_context();
    struct wanted gate = w->event[w->count - 1];
    struct stimulus one = *s;
    unsigned n = 0;

    (void)amd;
    body.cs = SEL_KERNEL_CS;
    body.ss = w->event[0].o.ss;
    body.rsp = w->event[0].o.rsp;
    body.rflags = w->event[0].o.rflags | FLAG_IF;
    w->event[0].any |= ANY(rip);
    for (; n < 2 && scene->comes[n].vector; n++) {
        enum where where = scene->comes[n].where;

        one.vector = scene->comes[n].vector;
        want_at(w, n + 1, &one, where == OUTSIDE ? stimulus_context() : &body);
        w->event[n + 1].any |= ANY(rip);
        if (where == BEHIND_EOI)
            w->event[n + 1].any |= ANY_GENERAL | ANY(saved_rsp) | ANY(rsp);
    }
    w->event[n + 1] = gate;
    w->count = n + 2;
}

static void also(const struct stimulus *s, struct diff *d)
{
    if (diff_any(d))
        return;
    diff_text(d, "first in-service bit", "set",
              lapic_seen[0].in_service ? "set" : "clear");
    for (unsigned i = 0; i < 2 && scene->comes[i].vector; i++) {
        const struct lapic_seen *l = &lapic_seen[i + 1];
        enum where where = scene->comes[i].where;
        bool before =
            l->rip >= (uint64_t)scene->body && l->rip <= (uint64_t)scene->eoi;

        diff_text(d, "nested in-service bit", "set",
                  l->in_service ? "set" : "clear");
        diff_text(d, "after its EOI", "clear", l->after_eoi ? "set" : "clear");
        if (where == BEFORE_EOI && !before)
            diff_text(d, "nests", "before the EOI", "behind it");
        if (where == BEHIND_EOI && before)
            diff_text(d, "nests", "behind the EOI", "before it");
    }
    diff_hex(d, "held until the end", s->argument >> 32, lapic_left);
}

static void run(enum origin from)
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, OWN);
    char id[44];

    s.id = id;
    s.before = send;
    s.mend = nest;
    s.expect = expect;
    s.also = also;
    s.in_handler = 0;
    s.argument = LAPIC_HELD(scene->held);
    s.facts = "AP13 AP4 AP11";
    s.why = "while an interrupt is in service its class and those below wait "
            "for EOI, a higher one nests; SDM vol 3, Interrupt Acceptance for "
            "Fixed Interrupts";
    fmt(id, sizeof(id), "lapic.nest.%s.%s", scene->name, origin_ids[from]);
    check_run(&s);
}

/* Nothing in service: the same vector three times is one interrupt. */
static void send_thrice(struct trapframe *c)
{
    send(c);
    send(c);
    send(c);
}

static void merge(enum origin from)
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, OWN);
    char id[44];

    s.id = id;
    s.before = send_thrice;
    s.in_handler = 0;
    s.facts = "AP11";
    s.why = "a vector that is requested already is not requested twice; SDM "
            "vol 3, Interrupt Acceptance for Fixed Interrupts";
    fmt(id, sizeof(id), "lapic.merge.%s", origin_ids[from]);
    check_run(&s);
}

void case_lapic_nest(void)
{
    lapic_begin();
    for (enum origin from = 0; from < FROM_COUNT; from++) {
        for (unsigned i = 0; i < COUNT(scenes); i++) {
            scene = &scenes[i];
            run(from);
        }
        merge(from);
    }
}
