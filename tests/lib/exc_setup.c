/* SPDX-License-Identifier: MIT */
/* Setups of exc.c; see exc.h. */
#include "exc.h"

#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "stacks.h"

/* Offset of IST7 in the TSS, less one: a limit that excludes it. */
#define LIMIT_BEFORE_IST7 (offsetof(struct tss, ist[6]) - 1)

/* Operands of the FPU stimuli; ring 3 reads them too. */
__attribute__((section(".user.data"), used)) uint16_t exc_fpu_control =
    0x37b; /* ZM clear */
__attribute__((section(".user.data"), used)) uint32_t exc_mxcsr =
    0x1d80; /* ZM clear */
__attribute__((section(".user.data"), used)) uint32_t exc_one = 0x3f800000;

static struct gate lent;

void exc_single_step(struct trapframe *c)
{
    c->rflags |= FLAG_TF;
}

void exc_task_switched(struct trapframe *c)
{
    (void)c;
    write_cr0(read_cr0() | CR0_TS);
}

void exc_short_tss(struct trapframe *c)
{
    (void)c;
    lent = idt[EXC_TS_VECTOR];
    idt[EXC_TS_VECTOR] =
        gate_make(capture_stubs[EXC_TS_VECTOR], GATE_INTERRUPT, IST_spare, 3);
    tss_load(LIMIT_BEFORE_IST7);
}

void exc_alignment_check(struct trapframe *c)
{
    c->rflags |= FLAG_AC;
    write_cr0(read_cr0() | CR0_AM);
}

/* #UD's frame has nowhere to go, nor has the #PF's that tells: #DF. */
void exc_no_rsp0(struct trapframe *c)
{
    (void)c;
    tss.rsp[0] = STACK_BOTTOM(STACK_rsp0);
}

void exc_no_stack(struct trapframe *c)
{
    c->rsp = STACK_BOTTOM(STACK_ring0);
}

void exc_restore(void)
{
    write_cr0(read_cr0() & ~(uint64_t)(CR0_TS | CR0_AM));
    fpu_reset();
    tss.rsp[0] = STACK_TOP(STACK_rsp0);
    tss_load(sizeof(tss) - 1);
    if (lent.low) {
        idt[EXC_TS_VECTOR] = lent;
        lent.low = 0;
    }
}
