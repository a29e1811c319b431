/* SPDX-License-Identifier: MIT */
/*
 * counters: stubs with a memory.  Each entry is counted, the time is charged
 * to ring 3 or to the kernel, and every fourth time something more is done: no
 * two runs are alike, and what was interrupted sees nothing of it.
 */
	.set	kernel_rsp, 0
	.set	user_rsp, 8
	.set	since, 16		/* the time of the last change */
	.set	in_user, 24		/* cycles */
	.set	in_kernel, 32
	.set	entries, 40
	.set	events, 48

	.macro	save_all
	.irp	r, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, \
			r13, r14, r15
	pushq	%\r
	.endr
	.endm
	.macro	restore_all
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, \
			rdx, rcx, rax
	popq	%\r
	.endr
	.endm
	.macro	account to		/* clobbers RAX, RDX */
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, %rdx
	subq	%gs:since, %rdx
	movq	%rax, %gs:since
	addq	%rdx, %gs:\to
	.endm

	.text
	.globl	c_syscall, c_int80, c_irq, c_db, c_nmi
c_syscall:
	swapgs
c_syscall_in:
	movq	%rsp, %gs:user_rsp
	movq	%gs:kernel_rsp, %rsp
	pushq	$0x23
	pushq	%gs:user_rsp
	pushq	%r11
	pushq	$0x2b
	pushq	%rcx
	save_all
	incq	%gs:entries
	account	in_user
	call	c_call
	movq	%rax, 112(%rsp)
	jmp	c_leave

c_int80:
c_irq:
	save_all
	cld
	testb	$3, 128(%rsp)
	jz	c_kernel
	swapgs
c_gate_in:
	incq	%gs:entries
	account	in_user
	call	c_trap
c_leave:
	testl	$3, %gs:entries
	jnz	1f
	call	c_trap			/* a tick of something */
1:	account	in_kernel
	restore_all
	swapgs
c_iret:
	iretq
c_kernel:
	incq	%gs:entries
	call	c_trap
	restore_all
	iretq

c_db:
c_nmi:
	save_all
	cld
	movl	$0xc0000101, %ecx
	rdmsr
	movl	%edx, %ebx
	testl	%ebx, %ebx
	js	1f
	swapgs
1:	incq	%gs:events
	testl	$3, %gs:events
	jnz	2f
	call	c_trap			/* a sample is written out */
2:	call	c_trap
	testl	%ebx, %ebx
	js	3f
	swapgs
3:	restore_all
	iretq

	.bss
	.balign	16
	.globl	c_cpu, c_stack, c_db_stack, c_nmi_stack
c_cpu:	.skip	64
	.irp	name, c_stack, c_db_stack, c_nmi_stack
	.skip	4096
\name:
	.endr
	.section .note.GNU-stack, "", @progbits
