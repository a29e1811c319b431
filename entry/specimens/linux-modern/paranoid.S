/* SPDX-License-Identifier: MIT */
/*
 * linux-modern: #DB and #MC, which can come at any instruction of ring 0.
 *
 * From ring 3 the frame is still proof, and the rest is done on the ordinary
 * kernel stack: the IST stack is free again, and the next event on it does no
 * harm.  From ring 0 nothing is proof: save-set.  That part stays on the IST
 * stack, so a second #DB inside it would overwrite its frame; the kernel lets
 * none happen (it clears DR7 first).
 */
#define SPECIMEN linux_modern
#include "stub.inc"

	.section .text.under_test, "ax"
	STUB	S(db), VEC_db, 0, S(any)
	STUB	S(mc), VEC_mc, 0, S(any)

	.balign	16
S(any):
	PUSH_REGS
	cld
	testb	$3, TF_CS(%rsp)
	jz	S(paranoid)
	GS_ENTER_ALWAYS
	lfence
	movq	%rsp, %rsi
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_FRAME_AT_RSI
	jmp	S(work)

S(paranoid):
	GS_ENTER_PARANOID
	lfence
	call	specimen_body
	GS_EXIT_PARANOID
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	iretq				/* to ring 0: it cannot fault */

	.section .note.GNU-stack, "", @progbits
