/* SPDX-License-Identifier: MIT */
/*
 * An NMI handler of the cases' own; see nmi_own.h.  It lies with the code
 * under test, so a fault in an exit is the exit's, not the harness's.
 */
#include "frame.inc"

#define NMI_OWN_UNMAPPED 0x20000000 /* nmi_own.h says the same */
#define TF_OF_RFLAGS 0x100
#define NT_OF_RFLAGS 0x4000

	.section .text.under_test, "ax"
	.globl	nmi_own
nmi_own:
	pushfq
	PUSH_REGS
	movq	%rsp, %rbp
	leaq	16*8(%rsp), %rdi	/* the processor's frame */
	andq	$-16, %rsp
	call	nmi_own_handle
	movq	%rbp, %rsp
	movq	%rax, nmi_own_way(%rip)
	POP_REGS
	popfq
	jmp	*nmi_own_way(%rip)

	.macro	EXIT name
	.globl	nmi_exit_\name, nmi_exit_\name\()_at, nmi_exit_\name\()_resume
nmi_exit_\name:
	.endm
	.macro	AT name
nmi_exit_\name\()_at:
	.endm
	.macro	RESUME name
nmi_exit_\name\()_resume:
	.endm

	/* As it should be. */
	EXIT	iretq
	AT	iretq
	iretq
	RESUME	iretq

	/* An exception first, whose own IRET comes before this one. */
	EXIT	int3
	AT	int3
	int3
	RESUME	int3
	iretq

	EXIT	ud
	AT	ud
	ud2
	RESUME	ud
	iretq

	EXIT	pf
	AT	pf
	testl	$0, NMI_OWN_UNMAPPED
	RESUME	pf
	iretq

	/* Single-stepped: the trap is due where the IRETQ leads. */
	EXIT	stepped
	pushfq
	orl	$TF_OF_RFLAGS, (%rsp)
	popfq
	AT	stepped
	iretq
	RESUME	stepped

	/* IRETQs that fault, and the right one behind each. */
	EXIT	null_cs
	pushq	$0
	pushq	$0
	pushq	$2
	pushq	$0			/* cs */
	pushq	$0
	AT	null_cs
	iretq
	RESUME	null_cs
	addq	$40, %rsp
	iretq

	EXIT	nested_task
	pushfq
	orl	$NT_OF_RFLAGS, (%rsp)
	popfq
	AT	nested_task
	iretq
	RESUME	nested_task
	iretq

	EXIT	no_frame
	movq	%rsp, nmi_own_rsp(%rip)
	movl	$NMI_OWN_UNMAPPED, %esp
	AT	no_frame
	iretq
	RESUME	no_frame
	movq	nmi_own_rsp(%rip), %rsp
	iretq

	/* Without an IRET: to ring 3 ... */
	EXIT	lretq
	popq	nmi_own_rip(%rip)
	popq	nmi_own_cs(%rip)
	popfq
	pushq	nmi_own_cs(%rip)
	pushq	nmi_own_rip(%rip)
	AT	lretq
	lretq
	RESUME	lretq

	/* ... and within ring 0. */
	EXIT	jump
	popq	nmi_own_rip(%rip)
	addq	$8, %rsp
	popfq
	movq	(%rsp), %rsp
	AT	jump
	jmp	*nmi_own_rip(%rip)
	RESUME	jump

	.local	nmi_own_way, nmi_own_rip, nmi_own_cs, nmi_own_rsp
	.comm	nmi_own_way, 8, 8
	.comm	nmi_own_rip, 8, 8
	.comm	nmi_own_cs, 8, 8
	.comm	nmi_own_rsp, 8, 8

	.section .note.GNU-stack, "", @progbits
