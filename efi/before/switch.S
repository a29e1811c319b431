/* SPDX-License-Identifier: MIT */
/*
 * core_switch(cr3 = %rdi, entry = %rsi, nx = %rdx): the last instructions
 * that run where the firmware put them.  Uses no stack: after the CR3 load
 * the firmware's may not be mapped.
 */
	.text
	.globl	core_switch
core_switch:
	cli
	cld
	wbinvd			/* for a reset that comes before the core */
	movq	%rdx, %r8

	/* CET first: with shadow stacks on, any later far return would fault.
	 * CR4 bit 23 clear means the MSRs are not consulted at all. */
	movq	%cr4, %rax
	btr	$23, %rax
	movq	%rax, %cr4

	/* NXE must be on before a table with NX bits is walked. */
	movl	$0xc0000080, %ecx
	rdmsr
	testq	%r8, %r8
	jz	1f
	orl	$0x800, %eax
	wrmsr
1:
	movq	%rdi, %cr3
	jmp	*%rsi

	.section .note.GNU-stack, "", @progbits
