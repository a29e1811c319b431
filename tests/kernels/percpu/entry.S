/* SPDX-License-Identifier: MIT */
/*
 * percpu: all that is the CPU's own lies in one area that the boot code
 * allocates, and that no ELF has: a pointer to itself, the TSS, IST stacks.
 */
#define SELF 0
#define USER_RSP 16
#define TSS_RSP0 (0x40 + 4)
#define CPU(field) %gs:(field)

	.macro	PUSH_ALL
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	.endm
	.macro	POP_ALL
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	.endm

	.section .entry.text, "ax"
	.globl	sys_entry, ipi_entry, gate_entry, db_entry, nmi_entry, mc_entry
sys_entry:
	swapgs
sys_swapped:
	movq	%rsp, CPU(USER_RSP)
	movq	CPU(TSS_RSP0), %rsp
	pushq	$0x23
	pushq	CPU(USER_RSP)
	pushq	%r11
	pushq	$0x2b
	pushq	%rcx
	PUSH_ALL
	movq	%rsp, %rdi
	movq	CPU(SELF), %rsi
	call	sys_work
	movq	%rax, 80(%rsp)
	jmp	user_exit

ipi_entry:
gate_entry:
	PUSH_ALL
	cld
	testb	$3, 128(%rsp)
	jz	gate_kernel
	swapgs
gate_swapped:
	lfence
	movq	%rsp, %rdi
	movq	CPU(SELF), %rsi
	call	gate_work
user_exit:
	POP_ALL
	swapgs
user_iret:
	iretq
gate_kernel:
	lfence
	movq	%rsp, %rdi
	movq	CPU(SELF), %rsi
	call	gate_work
	POP_ALL
	iretq

db_entry:
mc_entry:
nmi_entry:
	PUSH_ALL
	cld
	movl	$0xc0000101, %ecx
	rdmsr
	movl	%edx, %ebx
	testl	%ebx, %ebx; js event_ours
	swapgs
event_ours:
	movq	%rsp, %rdi
	movq	CPU(SELF), %rsi
	call	gate_work
	testl	%ebx, %ebx; js event_left
	swapgs
event_left:
	POP_ALL
	iretq
	.section .note.GNU-stack, "", @progbits
