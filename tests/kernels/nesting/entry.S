/* SPDX-License-Identifier: MIT */
/*
 * nesting: an NMI that survives another one.  Any IRET inside its handler (of
 * a #DB, of a #MC) opens the door for the next, whose frame lands where the
 * first one's lies.  So the first keeps a copy and leaves by that:
 *
 *	SS RSP RFLAGS CS RIP	of whichever NMI came last
 *	RDX			its scratch
 *	busy			an NMI is being handled
 *	again			another one has come meanwhile
 *	SS RSP RFLAGS CS RIP	kept: where the first one came from
 *
 * A nested one sets `again' and goes back.  Only in the last four instructions
 * would that be too late: one that comes there finds all registers given back
 * and takes the kept frame over, as if it were the first.
 *
 * All that comes from ring 0 asks for the sign of the base; LFENCE behind each
 * decision, for no load may go ahead on a guessed one.
 */
	.set	USER_SS, 0x23
	.set	USER_CS, 0x2b
	.set	MSR_GS_BASE, 0xc0000101

	.macro	save
	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, \
			r13, r14, r15
	pushq	%\r
	.endr
	cld
	.endm
	.macro	restore
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, \
			rcx, rbx, rax
	popq	%\r
	.endr
	.endm
	.macro	enter_by_sign
	xorl	%ebx, %ebx
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	testl	%edx, %edx
	js	.Lours\@
	swapgs
	incl	%ebx
.Lours\@:
	lfence
	.endm
	.macro	exit_by_sign
	testl	%ebx, %ebx
	jz	.Lours\@
	swapgs
.Lours\@:
	.endm

	.section .entry, "ax"
	.globl	nest_syscall, nest_int80, nest_irq, nest_nmi, nest_db, nest_mc
nest_syscall:
	swapgs
	movq	%rsp, %gs:8
	movq	%gs:0, %rsp
	pushq	$USER_SS
	pushq	%gs:8
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	save
	call	do_call
	movq	%rax, 112(%rsp)
nest_user:				/* by IRETQ always */
	restore
	swapgs
nest_iret_user:
	iretq

nest_int80:
nest_irq:
	save
	testb	$3, 128(%rsp)
	jz	1f
	swapgs
	lfence
	call	do_work
	jmp	nest_user
1:	lfence
	call	do_work
	restore
	iretq

nest_db:
nest_mc:
	save
	enter_by_sign
	call	do_work
	exit_by_sign
	restore
	iretq

nest_nmi:
	pushq	%rdx
	testb	$3, 16(%rsp)
	jnz	nest_nmi_user
	leaq	nest_exit(%rip), %rdx
	cmpq	%rdx, 8(%rsp)
	jb	1f
	leaq	nest_exit_end(%rip), %rdx
	cmpq	%rdx, 8(%rsp)
	jb	nest_take_over
1:	cmpq	$0, -8(%rsp)		/* busy */
	jne	nest_again
	movq	(%rsp), %rdx
	pushq	$1			/* busy */
	pushq	$0			/* again */
	.rept	5
	pushq	56(%rsp)		/* kept */
	.endr
nest_handle:				/* registers are the interrupted's */
	movq	$0, 40(%rsp)		/* again */
	save
	enter_by_sign
	call	do_work
	exit_by_sign
	restore
nest_exit:
	cmpq	$0, 40(%rsp)		/* again */
	jne	nest_handle
	movq	$0, 48(%rsp)		/* busy */
	iretq
nest_exit_end:
nest_take_over:
	popq	%rdx
	leaq	-64(%rsp), %rsp		/* from its own RIP to the kept one */
	movq	$1, 48(%rsp)		/* busy */
	jmp	nest_handle
nest_again:
	movq	$1, -16(%rsp)		/* again */
	popq	%rdx
	iretq
nest_nmi_user:				/* the frame is proof; off this stack */
	swapgs
	lfence
	movq	%rsp, %rdx
	movq	%gs:0, %rsp
	.irp	word, 40, 32, 24, 16, 8
	pushq	\word(%rdx)
	.endr
	movq	(%rdx), %rdx
	save
	call	do_work
	jmp	nest_user

	.bss
	.balign	16
	.globl	nest_cpu, nest_stack, nest_nmi_stack, nest_db_stack, \
		nest_mc_stack
nest_cpu:	.skip 16		/* our RSP, ring 3's */
	.irp	name, nest_stack, nest_nmi_stack, nest_db_stack, nest_mc_stack
	.skip	4096
\name:
	.endr
	.section .note.GNU-stack, "", @progbits
