/* SPDX-License-Identifier: MIT */
/*
 * Two gates that differ in their rule alone, for the cost case: the whole
 * entry and exit of the linux specimen, without a C handler in between.
 */
#include "frame.inc"
#include "gs.inc"

	.section .text.under_test, "ax"
	.balign	64
	.globl	cost_by_cs
cost_by_cs:
	pushq	$0
	pushq	$0
	PUSH_REGS
	cld
	GS_ENTER_BY_CS TF_CS
	GS_EXIT_BY_CS TF_CS
	POP_REGS
	addq	$16, %rsp
	iretq

	.balign	64
	.globl	cost_by_sign
cost_by_sign:
	pushq	$0
	pushq	$0
	PUSH_REGS
	cld
	GS_ENTER_BY_SIGN
	GS_EXIT_BY_SIGN
	POP_REGS
	addq	$16, %rsp
	iretq

	.section .note.GNU-stack, "", @progbits
