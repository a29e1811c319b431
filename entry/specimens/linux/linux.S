/* SPDX-License-Identifier: MIT */
/*
 * The linux specimen: entry and exit stubs as the x86-64 kernel's entry
 * document of 2011 describes them.  Nothing is recorded here; the C side,
 * specimen_handle(), looks at what the stub has done and judges.
 *
 *	SYSCALL, SYSENTER	always	they come from ring 3 by construction
 *	gates without IST	by-cs	the frame is proof: nothing can have
 *					come between a ring-3 entry and its SWAPGS
 *	NMI, #MC, #DB, #DF	by-sign	they can: only the MSR is proof
 *
 * A file that wants one thing done differently defines SPECIMEN and that
 * macro, and includes this one (see ../bycs).
 */
#include "frame.inc"
#include "gs.inc"
#include "leave.h"
#include "percpu.h"
#include "selectors.h"
#include "vectors.h"

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
#ifndef PARANOID_ENTER
#define PARANOID_ENTER GS_ENTER_BY_SIGN
#endif
#ifndef PARANOID_EXIT
#define PARANOID_EXIT GS_EXIT_BY_SIGN
#endif

#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define S(name) PASTE(SPECIMEN, name)
#define GLOBAL(name) .globl S(name); S(name):

	.section .text.under_test, "ax"
/* --- SYSCALL from 64-bit code ------------------------------------------- */
/* RCX = return RIP, R11 = RFLAGS, RSP still the user's; FMASK cleared IF. */
	.balign	16
GLOBAL(syscall64)
	CALL_ENTER			/* must be first: %gs is the user's */
	movq	%rsp, %gs:PERCPU_USER_RSP
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	pushq	$SEL_USER_SS
	pushq	%gs:PERCPU_USER_RSP
	pushq	%r11
	pushq	$SEL_USER_CS64
	pushq	%rcx
	pushq	$0
	pushq	$VEC_SYSCALL64
	PUSH_REGS
	movq	%rsp, %rdi
	call	specimen_handle
	cmpl	$LEAVE_BY_IRETQ, %eax
	je	call_leaves_by_iretq
	POP_REGS
	movq	32(%rsp), %r11		/* rflags */
	movq	16(%rsp), %rcx		/* rip */
	movq	40(%rsp), %rsp		/* the user's, in ring 0: no gate may */
GLOBAL(sysretq_exit)			/* use it, hence the IST stacks */
	CALL_EXIT
GLOBAL(sysretq)				/* must be last: %gs is the user's */
	sysretq

/* IRETQ restores RCX and R11 too: the way back for a changed context. */
call_leaves_by_iretq:
	POP_REGS
	addq	$16, %rsp
	CALL_EXIT
	iretq

/* --- SYSCALL from compatibility mode (where the vendor has it) ---------- */
	.balign	16
GLOBAL(syscall32)
	CALL_ENTER			/* must be first */
	movl	%esp, %esp		/* the upper half is not the user's */
	movq	%rsp, %gs:PERCPU_USER_RSP
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	pushq	$SEL_USER_SS
	pushq	%gs:PERCPU_USER_RSP
	pushq	%r11
	pushq	$SEL_USER_CS32
	pushq	%rcx
	pushq	$0
	pushq	$VEC_SYSCALL32
	PUSH_REGS
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
	orq	$0x200, (%rsp)		/* IF was on: this came from ring 3 */
	cld
	pushq	$SEL_USER_CS32
	pushq	%rdx
	pushq	$0
	pushq	$VEC_SYSENTER
	PUSH_REGS
	movq	%rsp, %rdi
	call	specimen_handle
	cmpl	$LEAVE_BY_IRETQ, %eax
	je	call_leaves_by_iretq
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

/* --- Gates ---------------------------------------------------------------- */
gate_BY_CS:
	PUSH_REGS
	cld
	GS_ENTER_BY_CS TF_CS
	movq	%rsp, %rdi
	call	specimen_handle
	GS_EXIT_BY_CS TF_CS
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
	iretq

gate_BY_SIGN:
	PUSH_REGS
	cld
	PARANOID_ENTER
	movq	%rsp, %rdi
	call	specimen_handle
	PARANOID_EXIT
	POP_REGS
	addq	$16, %rsp
	iretq

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

	/* The table that the IDT is made of, written by the stubs' own macro. */
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
