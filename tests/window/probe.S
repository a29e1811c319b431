/* SPDX-License-Identifier: MIT */
/*
 * Each rule of include/rules.def, executed: what an event's stub with that
 * rule would do if it were entered where the #DB's handler has been.
 *
 * uint64_t probe(const void *frame = RDI)
 *
 * The handler has touched neither GS nor the frame that the processor pushed
 * for the #DB, so both are what any other event would find in this place.  RSP
 * is pointed at that frame, the rule's own macros run, in and out, and the
 * base that was live between them is the answer.  (Nothing is pushed
 * meanwhile: the handler's own stack lies below the frame.)
 */
#include "gs.inc"

	.text
	.macro	PROBE id
	.section .rodata
	.quad	1f
	.text
	.balign	16
1:	pushq	%rbx			/* what a rule remembers for its exit */
	pushq	%r12
	pushq	%rbp
	movq	%rsp, %rbp
	movq	%rdi, %rsp
	GS_ENTER_\id 0
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	shlq	$32, %rdx
	leaq	(%rdx, %rax), %rsi
	GS_EXIT_\id 0
	movq	%rsi, %rax
	movq	%rbp, %rsp
	popq	%rbp
	popq	%r12
	popq	%rbx
	ret
	.endm

	.section .rodata
	.balign	8
	.globl	probes
probes:
	.text
#define EVENT_RULE(id, name, column, limit, about) PROBE id;
#include "rules.def"
	/* For save-set where there is no FSGSBASE: the same by the MSR. */
	.section .rodata
	.globl	probe_paranoid
probe_paranoid:
	.text
	PROBE	PARANOID

	.section .note.GNU-stack, "", @progbits
