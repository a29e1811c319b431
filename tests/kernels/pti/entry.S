/* SPDX-License-Identifier: MIT */
/*
 * pti: two page tables.  Ring 3's holds, of the kernel, this text and the
 * entry area that GS points to: both values of CR3, and the small stack that
 * gates come in on.  The kernel's own stack is there only behind the switch,
 * so every frame is carried over to it, and back.
 */
#define KERNEL_RSP 0x08
#define USER_RSP 0x10
#define KERNEL_CR3 0x18
#define USER_CR3 0x20
#define ENTRY_STACK 0x28	/* its top */
#define USER_SS 0x23
#define USER_CS 0x2b
#define OFFSET_RAX 112

	.macro	PUSH_REGS
	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, \
			r13, r14, r15
	pushq	%\r
	.endr
	.endm
	.macro	POP_REGS
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, \
			rcx, rbx, rax
	popq	%\r
	.endr
	.endm
	.macro	CR3_FROM offset, scratch
	movq	%gs:\offset, \scratch
	movq	\scratch, %cr3
	.endm

	.section .entry.text, "ax"
	.globl	pti_syscall, pti_int80, pti_irq, pti_db, pti_nmi, pti_mc
pti_syscall:
	swapgs
pti_syscall_in:
	movq	%rsp, %gs:USER_RSP
	CR3_FROM KERNEL_CR3, %rsp	/* the one register that is free */
	movq	%gs:KERNEL_RSP, %rsp
	pushq	$USER_SS
	pushq	%gs:USER_RSP
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	PUSH_REGS
	movq	%rsp, %rdi
	call	pti_call
	movq	%rax, OFFSET_RAX(%rsp)

pti_leave:				/* to ring 3, by the entry stack */
	POP_REGS
	pushq	%rdi
	movq	%rsp, %rdi
	movq	%gs:ENTRY_STACK, %rsp
	.irp	word, 40, 32, 24, 16, 8, 0
	pushq	\word(%rdi)
	.endr
	CR3_FROM USER_CR3, %rdi
	popq	%rdi
	swapgs
pti_iret:
	iretq

pti_int80:
pti_irq:
	testb	$3, 8(%rsp)
	jz	pti_from_kernel
	swapgs
pti_gate_in:
	pushq	%rdi
	CR3_FROM KERNEL_CR3, %rdi
	movq	%rsp, %rdi
	movq	%gs:KERNEL_RSP, %rsp
	.irp	word, 40, 32, 24, 16, 8
	pushq	\word(%rdi)
	.endr
	movq	(%rdi), %rdi
	PUSH_REGS
	cld
	movq	%rsp, %rdi
	call	pti_work
	jmp	pti_leave
pti_from_kernel:
	PUSH_REGS
	cld
	movq	%rsp, %rdi
	call	pti_work
	POP_REGS
	iretq

pti_db:					/* on IST stacks of the entry area */
pti_nmi:
pti_mc:
	PUSH_REGS
	cld
	movl	$0xc0000101, %ecx
	rdmsr
	movl	%edx, %ebx
	testl	%ebx, %ebx
	js	1f
	swapgs
1:	movq	%cr3, %r14
	CR3_FROM KERNEL_CR3, %rax
	movq	%rsp, %rdi
	call	pti_work
	movq	%r14, %cr3
	testl	%ebx, %ebx
	js	2f
	swapgs
2:	POP_REGS
	iretq

	.section .entry.data, "aw"
	.balign	4096
	.globl	pti_area, pti_entry_stack, pti_db_stack, pti_nmi_stack, \
		pti_mc_stack
pti_area:
	.quad	0, 0, 0, 0, 0
	.quad	pti_entry_stack
	.irp	name, pti_entry_stack, pti_db_stack, pti_nmi_stack, pti_mc_stack
	.balign	4096
	.skip	4096
\name:
	.endr
	.bss
	.globl	pti_stack
	.skip	4096
pti_stack:
	.section .note.GNU-stack, "", @progbits
