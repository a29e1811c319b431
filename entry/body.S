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
 * specimen_functions are for a kernel that its author has linked: a function of
 * its that is to do nothing becomes a jump to one of these, which are alike but
 * for their numbers (handlers/engine/kernel.c).
 *
 * specimen_ticks counts the time that the first two have spent in C, for who
 * counts instructions by the TSC (tests/window/count.c, which says why there
 * is a jump in front of each RDTSC).
 *
 * While specimen_quiet is set these two do nothing, in as few instructions:
 * for who times the stubs.
 *
 * All are on the stack that they are called on, and may fault for that alone:
 * engine_called() tells it from a fault of the harness's own.
 */
#include "frame.inc"
#include "leave.h"
#include "msr.h"

	.macro	RDTSC_EXACT
	jmp	.Lcounted\@
.Lcounted\@:
	rdtsc
	.endm

	.text
	.globl	specimen_calls, specimen_handle
specimen_calls:
specimen_handle:
	cmpb	$0, specimen_quiet(%rip)
	jne	1f
	RDTSC_EXACT
	pushq	%rax			/* RSP a multiple of 16 again, for C */
	call	engine_handle
	movl	%eax, %esi
	RDTSC_EXACT
	popq	%rcx
	subl	%ecx, %eax
	addl	%eax, specimen_ticks(%rip)
	movl	%esi, %eax
	.irp	r, ecx, edx, esi, edi, r8d, r9d, r10d, r11d
	xorl	%\r, %\r
	.endr
	btrl	$LEAVE_STEPPED_BIT, %eax
	jc	2f
	addl	$0, %ecx		/* flags: all of them defined */
	ret
2:	addl	$0, %ecx
	pushfq
	orl	$FLAG_TF, (%rsp)
	popfq
	ret				/* and a #DB */
1:	xorl	%eax, %eax		/* LEAVE_AS_ENTERED */
	ret

	.globl	specimen_body
specimen_body:
	pushfq
	cmpb	$0, specimen_quiet(%rip)
	jne	2f
	cld
	PUSH_REGS
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	RDTSC_EXACT
	movl	%eax, %ebx
	call	engine_body
	RDTSC_EXACT
	subl	%ebx, %eax
	addl	%eax, specimen_ticks(%rip)
	movq	%rbp, %rsp
	POP_REGS
2:	popfq
	ret

/*
 * What they leave for C, from low to high: the registers as in PUSH_REGS,
 * RFLAGS, the number, and the address in their code that it returns to.  C
 * moves RFLAGS up by one, so that nothing comes between POPFQ and RET: with TF
 * in them the #DB comes in front of their next instruction.
 */
	.balign	8
	.globl	specimen_functions
specimen_functions:
	.set	number, 0
	.rept	64			/* FUNCTION_ENTRIES */
	.balign	8
	pushq	$number
	jmp	function_common
	.set	number, number + 1
	.endr

function_common:
	pushfq
	cld
	PUSH_REGS
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp
	call	engine_function
	movq	%rbp, %rsp
	POP_REGS
	leaq	8(%rsp), %rsp
	popfq
	ret
	.globl	specimen_calls_end
specimen_calls_end:

	.globl	specimen_ticks
	.comm	specimen_ticks, 4, 4
	.globl	specimen_quiet
	.comm	specimen_quiet, 1

	.section .note.GNU-stack, "", @progbits
