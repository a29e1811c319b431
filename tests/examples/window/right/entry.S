/* SPDX-License-Identifier: MIT */
/*
 * right: a small kernel's stubs that do what the window asks.  The folders
 * beside it are wrong in one way each: they define what that is and include
 * this file.
 */
	.section .text.under_test, "ax"
	.globl	twin_syscall, twin_int80, twin_ud, twin_np, twin_ss, twin_gp
	.globl	twin_db, twin_nmi, twin_iretq, twin_cpu, twin_top
twin_syscall:
#ifdef PUSHES
	pushq	%rax
	popq	%rax
#endif
	swapgs
	movq	%rsp, %gs:8
#ifdef READS_ARGUMENT
	.globl	twin_argument, twin_no_argument
twin_argument:
	movq	8(%rsp), %rdx
twin_no_argument:
#endif
	movq	%gs:16, %rsp
#ifdef IN_A_REGISTER
	pushq	%rbx
	movq	%rcx, %rbx
	pushq	%r11
	call	specimen_body
	popq	%r11
	movq	%rbx, %rcx
	popq	%rbx
#else
	pushq	%rcx
	pushq	%r11
#ifdef CLEARS_FLAGS
	pushq	$2
	popfq
#endif
	call	specimen_body
	popq	%r11
	popq	%rcx
#endif
#if !defined UNCHECKED && !defined IN_A_REGISTER
	shlq	$16, %rcx		/* an address, whatever it was */
	sarq	$16, %rcx
#endif
	movq	%gs:8, %rsp
	swapgs
	sysretq

twin_int80:
	testb	$3, 8(%rsp)
	jz	1f
	swapgs
1:	call	specimen_body
#ifdef ZEROES
	xorl	%ebx, %ebx
#endif
	testb	$3, 8(%rsp)
	jz	twin_iretq
	swapgs
twin_iretq:
	iretq

twin_ud:				/* the same, and a register less */
	testb	$3, 8(%rsp)
	jz	1f
	swapgs
1:	call	specimen_body
#ifdef ZEROES
	xorl	%esi, %esi
#endif
	jmp	2f

/* With an error code; one of them may come from twin_iretq. */
	.macro	FAULT knows
	pushq	%rax
	testb	$3, 24(%rsp)
	jnz	3f
	.if	\knows
	leaq	twin_iretq(%rip), %rax
	cmpq	%rax, 16(%rsp)
	jne	4f
	swapgs				/* its frame was ring 3's: once more */
	call	specimen_body		/* changes the frame */
	popq	%rax
	addq	$8, %rsp
	testb	$3, 8(%rsp)
	jz	twin_iretq
	swapgs
	jmp	twin_iretq
	.else
	jmp	4f
	.endif
3:	swapgs
4:	call	specimen_body
	popq	%rax
	addq	$8, %rsp
	jmp	2f
	.endm
#ifdef BAD_IRET
	.set	knows, 0
#else
	.set	knows, 1
#endif
#ifdef BAD_SS
	.set	knows_ss, 0
#else
	.set	knows_ss, knows
#endif
twin_np:
	FAULT	knows
twin_ss:
	FAULT	knows_ss
twin_gp:
	FAULT	knows
2:	testb	$3, 8(%rsp)
	jz	twin_iretq
	swapgs
	jmp	twin_iretq

/* May come anywhere: asks nobody. */
twin_db:
twin_nmi:
	pushq	%rax
	rdgsbase %rax
	pushq	%rax
	movq	$twin_cpu, %rax
	wrgsbase %rax
	call	specimen_body
	popq	%rax
	wrgsbase %rax
	popq	%rax
	jmp	twin_iretq

	.data
	.balign	16
twin_cpu:
	.quad	0, 0, twin_top
	.skip	4096
	.balign	16
twin_top:
