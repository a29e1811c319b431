/* SPDX-License-Identifier: MIT */
/*
 * linux: every gate, as the x86-64 kernel's entry document of 2011 describes
 * them.  Nothing is recorded here; the C side, specimen_handle(), looks at what
 * the stub has done and judges.
 *
 *	gates without IST	by-cs	the frame is proof: nothing can come
 *					between a ring-3 entry and its SWAPGS
 *	NMI, #MC, #DB, #DF	by-sign	they can: only the MSR is proof
 *
 * The document leaves out two exceptions that the kernel's code had already:
 * its IRETQ and its load of the user's GS run on the user's base, and fault
 * when ring 3 had a bad frame or selector put there.  By-cs knows both by
 * address.  (In 2011 #SS still had an IST stack and did not: CVE-2014-9322.
 * Here it has not.)
 *
 * Published limits: a user's base that is negative, which nobody could have
 * before FSGSBASE, fools by-sign; and a second event on the same IST stack
 * overwrites the first one's frame (the kernel moved #DB's stack meanwhile,
 * and learnt to nest NMIs in 2012: see ../linux-modern).
 */
/*
 * What stands elsewhere: S(x) is linux_x and GLOBAL(x) such a label for others
 * (../stub.inc, where also LOAD_GS is: the kernel's routine that loads the
 * user's GS selector, with gs_change and gs_bad).  PUSH_REGS, POP_REGS and the
 * offsets TF_x make struct trapframe (include/trapframe.h).  GATE is used for
 * each line of entry/vectors.def, whose rule is the gate_ that it goes on to.
 * specimen_handle(frame) is the C side (entry/body.S): what a kernel would do
 * there, and what judges this stub.  It may change the frame.
 */
#undef linux /* GNU predefines it as 1 */
#define SPECIMEN linux
#include "stub.inc"

	.section .text.under_test, "ax"
gate_BY_CS:
	PUSH_REGS
	cld
	testb	$3, TF_CS(%rsp)
	jz	S(from_kernel)
S(from_user):
	GS_ENTER_ALWAYS
S(work):
	movq	%rsp, %rdi
	call	specimen_handle
GLOBAL(leave)
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	GS_EXIT_BY_CS 0
GLOBAL(iretq)
	iretq

S(from_kernel):
	leaq	S(iretq)(%rip), %rcx
	cmpq	%rcx, TF_RIP(%rsp)
	je	S(from_user)		/* and back to bad_iret */
	leaq	S(gs_change)(%rip), %rcx
	cmpq	%rcx, TF_RIP(%rsp)
	je	S(from_user)		/* and back to gs_bad */
	jmp	S(work)

/* Where the kernel's table sends the fault of the IRETQ, on the kernel's base;
 * RSP is at the frame that it would not take.  Once more, as ring 3's #GP. */
GLOBAL(bad_iret)
	GS_EXIT_ALWAYS
	pushq	$0
	pushq	$VEC_gp
	jmp	gate_BY_CS

	LOAD_GS

gate_BY_SIGN:
	PUSH_REGS
	cld
	GS_ENTER_BY_SIGN
	movq	%rsp, %rdi
	call	specimen_handle
	GS_EXIT_BY_SIGN
	POP_REGS
	addq	$16, %rsp
	jmp	S(iretq)

	.macro	GATE label, number, error_code, rule
	.balign	16
	.ifnb	\label
	.globl	\label
\label:
	.endif
1:
	.if	!\error_code
	pushq	$0
	.endif
	pushq	$\number
	jmp	gate_\rule
	.section .rodata
	.quad	1b
	.section .text.under_test, "ax"
	.endm

	/* The table that makes the IDT, written by the stubs' own macro. */
	.section .rodata
	.balign	8
GLOBAL(gates)
	.section .text.under_test, "ax"
#define EXCEPTION(number, id, mnemonic, class, error_code, ist, rule)          \
	GATE S(id), number, error_code, rule;
#include "vectors.def"
	/* The interrupt array: one stub a vector, one handler for all. */
	.set	number, VEC_FIRST_IRQ
	.rept	VECTORS - VEC_FIRST_IRQ
	.if	number == VEC_int80
	GATE	S(int80), number, 0, BY_CS
	.elseif	number == VEC_WINDOW_IRQ
	GATE	S(irq), number, 0, BY_CS
	.else
	GATE	, number, 0, BY_CS
	.endif
	.set	number, number + 1
	.endr

	.section .note.GNU-stack, "", @progbits
