/* SPDX-License-Identifier: MIT */
/*
 * upper: a kernel linked at 0xffffffff80100000 whose IDT is filled in by the
 * assembler: gates with IST numbers and privileges of their own, and nobody
 * has to say which stub is whose.  TEXT must be where the linker puts .text.
 */
	.set	TEXT, 0xffffffff80100000
	.set	KERNEL_CS, 0x08
	.set	USER_CS, 0x2b
	.set	USER_SS, 0x23

	.macro	SAVE_REGS
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, \
			rcx, rbx, rax
	pushq	%\r
	.endr
	.endm
	.macro	RESTORE_REGS
	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, \
			r13, r14, r15
	popq	%\r
	.endr
	.endm
	.macro	ENTRY name, code, to
	.globl	\name
\name:
	.if	!\code
	pushq	$-1
	.endif
	jmp	\to
	.endm

	.text
text_start:
	ENTRY	entry_db, 0, paranoid
	ENTRY	entry_nmi, 0, paranoid
	ENTRY	entry_bp, 0, ordinary
	ENTRY	entry_ud, 0, ordinary
	ENTRY	entry_df, 1, paranoid
	ENTRY	entry_np, 1, ordinary
	ENTRY	entry_ss, 1, ordinary
	ENTRY	entry_gp, 1, ordinary
	ENTRY	entry_pf, 1, ordinary
	ENTRY	entry_mc, 0, paranoid
	ENTRY	entry_int80, 0, ordinary
	ENTRY	entry_irq, 0, ordinary
	ENTRY	entry_none, 0, ordinary
	ENTRY	entry_code, 1, ordinary

ordinary:
	SAVE_REGS
	cld
	testb	$3, 136(%rsp)
	jz	from_kernel
	swapgs
ordinary_in:
	lfence
	movq	%rsp, %rdi
	call	kernel_trap
to_user:
	RESTORE_REGS
	swapgs
to_user_out:
	addq	$8, %rsp
user_iret:
	iretq
from_kernel:
	leaq	user_iret(%rip), %rax
	cmpq	%rax, 128(%rsp)
	je	refused
	lfence
	movq	%rsp, %rdi
	call	kernel_trap
to_kernel:
	RESTORE_REGS
	addq	$8, %rsp
	iretq
refused:				/* ring 3's frame, on ring 3's base */
	swapgs
	movq	152(%rsp), %rdx
	.irp	word, 0, 8, 16, 24, 32	/* as if ring 3 had faulted */
	pushq	\word(%rdx)
	popq	128 + \word(%rsp)
	.endr
	shlq	$17, 128(%rsp)
	shrq	$17, 128(%rsp)
	movq	$USER_CS, 136(%rsp)
	movq	$USER_SS, 160(%rsp)
	jmp	ordinary_in

paranoid:
	SAVE_REGS
	cld
	testb	$3, 136(%rsp)
	jnz	paranoid_user
	movl	$0xc0000101, %ecx
	rdmsr
	movl	%edx, %ebx
	testl	%ebx, %ebx
	js	1f
	swapgs
1:	lfence
	movq	%rsp, %rdi
	call	kernel_trap
	testl	%ebx, %ebx
	js	to_kernel
	swapgs
	jmp	to_kernel
paranoid_user:				/* off the IST stack, as early */
	swapgs
paranoid_in:
	movq	%rsp, %rsi
	movq	%gs:8, %rsp
	.set	word, 160
	.rept	21
	pushq	word(%rsi)
	.set	word, word - 8
	.endr
	movq	%rsp, %rdi
	call	kernel_trap
	jmp	to_user

	.globl	entry_syscall
entry_syscall:
	swapgs
syscall_in:
	movq	%rsp, %gs:16
	movq	%gs:8, %rsp
	pushq	$USER_SS
	pushq	%gs:16
	pushq	%r11
	pushq	$USER_CS
	pushq	%rcx
	pushq	$-1
	SAVE_REGS
	movq	%rsp, %rdi
	call	kernel_call
	movq	%rax, (%rsp)
	jmp	to_user

	.macro	GATE label, ist, type
	.word	(TEXT + (\label - text_start)) & 0xffff
	.word	KERNEL_CS
	.byte	\ist, \type
	.word	((TEXT + (\label - text_start)) >> 16) & 0xffff
	.long	TEXT >> 32, 0
	.endm
	.set	INTERRUPT, 0x8e
	.set	FOR_USER, 0xee

	.data
	.balign	16
	.globl	kernel_idt, kernel_cpu
kernel_idt:
	.irp	name, none, db, nmi, bp, none, none, ud, none, df, none, code, \
			np, ss, gp, pf, none, none, code, mc
	.set	ist, 0
	.set	type, INTERRUPT
	.ifc	\name, db
	.set	ist, 1
	.endif
	.ifc	\name, nmi
	.set	ist, 2
	.endif
	.ifc	\name, df
	.set	ist, 3
	.endif
	.ifc	\name, mc
	.set	ist, 4
	.endif
	.ifc	\name, bp
	.set	type, FOR_USER
	.endif
	GATE	entry_\name, ist, type
	.endr
	.rept	32 - 19
	GATE	entry_none, 0, INTERRUPT
	.endr
	.rept	128 - 32
	GATE	entry_irq, 0, INTERRUPT
	.endr
	GATE	entry_int80, 0, FOR_USER
	.rept	255 - 128
	GATE	entry_irq, 0, INTERRUPT
	.endr
kernel_cpu:
	.quad	kernel_cpu, kernel_stack, 0
	.bss
	.balign	16
	.globl	kernel_stack, ist_db, ist_nmi, ist_df, ist_mc
	.irp	name, kernel_stack, ist_db, ist_nmi, ist_df, ist_mc
	.skip	4096
\name:
	.endr
	.section .note.GNU-stack, "", @progbits
