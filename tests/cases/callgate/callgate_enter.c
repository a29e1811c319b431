/* SPDX-License-Identifier: MIT */
/*
 * A call through a gate into an inner ring: the entry that no vector leads to.
 *
 * The processor takes RSP from the TSS, never from an IST, and pushes four
 * quadwords: SS, RSP, CS, RIP.  There are no RFLAGS among them, for none
 * change: IF stays on, TF, DF, NT and AC stay as ring 3 set them.  SS becomes
 * null, GS stays the user's, and unlike an interrupt's frame this one is not
 * aligned.  From compat code it is the same: the target is always 64-bit.
 *
 * In 64-bit mode the gate is two slots long, its parameter count means nothing
 * any more, and CALL ptr16:32 (opcode 9A) is gone.  AMD's processors have the
 * same gates; their manual says nothing of alignment.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "lib/callgate.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

#define DIRECT ".byte 0x9a\n.long 0\n.word 0x63" /* SEL_CALL_GATE | 3 */
_Static_assert((SEL_CALL_GATE | 3) == 0x63, "DIRECT");
COMPAT(direct_compat, "", DIRECT, "");
RING3(direct_ring3, "", DIRECT, "");
#define PARAMETERS (31ull << 32) /* of a 32-bit gate */

static const struct gs_state states[] = {
    {0, 0, FS_POSITIVE, GS_POSITIVE, GS_NEGATIVE},
    {SEL_USER_SS, SEL_USER_SS, FS_POSITIVE, GS_NEGATIVE, GS_POSITIVE},
};

static struct {
    const struct gs_state *g;
    uint64_t flags_on, flags_off; /* in ring 3 */
    unsigned ring;                /* the target's */
    uint16_t rpl;                 /* in the gate's selector of its CS */
    uint64_t low_bits;            /* taken off RSPn */
    bool parameters, returns;
} now;

static uint16_t target_cs(void)
{
    return now.ring ? SEL_CALL_CS : SEL_KERNEL_CS;
}

static uint64_t target_rsp(void)
{
    return STACK_TOP(STACK_rsp0) - now.low_bits;
}

static void before(struct trapframe *c)
{
    tss.rsp[now.ring] = target_rsp();
    callgate_code(DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(now.ring) |
                      DESCRIPTOR_CODE,
                  DESCRIPTOR_G | DESCRIPTOR_L);
    callgate_put(CALL_GATE_ACCESS(3), target_cs() | now.rpl,
                 (uint64_t)(now.returns ? callgate_return : callgate_inner));
    if (now.parameters)
        gdt[SEL_CALL_GATE / 8] |= PARAMETERS;
    callgate_pointer(c, SEL_CALL_GATE | 3);
    c->rflags = (c->rflags | now.flags_on) & ~now.flags_off;
    gs_set(now.g);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    (void)amd;
    gs_want(w, 0, now.g);
    if (s->vector == VEC_gate && !now.returns)
        callgate_want_inner(w, s, now.ring, target_cs() | now.ring,
                            target_rsp());
}

static const char why_enters[] =
    "a call gate takes RSP from the TSS, pushes SS, RSP, CS, RIP and nothing "
    "else, nulls SS, and leaves RFLAGS and GS; SDM vol 2 CALL";
static const char why_returns[] =
    "a far return through a call gate's frame restores CS:RIP and SS:RSP and "
    "leaves RFLAGS and the bases; SDM vol 2 RET";

static void run(const char *what, enum origin from, enum confidence confidence,
                const char *facts)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .vector = VEC_gate,
        .confidence = confidence,
        .before = before,
        .expect = expect,
        .after = callgate_after,
        .facts = facts,
        .why = now.returns ? why_returns : why_enters,
    };

    fmt(id, sizeof(id), "callgate.%s.%s", what, origin_ids[from]);
    stimulus_code(&s, &far_codes[FAR_CALL][from]);
    check_run(&s);
}

static void reset(void)
{
    now.g = &states[0];
    now.flags_on = now.flags_off = now.low_bits = 0;
    now.ring = now.rpl = 0;
    now.parameters = now.returns = false;
}

/* RFLAGS, bit by bit; TF is callgate_event.c's. */
static void flags(enum origin from, const char *facts)
{
    static const struct {
        const char *enters, *returns;
        uint64_t on, off;
    } rows[] = {
        {"if-off", "return.if-off", 0, FLAG_IF},
        {"df", "return.df", FLAG_DF, 0},
        {"nt", "return.nt", FLAG_NT, 0},
        {"ac", "return.ac", FLAG_AC, 0},
        {"iopl", "return.iopl", FLAG_IOPL, 0},
        {"id", "return.id", FLAG_ID, 0},
        {"arithmetic", "return.arithmetic", ARITHMETIC_FLAGS, 0},
    };

    for (unsigned i = 0; i < COUNT(rows); i++) {
        reset();
        now.flags_on = rows[i].on;
        now.flags_off = rows[i].off;
        run(rows[i].enters, from, CONFIDENCE_HIGH, facts);
        now.returns = true;
        run(rows[i].returns, from, CONFIDENCE_HIGH, facts);
    }
}

static void everything(enum origin from)
{
    static const char *const low_bits[] = {"rsp0-less-1", "rsp0-less-4",
                                           "rsp0-less-8", "rsp0-less-15"};
    static const uint8_t bits[] = {1, 4, 8, 15};
    const char *facts = from == FROM_COMPAT ? "CG2 CG1" : "CG1";
    enum confidence h_intel =
        persona.intel ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;

    reset();
    run("enters", from, CONFIDENCE_HIGH, facts);
    now.g = &states[1];
    run("enters.negative-gs", from, CONFIDENCE_HIGH, facts);
    now.returns = true;
    run("return.negative-gs", from, CONFIDENCE_HIGH, facts);
    now.g = &states[0];
    run("return", from, CONFIDENCE_HIGH, facts);
    flags(from, facts);
    reset();
    now.parameters = true;
    run("parameters", from, CONFIDENCE_HIGH, facts);
    reset();
    now.rpl = 3;
    run("cs-rpl", from, h_intel, facts);
    reset();
    now.ring = 1;
    run("to-ring1", from, h_intel, facts);
    now.ring = 2;
    run("to-ring2", from, h_intel, facts);
    reset();
    for (unsigned i = 0; i < sizeof(bits); i++) {
        now.low_bits = bits[i];
        run(low_bits[i], from, CONFIDENCE_MEDIUM, "CG6");
    }
}

void case_callgate_enter(void)
{
    struct stimulus direct = {
        .id = "callgate.direct.compat",
        .from = FROM_COMPAT,
        CODE(direct_compat),
        .vector = VEC_gate,
        .before = before,
        .expect = expect,
        .after = callgate_after,
        .facts = "CG2",
        .why = why_enters,
    };

    everything(FROM_RING3);
    everything(FROM_COMPAT);
    reset();
    check_run(&direct);
    now.returns = true;
    direct.id = "callgate.direct.return.compat";
    check_run(&direct);
    reset();
    direct = (struct stimulus){
        .id = "callgate.direct.ring3",
        .from = FROM_RING3,
        CODE(direct_ring3),
        .vector = VEC_ud,
        .before = before,
        .expect = expect,
        .after = callgate_after,
        .facts = "CG1",
        .why = "CALL ptr16:32 (9A) is #UD in 64-bit mode; SDM vol 2 CALL",
    };
    check_run(&direct);
}
