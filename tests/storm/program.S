/* SPDX-License-Identifier: MIT */
/*
 * The storm's program in ring 3.  Round after round it draws a number, makes
 * of it a mark in every register, flags, sometimes TF and sometimes another GS
 * base, calls ring 0 by a way that is drawn as well, and compares what it got
 * back.  What is lost ends it at the gate, and USER_LOST says what it was.
 *
 * An event may come at any instruction here, too: it is one more that has to
 * give back all that it finds.
 */
#include "layout.h"
#include "msr.h"
#include "selectors.h"
#include "storm/user.h"
#include "vectors.h"

#define U(field) storm_user + USER_##field
#define UNMAPPED 0x20000000
#define TWO_TO_THE_5 0x1f	/* one time in 32 ... */
#define TF_DRAW 8		/* ... by the number's bits from there on */
#define BASE_DRAW 13
#define BASE_CHOICE 18
#define CALL_DRAW 58
#define FLAGS_DRAW 24

	/* Leaves the flags alone.  RAX: the mark itself. */
	.macro	LOAD_MARKS
	movq	U(MARK), %rax
	.set	n, 0
	.irp	r, rbx, rcx, rdx, rsi, rdi, rbp, \
			r8, r9, r10, r11, r12, r13, r14, r15
	.set	n, n + MARK_STEP
	leaq	n(%rax), %\r
	.endr
	.endm

	/* How a call is known: its vector, and the RIP of its frame. */
	.macro	CALL_BEGIN name, vector
	.globl	storm_\name
storm_\name:
	movl	$\vector, U(VECTOR)
	movq	$.L\name\()_at, U(RIP)
	.endm

	/* A trap, or a call: goes on where its frame says. */
	.macro	CALL name, vector, back, before, insn:vararg
	CALL_BEGIN \name, \vector
	\before
	\insn
.L\name\()_at:
	jmp	\back
	.endm

	/* A fault: goes on behind it. */
	.macro	FAULT name, vector, before, insn:vararg
	CALL_BEGIN \name, \vector
	movq	$.L\name\()_on, U(RESUME)
	\before
.L\name\()_at:
	\insn
.L\name\()_on:
	jmp	storm_back
	.endm

	.macro	NOTHING
	.endm
	/* Lands some instructions later: under TCG on the stub's first. */
	.macro	NMI
	movl	$ICR_NMI, STORM_ICR
	.endm

	.section .user.text, "ax"
	.code64
	.globl	storm_program
storm_program:
	movq	%rsp, U(RSP)
storm_next:
	cmpl	$0, U(STOP)
	jne	storm_over
	movq	U(SEED), %rax		/* xorshift64 */
	movq	%rax, %rcx
	shlq	$13, %rcx
	xorq	%rcx, %rax
	movq	%rax, %rcx
	shrq	$7, %rcx
	xorq	%rcx, %rax
	movq	%rax, %rcx
	shlq	$17, %rcx
	xorq	%rcx, %rax
	movq	%rax, U(SEED)
	movq	%rax, U(MARK)
	movq	%rax, -ZONE_WORD(%rsp)

	movq	%rax, %rcx
	shrq	$FLAGS_DRAW, %rcx
	andq	U(FLAGS_MASK), %rcx
	orq	$(FLAG_ONE | FLAG_IF), %rcx
	testl	$TWO_TO_THE_5 << TF_DRAW, %eax
	jnz	1f
	orq	U(TF), %rcx
1:	movq	%rcx, U(FLAGS)

	testl	$TWO_TO_THE_5 << BASE_DRAW, %eax
	jnz	2f
	cmpl	$0, U(FSGSBASE)
	je	2f
	movl	%eax, %ecx
	shrl	$BASE_CHOICE, %ecx
	andl	$STORM_BASES - 1, %ecx
	movq	U(BASES)(, %rcx, 8), %rcx
	movq	%rcx, U(GS_NEXT)
	wrgsbase %rcx
	movq	%rcx, U(GS)

2:	incl	U(MADE)
	shrq	$CALL_DRAW, %rax
	movq	U(CALLS)(, %rax, 8), %rax
	movq	%rax, U(CALL)
	LOAD_MARKS
	pushq	U(FLAGS)
	popfq
	jmp	*U(CALL)

/* --- the calls ------------------------------------------------------------ */
	.globl	storm_spin
storm_spin:				/* none: to be interrupted */
	pushfq
	incl	U(SERVED)
	.rept	8
	pause
	.endr
	popfq
	jmp	storm_back

	.globl	storm_page
storm_page:				/* none either: what was flushed? */
	pushfq
	movl	U(FLUSHED), %ecx
	movl	VA_STORM_PAGE, %eax
	subl	%ecx, %eax
	js	storm_lost_page		/* by a stale translation */
	movq	U(MARK), %rax
	leaq	(2 * MARK_STEP)(%rax), %rcx
	incl	U(SERVED)
	popfq
	jmp	storm_back

	CALL	syscall, VEC_SYSCALL64, storm_back_syscall, NOTHING, syscall
	CALL	syscall_nmi, VEC_SYSCALL64, storm_back_syscall, NMI, syscall
	CALL	int80, VEC_int80, storm_back, NOTHING, int $0x80
	CALL	int80_nmi, VEC_int80, storm_back, NMI, int $0x80
	CALL	int3, VEC_bp, storm_back, NOTHING, int3
	CALL	lcall, VEC_CALLGATE, storm_back, NOTHING, lcall *U(FAR)

	CALL_BEGIN syscall_irq, VEC_SYSCALL64
	movl	U(IRQ), %ecx
	movl	%ecx, STORM_ICR
	syscall
.Lsyscall_irq_at:
	jmp	storm_back_syscall

	CALL_BEGIN int80_irq, VEC_int80
	movl	U(IRQ), %eax
	movl	%eax, STORM_ICR
	movq	U(MARK), %rax
	int	$0x80
.Lint80_irq_at:
	jmp	storm_back

	CALL_BEGIN int80_spoilt, VEC_int80
	movl	$1, U(SPOIL)
	int	$0x80
.Lint80_spoilt_at:
	jmp	storm_back

	FAULT	de, VEC_de, NOTHING, divl U(ZERO)
	FAULT	ud, VEC_ud, NOTHING, ud2
	FAULT	np, VEC_np, NOTHING, movw U(ABSENT), %es
	FAULT	ss, VEC_ss, NOTHING, movw U(ABSENT), %ss
	FAULT	gp, VEC_gp, NOTHING, hlt
	FAULT	pf, VEC_pf, NOTHING, movl UNMAPPED, %eax
	FAULT	pf_nmi, VEC_pf, NMI, movl UNMAPPED, %eax

	.macro	COMPAT_BEGIN name, vector
	CALL_BEGIN \name, \vector
	pushq	$SEL_USER_CS32
	pushq	$1f
	lretq
	.code32
1:
	.endm
	.macro	COMPAT_END name, back
.L\name\()_at:
	ljmp	$SEL_USER_CS64, $\back
	.code64
	.endm

	COMPAT_BEGIN int80_compat, VEC_int80
	int	$0x80
	COMPAT_END int80_compat, storm_back_compat

	COMPAT_BEGIN syscall_compat, VEC_SYSCALL32
	syscall
	COMPAT_END syscall_compat, storm_back_fast

	COMPAT_BEGIN sysenter_compat, VEC_SYSENTER
	movl	%esp, %ecx
	movl	$.Lsysenter_compat_at, %edx
	sysenter
	COMPAT_END sysenter_compat, storm_back_fast

	COMPAT_BEGIN sysenter_nmi, VEC_SYSENTER
	movl	%esp, %ecx
	movl	$.Lsysenter_nmi_at, %edx
	movl	$ICR_NMI, %ss:STORM_ICR	/* DS is null */
	sysenter
	COMPAT_END sysenter_nmi, storm_back_fast

/* --- and back ------------------------------------------------------------- */
	/* The flags as they are, for later; TF and DF off. */
	.macro	KEEP_FLAGS
	pushfq
	pushq	$(FLAG_ONE | FLAG_IF)
	popfq
	.endm

storm_back_fast:			/* ECX and EDX are the call's own */
	KEEP_FLAGS
	movl	U(MARK), %ecx
	leal	(3 * MARK_STEP)(%rcx), %edx
	leal	(2 * MARK_STEP)(%rcx), %ecx
	jmp	1f
storm_back_compat:			/* 64-bit code's halves are nobody's */
	KEEP_FLAGS
1:	cmpl	U(MARK), %eax
	jne	storm_lost_register
	.set	n, 0
	.irp	r, bx, cx, dx, si, di, bp
	.set	n, n + MARK_STEP
	leal	-n(%r\r), %e\r
	cmpl	U(MARK), %e\r
	jne	storm_lost_register
	.endr
	jmp	2f

storm_back_syscall:
	KEEP_FLAGS
	cmpq	U(RIP), %rcx
	jne	storm_lost_return
	movq	U(MARK), %rcx
	leaq	(10 * MARK_STEP)(%rcx), %r11
	leaq	(2 * MARK_STEP)(%rcx), %rcx
	jmp	1f
storm_back:
	KEEP_FLAGS
1:	cmpq	U(MARK), %rax
	jne	storm_lost_register
	.set	n, 0
	.irp	r, rbx, rcx, rdx, rsi, rdi, rbp, \
			r8, r9, r10, r11, r12, r13, r14, r15
	.set	n, n + MARK_STEP
	leaq	-n(%\r), %\r
	cmpq	U(MARK), %\r
	jne	storm_lost_register
	.endr

2:	popq	%rax
	cmpq	U(RSP), %rsp
	jne	storm_lost_rsp
	xorq	U(FLAGS), %rax
	testq	U(FLAGS_MASK), %rax
	jnz	storm_lost_flag
	testl	$FLAG_IF, %eax
	jnz	storm_lost_flag
	movq	U(MARK), %rax
	cmpq	%rax, -ZONE_WORD(%rsp)
	jne	storm_lost_zone
	movl	U(MADE), %eax
	cmpl	U(SERVED), %eax
	jne	storm_lost_call
	cmpl	$0, U(FSGSBASE)
	je	3f
	rdgsbase %rax
	cmpq	U(GS), %rax
	jne	storm_lost_gs
	jmp	storm_next
3:	cmpq	$0, U(GS)
	je	storm_next
	movq	%gs:DECOY_WORD, %rax
	cmpq	U(GS), %rax
	je	storm_next

	.macro	LOST what, code
storm_lost_\what:
	movl	$\code, U(LOST)
	jmp	storm_over
	.endm
	LOST	gs, LOST_GS
	LOST	register, LOST_REGISTER
	LOST	flag, LOST_FLAG
	LOST	rsp, LOST_RSP
	LOST	zone, LOST_ZONE
	LOST	return, LOST_RETURN
	LOST	call, LOST_CALL
	LOST	page, LOST_PAGE
storm_over:
	int	$VEC_gate
	ud2

	.section .note.GNU-stack, "", @progbits
