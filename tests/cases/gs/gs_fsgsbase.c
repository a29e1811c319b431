/* SPDX-License-Identifier: MIT */
/*
 * RDFSBASE, RDGSBASE, WRFSBASE, WRGSBASE: the bases without an MSR.
 *
 * With CR4.FSGSBASE any ring may use them, in 64-bit mode only; without it
 * they are #UD for everyone, ring 0 too.  32-bit forms read the low half and
 * write a zero upper half.  A base must be canonical, or #GP, but it need not
 * be a user's: ring 3 may write a kernel's address, and from then on "the GS
 * base is negative, so it is the kernel's" is no longer true.
 *
 * The prefix F3 is part of the opcode: the same bytes without it are #UD.
 */
#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "lib/gs.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

enum { RDFS, RDGS, WRFS, WRGS, OPERATIONS };

/* In compat code gas knows none of them; modrm: /0 to /3, EAX. */
#define OPERATION(name, modrm)                                                 \
    RING3(name##_q3, "", #name " %rax", "");                                   \
    RING3(name##_l3, "", #name " %eax", "");                                   \
    RING0(name##_q0, "", #name " %rax", "");                                   \
    RING0(name##_l0, "", #name " %eax", "");                                   \
    COMPAT(name##_lc, "", ".byte 0xf3, 0x0f, 0xae, " modrm, "");               \
    RING3(name##_bare3, "", ".byte 0x0f, 0xae, " modrm, "");                   \
    RING0(name##_bare0, "", ".byte 0x0f, 0xae, " modrm, "")
OPERATION(rdfsbase, "0xc0");
OPERATION(rdgsbase, "0xc8");
OPERATION(wrfsbase, "0xd0");
OPERATION(wrgsbase, "0xd8");

#define ROW(name)                                                              \
    {                                                                          \
#name,                                                                 \
            {[FROM_RING3] = SNIPPET(name##_l3),                                \
            [FROM_RING0] = SNIPPET(name##_l0), [FROM_COMPAT] =                 \
                                                    SNIPPET(name##_lc) },      \
             {[FROM_RING3] = SNIPPET(name##_q3), [FROM_RING0] =                \
                                                      SNIPPET(name##_q0) },    \
               {[FROM_RING3] = SNIPPET(name##_bare3), [FROM_RING0] = SNIPPET(  \
                                                           name##_bare0) },    \
    }
static const struct {
    const char *name;
    struct snippet half[FROM_COUNT], whole[FROM_COUNT], bare[FROM_COUNT];
} operations[OPERATIONS] = {ROW(rdfsbase), ROW(rdgsbase), ROW(wrfsbase),
                            ROW(wrgsbase)};

static const struct gs_state start = {0, 0, FS_POSITIVE, GS_NEGATIVE,
                                      GS_POSITIVE};

static struct {
    unsigned operation;
    bool whole, on; /* 64-bit operand; CR4.FSGSBASE */
    uint64_t value; /* in RAX */
} now;

static void before(struct trapframe *c)
{
    if (now.on)
        write_cr4(read_cr4() | CR4_FSGSBASE);
    c->rax = now.value;
    gs_set(&start);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    uint64_t mask = now.whole ? ~0ull : 0xffffffff;
    struct gs_state end = start;

    (void)amd;
    if (s->vector == VEC_gate && now.operation == WRFS)
        end.fs_base = now.value & mask;
    if (s->vector == VEC_gate && now.operation == WRGS)
        end.gs_base = now.value & mask;
    if (s->vector == VEC_gate && now.operation == RDFS)
        w->event[0].o.frame.rax = start.fs_base & mask;
    if (s->vector == VEC_gate && now.operation == RDGS)
        w->event[0].o.frame.rax = start.gs_base & mask;
    gs_want(w, 0, &end);
}

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    return now.on && !cpu_has(FEATURE_FSGSBASE)
               ? "the processor has no FSGSBASE"
               : 0;
}

static void run(const char *condition, enum origin from,
                const struct snippet *code, unsigned vector,
                enum confidence confidence, const char *facts)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .vector = vector,
        .error_code = vector == VEC_gp,
        .confidence = confidence,
        .before = before,
        .expect = expect,
        .after = gs_after,
        .unfit = unfit,
        .facts = facts,
        .why =
            "RD/WRFSBASE, RD/WRGSBASE: #UD but in 64-bit mode with "
            "CR4.FSGSBASE, #GP(0) for a non-canonical base; SDM vol 2 WRFSBASE",
    };

    fmt(id, sizeof(id), "%s%s.%s.%s", operations[now.operation].name,
        now.whole ? "64" : "", condition, origin_ids[from]);
    stimulus_code(&s, code);
    check_run(&s);
}

/* GS8: who may, and what the 32-bit forms do. */
static void enabled_or_not(void)
{
    now.value = GS_POSITIVE; /* more than 32 bits */
    for (unsigned on = 0; on <= 1; on++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            bool works = on && from != FROM_COMPAT;
            unsigned vector = works ? VEC_gate : VEC_ud;
            const char *condition = on ? "enabled" : "disabled";

            now.on = on;
            now.whole = false;
            run(condition, from, &operations[now.operation].half[from], vector,
                CONFIDENCE_HIGH, "GS8");
            if (from == FROM_COMPAT)
                continue;
            run(on ? "no-f3-enabled" : "no-f3-disabled", from,
                &operations[now.operation].bare[from], VEC_ud, CONFIDENCE_HIGH,
                "GS8");
            now.whole = true;
            run(condition, from, &operations[now.operation].whole[from], vector,
                CONFIDENCE_HIGH, "GS8");
        }
}

/* GS9, GS23: which addresses. */
static void addresses(void)
{
    static const struct {
        const char *name;
        uint64_t value;
        bool good;
    } rows[] = {
        {"lower-edge", 0x00007fffffffffff, true},
        {"upper-edge", 0xffff800000000000, true},
        {"all-ones", ~0ull, true},
        {"non-canonical", GS_NONCANONICAL, false},
        {"sign-only", GS_NONCANONICAL_SIGN, false},
    };
    /* With LA57 supported but off the manuals leave it open. */
    bool la57 = read_cr4() & CR4_LA57;
    enum confidence sure =
        cpu_has(FEATURE_LA57) && !la57 ? CONFIDENCE_VALUE : CONFIDENCE_HIGH;

    now.on = now.whole = true;
    for (enum origin from = 0; from < FROM_COUNT; from++) {
        const struct snippet *code = &operations[now.operation].whole[from];

        if (from == FROM_COMPAT)
            continue;
        for (unsigned i = 0; i < COUNT(rows); i++) {
            now.value = rows[i].value;
            run(rows[i].name, from, code, rows[i].good ? VEC_gate : VEC_gp,
                CONFIDENCE_HIGH, "GS9 EX21 GS12");
        }
        now.value = GS_CANONICAL_57;
        run("canonical-57", from, code, la57 ? VEC_gate : VEC_gp, sure,
            "GS23 EX21");
    }
}

void case_gs_fsgsbase(void)
{
    for (now.operation = 0; now.operation < OPERATIONS; now.operation++)
        enabled_or_not();
    for (now.operation = WRFS; now.operation <= WRGS; now.operation++)
        addresses();
}
