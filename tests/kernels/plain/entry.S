/* SPDX-License-Identifier: MIT */
/*
 * plain: what a careful hobby kernel has, and nothing else.  Ordinary gates
 * ask CS, #DB, NMI and #MC ask the sign, and a fault of the exit's IRETQ is
 * taken for what it is: ring 3's, on ring 3's base.  Its twins are the bugs
 * that have a name, each a line of this file or of the map.
 */
#define MSR_GS_BASE 0xc0000101
#define USER_SS 0x23
#define USER_CS 0x2b
#define RAX 112
#define RIP 128			/* behind 15 registers and an error code */
#define CS 136
#define RSP 152
#define SS 160

	.macro	SAVE
	.irp	r, ax, bx, cx, dx, si, di, bp
	pushq	%r\r
	.endr
	.irp	r, 8, 9, 10, 11, 12, 13, 14, 15
	pushq	%r\r
	.endr
	.endm
	.macro	LOAD
	.irp	r, 15, 14, 13, 12, 11, 10, 9, 8
	popq	%r\r
	.endr
	.irp	r, bp, di, si, dx, cx, bx, ax
	popq	%r\r
	.endr
	.endm
	.macro	STUB name, code, to
	.balign	16
	.globl	\name
\name:
	.ifb	\code
	pushq	$0
	.endif
	jmp	\to
	.endm

	.text
	.globl	plain_syscall
plain_syscall:
	swapgs
plain_syscall_in:
	movq	%rsp, %gs:8
	movq	%gs:0, %rsp
plain_syscall_on:
	pushq	$USER_SS
	pushq	%gs:8
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	$0
	SAVE
	movq	%rsp, %rdi
	call	plain_call
	movq	%rax, RAX(%rsp)
	movq	RIP(%rsp), %rcx
	movq	%rcx, %rdx
	shlq	$16, %rdx
	sarq	$16, %rdx
	cmpq	%rcx, %rdx
	jne	plain_leave		/* SYSRETQ faults on it in ring 0 */
	LOAD
	movq	8(%rsp), %rcx
	movq	24(%rsp), %r11
	movq	32(%rsp), %rsp
plain_syscall_off:
	swapgs
plain_sysret:
	sysretq

	STUB	plain_nmi, , plain_paranoid
	STUB	plain_db, , plain_paranoid
	STUB	plain_mc, , plain_paranoid
	STUB	plain_np, code, plain_gate
	STUB	plain_ss, code, plain_gate
	STUB	plain_gp, code, plain_gate
	STUB	plain_pf, code, plain_gate
	STUB	plain_int80, , plain_gate
	STUB	plain_irq, , plain_gate
plain_gate:
	SAVE
	cld
	testb	$3, CS(%rsp)
	jz	plain_from_kernel
	swapgs
plain_gate_in:
	movq	%rsp, %rdi
	call	plain_trap
plain_leave:
	testb	$3, CS(%rsp)
	jz	1f
	swapgs
plain_gate_out:
1:	LOAD
	addq	$8, %rsp
plain_iret:
	iretq
plain_from_kernel:
	leaq	plain_iret(%rip), %rax
	cmpq	%rax, RIP(%rsp)
	jne	plain_gate_in
	swapgs				/* the exit's came before the fault */
	movq	RSP(%rsp), %rdx		/* the frame that IRETQ did not take */
	.irp	word, 0, 8, 16, 24, 32	/* becomes this fault's, made good */
	pushq	\word(%rdx)
	popq	RIP + \word(%rsp)
	.endr
	movq	$USER_CS, CS(%rsp)
	movq	$USER_SS, SS(%rsp)
	shlq	$17, RIP(%rsp)
	shrq	$17, RIP(%rsp)
	jmp	plain_gate_in

plain_paranoid:
	SAVE
	cld
	xorl	%ebx, %ebx
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	testl	%edx, %edx
	js	1f			/* the kernel's is negative */
	swapgs
	incl	%ebx
1:	movq	%rsp, %rdi
	call	plain_trap
	testl	%ebx, %ebx
	jz	2f
	swapgs
2:	LOAD
	addq	$8, %rsp
	jmp	plain_iret

	.bss
	.balign	16
	.globl	plain_cpu, plain_stack, plain_db_stack, plain_nmi_stack, \
		plain_mc_stack
plain_cpu:	.skip 16		/* our RSP, ring 3's */
	.irp	name, plain_stack, plain_db_stack, plain_nmi_stack, \
		plain_mc_stack
	.skip	4096
\name:
	.endr
	.section .note.GNU-stack, "", @progbits
