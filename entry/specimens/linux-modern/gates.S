/* SPDX-License-Identifier: MIT */
/*
 * linux-modern: gates without an IST stack.  By-cs, and two special cases.
 *
 * A frame that says ring 3 is proof.  One that says ring 0 means the kernel's
 * base is live, for IF is off wherever it is not, and the kernel's own
 * instructions do not fault there: but for two, which ring 3 has a say in.
 *
 *	iretq		the frame was ring 3's to spoil (ptrace, an LDT): the
 *			fault comes in ring 0, behind the exit's SWAPGS
 *	gs_change	the selector was ring 3's to choose: the load of GS
 *			faults between two SWAPGS
 *
 * Both are known by address, and get their SWAPGS here.  LFENCE behind the
 * decision, either way: no later load may use a guessed base (CVE-2019-1125).
 */
#define SPECIMEN linux_modern
#include "stub.inc"

	.section .text.under_test, "ax"
	STUB	S(ud), VEC_ud, 0, S(gate)
	STUB	S(np), VEC_np, 1, S(gate)
	STUB	S(ss), VEC_ss, 1, S(gate)
	STUB	S(gp), VEC_gp, 1, S(gate)
	STUB	S(pf), VEC_pf, 1, S(gate)
	STUB	S(int80), VEC_int80, 0, S(gate)
	STUB	S(irq), VEC_WINDOW_IRQ, 0, S(gate)

	.balign	16
S(gate):
	PUSH_REGS
	cld
	testb	$3, TF_CS(%rsp)
	jz	S(from_kernel)
S(from_user):
	GS_ENTER_ALWAYS
	lfence
GLOBAL(work)
	call	specimen_body

/* The one way back by IRETQ, for every stub that may return to ring 3. */
GLOBAL(leave)
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	GS_EXIT_BY_CS 0			/* as late as can be */
GLOBAL(iretq)
	iretq

S(from_kernel):
	leaq	S(iretq)(%rip), %rcx
	cmpq	%rcx, TF_RIP(%rsp)
	je	S(bad_iret)
	leaq	S(gs_change)(%rip), %rcx
	cmpq	%rcx, TF_RIP(%rsp)
	je	S(from_user)		/* and back to gs_bad: the table */
	lfence
	jmp	S(work)

/* RSP as saved points to the frame that IRETQ would not take.  It becomes this
 * fault's: as if ring 3 had faulted, and what kills a process can have it. */
S(bad_iret):
	GS_ENTER_ALWAYS
	lfence
	movq	TF_RSP(%rsp), %rcx
	.irp	word, 0, 8, 16, 24, 32
	pushq	\word(%rcx)
	popq	TF_RIP + \word(%rsp)
	.endr
	jmp	S(work)

	LOAD_GS

	.section .note.GNU-stack, "", @progbits
