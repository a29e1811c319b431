/* SPDX-License-Identifier: MIT */
/*
 * Where a specimen's stubs call the harness, as they would call a kernel:
 * entry/body.S comes here.  What the stub has made of the entry, the frame
 * that it built and the GS bases that it chose, is all there is to see; the
 * processor's part the capture stubs have seen in a run of their own.
 */
#include "apic.h"
#include "fatal.h"
#include "insn.h"
#include "msr.h"
#include "running.h"
#include "vectors.h"
#include "watchdog.h"

/* Quadwords that specimen_body finds or pushes: the registers, RFLAGS, RIP. */
#define BODY_PUSHED (GENERAL_REGISTERS + 2)

leave engine_handle(struct trapframe *f);
void engine_body(uint64_t *regs);

/* Is it a vector that came through the local APIC, which waits for its EOI? */
static bool waits_for_eoi(uint64_t vector)
{
    return vector < VECTORS && vector != VEC_nmi &&
           vector_info((unsigned)vector)->class == EVENT &&
           apic_in_service((uint8_t)vector);
}

leave engine_handle(struct trapframe *f)
{
    struct outcome o = {
        .frame = *f,
        .rsp = (uint64_t)f,
        .gs_base = rdmsr(MSR_GS_BASE),
        .kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE),
    };

    if (f->vector == VEC_nmi) {
        enum watchdog_nmi alarm = watchdog_nmi();

        if (alarm == WATCHDOG_HANG && running.run)
            running_hang(f);
        if (alarm == WATCHDOG_HANG)
            fatal_hang(&o);
        if (!running.run && alarm == WATCHDOG_NOT) /* another processor's */
            running.strays++;
        if (!running.run || alarm == WATCHDOG_WAITS)
            return LEAVE_AS_ENTERED;
    }
    if (!running.run || !running.run->on_entry || running_own_fault(f)) {
        o.cr2 = read_cr2();
        fatal(&o, "an exception in the core itself, on a specimen's stub");
    }
    if (waits_for_eoi(f->vector)) {
        o.in_service = true;
        apic_eoi();
        o.stuck = apic_in_service((uint8_t)f->vector);
    }
    return running.run->on_entry(&o, f);
}

void engine_body(uint64_t *regs)
{
    struct body b = {
        .gs_base = rdmsr(MSR_GS_BASE),
        .kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE),
        .rsp = (uint64_t)(regs + BODY_PUSHED),
        .rip = regs[BODY_PUSHED - 1],
        .rflags = &regs[BODY_PUSHED - 2],
    };

    if (!running.run || !running.run->on_body)
        return;
    /* In whose stub, this one cannot know; but the alarm has just come. */
    switch (watchdog_nmi()) {
    case WATCHDOG_HANG:
        running_hang(&(struct trapframe){.rip = b.rip, .cs = read_cs()});
    case WATCHDOG_WAITS:
        return;
    case WATCHDOG_NOT:
        running.run->on_body(&b);
    }
}
