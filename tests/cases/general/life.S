/* SPDX-License-Identifier: MIT */
/*
 * The program of the life case: ring 3's own view of all the ways in.
 *
 * It calls by every path, faults on purpose (R15 tells the kernel where to go
 * on), is single-stepped, spins to be interrupted, and after each of these
 * checks that its registers, its stack, its direction flag and its GS are as
 * it left them.  It ends at the gate with RAX = 0, or the number of the check
 * that failed.
 *
 * In: RDI = the user's GS base, 0 or the address of the decoy, whose first
 * word is its own address; ESI = bit 0: SYSCALL works in compat code, bit 1:
 * SYSENTER does.
 */
#include "selectors.h"

#define ROUNDS 4
#define UNMAPPED 0x20000000

	.macro	LEAVE_MARKS
	.irp	n, 8, 9, 10, 12, 13, 14
	movabsq	$0x1000100010001000 * \n / 2 + \n, %r\n
	.endr
	.endm

	/* RCX and R11 are SYSCALL's; RAX is the check's number. */
	.macro	CHECK number
	movl	$\number, %eax
	.irp	n, 8, 9, 10, 12, 13, 14
	movabsq	$0x1000100010001000 * \n / 2 + \n, %rcx
	cmpq	%rcx, %r\n
	jne	life_failed
	.endr
	cmpq	%rbp, %rsp
	jne	life_failed
	pushfq
	popq	%rcx
	testl	$0x400, %ecx		/* DF: the kernel's CLD is its own */
	jz	life_failed
	testq	%rdi, %rdi
	jz	.Lzero\@		/* base 0: nothing is mapped there */
	cmpq	%rdi, %gs:0
	jne	life_failed
.Lzero\@:
	.endm

	.section .user.text, "ax"
	.code64
	.globl	life
life:
	movq	%rsp, %rbp
	movl	$ROUNDS, %ebx
	std
life_round:
	LEAVE_MARKS
	syscall
	CHECK	1
	int	$0x80
	CHECK	2
	leaq	1f(%rip), %r15
	ud2
1:	CHECK	3
	leaq	1f(%rip), %r15
	movl	UNMAPPED, %eax
1:	CHECK	4
	int3
	CHECK	5

	/* Single-stepped from here ... */
	pushfq
	orl	$0x100, (%rsp)
	popfq
	nop
	syscall				/* TF is masked in the kernel */
	nop
	pushfq
	andl	$~0x100, (%rsp)
	popfq				/* ... to here */
	CHECK	6

	/* The upper halves and r8-r15 are not ours across this. */
	pushq	$SEL_USER_CS32
	pushq	$life32
	lretq
	.code32
life32:
	int	$0x80
	testl	$1, %esi
	jz	1f
	syscall
1:	testl	$2, %esi
	jz	1f
	movl	%esp, %ecx
	movl	$1f, %edx
	sysenter
1:	ljmp	$SEL_USER_CS64, $life64
	.code64
life64:
	LEAVE_MARKS
	CHECK	7
	decl	%ebx
	jnz	life_round

	/* To be interrupted: the kernel's handler says when it is enough. */
1:	cmpl	$0, stimulus_stop
	jne	1f
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	decl	stimulus_looks
	cmpq	stimulus_deadline, %rax
	jb	1b
	cmpl	$0, stimulus_looks
	jg	1b
1:	CHECK	8
	xorl	%eax, %eax
life_failed:
	cld
	int	$0xf0
	ud2

	.section .note.GNU-stack, "", @progbits
