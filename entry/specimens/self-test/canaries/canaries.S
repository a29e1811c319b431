/* SPDX-License-Identifier: MIT */
/*
 * Wrong on purpose: by-cs gates like any other kernel's, each with one fault
 * besides, which --self-test has to find and to name.  canaries.def says what
 * it is; here it is the lines between SAVE, HANDLE and LEAVE.
 */
#define SPECIMEN canary
#include "stub.inc"

#define APART 64	/* bytes from the interrupted RSP */
#define AHEAD 2		/* bytes: a short JMP of the code that is interrupted */
#define SOME_BASE 0x1000

	.macro	SAVE label, number=VEC_int80, error_code=0
	.balign	16
	.globl	\label
\label:
	pushq	$\error_code
	pushq	$\number
	PUSH_REGS
	cld
	GS_ENTER_BY_CS TF_RIP
	movq	TF_RSP(%rsp), %rax
	.endm

	.macro	HANDLE
	movq	%rsp, %rdi
	call	specimen_handle
	.endm

	.macro	LEAVE
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	GS_EXIT_BY_CS 0
	iretq
	.endm

	.macro	WRITE_MSR msr, value
	movl	$\msr, %ecx
	movl	$\value, %eax
	xorl	%edx, %edx
	wrmsr
	.endm

	.section .text.under_test, "ax"
	SAVE	S(sound)
	HANDLE
	LEAVE

	SAVE	S(r12)
	HANDLE
	notq	TF_R12(%rsp)
	LEAVE

	SAVE	S(r12_slot)		/* the handler sees another one */
	notq	TF_R12(%rsp)
	HANDLE
	notq	TF_R12(%rsp)
	LEAVE

	SAVE	S(error_slot), error_code=0x11
	HANDLE
	LEAVE

	SAVE	S(vector), number=VEC_ud
	HANDLE
	LEAVE

	SAVE	S(below)
	movq	$0, -APART(%rax)
	HANDLE
	LEAVE

	SAVE	S(below_nmi), number=VEC_nmi
	movq	$0, -APART(%rax)
	HANDLE
	LEAVE

	SAVE	S(above)
	movq	$0, APART(%rax)
	HANDLE
	LEAVE

	SAVE	S(above0)
	movq	$0, APART(%rax)
	HANDLE
	LEAVE

	SAVE	S(rsp)
	HANDLE
	subq	$8, TF_RSP(%rsp)
	LEAVE

	SAVE	S(rip)
	HANDLE
	addq	$AHEAD, TF_RIP(%rsp)
	LEAVE

	SAVE	S(cs)
	HANDLE
	movq	$SEL_USER_CS32, TF_CS(%rsp)
	LEAVE

	SAVE	S(ss)
	HANDLE
	movq	$SEL_SYSEXIT_SS, TF_SS(%rsp)
	LEAVE

	SAVE	S(df)
	HANDLE
	orq	$FLAG_DF, TF_RFLAGS(%rsp)
	LEAVE

	SAVE	S(ds)
	HANDLE
	movl	$SEL_USER_SS, %eax
	movl	%eax, %ds
	LEAVE

	SAVE	S(fs)
	HANDLE
	movl	$SEL_USER_SS, %eax
	movl	%eax, %fs
	LEAVE

	SAVE	S(fs_base)
	HANDLE
	WRITE_MSR MSR_FS_BASE, SOME_BASE
	LEAVE

	SAVE	S(gs_base)
	HANDLE
	WRITE_MSR MSR_KERNEL_GS_BASE, SOME_BASE	/* the user's, here */
	LEAVE

	SAVE	S(kernel_gs)		/* the user's base is gone meanwhile */
	movl	$MSR_KERNEL_GS_BASE, %ecx
	rdmsr
	movl	%eax, %r12d		/* C keeps these two */
	movl	%edx, %r13d
	WRITE_MSR MSR_KERNEL_GS_BASE, SOME_BASE
	HANDLE
	movl	$MSR_KERNEL_GS_BASE, %ecx
	movl	%r12d, %eax
	movl	%r13d, %edx
	wrmsr
	LEAVE

	SAVE	S(dr7)
	HANDLE
	movq	%db7, %rax
	orq	$DR7_G0, %rax		/* at 0, where nothing runs */
	movq	%rax, %db7
	LEAVE

	SAVE	S(cr4)
	HANDLE
	movq	%cr4, %rax
	xorq	$CR4_TSD, %rax
	movq	%rax, %cr4
	LEAVE

	.section .note.GNU-stack, "", @progbits
