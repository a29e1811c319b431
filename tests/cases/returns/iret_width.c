/* SPDX-License-Identifier: MIT */
/*
 * How much a far return pops, and what is left of the wide registers.
 *
 * IRETQ is written with REX.W; `iret' alone is IRETD, pops doublewords, and
 * kernels have been shipped with the wrong one.  In 64-bit mode either pops
 * SS and RSP even when the ring stays the same; in compat code IRETD to the
 * same ring pops three doublewords and leaves the stack's registers alone.
 * The stack that it pops from is addressed with all 64 bits of RSP.
 *
 * To compat code RIP[63:32] should be zero: by the manual the code segment's
 * limit is 4 GiB.  What becomes of the registers' upper halves in compat code
 * is not defined: the report says what was seen.
 */
#include "engine/payload.h"
#include "engine/persona.h"
#include "fmt.h"
#include "lib/ret.h"
#include "macros.h"
#include "vectors.h"

/* From compat code into 64-bit code, and to the gate from there. */
COMPAT(width_far_jump, "",
       "ljmp $" STRING(SEL_USER_CS64) ", $1f\n.code64\n1: nop\n.code32", "");

static const struct arrival {
    const char *name;
    enum ret_by by;
    enum origin from, to;
    bool low_stack; /* the frame is below 4 GiB */
    unsigned imm16;
} arrivals[] = {
    {"iretq", BY_IRETQ, FROM_RING0, FROM_RING3, false, 0},
    {"iretq", BY_IRETQ, FROM_RING0, FROM_COMPAT, false, 0},
    {"iretq", BY_IRETQ, FROM_RING0, FROM_RING0, false, 0},
    {"iretq", BY_IRETQ, FROM_RING3, FROM_RING3, false, 0},
    {"iretq", BY_IRETQ, FROM_RING3, FROM_COMPAT, false, 0},
    {"iretd.low", BY_IRETD, FROM_RING0, FROM_RING3, true, 0},
    {"iretd.low", BY_IRETD, FROM_RING0, FROM_COMPAT, true, 0},
    {"iretd.low", BY_IRETD, FROM_RING0, FROM_RING0, true, 0},
    {"iretd.high", BY_IRETD, FROM_RING0, FROM_RING3, false, 0},
    {"iretd.high", BY_IRETD, FROM_RING0, FROM_COMPAT, false, 0},
    {"iretd.high", BY_IRETD, FROM_RING0, FROM_RING0, false, 0},
    {"iretd", BY_IRETD, FROM_RING3, FROM_RING3, false, 0},
    {"iretd", BY_IRETD, FROM_RING3, FROM_COMPAT, false, 0},
    {"iretd", BY_IRETD, FROM_COMPAT, FROM_COMPAT, false, 0},
    {"iretd", BY_IRETD, FROM_COMPAT, FROM_RING3, false, 0},
    {"lretq", BY_LRETQ, FROM_RING0, FROM_RING3, false, 0},
    {"lretq", BY_LRETQ, FROM_RING0, FROM_COMPAT, false, 0},
    {"lretq", BY_LRETQ, FROM_RING0, FROM_RING0, false, 0},
    {"lretq", BY_LRETQ, FROM_RING3, FROM_RING3, false, 0},
    {"lretq", BY_LRETQ, FROM_RING3, FROM_COMPAT, false, 0},
    {"lretq.imm16", BY_LRETQ, FROM_RING0, FROM_RING3, false, 16},
    {"lretq.imm16", BY_LRETQ, FROM_RING0, FROM_COMPAT, false, 16},
    {"lretq.imm16", BY_LRETQ, FROM_RING0, FROM_RING0, false, 16},
    {"lretq.imm16", BY_LRETQ, FROM_RING3, FROM_RING3, false, 16},
    {"lretd.low", BY_LRETD, FROM_RING0, FROM_RING3, true, 0},
    {"lretd.low", BY_LRETD, FROM_RING0, FROM_COMPAT, true, 0},
    {"lretd.high", BY_LRETD, FROM_RING0, FROM_RING3, false, 0},
    {"lretd.high", BY_LRETD, FROM_RING0, FROM_COMPAT, false, 0},
    {"lretd", BY_LRETD, FROM_RING3, FROM_RING3, false, 0},
    {"lretd", BY_LRETD, FROM_COMPAT, FROM_COMPAT, false, 0},
    {"lretd", BY_LRETD, FROM_COMPAT, FROM_RING3, false, 0},
};

static void run_arrival(const struct arrival *a)
{
    bool same_ring = (a->from == FROM_RING0) == (a->to == FROM_RING0);
    bool narrow0 =
        a->by == BY_IRETD && a->from == FROM_RING0 && a->to == FROM_RING0;
    struct ret r = {.from = a->from,
                    .by = a->by,
                    .frame = ret_frame_to(a->to),
                    .imm16 = a->imm16};
    struct stimulus s = ret_stimulus(&r);
    char id[44];

    if (a->low_stack)
        r.rsp = payload_context(FROM_RING3, 0).rsp;
    if (narrow0) { /* what IRETD can reach: ring 3's pages, from ring 0 */
        r.frame.rip = ret_landing(FROM_RING3);
        r.frame.rsp = ret_frame_to(FROM_RING3).rsp;
    }
    /* That it pops SS:RSP then, too, is known of AMD's by one source. */
    if (!persona.intel && a->by == BY_IRETD && same_ring)
        s.confidence = CONFIDENCE_MEDIUM;
    fmt(id, sizeof(id), "%s.%s.arrives", a->name, ret_way(&r, a->to));
    s.id = id;
    s.facts = a->by <= BY_IRETD ? "IR9 IR12 IR4" : "IR18";
    s.why = a->by <= BY_IRETD
                ? "IRET pops RIP, CS, RFLAGS, and RSP, SS always in 64-bit "
                  "mode, from RSP's 64 bits; in compat code to the same ring "
                  "not; SDM vol 2 IRET"
                : "a far return pops RIP and CS, and RSP and SS on the way "
                  "out; the immediate is added to either RSP; SDM vol 2 RET";
    check_run(&s);
}

/* By the manual beyond the limit; AMD's does not say. */
static void run_high_rip(enum ret_by by, const char *id)
{
    struct ret r = {
        .from = FROM_RING0, .by = by, .frame = ret_frame_to(FROM_COMPAT)};
    struct stimulus s = ret_stimulus(&r);

    r.frame.rip |= 1ull << 32;
    s.id = id;
    s.vector = VEC_gp;
    s.error_code = true;
    s.confidence = persona.intel ? CONFIDENCE_MEDIUM : CONFIDENCE_VALUE;
    s.facts = "IR13";
    s.why =
        "to compat code a RIP of more than 32 bits is beyond the code "
        "segment's limit: #GP(0); SDM vol 2 IRET, RET, 64-bit mode exceptions";
    check_run(&s);
}

static void expect_upper_kept(const struct stimulus *s, struct want *w,
                              bool amd)
{
    struct trapframe a =
        ret_arrive((const struct ret *)s->argument, stimulus_context());

    (void)amd;
    want_at(w, 0, s, &a); /* and all 64 bits of each */
}

static void start_in_compat(struct trapframe *c)
{
    c->cs = SEL_USER_CS32;
}

static void expect_64bit(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe a = *stimulus_context();

    (void)amd;
    a.cs = SEL_USER_CS64;
    want_at(w, 0, s, &a);
}

static void run_upper_halves(void)
{
    struct ret r = {
        .from = FROM_RING0, .by = BY_IRETQ, .frame = ret_frame_to(FROM_COMPAT)};
    struct stimulus s = ret_stimulus(&r);
    struct stimulus jump = {
        .id = "ljmp.compat-ring3.upper-halves",
        .from = FROM_RING3, /* so that all 64 bits are loaded, and compared */
        CODE(width_far_jump),
        .vector = VEC_gate,
        .confidence = CONFIDENCE_VALUE,
        .before = start_in_compat,
        .expect = expect_64bit,
        .facts = "IR8",
        .why = "what compat code leaves of registers' upper halves and of R8 "
               "to R15 is not defined; SDM vol 1, 3.4.1.1",
    };

    s.id = "iretq.ring0-compat.upper-halves";
    s.confidence = CONFIDENCE_VALUE;
    s.expect = expect_upper_kept;
    s.facts = jump.facts;
    s.why = jump.why;
    check_run(&s);
    check_run(&jump);
}

void case_iret_width(void)
{
    for (unsigned i = 0; i < COUNT(arrivals); i++)
        run_arrival(&arrivals[i]);
    run_high_rip(BY_IRETQ, "iretq.ring0-compat.rip.high-half");
    run_high_rip(BY_LRETQ, "lretq.ring0-compat.rip.high-half");
    run_upper_halves();
}
