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
#include "kernel.h"
#include "msr.h"
#include "running.h"
#include "vectors.h"
#include "watchdog.h"

/* Quadwords that specimen_body finds or pushes: the registers, RFLAGS, RIP. */
#define BODY_PUSHED (GENERAL_REGISTERS + 2)

/* Of a function that stands for a kernel's work: no address, but told from
 * others at sight; and as after an addition that came to 0. */
#define CHANGED 0xc0dec0de00c0ffee
#define CHANGED_FLAGS                                                          \
    (uint64_t)(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF |     \
               FLAG_DF)

leave engine_handle(struct trapframe *f);
void engine_body(uint64_t *regs);
void engine_function(uint64_t *regs);

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

static void body(struct body *b)
{
    if (!running.run || !running.run->on_body)
        return;
    /* In whose stub, this one cannot know; but the alarm has just come. */
    switch (watchdog_nmi()) {
    case WATCHDOG_HANG:
        running_hang(&(struct trapframe){.rip = b->rip, .cs = read_cs()});
    case WATCHDOG_WAITS:
        return;
    case WATCHDOG_NOT:
        running.run->on_body(b);
    }
}

void engine_body(uint64_t *regs)
{
    struct body b = {
        .gs_base = rdmsr(MSR_GS_BASE),
        .kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE),
        .rsp = (uint64_t)(regs + BODY_PUSHED),
        .rip = regs[BODY_PUSHED - 1],
        .rflags = &regs[BODY_PUSHED - 2],
        .general = regs,
    };

    body(&b);
}

/* What C may change does change, but to the same values every time: they are
 * addresses of nothing. */
static void change_registers(uint64_t *regs, uint64_t returns)
{
    struct trapframe f;

    __builtin_memcpy(f.general, regs, sizeof(f.general));
    f.rax = returns;
    f.rcx = f.rdx = f.rsi = f.rdi = f.r8 = f.r9 = f.r10 = f.r11 = CHANGED;
    __builtin_memcpy(regs, f.general, sizeof(f.general));
}

void engine_function(uint64_t *regs)
{
    const struct specimen_function *f =
        &specimen_own->kernel->functions[regs[GENERAL_REGISTERS + 1]];
    struct body b = {
        .gs_base = rdmsr(MSR_GS_BASE),
        .kernel_gs_base = rdmsr(MSR_KERNEL_GS_BASE),
        .rsp = (uint64_t)(regs + BODY_PUSHED + 1),
        .rip = regs[BODY_PUSHED],
        .any_gs = f->any_gs,
        .rflags = &regs[GENERAL_REGISTERS + 1],
        .general = regs,
    };

    *b.rflags = regs[GENERAL_REGISTERS];
    body(&b);
    if (f->keeps)
        return;
    change_registers(regs, f->returns);
    *b.rflags = (*b.rflags & ~CHANGED_FLAGS) | FLAG_ZF | FLAG_PF;
}
