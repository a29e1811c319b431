/* SPDX-License-Identifier: MIT */
/*
 * linux: SYSCALL and SYSENTER.  They are instructions of ring 3's: always.
 *
 * A file that wants them to swap otherwise defines SPECIMEN and how, and
 * includes this one (see ../self-test/twice).
 */
/*
 * What stands elsewhere: PUSH_CALL_FRAME builds the frame that these push
 * none of, a struct trapframe as behind a gate (../stub.inc); PERCPU_x lies at
 * the kernel's GS base (entry/percpu.h).  specimen_handle(frame) is the C side
 * (entry/body.S), whose answer says how to leave (entry/leave.h): linux_leave,
 * in gates.S, does it by IRETQ.
 */
#undef linux /* GNU predefines it as 1 */
#ifndef SPECIMEN
#define SPECIMEN linux
#endif
#ifndef CALL_ENTER
#define CALL_ENTER GS_ENTER_ALWAYS
#endif
#ifndef CALL_EXIT
#define CALL_EXIT GS_EXIT_ALWAYS
#endif
#include "leave.h"
#include "stub.inc"

	.section .text.under_test, "ax"
/* --- SYSCALL from 64-bit code ------------------------------------------- */
/*
 * RCX = return RIP, R11 = RFLAGS, RSP still the user's; FMASK cleared IF.
 *
 * A published limit: what SYSRETQ gets in RCX is not looked at.  The kernel of
 * 2011 had C ask for IRETQ where a frame was changed (int_ret_from_sys_call in
 * entry_64.S), and kept the page below the first address that is none from ring
 * 3.  What forgot either was CVE-2012-0217, of others' kernels, and
 * CVE-2014-4699, of its own; ../linux-modern looks.
 */
	.balign	16
GLOBAL(syscall64)
	CALL_ENTER			/* must be first: %gs is the user's */
	movq	%rsp, %gs:PERCPU_USER_RSP
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_CALL_FRAME VEC_SYSCALL64, SEL_USER_CS64
	movq	%rsp, %rdi
	call	specimen_handle
	cmpl	$LEAVE_BY_IRETQ, %eax
	je	linux_leave		/* IRETQ restores RCX and R11, too */
	POP_REGS
	movq	32(%rsp), %r11		/* rflags */
	movq	16(%rsp), %rcx		/* rip */
	movq	40(%rsp), %rsp		/* the user's, in ring 0: no gate may */
GLOBAL(sysretq_exit)			/* use it, hence the IST stacks */
	CALL_EXIT
GLOBAL(sysretq)				/* must be last: %gs is the user's */
	sysretq

/* --- SYSCALL from compatibility mode (where the vendor has it) ---------- */
	.balign	16
GLOBAL(syscall32)
	CALL_ENTER			/* must be first */
	movl	%esp, %esp		/* the upper half is not the user's */
	movq	%rsp, %gs:PERCPU_USER_RSP
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_CALL_FRAME VEC_SYSCALL32, SEL_USER_CS32
	movq	%rsp, %rdi
	call	specimen_handle
	POP_REGS
	movq	32(%rsp), %r11
	movl	16(%rsp), %ecx
	movl	40(%rsp), %esp
	CALL_EXIT
	sysretl

/* --- SYSENTER ------------------------------------------------------------ */
/* RSP is the kernel's, from the MSR.  The processor saves nothing: by our
 * convention EDX holds the return address and ECX the stack, as SYSEXIT wants
 * them back.  Only IF was cleared: DF may be set. */
	.balign	16
GLOBAL(sysenter)
	CALL_ENTER			/* must be first */
	pushq	$SEL_USER_SS
	pushq	%rcx
	pushfq
	orq	$FLAG_IF, (%rsp)	/* IF was on: this came from ring 3 */
	cld
	pushq	$SEL_USER_CS32
	pushq	%rdx
	pushq	$0
	pushq	$VEC_SYSENTER
	PUSH_REGS
	movq	%rsp, %rdi
	call	specimen_handle
	cmpl	$LEAVE_BY_IRETQ, %eax
	je	linux_leave
	testl	%eax, %eax
	POP_REGS			/* leaves the flags alone */
	popq	%rdx			/* vector, error code: dropped */
	popq	%rdx
	popq	%rdx			/* rip */
	jnz	1f
	popq	%rcx			/* cs */
	btrq	$9, (%rsp)		/* IF stays off until STI */
	popfq
	popq	%rcx			/* rsp */
	CALL_EXIT
	sti				/* its shadow covers SYSEXIT */
	sysexitl
1:	popq	%rcx
	btrq	$9, (%rsp)
	popfq
	popq	%rcx
	CALL_EXIT
	sti
	sysexitq

	.section .note.GNU-stack, "", @progbits
