/* SPDX-License-Identifier: MIT */
/*
 * The first instructions of every processor but the first; trampoline.h.
 * Copied to its page, so that it knows no address but its own.  Uses no stack:
 * several may come at once.
 */
#include "msr.h"
#include "trampoline.h"

#define LONG_CS 8

	.section .rodata
	.globl	trampoline_code, trampoline_long, trampoline_code_end
	.code16
trampoline_code:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds

	/* My number; none left: nobody waits for me. */
	movl	$1, %eax
	lock
	xaddl	%eax, TRAMPOLINE_TICKET
	cmpl	TRAMPOLINE_COUNT, %eax
	jae	1f
	movl	TRAMPOLINE_CR3(, %eax, 4), %eax
	movl	%eax, %cr3

	/* Straight into long mode: PAE and LME first, then protection and
	 * paging at once. */
	movl	TRAMPOLINE_CR4, %eax
	movl	%eax, %cr4
	movl	$MSR_EFER, %ecx
	movl	TRAMPOLINE_EFER, %eax
	xorl	%edx, %edx
	wrmsr
	lgdtl	TRAMPOLINE_GDT_POINTER
	movl	$(CR0_PG | CR0_NE | CR0_ET | CR0_PE), %eax
	movl	%eax, %cr0
	ljmpl	*TRAMPOLINE_FAR
1:	cli
	hlt
	jmp	1b

	.code64
trampoline_long:
	xorl	%eax, %eax
	movl	%eax, %ss
	jmp	*trampoline_code + TRAMPOLINE_ENTRY(%rip)
trampoline_code_end:

	.section .note.GNU-stack, "", @progbits
