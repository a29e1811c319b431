/* SPDX-License-Identifier: MIT */
/*
 * linux-modern: NMI, and NMIs that nest.
 *
 * The processor holds further NMIs off until the next IRET: any IRET, also
 * that of a #DB or #PF inside the handler.  From then on an NMI starts at the
 * top of the same IST stack, over the first one's frame.  So the first one
 * copies its frame twice, out of reach, and returns through the lower copy:
 *
 *	SS RSP RFLAGS CS RIP	the processor's: any NMI overwrites it
 *	RDX			scratch, overwritten too
 *	executing		1: an NMI is being handled
 *	SS RSP RFLAGS CS RIP	way back: what the first one's IRETQ will take
 *	SS RSP RFLAGS CS RIP	kept: where it really came from
 *
 * A nested NMI only points the way back to `repeat' and returns; the first one
 * then leaves to `repeat', and handles what came meanwhile.  One is nested if
 * it interrupts [repeat, repeated), where the way back is being written; or if
 * `executing' is 1; or if RSP is on this stack with DF set, which tells the
 * last instructions of the exit from a SYSCALL whose caller had pointed RSP
 * here: FMASK has cleared DF for that one.
 */
#define SPECIMEN linux_modern
#include "stub.inc"

/* Offsets from RSP once RDX has been pushed. */
#define NMI_EXECUTING -8
#define NMI_WAY_BACK -48
#define NMI_KEPT -88
#define NMI_RIP 8
#define NMI_CS 16
#define NMI_RFLAGS 24
#define NMI_RSP 32
#define NMI_TOP 48

	.section .text.under_test, "ax"
	.balign	16
GLOBAL(nmi)
	pushq	%rdx
	testb	$3, NMI_CS(%rsp)
	jz	S(nmi_from_kernel)

/* From ring 3: the frame is proof, and the ordinary kernel stack is free. */
	GS_ENTER_ALWAYS
	lfence
	cld
	movq	%rsp, %rdx
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	.irp	word, 40, 32, 24, 16, 8
	pushq	\word(%rdx)
	.endr
	pushq	$0
	pushq	$VEC_nmi
	movq	(%rdx), %rdx
	PUSH_REGS
	jmp	S(work)

S(nmi_from_kernel):
	leaq	S(nmi_repeat)(%rip), %rdx
	cmpq	%rdx, NMI_RIP(%rsp)
	jb	1f
	leaq	S(nmi_repeated)(%rip), %rdx
	cmpq	%rdx, NMI_RIP(%rsp)
	jb	S(nmi_nested_done)	/* the first one will repeat anyway */
1:	cmpq	$1, NMI_EXECUTING(%rsp)
	je	S(nmi_nested)
	leaq	NMI_TOP(%rsp), %rdx
	cmpq	%rdx, NMI_RSP(%rsp)
	ja	S(nmi_first)
	subq	$STACK_SIZE, %rdx
	cmpq	%rdx, NMI_RSP(%rsp)
	jb	S(nmi_first)
	testl	$FLAG_DF, NMI_RFLAGS(%rsp)
	jz	S(nmi_first)

S(nmi_nested):
	leaq	S(nmi_repeat)(%rip), %rdx
	movq	%rdx, NMI_WAY_BACK(%rsp)
	movq	$SEL_KERNEL_CS, NMI_WAY_BACK + 8(%rsp)
	movq	$FLAG_ONE, NMI_WAY_BACK + 16(%rsp)
	leaq	NMI_KEPT(%rsp), %rdx
	movq	%rdx, NMI_WAY_BACK + 24(%rsp)
	movq	$SEL_KERNEL_SS, NMI_WAY_BACK + 32(%rsp)
S(nmi_nested_done):
	popq	%rdx
	iretq

S(nmi_first):
	movq	(%rsp), %rdx
	pushq	$0			/* executing: not yet */
	subq	$40, %rsp		/* the way back: room */
	.rept	5			/* kept */
	pushq	88(%rsp)
	.endr

/* RSP is at the kept RIP; the general registers are the interrupted code's. */
GLOBAL(nmi_repeat)
	movq	$1, 80(%rsp)		/* executing */
	.irp	word, 0, 8, 16, 24, 32
	pushq	\word(%rsp)
	popq	\word + 40(%rsp)
	.endr
GLOBAL(nmi_repeated)
	pushq	$0
	pushq	$VEC_nmi
	PUSH_REGS
	cld
	GS_ENTER_PARANOID
	lfence
	call	specimen_body
	GS_EXIT_PARANOID
	POP_REGS
	addq	$56, %rsp		/* vector, error code, kept */
	std				/* before `executing' is cleared */
	movq	$0, 40(%rsp)
	iretq

	.section .note.GNU-stack, "", @progbits
