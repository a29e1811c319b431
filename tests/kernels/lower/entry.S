/* SPDX-License-Identifier: MIT */
/*
 * lower: a kernel at 1 MiB, as a boot loader without a higher half leaves it,
 * with the loader's own selectors.  It has no compat segments and no INT 0x80,
 * and never turns FSGSBASE on.  Its GS base is positive, so the sign would not
 * tell; #DB and NMI set the base by the MSR, and put back what was there.
 */
#define USER_SS 0x3b		/* STAR[63:48] + 8 */
#define USER_CS 0x43		/* + 16 */
#define MSR_GS_BASE 0xc0000101

	.macro	push_all
	.irp	r, rbp, rax, rbx, rcx, rdx, rsi, rdi, r8, r9, r10, r11, r12, \
			r13, r14, r15
	pushq	%\r
	.endr
	cld
	movq	%rsp, %rdi
	movq	%rsp, %rbp
	andq	$-16, %rsp		/* the stack's top is 8 mod 16 */
	.endm
	.macro	pop_all
	movq	%rbp, %rsp
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rdx, rcx, \
			rbx, rax, rbp
	popq	%\r
	.endr
	.endm

	.text
	.globl	_start, low_syscall, low_ud, low_pf, low_irq, low_db, low_nmi
_start:
	hlt				/* where the boot loader comes in */
	jmp	_start

low_syscall:
	swapgs
low_syscall_in:
	movq	%rsp, %gs:8
	movq	%gs:0, %rsp
	pushq	$USER_SS
	pushq	%gs:8
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	$0
	push_all
	call	kernel_call
	movq	%rax, 104(%rbp)
	pop_all
	movq	8(%rsp), %rcx
	shlq	$16, %rcx
	sarq	$16, %rcx
	cmpq	8(%rsp), %rcx
	jne	low_leave_user
	movq	24(%rsp), %r11
	movq	32(%rsp), %rsp
	swapgs
low_sysret:
	sysretq

low_ud:
low_irq:
	pushq	$0
low_pf:
	testb	$3, 16(%rsp)
	jz	low_kernel
	swapgs
low_gate_in:
	push_all
	call	kernel_trap
	pop_all
low_leave_user:
	swapgs
low_leave:
	addq	$8, %rsp
	iretq
low_kernel:
	push_all
	call	kernel_trap
	pop_all
	addq	$8, %rsp
	iretq

low_db:
low_nmi:
	pushq	$0
	push_all
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	movl	%eax, %r12d
	movl	%edx, %r13d
	movl	$low_cpu, %eax
	xorl	%edx, %edx
	wrmsr
	call	kernel_trap
	movl	$MSR_GS_BASE, %ecx
	movl	%r12d, %eax
	movl	%r13d, %edx
	wrmsr
	pop_all
	addq	$8, %rsp
	iretq

	.bss
	.balign	16
	.globl	low_cpu, low_stack, low_db_stack, low_nmi_stack
low_cpu:	.skip 16
	.skip	4088
low_stack:
	.skip	4096
low_db_stack:
	.skip	4096
low_nmi_stack:
	.section .note.GNU-stack, "", @progbits
