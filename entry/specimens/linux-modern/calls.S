/* SPDX-License-Identifier: MIT */
/*
 * linux-modern: SYSCALL and SYSENTER.  All of them swap first: SYSCALL is an
 * instruction of ring 3's, whatever else may have gone wrong.
 *
 * The way out is SYSRETQ only where it does what IRETQ would do: it takes RIP
 * from RCX and RFLAGS from R11, knows two selectors, and on Intel's processors
 * an RCX that is not canonical faults in ring 0, on the user's stack and base
 * (CVE-2012-0217).  A frame that was changed on the way goes out by IRETQ.
 */
#define SPECIMEN linux_modern
#include "leave.h"
#include "stub.inc"

#define CANONICAL_SHIFT 16	/* 48-bit addresses; others go by IRETQ, too */

	.section .text.under_test, "ax"
	.balign	16
GLOBAL(syscall64)
	GS_ENTER_ALWAYS			/* must be first: %gs is the user's */
	movq	%rsp, %gs:PERCPU_USER_RSP
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_CALL_FRAME VEC_SYSCALL64, SEL_USER_CS64
	movq	%rsp, %rdi
	call	specimen_handle		/* may change the frame, as ptrace */
	cmpl	$LEAVE_BY_IRETQ, %eax
	je	S(leave)

	movq	TF_RCX(%rsp), %rcx
	movq	TF_R11(%rsp), %r11
	cmpq	TF_RIP(%rsp), %rcx
	jne	S(leave)
	cmpq	TF_RFLAGS(%rsp), %r11
	jne	S(leave)
	cmpq	$SEL_USER_CS64, TF_CS(%rsp)
	jne	S(leave)
	cmpq	$SEL_USER_SS, TF_SS(%rsp)
	jne	S(leave)
	testl	$(FLAG_RF | FLAG_TF), %r11d
	jnz	S(leave)		/* SYSRETQ clears RF; TF traps late */
	movq	%rcx, %rax
	shlq	$CANONICAL_SHIFT, %rax
	sarq	$CANONICAL_SHIFT, %rax
	cmpq	%rcx, %rax
	jne	S(leave)
	POP_REGS			/* RCX and R11 among them */
	movq	40(%rsp), %rsp		/* the user's, in ring 0: IST only */
GLOBAL(sysretq_exit)
	GS_EXIT_ALWAYS
GLOBAL(sysretq)				/* must be last: %gs is the user's */
	sysretq

/* From compat mode, on AMD's: RSP's upper half is not the user's. */
	.balign	16
GLOBAL(syscall32)
	GS_ENTER_ALWAYS			/* must be first */
	movl	%esp, %esp
	movq	%rsp, %gs:PERCPU_USER_RSP
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_CALL_FRAME VEC_SYSCALL32, SEL_USER_CS32
	call	specimen_body
S(to_compat):
	POP_REGS
	movl	16(%rsp), %ecx		/* rip */
	movq	32(%rsp), %r11		/* rflags */
	movq	40(%rsp), %rsp
	GS_EXIT_ALWAYS
	sysretl

/*
 * From compat mode, on Intel's: RSP is the kernel's, from the MSR, nothing is
 * saved, and IF alone was cleared.  Our convention: EDX is the return address,
 * ECX the stack.  NT would make the kernel's own IRETQ fault, and TF has made
 * it single-step: off with both.  SYSRETL is the way out, as from SYSCALL.
 */
	.balign	16
GLOBAL(sysenter)
	GS_ENTER_ALWAYS			/* must be first */
	pushq	$SEL_USER_SS
	pushq	%rcx
	pushfq
	pushq	$SEL_USER_CS32
	pushq	%rdx
	pushq	$0
	pushq	$VEC_SYSENTER
	PUSH_REGS
	cld
	testl	$(FLAG_NT | FLAG_TF | FLAG_AC), TF_RFLAGS(%rsp)
	jz	1f
	pushq	$FLAG_ONE
	popfq
1:	orl	$FLAG_IF, TF_RFLAGS(%rsp)	/* it was on in ring 3 */
	call	specimen_body
	jmp	S(to_compat)

	.section .note.GNU-stack, "", @progbits
