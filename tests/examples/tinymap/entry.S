/* SPDX-License-Identifier: MIT */
/* tinymap, invented as an example: entry code as a kernel has it, in sections
 * of its own, that calls C; tinymap.map says what is what. */
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

	.section .entry.text, "ax"
	.globl	tiny_syscall, tiny_int80, tiny_nmi, tiny_irqs
tiny_syscall:				/* from ring 3: swaps always */
	swapgs
	movq	%rsp, %gs:0
	movq	%gs:8, %rsp
	PUSH_CALLER_SAVED
	call	tiny_work
	POP_CALLER_SAVED
	shlq	$16, %rcx		/* an address that SYSRETQ takes */
	sarq	$16, %rcx
	movq	%gs:0, %rsp
	swapgs
	sysretq
tiny_int80:
	pushq	$0x80
tiny_common:				/* asks CS who has been interrupted */
	testb	$3, 16(%rsp)
	jz	1f
	swapgs
1:	PUSH_CALLER_SAVED
	cld
	call	tiny_work
	POP_CALLER_SAVED
	testb	$3, 16(%rsp)
	jz	2f
	swapgs
2:	addq	$8, %rsp
	iretq
	.balign	16
tiny_irqs:
	.set	vector, 32
	.rept	16
	pushq	$vector
	jmp	tiny_common
	.balign	16
	.set	vector, vector + 1
	.endr
tiny_nmi:				/* asks nobody: saves GS, sets it */
	PUSH_CALLER_SAVED
	rdgsbase %rax
	pushq	%rax
	movq	$tiny_cpu, %rax
	wrgsbase %rax
	cld
	call	tiny_work
	popq	%rax
	wrgsbase %rax
	POP_CALLER_SAVED
	iretq

	.section .percpu, "aw"
	.globl	tiny_cpu, tiny_stack_top
tiny_cpu:
	.quad	0, 0			/* user's RSP, ours */
	.skip	8192
tiny_stack_top:
