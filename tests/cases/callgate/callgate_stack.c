/* SPDX-License-Identifier: MIT */
/*
 * A call gate whose stack is not there: RSP0 or RSP1 of the TSS bad, beyond
 * the TSS's limit, or on a page that is not present.
 *
 * The call is refused at the CALL, in ring 3: #SS for an address that is not
 * canonical, #PF (ring 0's own access: U clear) for a missing page, #TS for a
 * slot that the TSS does not have.  The handler of that fault needs a stack
 * too: with RSP0 bad it has to have an IST.  A slot beyond the limit can only
 * be RSP1's or RSP2's, for every IST lies behind them in the TSS; so that one
 * is asked with a gate to ring 2, and the fault is handled on RSP0.
 */
#include "fmt.h"
#include "lib/callgate.h"
#include "lib/origin.h"
#include "lib/triggers.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

#define PF_WRITE 2
/* The last byte of RSP1's slot: RSP2 is out. */
#define LIMIT_BEFORE_RSP2 (offsetof(struct tss, rsp[2]) - 1)

static const struct gs_state start = {0, SEL_USER_SS, FS_POSITIVE, GS_POSITIVE,
                                      GS_NEGATIVE};
/* A guard: nothing is mapped below a stack. */
#define ABSENT STACK_BOTTOM(STACK_ring0)

static const struct row {
    const char *name;
    unsigned ring;
    uint64_t rsp; /* 0: beyond the limit */
    unsigned vector;
    uint16_t error;
    uint64_t any; /* what the manuals leave open, for the sure half */
} rows[] = {
    {"rsp0-non-canonical", 0, GS_NONCANONICAL, VEC_ss, 0, ANY(error)},
    {"rsp1-non-canonical", 1, GS_NONCANONICAL, VEC_ss, 0, ANY(error)},
    {"rsp0-absent", 0, ABSENT, VEC_pf, PF_WRITE, ANY(cr2)},
    {"rsp1-absent", 1, ABSENT, VEC_pf, PF_WRITE, ANY(cr2)},
    {"rsp2-beyond-limit", 2, 0, VEC_ts, SEL_TSS, 0},
};

static struct {
    const struct row *row;
    uint64_t any;
} now;

static void before(struct trapframe *c)
{
    const struct row *r = now.row;

    callgate_code(DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(r->ring) |
                      DESCRIPTOR_CODE,
                  DESCRIPTOR_G | DESCRIPTOR_L);
    callgate_put(CALL_GATE_ACCESS(3), SEL_CALL_CS, (uint64_t)callgate_inner);
    callgate_pointer(c, SEL_CALL_GATE | 3);
    tss.rsp[r->ring] = r->rsp;
    if (!r->rsp)
        tss_load(LIMIT_BEFORE_RSP2);
    if (!r->ring) /* the fault's handler cannot use RSP0 either */
        gate_lend(r->vector, gate_make(capture_stubs[r->vector], GATE_INTERRUPT,
                                       IST_spare, 0));
    gs_set(&start);
}

/* The harness's gate has an IST: it needs the whole TSS again. */
static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)nth, (void)o, (void)f;
    tss_load(sizeof(tss) - 1);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    gs_want(w, 0, &start);
    w->event[0].any |= now.any;
}

static void after(void)
{
    gates_back();
    callgate_after();
}

static void run(const struct row *r, enum origin from, bool sure)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .vector = r->vector,
        .error_code = true,
        .error = r->error,
        .address = r->rsp - 8, /* SS is pushed first */
        .saved = SAVED_AT,
        .confidence = sure ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
        .before = before,
        .expect = expect,
        .mend = mend,
        .after = after,
        .facts = "CG8",
        .why = "a call gate without a stack is #SS(0), #PF or #TS(TR) at the "
               "CALL, in the caller's context; SDM vol 2 CALL",
    };

    now.row = r;
    now.any = sure ? r->any : 0;
    fmt(id, sizeof(id), "callgate.%s.%s%s", r->name, origin_ids[from],
        sure                  ? ""
        : r->vector == VEC_ss ? ".error"
                              : ".cr2");
    stimulus_code(&s, &far_codes[FAR_CALL][from]);
    check_run(&s);
}

void case_callgate_stack(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++)
        for (enum origin from = FROM_RING3; from <= FROM_COMPAT; from++) {
            run(&rows[i], from, true);
            if (rows[i].any)
                run(&rows[i], from, false);
        }
}
