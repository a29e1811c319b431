/* SPDX-License-Identifier: MIT */
/*
 * freebsd: NMI, #MC and #DB, each with an IST stack of its own.
 *
 * From ring 3 by-cs.  From ring 0 nothing is asked: this processor's base is
 * stored above the stack, where the frame ends, and is written to GS_BASE; the
 * base that was live goes back at the exit.  That is right for any base of the
 * user's, without FSGSBASE, at the price of WRMSR twice.
 *
 * #DB from ring 3 moves to the ordinary stack, for what it does there may
 * sleep.  NMIs do not nest: a #DB or #PF inside the NMI's handler reopens
 * them, and the next one overwrites the frame.
 */
#define SPECIMEN freebsd
#include "stub.inc"

	.section .text.under_test, "ax"
	.balign	16
GLOBAL(db)
	pushq	$0
	pushq	$VEC_db
	PUSH_REGS
	cld
	testb	$3, TF_CS(%rsp)
	jz	S(from_kernel)
	GS_ENTER_ALWAYS
	movq	%rsp, %rsi
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_FRAME_AT_RSI
	jmp	S(calltrap)

	STUB	S(nmi), VEC_nmi, 0, S(any)
	STUB	S(mc), VEC_mc, 0, S(any)

	.balign	16
S(any):
	PUSH_REGS
	cld
	testb	$3, TF_CS(%rsp)
	jz	S(from_kernel)
	GS_ENTER_ALWAYS
	call	specimen_body
	jmp	S(leave)

S(from_kernel):
	GS_ENTER_STORED TF_RIP
	call	specimen_body
	GS_EXIT_STORED
	POP_REGS
	addq	$16, %rsp
	iretq				/* to ring 0: it cannot fault */

	.section .note.GNU-stack, "", @progbits
