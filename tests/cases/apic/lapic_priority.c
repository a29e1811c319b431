/* SPDX-License-Identifier: MIT */
/*
 * Which interrupt is let in, and which first.
 *
 * A vector's class is its upper four bits.  TPR holds back every class up to
 * its own: at TPR 5Fh class 5 waits and class 6 comes.  CR8 is TPR's class,
 * read and written; to write it clears TPR's lower four bits.  Of those that
 * wait, the highest vector comes first, whatever order they were sent in.
 *
 * From ring 0 the code itself lowers CR8 to 0 in the end: what was held has to
 * come right behind that.  From ring 3 it has to come once TPR is 0 again.
 *
 * Where TPR is raised over a request that the processor has seen already, it
 * may have to be given some vector: the spurious one, which sets no ISR bit.
 */
#include "fmt.h"
#include "lib/lapic.h"
#include "lib/origin.h"
#include "macros.h"
#include "vectors.h"

#define CLASS_5 0x53
#define CLASS_6 0x62
#define LOW_BITS 0xf

RING0(lapic_lower_cr8, SPIN(100) "\nxor %ebx, %ebx", "mov %rbx, %cr8",
      SPIN(1000));

static unsigned level; /* of CR8 or TPR */

static void by_cr8(struct trapframe *c)
{
    (void)c;
    write_cr8(level);
    lapic_request((uint8_t)stimulus_now()->argument);
}

static void by_tpr(struct trapframe *c)
{
    (void)c;
    apic_write(APIC_TPR, level << 4 | LOW_BITS);
    lapic_request((uint8_t)stimulus_now()->argument);
}

/* Pending first, with IF=0, and forbidden then: AP15. */
static void raised_later(struct trapframe *c)
{
    (void)c;
    lapic_request((uint8_t)stimulus_now()->argument);
    apic_write(APIC_TPR, level << 4);
}

static const char class_why[] =
    "TPR and CR8 hold back the classes up to their own and no others, and what "
    "was held comes when they fall; SDM vol 3, Task and Processor Priorities";

static bool spurious; /* came first */

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    if (nth == 0)
        spurious = false;
    if (nth == 0 && o->frame.vector == VEC_spurious &&
        !apic_in_service(VEC_spurious)) {
        spurious = true;
        stimulus_stop = 0;
        return;
    }
    lapic_mend(nth - spurious, o, f);
}

static void maybe_spurious(const struct stimulus *s, struct want *w, bool amd)
{
    static struct want then;
    struct stimulus first = *s;

    lapic_expect(s, w, amd);
    if (!spurious)
        return;
    then = *w;
    first.vector = VEC_spurious;
    want_at(w, 0, &first, stimulus_context());
    w->event[0].any |= ANY(rip);
    for (unsigned i = 0; i < then.count; i++)
        w->event[w->count++] = then.event[i];
}

static const struct {
    const char *name;
    void (*before)(struct trapframe *c);
    const char *facts;
} ways[] = {{"cr8", by_cr8, "AP4 AP14"},
            {"tpr", by_tpr, "AP4 AP14"},
            {"raised", raised_later, "AP15 AP7 AP4"}};

static void hooks(struct stimulus *s, unsigned way)
{
    s->before = ways[way].before;
    s->facts = ways[way].facts;
    s->why = class_why;
    spurious = false;
    if (s->before == raised_later) {
        s->expect = maybe_spurious;
        s->mend = mend;
    }
}

static void blocking(unsigned way, enum origin from, unsigned vector)
{
    bool held = vector >> 4 <= level;
    struct stimulus s =
        lapic_stimulus(from, lapic_spin, held ? VEC_gate : vector);
    char id[44];

    s.id = id;
    s.argument = vector | (held ? LAPIC_HELD(1) : 0);
    hooks(&s, way);
    fmt(id, sizeof(id), "lapic.%s.%x-%s-%02x.%s", ways[way].name, level,
        held ? "holds" : "lets", vector, origin_ids[from]);
    check_run(&s);
}

/* Where CR8 is lowered: not before, and right behind. */
static void behind_cr8(const struct stimulus *s, struct diff *d)
{
    lapic_also(s, d);
    if (!diff_any(d) && lapic_seen[0].rip < (uint64_t)s->resume)
        diff_text(d, "comes", "behind MOV CR8", "before it");
}

static void lowered(unsigned way)
{
    static const struct snippet code[FROM_COUNT] = {
        [FROM_RING0] = SNIPPET(lapic_lower_cr8)};
    struct stimulus s = lapic_stimulus(FROM_RING0, code, CLASS_5);
    char id[44];

    s.id = id;
    s.argument = CLASS_5;
    hooks(&s, way);
    s.clobbers |= REG_RBX;
    s.also = behind_cr8;
    fmt(id, sizeof(id), "lapic.%s.%x-then-cr8-0.ring0", ways[way].name, level);
    check_run(&s);
}

static void cr8_to_tpr(struct diff *d)
{
    apic_write(APIC_TPR, LOW_BITS);
    write_cr8(level);
    diff_hex(d, "TPR", level << 4, apic_read(APIC_TPR));
    diff_hex(d, "PPR", level << 4, apic_read(APIC_PPR));
    diff_hex(d, "CR8", level, read_cr8());
}

static void tpr_to_cr8(struct diff *d)
{
    apic_write(APIC_TPR, level << 4 | LOW_BITS);
    diff_hex(d, "CR8", level, read_cr8());
    diff_hex(d, "TPR", level << 4 | LOW_BITS, apic_read(APIC_TPR));
}

static void mapping(const char *name, void (*body)(struct diff *d),
                    const char *why)
{
    char id[44];
    struct finding f = {.id = id, .facts = "AP14 AP4", .why = why};

    fmt(id, sizeof(id), "lapic.%s.%x", name, level);
    lapic_finding(&f, body);
}

/* Of one class, of three, and across the range. */
#define SENT 3
static const uint8_t sets[][SENT] = {
    {0x61, 0x62, 0x6f}, {0x31, 0x72, 0xe3}, {0x10, 0x5f, 0xfe}};
static const uint8_t orders[][SENT] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                       {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
static const uint8_t *set, *order;

static void send_all(struct trapframe *c)
{
    (void)c;
    for (unsigned i = 0; i < SENT; i++)
        lapic_request(set[order[i]]);
}

static void highest_first(const struct stimulus *s, struct want *w, bool amd)
{
    lapic_expect(s, w, amd);
    for (unsigned i = 0; i < SENT; i++)
        w->event[i].o.frame.vector = set[SENT - 1 - i];
}

static void priority(enum origin from, unsigned n, unsigned o)
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, VEC_self_ipi);
    char id[44];

    set = sets[n];
    order = orders[o];
    s.id = id;
    s.entries = SENT;
    s.before = send_all;
    s.expect = highest_first;
    s.facts = "AP4";
    s.why = "of the fixed interrupts that wait the highest vector comes first; "
            "SDM vol 3, Interrupt, Task, and Processor Priority";
    fmt(id, sizeof(id), "lapic.order.%02x-%02x-%02x.%s", set[order[0]],
        set[order[1]], set[order[2]], origin_ids[from]);
    check_run(&s);
}

void case_lapic_priority(void)
{
    lapic_begin();
    for (level = 0; level < 16; level++) {
        mapping("cr8-to-tpr", cr8_to_tpr,
                "MOV to CR8 sets TPR's class and clears its lower four bits; "
                "SDM vol 3, Task Priority in IA-32e Mode");
        mapping("tpr-to-cr8", tpr_to_cr8,
                "CR8 reads as bits 7:4 of TPR; SDM vol 3, Task Priority in "
                "IA-32e Mode");
        for (unsigned way = 0; way < COUNT(ways); way++) {
            blocking(way, FROM_RING3, CLASS_5);
            blocking(way, FROM_RING3, CLASS_6);
            blocking(way, FROM_COMPAT, CLASS_5);
            blocking(way, FROM_RING0, CLASS_6);
            if (level >= CLASS_5 >> 4)
                lowered(way);
        }
    }
    for (enum origin from = 0; from < FROM_COUNT; from++)
        for (unsigned n = 0; n < COUNT(sets); n++)
            for (unsigned o = 0; o < COUNT(orders); o++)
                priority(from, n, o);
}
