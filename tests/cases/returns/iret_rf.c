/* SPDX-License-Identifier: MIT */
/*
 * RF, restored by IRET: an instruction breakpoint on the instruction that is
 * returned to does not fire, once.
 *
 * That is how a debugger gets over its own breakpoint.  Each return is made
 * three times: without RF (the breakpoint fires), with RF (it does not), and
 * with RF to a loop of two rounds, where it must fire in the second one: RF
 * is over with the first instruction.  An instruction breakpoint's own frame
 * has RF clear; the harness's handler sets it.
 */
#include "fmt.h"
#include "insn.h"
#include "lib/ret.h"
#include "msr.h"
#include "vectors.h"

/* DEC and JNZ are the same bytes in compat code. */
RING3(rf_loop3, "", "dec %ecx\njnz rf_loop3", "");
RING0(rf_loop0, "", "dec %ecx\njnz rf_loop0", "");

#define ROUNDS 2

static const struct ret *row(void)
{
    return (const struct ret *)stimulus_now()->argument;
}

static void before(struct trapframe *c)
{
    ret_before(c);
    c->rcx = ROUNDS;
    write_dr0(row()->frame.rip);
    write_dr7(DR7_CLEAR | DR7_L0);
}

static void after(void)
{
    ret_after();
    write_dr7(DR7_CLEAR);
    write_dr0(0);
}

/* s->entries times the breakpoint, at the instruction that was returned to. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe a = ret_arrive(row(), stimulus_context());
    struct stimulus there = *s;

    (void)amd;
    there.vector = VEC_db;
    there.at = (const char *)row()->frame.rip;
    there.address = 1;
    a.rflags &= ~(uint64_t)FLAG_RF;
    for (unsigned i = 0; i < s->entries; i++)
        ret_want_at(w, i, &there, &a);
    there.vector = VEC_gate;
    there.entries = 0;
    ret_want_at(w, s->entries, &there, &a);
}

static void run(const struct ret_form *way, const char *what, bool rf,
                bool loop, unsigned entries)
{
    struct ret r = {
        .from = way->from, .by = way->by, .frame = ret_frame_to(way->to)};
    struct stimulus s = ret_stimulus(&r);
    char id[44];

    if (rf)
        r.frame.rflags |= FLAG_RF;
    if (loop)
        r.frame.rip = (uint64_t)(way->to == FROM_RING0 ? rf_loop0 : rf_loop3);
    fmt(id, sizeof(id), "%s.%s.rf.%s", way->name, ret_way(&r, way->to), what);
    s.id = id;
    s.vector = entries ? VEC_db : VEC_gate;
    s.entries = entries;
    s.clobbers = REG_RCX;
    s.flags_changed = ARITHMETIC_FLAGS;
    s.before = before;
    s.after = after;
    s.expect = expect;
    s.mend = 0; /* the breakpoint's way on is the way it came */
    s.facts = "IR6 DB26";
    s.why = "RF from IRET holds off an instruction breakpoint at the target "
            "for one instruction, no longer; SDM vol 3, Instruction-Breakpoint "
            "Exception";
    check_run(&s);
}

void case_iret_rf(void)
{
    for (unsigned i = 0; i < IRET_FORMS; i++) {
        run(&ret_forms[i], "clear", false, false, 1);
        run(&ret_forms[i], "set", true, false, 0);
        run(&ret_forms[i], "loop", false, true, ROUNDS);
        run(&ret_forms[i], "once", true, true, ROUNDS - 1);
    }
}
