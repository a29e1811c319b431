/* SPDX-License-Identifier: MIT */
/*
 * reserved: Intel's syntax, and frames that are made by SUB and MOV.  What C
 * may not keep is stored; the other slots are there for who wants them, and
 * hold whatever lay there before.
 */
	.intel_syntax noprefix
	.equ	RESERVED, 128		/* 16 slots, of which 9 are written */

	.macro	keep
	sub	rsp, RESERVED
	mov	[rsp + 120], rax
	mov	[rsp + 112], rcx
	mov	[rsp + 104], rdx
	mov	[rsp + 88], rsi
	mov	[rsp + 80], rdi
	mov	[rsp + 64], r8
	mov	[rsp + 56], r9
	mov	[rsp + 48], r10
	mov	[rsp + 40], r11
	cld
	.endm
	.macro	give_back
	mov	r11, [rsp + 40]
	mov	r10, [rsp + 48]
	mov	r9, [rsp + 56]
	mov	r8, [rsp + 64]
	mov	rdi, [rsp + 80]
	mov	rsi, [rsp + 88]
	mov	rdx, [rsp + 104]
	mov	rcx, [rsp + 112]
	mov	rax, [rsp + 120]
	add	rsp, RESERVED
	.endm

	.text
	.globl	int80_entry, ud_entry, irq_entry, db_entry, nmi_entry
int80_entry:
ud_entry:
irq_entry:
	keep
	test	byte ptr [rsp + RESERVED + 8], 3
	jz	1f
	swapgs
entry_in:
1:	call	kernel_main
	test	byte ptr [rsp + RESERVED + 8], 3
	jz	2f
	swapgs
entry_out:
2:	give_back
entry_iret:
	iretq

db_entry:
nmi_entry:
	keep
	mov	[rsp + 24], rbx
	mov	ecx, 0xc0000101
	rdmsr
	mov	ebx, edx
	test	ebx, ebx
	js	1f
	swapgs
1:	call	kernel_main
	test	ebx, ebx
	js	2f
	swapgs
2:	mov	rbx, [rsp + 24]
	give_back
	iretq

	.bss
	.globl	kernel_area, kernel_stack, kernel_ist1, kernel_ist2
	.balign	16
kernel_area:
	.skip	64
	.irp	name, kernel_stack, kernel_ist1, kernel_ist2
	.skip	2048
\name:
	.endr
	.section .note.GNU-stack, "", @progbits
