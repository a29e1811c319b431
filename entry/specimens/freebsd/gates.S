/* SPDX-License-Identifier: MIT */
/*
 * freebsd: gates without an IST stack.  By-cs, with interrupts on again as
 * soon as the base is right, if they had been on.
 *
 * The faults that an IRETQ to a bad frame raises (#NP, #SS, #GP) come in ring
 * 0 on the user's base, so they compare their RIP with doreti_iret first.  The
 * kernel then lets the fault return to iret_fault, which runs on the kernel's
 * base with RSP at the bad frame, and makes a second fault of it: ring 3's.
 */
#define SPECIMEN freebsd
#include "stub.inc"

	.section .text.under_test, "ax"
	STUB	S(np), VEC_np, 1, S(protection)
	STUB	S(ss), VEC_ss, 1, S(protection)
	STUB	S(gp), VEC_gp, 1, S(protection)
	STUB	S(ud), VEC_ud, 0, S(alltraps)
	STUB	S(pf), VEC_pf, 1, S(alltraps)
	STUB	S(int80), VEC_int80, 0, S(alltraps)
	STUB	S(irq), VEC_WINDOW_IRQ, 0, S(interrupt)

	.balign	16
S(protection):
	PUSH_REGS
	leaq	S(doreti_iret)(%rip), %rax
	cmpq	%rax, TF_RIP(%rsp)
	jne	S(by_cs)
	GS_ENTER_ALWAYS
	jmp	S(calltrap)

	.balign	16
S(alltraps):
	PUSH_REGS
S(by_cs):
	GS_ENTER_BY_CS TF_RIP
	testl	$FLAG_IF, TF_RFLAGS(%rsp)
	jz	S(calltrap)
	sti
GLOBAL(calltrap)
	cld
	call	specimen_body
	cli
GLOBAL(leave)
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	GS_EXIT_BY_CS 0			/* as late as can be */
GLOBAL(doreti_iret)
	iretq

	.balign	16
S(interrupt):				/* IF stays off, for its EOI */
	PUSH_REGS
	cld
	GS_ENTER_BY_CS TF_RIP
	call	specimen_body
	jmp	S(leave)

/* RSP is at the frame that IRETQ would not take, which is ring 3's; the
 * general registers had been restored for it. */
	.balign	16
GLOBAL(iret_fault)
	pushq	$0
	pushq	$VEC_gp
	PUSH_REGS
	sti
	jmp	S(calltrap)

	.section .note.GNU-stack, "", @progbits
