/* SPDX-License-Identifier: MIT */
/*
 * Wrong on purpose: NMI, #MC, #DB and #DF trust the frame's CS, as the other
 * gates may.  Between SYSCALL and its SWAPGS, and between the exit's SWAPGS and
 * SYSRETQ or IRETQ, the frame says ring 0 and the user's base is live: their
 * handlers run on it there.  Everywhere else they are right.
 */
#define SPECIMEN forgetful
#include "stub.inc"

	.section .text.under_test, "ax"
	STUB	S(db), VEC_db, 0, S(gate)
	STUB	S(nmi), VEC_nmi, 0, S(gate)
	STUB	S(mc), VEC_mc, 0, S(gate)
	STUB	S(df), VEC_df, 1, S(gate)

	.balign	16
S(gate):
	PUSH_REGS
	cld
	GS_ENTER_BY_CS TF_RIP
	movq	%rsp, %rdi
	call	specimen_handle
	GS_EXIT_BY_CS TF_RIP
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	jmp	linux_iretq

	.section .note.GNU-stack, "", @progbits
