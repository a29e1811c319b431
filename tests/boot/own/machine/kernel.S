/* SPDX-License-Identifier: MIT */
/*
 * machine: stubs that lean on everything of a machine that a map can say. CS is
 * compared and not tested, RSP0 read from the TSS, CR3 taken from memory, and
 * there is no FSGSBASE.
 */
#include "msr.h"
#include "place.h"

	.section .rodata
	.balign	16
	.globl	machine_text, machine_data, machine_text_size, machine_data_size
	.macro	AT label
	.globl	va_\label
	.set	va_\label, OWN_TEXT + (\label - machine_text)
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

machine_text:
	AT	machine_syscall
	swapgs
	movq	%rsp, %gs:8
	movq	%gs:16, %rsp
	movq	%rsp, %cr3
	movq	OWN_TSS + 4, %rsp
	PUSH_CALLER_SAVED
	call	machine_work
	POP_CALLER_SAVED
	movq	%gs:24, %rsp
	movq	%rsp, %cr3
	movq	%gs:8, %rsp
	swapgs
	sysretq

	AT	machine_int80
	cmpw	$OWN_KERNEL_CS, 8(%rsp)
	je	1f
	swapgs
	pushq	%rax
	movq	%gs:16, %rax
	movq	%rax, %cr3
	popq	%rax
1:	PUSH_CALLER_SAVED
	call	machine_work
	POP_CALLER_SAVED
	cmpw	$OWN_KERNEL_CS, 8(%rsp)
	je	2f
	pushq	%rax
	movq	%gs:24, %rax
	movq	%rax, %cr3
	popq	%rax
	swapgs
2:	iretq

	AT	machine_nmi
	.irp	r, rax, rcx, rdx, rbx, rbp
	pushq	%\r
	.endr
	xorl	%ebp, %ebp
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	testl	%edx, %edx
	js	1f
	swapgs
	incl	%ebp
1:	movq	%cr3, %rbx
	movq	%gs:16, %rax
	movq	%rax, %cr3
	call	machine_keeps
	movq	%rbx, %cr3
	testl	%ebp, %ebp
	jz	2f
	swapgs
2:	.irp	r, rbp, rbx, rdx, rcx, rax
	popq	%\r
	.endr
	iretq

	.balign	16
	AT	machine_work
	.skip	16, 0xcc
	AT	machine_keeps
	.skip	16, 0xcc
machine_text_end:

	.balign	16
machine_data:				/* self, user's RSP, both CR3s */
	.quad	OWN_DATA, 0, 0, 0
machine_data_end:
	.set	machine_text_size, machine_text_end - machine_text
	.set	machine_data_size, machine_data_end - machine_data

	.section .note.GNU-stack, "", @progbits
