/* SPDX-License-Identifier: MIT */
/*
 * While an NMI is being handled: when are NMIs blocked, and what ends that?
 *
 * Further NMIs are held from the delivery to the next IRET, whichever that is:
 * of any number one is remembered, and is taken behind that IRET before any
 * instruction of what it leads to.  The trap is the IRET of a #BP, #UD or #PF
 * inside the handler: the held NMI comes right there, and if it has the same
 * IST its frame is written over the first one's, which can then never return.
 * Linux's NMI entry is built around that.
 *
 * INT 2 runs the same handler and blocks nothing.  A handler that leaves
 * without an IRET leaves them blocked for good, and the next IRET anywhere
 * lets the held one in.
 */
#include "fmt.h"
#include "insn.h"
#include "judge/diff.h"
#include "lib/lapic.h"
#include "lib/nmi_own.h"
#include "lib/origin.h"
#include "lib/sequence.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

RING3(blocked_nop3, "", "nop", "");
COMPAT(blocked_nopc, "", "nop", "");
RING0(blocked_nop0, "", "nop", "");
RING3(blocked_int3, "", "int $2", "");
COMPAT(blocked_intc, "", "int $2", "");
RING0(blocked_int0, "", "int $2", "");

/* Spins with NMIs blocked and one held, then an IRETQ to the next line. */
#define SPIN_A_WHILE "mov $1000, %ecx\n1: dec %ecx\njnz 1b\n"
#define IRETQ_TO_SELF                                                          \
    "mov %rsp, %rax\nmov %ss, %ecx\npush %rcx\npush %rax\npushfq\n"            \
    "mov %cs, %ecx\npush %rcx\nlea 2f(%rip), %rcx\npush %rcx\niretq\n2:"
RING3(blocked_out3, "", "nop\n" SPIN_A_WHILE IRETQ_TO_SELF, "nop");
RING0(blocked_out0, "", "nop\n" SPIN_A_WHILE IRETQ_TO_SELF, "nop");

/* One question of the table below. */
struct row {
    const char *id;
    const char *exit, *exit_at, *exit_resume;
    unsigned sent;           /* NMIs, from the handler */
    unsigned ist, ist_after; /* of the first and of the second */
    unsigned inner;          /* exception in the handler; 0: none */
    bool by_int;             /* INT 2, no NMI */
    bool out;                /* left without IRET */
    const char *facts, *why;
};
static struct row now;

static volatile unsigned taken; /* by the capture stub */
static unsigned taken_in_hook;
static bool overwritten;

static void hook(void)
{
    for (unsigned i = 0; i < now.sent; i++)
        nmi_own_send();
    WAIT_UNTIL(lapic_a_moment(), taken);
    taken_in_hook = taken;
}

static void before(struct trapframe *c)
{
    taken = taken_in_hook = 0;
    overwritten = false;
    nmi_own_use(now.ist, hook, now.exit, now.ist_after);
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    volatile struct nmi_own_frame *first =
        (void *)(STACK_TOP(STACK_nmi) - sizeof(*first));

    if (o->frame.vector == now.inner)
        f->rip = (uint64_t)now.exit_resume;
    if (o->frame.vector != VEC_nmi)
        return;
    taken++;
    if (now.ist == IST_nmi && now.ist_after == IST_nmi && now.inner) {
        overwritten = first->rip == o->frame.rip && first->cs == o->frame.cs &&
                      first->rsp == o->frame.rsp;
        *first = nmi_own_frame; /* or there is no way back */
    }
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;
    struct wanted *e;
    struct trapframe code;

    sequence_begin(&q, s, w);
    code = q.c;
    if (now.by_int) {
        e = sequence_event(&q, VEC_nmi, s->at);
        e->any |= ANY(rip) | ANY(saved_rsp) | ANY(saved_rflags) |
                  ANY(saved_ss) | ANY(rflags) | ANY(ss) | ANY_GENERAL;
        e->o.frame.cs = SEL_KERNEL_CS;
        e->o.rsp = STACK_TOP(STACK_spare) - sizeof(nmi_own_frame);
        sequence_end(&q);
        return;
    }
    if (now.inner) {
        q.c = nmi_own_context(&q.c, now.ist);
        e = sequence_event(&q, now.inner,
                           now.inner == VEC_bp ? now.exit_resume : now.exit_at);
        if (s->from == FROM_RING0)
            e->any |= ANY(saved_ss) | ANY(ss);
        if (now.inner != VEC_bp) /* in the fault's image, and so back */
            q.c.rflags |= FLAG_RF;
        e = sequence_event(&q, VEC_nmi, now.exit_resume);
        if (s->from == FROM_RING0)
            e->any |= ANY(saved_ss);
        e->o.cr2 = now.inner == VEC_pf ? NMI_OWN_UNMAPPED : e->o.cr2;
        q.c = code;
    } else {
        e = sequence_event(&q, VEC_nmi, now.out ? s->resume : s->at);
        if (now.out)
            e->any_flags |= ARITHMETIC_FLAGS;
    }
    e->o.rsp = STACK_TOP(stack_of_ist(now.ist_after)) - sizeof(nmi_own_frame);
    if (s->from == FROM_RING0)
        e->any |= ANY(ss); /* by IST, and what the first one left */
    if (s->from == FROM_RING0 && now.out)
        e->any |= ANY(saved_ss);
    e = sequence_end(&q);
    if (s->from == FROM_RING0 && now.out)
        e->any |= ANY(saved_ss);
}

static void also(const struct stimulus *s, struct diff *d)
{
    diff_hex(d, "NMIs (or INT 2) handled at first", 1, nmi_own_entries);
    diff_hex(d, "taken inside the handler", now.by_int ? 1 : 0, taken_in_hook);
    if (now.ist_after == IST_nmi && now.inner)
        diff_text(d, "the first frame", "overwritten",
                  overwritten ? "overwritten" : "kept");
}

/* --- the table
 * ----------------------------------------------------------------- */

static const char why_held[] =
    "further NMIs are held until the next IRET, and one of them is then taken "
    "before any instruction; SDM vol 3, Handling Multiple NMIs";
static const char why_inner[] =
    "the IRET of an exception inside the handler lets the held NMI in at once, "
    "on "
    "the same IST over the first frame; SDM vol 3, Handling Multiple NMIs";
static const char why_int2[] =
    "INT 2 calls the NMI's handler but blocks no NMIs; SDM vol 3, Nonmaskable "
    "Interrupt (NMI)";
static const char why_out[] =
    "NMIs stay blocked until an IRET, and any IRET, also to itself and also in "
    "ring 3, lets the held one in; SDM vol 3, Handling Multiple NMIs";

#define EXIT(name)                                                             \
    .exit = nmi_exit_##name, .exit_at = nmi_exit_##name##_at,                  \
    .exit_resume = nmi_exit_##name##_resume

static const struct row rows[] = {
    {.id = "held",
     EXIT(iretq),
     .sent = 1,
     .ist = IST_nmi,
     .ist_after = IST_nmi,
     .facts = "NM2 IR10",
     .why = why_held},
    {.id = "merged",
     EXIT(iretq),
     .sent = 3,
     .ist = IST_nmi,
     .ist_after = IST_nmi,
     .facts = "NM2",
     .why = why_held},
    {.id = "held.no-ist",
     EXIT(iretq),
     .sent = 1,
     .ist = NO_IST,
     .ist_after = IST_spare,
     .facts = "NM2 IR10",
     .why = why_held},
    {.id = "inner-bp",
     EXIT(int3),
     .sent = 1,
     .ist = IST_nmi,
     .ist_after = IST_spare,
     .inner = VEC_bp,
     .facts = "NM3",
     .why = why_inner},
    {.id = "inner-ud",
     EXIT(ud),
     .sent = 1,
     .ist = IST_nmi,
     .ist_after = IST_spare,
     .inner = VEC_ud,
     .facts = "NM3",
     .why = why_inner},
    {.id = "inner-pf",
     EXIT(pf),
     .sent = 1,
     .ist = IST_nmi,
     .ist_after = IST_spare,
     .inner = VEC_pf,
     .facts = "NM3",
     .why = why_inner},
    {.id = "inner-bp.same-ist",
     EXIT(int3),
     .sent = 1,
     .ist = IST_nmi,
     .ist_after = IST_nmi,
     .inner = VEC_bp,
     .facts = "NM3 IV13",
     .why = why_inner},
    {.id = "inner-ud.same-ist",
     EXIT(ud),
     .sent = 1,
     .ist = IST_nmi,
     .ist_after = IST_nmi,
     .inner = VEC_ud,
     .facts = "NM3 IV13",
     .why = why_inner},
    {.id = "int2",
     EXIT(iretq),
     .sent = 1,
     .ist = IST_nmi,
     .ist_after = IST_spare,
     .by_int = true,
     .facts = "NM4",
     .why = why_int2},
    {.id = "no-iret",
     EXIT(jump),
     .sent = 1,
     .ist = IST_nmi,
     .ist_after = IST_nmi,
     .out = true,
     .facts = "NM10 IR17",
     .why = why_out},
};

static const struct snippet nops[FROM_COUNT] = {
    [FROM_RING3] = SNIPPET(blocked_nop3),
    [FROM_COMPAT] = SNIPPET(blocked_nopc),
    [FROM_RING0] = SNIPPET(blocked_nop0)};
static const struct snippet ints[FROM_COUNT] = {
    [FROM_RING3] = SNIPPET(blocked_int3),
    [FROM_COMPAT] = SNIPPET(blocked_intc),
    [FROM_RING0] = SNIPPET(blocked_int0)};
static const struct snippet outs[FROM_COUNT] = {
    [FROM_RING3] = SNIPPET(blocked_out3), [FROM_RING0] = SNIPPET(blocked_out0)};

static void run(const struct row *r, enum origin from)
{
    const struct snippet *code = r->by_int ? &ints[from]
                                 : r->out  ? &outs[from]
                                           : &nops[from];
    char id[44];

    if (!code->start)
        return;
    now = *r;
    if (r->out && from == FROM_RING3)
        now.exit = nmi_exit_lretq;
    fmt(id, sizeof(id), "nmi-blocked.%s.%s", r->id, origin_ids[from]);
    check_run(&(struct stimulus){
        .id = id,
        .from = from,
        .start = code->start,
        .at = code->at,
        .resume = code->resume,
        .vector = VEC_nmi,
        .address = NMI_OWN_UNMAPPED,
        .nmi = !r->by_int,
        .clobbers = r->out ? REG_RAX | REG_RCX : 0,
        .flags_changed = r->out ? ARITHMETIC_FLAGS : 0,
        /* In ring 3, AMD's manual is silent on IRET and NMIs. */
        .confidence =
            r->out && from == FROM_RING3 ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
        .before = before,
        .after = nmi_own_done,
        .expect = expect,
        .also = also,
        .mend = mend,
        .facts = r->facts,
        .why = r->why,
    });
}

void case_nmi_blocked(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++)
        for (unsigned o = 0; o < FROM_COUNT; o++)
            run(&rows[i], o);
}
