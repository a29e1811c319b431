/* SPDX-License-Identifier: MIT */
/*
 * folded: what a compiler makes of handlers that say the same.  #UD, INT 0x80
 * and the interrupts are one stub under three names, #DB, NMI and #MC another;
 * all of them and SYSCALL run through one tail, which turns interrupts on where
 * they were on, and loads SS: things after which no single step stops.
 */
	.set	FRAME_CS, 136
	.set	FRAME_RFLAGS, 144
	.set	IF, 0x200

	.text
	.globl	f_syscall, f_ud, f_int80, f_irq, f_db, f_nmi, f_mc
f_syscall:
	swapgs
f_syscall_in:
	movq	%rsp, %gs:8
	movq	%gs:0, %rsp
	pushq	$0x23
	pushq	%gs:8
	pushq	%r11
	pushq	$0x2b
	pushq	%rcx
	call	f_save
	movl	$1, %ebx		/* a SWAPGS on the way out */
	jmp	f_tail

f_ud:
f_int80:
f_irq:
	call	f_save
	xorl	%ebx, %ebx
	testb	$3, FRAME_CS(%rsp)
	jz	f_tail
	movl	$1, %ebx
	swapgs
f_gate_in:
	jmp	f_tail

f_db:
f_nmi:
f_mc:
	call	f_save
	movl	$0xc0000101, %ecx
	rdmsr
	xorl	%ebx, %ebx
	testl	%edx, %edx
	js	f_tail
	movl	$1, %ebx
	swapgs

f_tail:
	pushfq
	testl	$IF, FRAME_RFLAGS + 8(%rsp)
	jz	1f
	sti
1:	movl	%ss, %eax
	movl	%eax, %ss
	call	f_work
	popfq				/* off again */
	testl	%ebx, %ebx
	jz	f_out
	swapgs
f_out:
	.irp	r, 15, 14, 13, 12, 11, 10, 9, 8
	popq	%r\r
	.endr
	.irp	r, bp, di, si, dx, cx, bx, ax
	popq	%r\r
	.endr
	addq	$8, %rsp		/* where f_save went back to */
	iretq

f_save:					/* its return address stays below RIP */
	.irp	r, ax, bx, cx, dx, si, di, bp
	pushq	%r\r
	.endr
	.irp	r, 8, 9, 10, 11, 12, 13, 14, 15
	pushq	%r\r
	.endr
	cld
	jmpq	*120(%rsp)

	.bss
	.balign	16
	.globl	f_cpu, f_stack, f_ist1, f_ist2, f_ist3
f_cpu:	.skip	16
	.irp	name, f_stack, f_ist1, f_ist2, f_ist3
	.skip	4096
\name:
	.endr
	.section .note.GNU-stack, "", @progbits
