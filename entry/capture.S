/* SPDX-License-Identifier: MIT */
/*
 * The harness's own way in and out.  The capture stubs save everything,
 * decide nothing and never touch GS, so what they saw is what the processor
 * did.  All of them end in capture() (handlers/engine/engine.c), which never
 * returns: the way out is go_context().
 *
 * What a stub leaves on the stack, from low to high:
 *
 *	r15 .. rax		PUSH_REGS
 *	vector			the stub's own number
 *	rflags			in the handler, before anything changes them
 *	[error code]		<- RSP as the processor left it
 *	rip cs rflags rsp ss
 *
 * Whether an error code is there the stub does not assume: the processor
 * aligned RSP to 16 before it pushed 5 or 6 quadwords, so RSP itself tells.
 *
 * PUSH_REGS and POP_REGS are the 15 general registers (frame.inc); TF_x is the
 * offset of x in struct trapframe (include/trapframe.h), VEC_x a vector of
 * vectors.def, and STACK_TOP(STACK_x) the top of a stack in stacks.def.  The
 * IDT is made of capture_stubs (idt.c), the MSRs of the three entries
 * (syscall.c).
 */
#include "frame.inc"
#include "stacks.h"
#include "vectors.h"

#define TF_OF_RFLAGS 0x100

	.text
	.macro	CAPTURE_STUB number
	pushfq				/* must be first: handler's RFLAGS */
	pushq	$\number
	jmp	capture_common
	.endm

	/* 256 stubs and, by the same macro, the table that makes the IDT. */
	.section .rodata
	.balign	8
	.globl	capture_stubs
capture_stubs:
	.text
	.set	number, 0
	.rept	VECTORS
	.balign	16
1:	CAPTURE_STUB number
	.section .rodata
	.quad	1b
	.text
	.set	number, number + 1
	.endr

capture_common:
	PUSH_REGS
	movq	%rsp, %rdi
	andq	$-16, %rsp
	/* C wants DF clear, and an IRETQ from here NT and TF, which the MSR
	 * entries do not clear. */
	pushq	$2
	popfq
	call	capture
	ud2				/* capture() does not return */

/*
 * The MSR entries: no frame, and the stack is still the caller's.  They build
 * what capture() reads, with the caller's RSP in the frame's rsp.
 */
	.local	capture_caller_rsp
	.comm	capture_caller_rsp, 8, 8

	.macro	CAPTURE_MSR_ENTRY name, number
	.globl	\name
	.balign	16
\name:
	movq	%rsp, capture_caller_rsp(%rip)	/* must be first */
	movq	$STACK_TOP(STACK_capture), %rsp
	pushq	$0			/* ss */
	pushq	capture_caller_rsp(%rip)
	pushfq				/* MOV and PUSH change no flags */
	pushq	$0			/* cs */
	pushq	$0			/* rip */
	pushfq
	pushq	$\number
	jmp	capture_common
	.endm

	CAPTURE_MSR_ENTRY capture_syscall64, VEC_SYSCALL64
	CAPTURE_MSR_ENTRY capture_syscall32, VEC_SYSCALL32
	CAPTURE_MSR_ENTRY capture_sysenter, VEC_SYSENTER

/*
 * go_context(ctx = %rdi): becomes the context, which is copied to the capture
 * stack: a fault at the IRETQ, of a context that nobody can return to, must
 * find room there.  Interrupts come on IST stacks or not at all.  The IRETQ
 * also ends NMI blocking: an abandoned NMI frame costs nothing.
 */
	.globl	go_context
go_context:
	cli
	movq	$STACK_TOP(STACK_capture), %rsp
	.set	offset, TF_SIZE
	.rept	TF_SIZE / 8
	.set	offset, offset - 8
	pushq	offset(%rdi)
	.endr
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	.globl	go_context_iretq
go_context_iretq:
	iretq

/*
 * go_back(raw = %rdi): behind an NMI, as if it had not been, from its own
 * frame: harness code that it came into may itself be on the capture stack.
 */
	.globl	go_back
go_back:
	movq	%rdi, %rsp
	POP_REGS
	addq	$16, %rsp		/* vector, rflags: no error code */
	iretq

	.globl	go_back_from_fault	/* the same, over an error code */
go_back_from_fault:
	movq	%rdi, %rsp
	POP_REGS
	addq	$24, %rsp		/* vector, rflags, error code */
	iretq

/*
 * go_context_trap(ctx = %rdi): the same, but a single-step trap is due when
 * the IRETQ is done: a #DB in front of the context's next instruction.
 */
	.globl	go_context_trap
go_context_trap:
	cli
	movq	$STACK_TOP(STACK_capture), %rsp
	.set	offset, TF_SIZE
	.rept	TF_SIZE / 8
	.set	offset, offset - 8
	pushq	offset(%rdi)
	.endr
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	pushfq
	orl	$TF_OF_RFLAGS, (%rsp)
	popfq				/* TF counts from the next one on */
	.globl	go_context_trap_iretq
go_context_trap_iretq:
	iretq

/*
 * run_context(ctx = %rdi, back = %rsi): go_context(ctx), after filling *back
 * so that go_context(back) returns from this call.
 */
	.globl	run_context
run_context:
	movq	%r15, TF_R15(%rsi)
	movq	%r14, TF_R14(%rsi)
	movq	%r13, TF_R13(%rsi)
	movq	%r12, TF_R12(%rsi)
	movq	%rbp, TF_RBP(%rsi)
	movq	%rbx, TF_RBX(%rsi)
	movq	(%rsp), %rax
	movq	%rax, TF_RIP(%rsi)
	leaq	8(%rsp), %rax
	movq	%rax, TF_RSP(%rsi)
	movl	%cs, %eax
	movq	%rax, TF_CS(%rsi)
	movl	%ss, %eax
	movq	%rax, TF_SS(%rsi)
	movq	$2, TF_RFLAGS(%rsi)
	jmp	go_context

	.section .note.GNU-stack, "", @progbits
