/* SPDX-License-Identifier: MIT */
/*
 * Entries and exits that differ in one thing each, for cost_ways.c: a frame
 * with every register, the decision, and nothing in between.
 */
#define SPECIMEN cost
#include "stub.inc"

#define TWO_BYTES 2		/* UD2, the MOV that faults: go on behind it */
#define PCID_USER_BIT 0		/* the kernel's PCID is 0, the user's is 1 */
#define CR3_KEEP_TLB_BIT 63

	.section .text.under_test, "ax"

/* --- SYSCALL -------------------------------------------------------------- */
	.macro	NO_CR3 scratch, side
	.endm
/* Without PCID, MOV to CR3 drops the TLB; here both tables are the same. */
	.macro	CR3 scratch, side
	movq	%cr3, \scratch
	movq	\scratch, %cr3
	.endm
	.macro	CR3_PCID scratch, side
	movq	%cr3, \scratch
	.ifc	\side, enter
	btrq	$PCID_USER_BIT, \scratch
	.else
	btsq	$PCID_USER_BIT, \scratch
	.endif
	btsq	$CR3_KEEP_TLB_BIT, \scratch
	movq	\scratch, %cr3
	.endm

	.macro	SYSCALL_STUB name, leave, cr3=NO_CR3, fence=
	.balign	64
	.globl	\name
\name:
	GS_ENTER_ALWAYS
	\fence
	movq	%rsp, %gs:PERCPU_USER_RSP
	\cr3	%rsp, enter
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_CALL_FRAME VEC_SYSCALL64, SEL_USER_CS64
	\cr3	%rax, leave
	POP_REGS
	.ifc	\leave, sysretq
	movq	40(%rsp), %rsp		/* RCX and R11 are still the call's */
	.else
	addq	$16, %rsp
	.endif
	GS_EXIT_ALWAYS
	\leave
	.endm

	SYSCALL_STUB cost_sysretq, sysretq
	SYSCALL_STUB cost_iretq, iretq
	SYSCALL_STUB cost_fenced, sysretq, fence=lfence
	SYSCALL_STUB cost_cr3, sysretq, CR3
	SYSCALL_STUB cost_pcid, sysretq, CR3_PCID

/* --- SYSENTER and the call gate ------------------------------------------- */
/* EDX: the return address; ECX: the stack. */
	.balign	64
GLOBAL(sysenter)
	GS_ENTER_ALWAYS
	pushq	$SEL_USER_SS
	pushq	%rcx
	pushfq
	pushq	$SEL_USER_CS64
	pushq	%rdx
	pushq	$0
	pushq	$VEC_SYSENTER
	PUSH_REGS
	POP_REGS
	GS_EXIT_ALWAYS
	sti
	sysexitq

	.balign	64
GLOBAL(callgate)
	GS_ENTER_ALWAYS
	pushfq
	cli
	PUSH_REGS
	POP_REGS
	btrq	$9, (%rsp)
	popfq
	GS_EXIT_ALWAYS
	sti
	lretq

/* --- Gates ---------------------------------------------------------------- */
	.macro	GATE_STUB name, rule, error_code=0, skip=0, fence=
	.balign	64
	.globl	\name
\name:
	.if	!\error_code
	pushq	$0
	.endif
	pushq	$0
	PUSH_REGS
	cld
	GS_ENTER_\rule TF_RIP
	\fence
	.if	\skip
	addq	$\skip, TF_RIP(%rsp)
	.endif
	GS_EXIT_\rule TF_RIP
	POP_REGS
	addq	$16, %rsp
	iretq
	.endm

	GATE_STUB cost_by_cs, BY_CS
	GATE_STUB cost_by_cs_fenced, BY_CS, fence=lfence
	GATE_STUB cost_by_sign, BY_SIGN
	GATE_STUB cost_save_set, SAVE_SET
	GATE_STUB cost_stored, STORED
	GATE_STUB cost_ud, BY_CS, 0, TWO_BYTES
	GATE_STUB cost_pf, BY_CS, 1, TWO_BYTES

	.section .note.GNU-stack, "", @progbits
