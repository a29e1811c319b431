/* SPDX-License-Identifier: MIT */
/*
 * laid: the shape that a kernel has when its author has linked it.  A segment
 * of code and one of data, as bytes among the constants, for other addresses
 * than those that they have here; a C function that stands for its work; and
 * stubs that count, so that a walk finds their memory as the last one left it.
 */
#include "place.h"

	.section .rodata
	.balign	16
	.globl	laid_text, laid_text_end, laid_data, laid_data_end
	.macro	AT label		/* where it runs: va_label */
	.globl	va_\label
	.set	va_\label, LAID_TEXT + (\label - laid_text)
\label:
	.endm

	.macro	PUSH_CALLER_SAVED
	.irp	r, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq	%\r
	.endr
	.endm
	.macro	POP_CALLER_SAVED
	.irp	r, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq	%\r
	.endr
	.endm

laid_text:
	AT	laid_syscall
	swapgs
	movq	%rsp, %gs:8
	movq	%gs:16, %rsp
	PUSH_CALLER_SAVED
	cmpq	$0, %gs:24		/* the first since it was put back? */
	jne	laid_again
	incq	%gs:24
	call	laid_work
	POP_CALLER_SAVED
	movq	%gs:8, %rsp
	swapgs
	sysretq
	AT	laid_again
	hlt				/* never, if it is put back */

	AT	laid_int80
	testb	$3, 8(%rsp)
	jz	1f
	swapgs
1:	PUSH_CALLER_SAVED
	call	laid_work
	POP_CALLER_SAVED
	testb	$3, 8(%rsp)
	jz	2f
	swapgs
2:	iretq

	AT	laid_nmi
	pushq	%rax
	rdgsbase %rax
	pushq	%rax
	movq	$LAID_DATA, %rax
	wrgsbase %rax
	call	laid_keeps
	popq	%rax
	wrgsbase %rax
	popq	%rax
	iretq

	.balign	16
	AT	laid_work		/* as a compiler makes it: any room */
	.skip	16, 0xcc
	AT	laid_keeps
	.skip	16, 0xcc
laid_text_end:

	.balign	16
laid_data:
	.quad	LAID_DATA, 0, LAID_TOP, 0
laid_data_end:

	.globl	laid_text_size, laid_data_size
	.set	laid_text_size, laid_text_end - laid_text
	.set	laid_data_size, laid_data_end - laid_data

	.section .note.GNU-stack, "", @progbits
