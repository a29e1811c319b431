/* SPDX-License-Identifier: MIT */
/*
 * The bridge to the firmware's runtime services: see runtime_call.h.  Called
 * by runtime.c, on a stack that both address spaces map.
 */
#define CR0_EM_TS 0x0c		/* either makes an SSE instruction fault */
#define CR4_OSFXSR 0x200	/* and so does a missing one of these */
#define SHADOW_AND_FIFTH 0x30	/* 32 bytes for the callee, argument 5, pad */

	.text
	.globl	runtime_call
runtime_call:				/* cr3, pointer, args */
	pushq	%rbp
	movq	%rsp, %rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushfq
	cli
	cld
	andq	$-16, %rsp		/* the callee may use movaps */
	subq	$SHADOW_AND_FIFTH, %rsp

	/* RBX, R12 and R13 are the callee's to keep in both conventions. */
	movq	%cr0, %rbx
	movq	%cr4, %r12
	movq	%cr3, %r13
	movq	%rbx, %rax
	andq	$~CR0_EM_TS, %rax
	movq	%rax, %cr0
	movq	%r12, %rax
	orq	$CR4_OSFXSR, %rax
	movq	%rax, %cr4

	movq	%rdi, %cr3
	movq	%rsi, %rax
	movq	%rdx, %r10
	movq	0x20(%r10), %r11
	movq	%r11, 0x20(%rsp)
	movq	0x18(%r10), %r9
	movq	0x10(%r10), %r8
	movq	0x08(%r10), %rdx
	movq	0x00(%r10), %rcx
	call	*(%rax)

	movq	%r13, %cr3
	movq	%r12, %cr4
	movq	%rbx, %cr0
	leaq	-0x20(%rbp), %rsp
	popfq
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

	.section .note.GNU-stack, "", @progbits
