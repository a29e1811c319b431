/* SPDX-License-Identifier: MIT */
/*
 * The IRET that ends an NMI, when it does not go smoothly.
 *
 * On Intel, an IRET that faults has unblocked NMIs all the same, before the
 * fault's handler starts: a held NMI comes at that handler's first instruction.
 * AMD's manual does not say; there the order is only reported.
 *
 * Single-stepped, or with its frame under a data breakpoint, the IRET has a
 * debug trap due at the same boundary as the held NMI.  The trap is first; the
 * NMI comes before the first instruction of its handler, whatever IF is.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/nmi_own.h"
#include "lib/origin.h"
#include "lib/sequence.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

RING3(iret_nop3, "", "nop", "");
COMPAT(iret_nopc, "", "nop", "");
RING0(iret_nop0, "", "nop", "");

enum how { FAULTS, STEPPED, WATCHED };

static struct row {
    const char *id, *exit, *at, *resume;
    enum how how;
    unsigned vector; /* of the fault */
    bool held;       /* one is, when the IRET is executed */
} now;

/* The breakpoint is set here and not before: the delivery writes there too. */
static void hook(void)
{
    if (now.how == WATCHED)
        debug_arm(0, STACK_TOP(STACK_nmi) - sizeof(nmi_own_frame), DEBUG_ACCESS,
                  8);
    if (now.held)
        nmi_own_send();
}

/* The held one, and the fault whose RSP leads nowhere, have ISTs. */
static void before(struct trapframe *c)
{
    nmi_own_use(IST_nmi, hook, now.exit, IST_harness_db);
    idt[VEC_pf] =
        gate_make(capture_stubs[VEC_pf], GATE_INTERRUPT, IST_spare, 0);
}

static void after(void)
{
    nmi_own_done();
    idt[VEC_pf] = gate_make(capture_stubs[VEC_pf], GATE_INTERRUPT, 0, 0);
    debug_off();
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    sequence_mend(nth, o, f);
    if (now.how == FAULTS && o->frame.vector == now.vector) {
        f->rip = (uint64_t)now.resume;
        f->rflags &= ~(uint64_t)FLAG_NT;
    }
}

/* The held NMI, on its IST: from the handler of the event before, if that is
 * recorded behind it. */
static void held(struct wanted *e)
{
    e->o.rsp = STACK_TOP(STACK_harness_db) - sizeof(nmi_own_frame);
    e->any |= ANY(ss);
}

static void expect_fault(struct sequence *q, bool amd)
{
    bool inner = q->s->from == FROM_RING0;
    struct trapframe code = q->c;
    struct wanted *e;

    q->c = nmi_own_context(&q->c, IST_nmi);
    if (now.exit == nmi_exit_null_cs)
        q->c.rsp -= 40;
    if (now.exit == nmi_exit_nested_task)
        q->c.rflags |= FLAG_NT;
    if (now.exit == nmi_exit_no_frame)
        q->c.rsp = NMI_OWN_UNMAPPED;
    e = sequence_event(q, now.vector, now.at);
    e->any |= ANY(cr2); /* any byte of the frame may have been first */
    if (inner)
        e->any |= ANY(saved_ss) | ANY(ss);
    if (now.held && !amd) {
        e = sequence_in_handler(q, VEC_nmi, 0);
        e->any |= ANY(saved_ss) | ANY(cr2);
        held(e);
    } else if (now.held) { /* behind the harness's IRET from the fault */
        q->c.rflags = (q->c.rflags | FLAG_RF) & ~(uint64_t)FLAG_NT;
        e = sequence_event(q, VEC_nmi, now.resume);
        e->any |= ANY(saved_ss) | ANY(cr2);
        held(e);
    }
    q->c = code;
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    if (now.how == FAULTS) {
        expect_fault(&q, amd);
    } else {
        e = sequence_db(&q, s->at, now.how == STEPPED ? DR6_BS : DR6_B(0));
        e->any |= ANY(dr7);
        if (deviation_reported(deviation_of_rf(VEC_nmi, s->from != FROM_RING0)))
            e->any_flags |= FLAG_RF; /* as the IRET has loaded it */
        if (now.held) {
            e = sequence_in_handler(&q, VEC_nmi, 0);
            e->any |= ANY(dr6) | ANY(dr7) | ANY(saved_ss);
            held(e);
        }
    }
    sequence_end(&q)->any |= ANY(dr7);
}

#define EXIT(name)                                                             \
    nmi_exit_##name, nmi_exit_##name##_at, nmi_exit_##name##_resume
static const struct row rows[] = {
    {"fault-gp", EXIT(null_cs), FAULTS, VEC_gp, false},
    {"fault-gp.held", EXIT(null_cs), FAULTS, VEC_gp, true},
    {"fault-nt", EXIT(nested_task), FAULTS, VEC_gp, false},
    {"fault-nt.held", EXIT(nested_task), FAULTS, VEC_gp, true},
    {"fault-pf", EXIT(no_frame), FAULTS, VEC_pf, false},
    {"fault-pf.held", EXIT(no_frame), FAULTS, VEC_pf, true},
    {"stepped", EXIT(stepped), STEPPED, 0, false},
    {"stepped.held", EXIT(stepped), STEPPED, 0, true},
    {"watched", EXIT(iretq), WATCHED, 0, false},
    {"watched.held", EXIT(iretq), WATCHED, 0, true},
};

static const char why_fault[] =
    "an IRET that faults has unblocked NMIs before the fault's handler starts "
    "(Intel; AMD's manual is silent); SDM vol 3, Handling Multiple NMIs";
static const char why_trap[] =
    "a debug trap comes before an NMI at the same boundary, which then comes "
    "at "
    "its handler's first instruction; SDM vol 3, Priority Among Exceptions";

static enum confidence confidence(void)
{
    if (now.how != FAULTS)
        return now.held ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH;
    return now.held && !persona.intel ? CONFIDENCE_VALUE : CONFIDENCE_HIGH;
}

static void run(const struct row *r, enum origin from)
{
    static const struct snippet code[FROM_COUNT] = {
        [FROM_RING3] = SNIPPET(iret_nop3),
        [FROM_COMPAT] = SNIPPET(iret_nopc),
        [FROM_RING0] = SNIPPET(iret_nop0)};
    char id[44];

    now = *r;
    fmt(id, sizeof(id), "nmi-iret.%s.%s", r->id, origin_ids[from]);
    check_run(&(struct stimulus){
        .id = id,
        .from = from,
        .start = code[from].start,
        .at = r->how == FAULTS ? r->at : code[from].at,
        .resume = r->how == FAULTS ? r->resume : code[from].resume,
        .vector = VEC_nmi,
        .nmi = true,
        .confidence = confidence(),
        .by_vendor = confidence() == CONFIDENCE_VALUE,
        .before = before,
        .after = after,
        .expect = expect,
        .mend = mend,
        .facts = r->how == FAULTS ? "NM5 NM9 IR15" : "DB11 EV1",
        .why = r->how == FAULTS ? why_fault : why_trap,
    });
}

void case_nmi_iret(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++)
        for (unsigned o = 0; o < FROM_COUNT; o++)
            run(&rows[i], o);
}
