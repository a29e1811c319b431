/* SPDX-License-Identifier: MIT */
/*
 * moved: gates come in on a small stack and carry their frame over to the
 * thread's, to leave from there.  An NMI is the end: it halts, for good.  A
 * #DB from the entry code itself is ring 3's doing (MOV SS in front of SYSCALL
 * or INT), and is dropped: no C is called.
 */
	.macro	push_regs
	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, \
			r13, r14, r15
	pushq	%\r
	.endr
	.endm
	.macro	pop_regs
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, \
			rcx, rbx, rax
	popq	%\r
	.endr
	.endm

	.text
	.globl	m_syscall, m_ud, m_int80, m_irq, m_db, m_nmi
m_first:
m_syscall:
	swapgs
m_syscall_in:
	movq	%rsp, %gs:8
	movq	%gs:0, %rsp
	pushq	$0x23
	pushq	%gs:8
	pushq	%r11
	pushq	$0x2b
	pushq	%rcx
	push_regs
	call	m_work
	jmp	m_leave

m_nmi:
	cli
1:	hlt
	jmp	1b

m_ud:
m_int80:
m_irq:
	testb	$3, 8(%rsp)
	jz	m_kernel
	swapgs
m_gate_in:
	pushq	%rdi
	movq	%rsp, %rdi
	movq	%gs:0, %rsp
	.irp	word, 40, 32, 24, 16, 8
	pushq	\word(%rdi)
	.endr
	movq	(%rdi), %rdi
	push_regs
	cld
	call	m_work
m_leave:
	pop_regs
	swapgs
m_iret:
	iretq
m_last:
m_kernel:
	push_regs
	cld
	call	m_work
	pop_regs
	iretq

m_db:
	testb	$3, 8(%rsp)
	jnz	m_db_user
	pushq	%rax
	leaq	m_first(%rip), %rax
	cmpq	%rax, 8(%rsp)
	jb	1f
	leaq	m_last(%rip), %rax
	cmpq	%rax, 8(%rsp)
	jb	m_db_dropped
1:	popq	%rax
	push_regs
	cld
	call	m_work
	pop_regs
	iretq
m_db_dropped:
	popq	%rax
	iretq
m_db_user:
	swapgs
	push_regs
	cld
	call	m_work
	pop_regs
	swapgs
	iretq

	.bss
	.balign	16
	.globl	m_cpu, m_entry_stack, m_stack, m_db_stack, m_nmi_stack
m_cpu:	.skip	16
	.irp	name, m_entry_stack, m_stack, m_db_stack, m_nmi_stack
	.skip	4096
\name:
	.endr
	.section .note.GNU-stack, "", @progbits
