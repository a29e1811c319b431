/* SPDX-License-Identifier: MIT */
/*
 * Handlers that do nothing but answer, for latency.c: one for an IPI, one for
 * an NMI, one that drops a page first.  None looks at GS.
 */
#include "layout.h"

#define MSR_X2APIC_EOI 0x80b
#define APIC_EOI 0xb0
#define TARGET_PAGE 2		/* user_shared.h; latency.c asserts it */
#define PAGE_SIZE 4096

	.macro	END_OF_INTERRUPT
	cmpl	$0, latency_x2apic(%rip)
	jne	.Lx2apic\@
	movq	$(VA_APIC + APIC_EOI), %rax
	movl	$0, (%rax)
	jmp	.Lover\@
.Lx2apic\@:
	movl	$MSR_X2APIC_EOI, %ecx
	xorl	%eax, %eax
	xorl	%edx, %edx
	wrmsr
.Lover\@:
	.endm

	.macro	ANSWER name, before:vararg
	.balign	64
	.globl	\name
\name:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	\before
	lock incl latency_answers(%rip)
	END_OF_INTERRUPT
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq
	.endm

	.section .text.under_test, "ax"
	ANSWER	latency_ipi
	ANSWER	latency_shoot, invlpg VA_USER_SHARED + TARGET_PAGE * PAGE_SIZE

	.balign	64
	.globl	latency_nmi
latency_nmi:
	lock incl latency_answers(%rip)
	iretq

	.section .note.GNU-stack, "", @progbits
