/* SPDX-License-Identifier: MIT */
/*
 * A call gate's stub, as a kernel would write it: for gs_window.c.
 *
 * No event of the processor's leads here with IF still on but this one, so
 * SWAPGS has to be first, and even then an interrupt may come before it.  The
 * frame has no RFLAGS: the stub keeps them itself.
 */
#include "gs.inc"

	.section .text.under_test, "ax"
	.balign	16
	.globl	gs_sweep_gate
gs_sweep_gate:
	GS_ENTER_ALWAYS			/* must be first */
	pushfq
	cli
	cld
	.irp	r, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq	%\r
	.endr
	subq	$8, %rsp		/* as C wants it: 14 quadwords */
	call	gs_sweep_called
	addq	$8, %rsp
	.irp	r, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq	%\r
	.endr
	popfq				/* IF on again: GS_EXIT must be right */
	GS_EXIT_ALWAYS			/* behind it, and LRETQ last */
	lretq

	.section .note.GNU-stack, "", @progbits
