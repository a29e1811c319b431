/* SPDX-License-Identifier: MIT */
/*
 * Wrong on purpose: swaps in every gate, in and out, as if ring 0 were never
 * interrupted.  From ring 3 all is well.  From ring 0 with the kernel's base
 * live, the handler runs on the user's; where the user's is live, between an
 * entry and its SWAPGS, it is right by luck.
 */
#define SPECIMEN blind
#include "stub.inc"

	.section .text.under_test, "ax"
	.balign	16
GLOBAL(syscall64)
	GS_ENTER_ALWAYS			/* right, here */
	movq	%rsp, %gs:PERCPU_USER_RSP
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_CALL_FRAME VEC_SYSCALL64, SEL_USER_CS64
	call	specimen_body
	POP_REGS
	movq	40(%rsp), %rsp
	GS_EXIT_ALWAYS
GLOBAL(sysretq)
	sysretq

	STUB	S(ud), VEC_ud, 0, S(gate)
	STUB	S(gp), VEC_gp, 1, S(gate)
	STUB	S(pf), VEC_pf, 1, S(gate)
	STUB	S(int80), VEC_int80, 0, S(gate)
	STUB	S(irq), VEC_WINDOW_IRQ, 0, S(gate)
	STUB	S(db), VEC_db, 0, S(gate)
	STUB	S(nmi), VEC_nmi, 0, S(gate)
	STUB	S(mc), VEC_mc, 0, S(gate)

	.balign	16
S(gate):
	PUSH_REGS
	cld
	GS_ENTER_BLIND
	call	specimen_body
	GS_EXIT_BLIND
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	iretq

	.section .note.GNU-stack, "", @progbits
