/* SPDX-License-Identifier: MIT */
/* What the cases about call gates share; see callgate.h. */
#include "callgate.h"

#include "insn.h"
#include "msr.h"
#include "stacks.h"

#define OFFSET 0xdeadbeefull /* of the far pointer: not used */

const char *const far_ids[FARS] = {"lcall", "ljmp"};

RING3(far_call3, "", "lcall *(%rsp)", "");
COMPAT(far_callc, "", "lcall *(%esp)", "");
RING0(far_call0, "", "lcall *(%rsp)", "");
RING3(far_jump3, "", "ljmp *(%rsp)", "");
COMPAT(far_jumpc, "", "ljmp *(%esp)", "");
RING0(far_jump0, "", "ljmp *(%rsp)", "");

const struct snippet far_codes[FARS][FROM_COUNT] = {
    {[FROM_RING3] = SNIPPET(far_call3),
     [FROM_COMPAT] = SNIPPET(far_callc),
     [FROM_RING0] = SNIPPET(far_call0)},
    {[FROM_RING3] = SNIPPET(far_jump3),
     [FROM_COMPAT] = SNIPPET(far_jumpc),
     [FROM_RING0] = SNIPPET(far_jump0)},
};

/* MOV, LEA and BSWAP leave the flags alone. */
#define SHOW_RIP "mov %rax, %rsi\nbswap %rsi\n"
#define SHOW_RSP "mov %rcx, %rdi\nbswap %rdi\n"
#define SHOW_SELECTORS "lea (%rbx, %rdx), %rbp\nbswap %rbp\n"
RING0(callgate_inner,
      "pop %rax\npop %rbx\npop %rcx\npop %rdx\n" SHOW_RIP SHOW_RSP
          SHOW_SELECTORS,
      "nop", "");
RING3(callgate_same, "pop %rax\npop %rbx\n" SHOW_RIP, "nop", "");
/* RSP is shown, and put right: it may have lost its upper half. */
RING0(callgate_same0,
      "mov %rsp, %rcx\nmov %r15, %rsp\npop %rax\npop %rbx\n" SHOW_RIP, "nop",
      "");
RING0(callgate_return0, "mov %r15, %rsp", "lretq", "");
RING0(callgate_return, "", "lretq", "");
RING3(callgate_return3, "", "lretq", "");
RING3(callgate_jumped, "", "nop", "");
RING0(callgate_jumped0, "", "nop", "");
__asm__(".globl callgate_inner, callgate_same, callgate_same0\n"
        ".globl callgate_return, callgate_return0, callgate_return3\n"
        ".globl callgate_jumped, callgate_jumped0");

void callgate_put(unsigned access, uint16_t cs, uint64_t rip)
{
    descriptor_gate(&gdt[SEL_CALL_GATE / 8], access, cs, rip);
}

void callgate_pointer(struct trapframe *c, uint16_t selector)
{
    *(uint64_t *)c->rsp = OFFSET | (uint64_t)selector << 32;
}

void callgate_code(unsigned access, unsigned flags)
{
    gdt[SEL_CALL_CS / 8] = descriptor_flat(access, flags);
}

void callgate_want_frame(struct wanted *gate, const struct stimulus *s,
                         bool inner)
{
    struct trapframe *f = &gate->o.frame;

    f->rax = (uint64_t)s->resume;
    f->rbx = f->cs;
    f->rsi = __builtin_bswap64(f->rax);
    if (!inner)
        return;
    f->rcx = f->rsp;
    f->rdx = f->ss;
    f->rdi = __builtin_bswap64(f->rcx);
    f->rbp = __builtin_bswap64(f->rbx + f->rdx);
}

void callgate_want_inner(struct want *w, const struct stimulus *s,
                         unsigned ring, uint16_t cs, uint64_t rsp)
{
    struct wanted *gate = &w->event[w->count - 1];

    callgate_want_frame(gate, s, true);
    gate->o.frame.cs = cs;
    gate->o.frame.ss = ring; /* NULL, with the new CPL */
    gate->o.frame.rsp = rsp;
}

void callgate_after(void)
{
    write_dr7(DR7_CLEAR);
    write_dr6(DR6_CLEAR);
    write_dr0(0);
    tss.rsp[0] = STACK_TOP(STACK_rsp0);
    tss.rsp[1] = tss.rsp[2] = 0;
    tss_load(sizeof(tss) - 1);
    gs_after();
}
