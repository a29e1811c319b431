/* SPDX-License-Identifier: MIT */
/*
 * RDMSR and WRMSR of what may be absent: msr_read(number = %edi, value = %rsi)
 * and msr_write(number, value), see engine.h.  At a #GP of theirs capture()
 * goes on at msr_absent.
 */
	.text
	.globl	msr_read, msr_read_at, msr_write, msr_write_at, msr_absent
msr_read:
	movl	%edi, %ecx
msr_read_at:
	rdmsr
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, (%rsi)
	movl	$1, %eax
	ret
msr_write:
	movl	%edi, %ecx
	movl	%esi, %eax
	movq	%rsi, %rdx
	shrq	$32, %rdx
msr_write_at:
	wrmsr
	movl	$1, %eax
	ret
msr_absent:
	xorl	%eax, %eax
	ret

	.section .note.GNU-stack, "", @progbits
