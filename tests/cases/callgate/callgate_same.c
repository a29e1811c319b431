/* SPDX-License-Identifier: MIT */
/*
 * Gates that lead to no inner ring: to a segment of the caller's own level,
 * or to conforming code, which runs at whoever calls it.
 *
 * A CALL then switches no stack and pushes two quadwords, CS and RIP, onto
 * the one in use, SS and alignment as they are; from compat code too, for the
 * target is 64-bit.  A JMP pushes nothing; it can do no more than this.  An
 * emulator that switches stacks by the descriptor's DPL instead of the new
 * CPL lets ring 3 run on ring 0's stack.
 */
#include "fmt.h"
#include "lib/callgate.h"
#include "lib/origin.h"
#include "macros.h"
#include "vectors.h"

static const struct gs_state start = {0, 0, FS_POSITIVE, GS_POSITIVE,
                                      GS_NEGATIVE};

static const struct target {
    const char *name;
    unsigned access; /* of SEL_CALL_CS */
    bool ring0;      /* for callers in ring 0; else in ring 3 */
} targets[] = {
    {"same-level", DESCRIPTOR_DPL(3) | DESCRIPTOR_CODE, false},
    {"conforming", DESCRIPTOR_DPL(0) | DESCRIPTOR_CODE_CONFORMING, false},
    {"conforming-dpl1", DESCRIPTOR_DPL(1) | DESCRIPTOR_CODE_CONFORMING, false},
    {"conforming-dpl3", DESCRIPTOR_DPL(3) | DESCRIPTOR_CODE_CONFORMING, false},
    {"same-level", DESCRIPTOR_DPL(0) | DESCRIPTOR_CODE, true},
    {"conforming", DESCRIPTOR_DPL(0) | DESCRIPTOR_CODE_CONFORMING, true},
};

static struct {
    const struct target *target;
    enum far far;
    bool returns;
} now;

static uint64_t entry(void)
{
    bool ring0 = now.target->ring0;

    if (now.far == FAR_JUMP)
        return (uint64_t)(ring0 ? callgate_jumped0 : callgate_jumped);
    if (now.returns)
        return (uint64_t)(ring0 ? callgate_return0 : callgate_return3);
    return (uint64_t)(ring0 ? callgate_same0 : callgate_same);
}

static void before(struct trapframe *c)
{
    callgate_code(DESCRIPTOR_PRESENT | now.target->access,
                  DESCRIPTOR_G | DESCRIPTOR_L);
    callgate_put(CALL_GATE_ACCESS(3), SEL_CALL_CS, entry());
    callgate_pointer(c, SEL_CALL_GATE | 3);
    if (now.target->ring0)
        c->r15 = c->rsp - CALL_FRAME_SAME;
    gs_set(&start);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct wanted *gate = &w->event[0];

    (void)amd;
    gs_want(w, 0, &start);
    if (now.returns)
        return;
    if (now.far == FAR_CALL)
        callgate_want_frame(gate, s, false);
    if (now.far == FAR_CALL && now.target->ring0)
        gate->o.frame.rcx = gate->o.frame.rsp - CALL_FRAME_SAME;
    gate->o.frame.cs = SEL_CALL_CS | (now.target->ring0 ? 0 : 3);
}

static void run(const struct target *t, enum far far, enum origin from,
                bool returns)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .vector = VEC_gate,
        .before = before,
        .expect = expect,
        .after = callgate_after,
        .facts = far == FAR_CALL ? "CG7" : "CG10",
        .why = "through a gate to its own level or to conforming code the CPL "
               "and the stack stay: CALL pushes CS and RIP alone, JMP nothing; "
               "SDM vol 2 CALL",
    };

    now.target = t;
    now.far = far;
    now.returns = returns;
    fmt(id, sizeof(id), "callgate.%s.%s%s.%s", far_ids[far], t->name,
        returns ? ".return" : "", origin_ids[from]);
    stimulus_code(&s, &far_codes[far][from]);
    check_run(&s);
}

void case_callgate_same(void)
{
    for (unsigned i = 0; i < COUNT(targets); i++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            if (targets[i].ring0 != (from == FROM_RING0))
                continue;
            run(&targets[i], FAR_CALL, from, false);
            run(&targets[i], FAR_CALL, from, true);
            run(&targets[i], FAR_JUMP, from, false);
        }
}
