/* SPDX-License-Identifier: MIT */
/*
 * From one boundary to the next: how a walk stops in front of every
 * instruction.
 *
 * TF does most of it: with TF set in the frame that the #DB's handler returns
 * to, one instruction runs, and then there is a #DB again.  It needs a helper,
 * a breakpoint on an address (DR0), in four places:
 *
 *   ring 3        has TF clear, so that no stub sees it on the frame or in
 *                 R11: a breakpoint on the stub's first instruction
 *   a CALL of the harness's  its C part is not under test and runs at full
 *                 speed, to a breakpoint on the return address
 *   STI, MOV SS   no trap comes behind them on some machines: the boundary in
 *                 their shadow would be missed.  A breakpoint bridges it
 *   PUSHF         would put TF where the stub may act on it: it runs without,
 *                 to a breakpoint behind it
 *
 * and where an instruction faults: what the processor then enters starts with
 * TF clear.
 *
 * DR7 is written when there is something to catch, and no more: an emulator
 * may throw its translated code away for it.  And a breakpoint is taken off as
 * soon as any #DB has come.  Left on, it would fire again in front of the same
 * instruction (its RF is not set, as the #DB came by TF), for ever.
 */
#include "walking.h"

#include "code.h"
#include "insn.h"
#include "msr.h"
#include "page.h"

void step_arm(uint64_t address)
{
    if (!walking.v) /* nobody looks: at full speed, to be counted */
        return;
    write_dr0(address);
    write_dr7(DR7_CLEAR | DR7_L0);
    walking.armed = true;
}

void step_disarm(void)
{
    if (walking.armed)
        write_dr7(DR7_CLEAR);
    walking.armed = false;
}

/* Where the instruction may lead to without a trap: 0 mostly. */
static uint64_t bridge(uint64_t rip)
{
    if (code_is_sti(rip) || code_is_pushf(rip))
        return rip + 1;
    if (code_loads_ss(rip))
        return rip + 2;
    if (walking.fault_stub && !walking.faulted &&
        (code_leaves_ring0(rip) || walking_fixup(rip)))
        return (uint64_t)walking.fault_stub;
    return 0;
}

void step_from(struct trapframe *f)
{
    uint64_t next;

    if (f->cs & 3) {
        step_arm((uint64_t)walking.call_stub);
        return;
    }
    /* A stranger's may call with a stack that is not there: that faults. */
    if (!engine_under_test(f->rip)) {
        if (walking.w->specimen != specimen_own ||
            page_physical((const void *)f->rsp))
            step_arm(*(uint64_t *)f->rsp);
        return;
    }
    next = bridge(f->rip);
    if (next)
        step_arm(next);
    if (!code_is_pushf(f->rip))
        f->rflags |= FLAG_TF;
}
