/* SPDX-License-Identifier: MIT */
/*
 * array: 256 generated stubs, 16 bytes each, one tail.  The tail looks at the
 * number that the stub has pushed: four of them believe no frame.
 */
	.set	USER_SS, 0x23
	.set	USER_CS, 0x2b
	.set	HAVE_CODE, 0x60227d00	/* bit n: the CPU pushes a code */
	.set	PARANOID, 0x40106	/* #DB, NMI, #DF, #MC */

	.macro	load
	.irp	r, 15, 14, 13, 12, 11, 10, 9, 8
	popq	%r\r
	.endr
	.irp	r, bp, di, si, dx, cx, bx, ax
	popq	%r\r
	.endr
	.endm

	.section .text.vectors, "ax"
	.balign	16
	.globl	vector_stubs
vector_stubs:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	vector > 31 || !((HAVE_CODE >> (vector & 31)) & 1)
	pushq	$0
	.endif
	pushq	$vector
	jmp	common
	.set	vector, vector + 1
	.endr

	.section .text.common, "ax"
	.globl	syscall_entry
syscall_entry:
	swapgs
syscall_swapped:
	movq	%rsp, %gs:8
	movq	%gs:0, %rsp
	pushq	$USER_SS
	pushq	%gs:8
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	$0
	pushq	$-1
	call	save
	movq	%rsp, %rdi
	call	dispatch_call
	movq	%rax, 14 * 8(%rsp)
	jmp	leave

save:					/* 15 registers, below the return */
	pushq	%rbx
	xchgq	%rax, 8(%rsp)		/* RAX into its slot */
	.irp	r, cx, dx, si, di, bp
	pushq	%r\r
	.endr
	.irp	r, 8, 9, 10, 11, 12, 13, 14, 15
	pushq	%r\r
	.endr
	cld
	jmpq	*%rax

common:
	call	save
	movq	15 * 8(%rsp), %rax
	cmpl	$31, %eax
	ja	by_cs
	movl	$PARANOID, %ecx
	btl	%eax, %ecx
	jc	by_sign
by_cs:
	testb	$3, 18 * 8(%rsp)
	jz	from_kernel
	swapgs
swapped:
	movq	%rsp, %rdi
	call	dispatch
leave:
	testb	$3, 18 * 8(%rsp)
	jz	1f
	swapgs
swapped_back:
1:	load
	addq	$16, %rsp
the_iret:
	iretq

from_kernel:
	leaq	the_iret(%rip), %rax
	cmpq	%rax, 17 * 8(%rsp)
	jne	swapped
	swapgs
	movq	20 * 8(%rsp), %rdx	/* RSP: the frame that was refused, */
	.irp	word, 17, 18, 19, 20, 21	/* as if ring 3 had faulted */
	pushq	(\word - 17) * 8(%rdx)
	popq	\word * 8(%rsp)
	.endr
	shlq	$17, 17 * 8(%rsp)
	shrq	$17, 17 * 8(%rsp)
	movq	$USER_CS, 18 * 8(%rsp)
	movq	$USER_SS, 21 * 8(%rsp)
	jmp	swapped

by_sign:
	xorl	%ebx, %ebx
	movl	$0xc0000101, %ecx
	rdmsr
	testl	%edx, %edx
	js	1f
	swapgs
	incl	%ebx
1:	movq	%rsp, %rdi
	call	dispatch
	testl	%ebx, %ebx
	jz	2f
	swapgs
2:	jmp	swapped_back

	.bss
	.balign	16
	.globl	cpu0
cpu0:	.skip	16			/* our RSP, ring 3's */
	.irp	name, kernel_stack, db_stack, nmi_stack, mc_stack
	.globl	\name
	.skip	4096
\name:
	.endr
	.section .note.GNU-stack, "", @progbits
