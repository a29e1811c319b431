/* SPDX-License-Identifier: MIT */
/*
 * What a specimen's stubs call where a kernel would do its work.
 *
 * specimen_handle(frame = RDI) answers in EAX how to leave.  What a C function
 * may change it does change, but to the same values every time: two runs of a
 * stub can be compared register by register.
 *
 * specimen_body needs nothing but a stack, of any alignment, and gives back
 * every register and flag: for stubs that build no struct trapframe.
 *
 * specimen_ticks counts the time that both have spent in C (lab/count.c).
 */
#include "frame.inc"

	.text
	.globl	specimen_handle
specimen_handle:
	rdtsc
	pushq	%rax			/* RSP a multiple of 16 again, for C */
	call	engine_handle
	movl	%eax, %esi
	rdtsc
	popq	%rcx
	subl	%ecx, %eax
	addl	%eax, specimen_ticks(%rip)
	movl	%esi, %eax
	.irp	r, ecx, edx, esi, edi, r8d, r9d, r10d, r11d
	xorl	%\r, %\r
	.endr
	addl	$0, %ecx		/* flags: all of them defined */
	ret

	.globl	specimen_body
specimen_body:
	pushfq
	cld
	PUSH_REGS
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	rdtsc
	movl	%eax, %ebx
	call	engine_body
	rdtsc
	subl	%ebx, %eax
	addl	%eax, specimen_ticks(%rip)
	movq	%rbp, %rsp
	POP_REGS
	popfq
	ret

	.globl	specimen_ticks
	.comm	specimen_ticks, 4, 4

	.section .note.GNU-stack, "", @progbits
