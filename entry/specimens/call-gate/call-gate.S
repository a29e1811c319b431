/* SPDX-License-Identifier: MIT */
/*
 * call-gate: a kernel that is called through a call gate, and what that does
 * to its other entries.
 *
 * The processor switches to RSP0 and pushes SS, RSP, CS and RIP, but RFLAGS
 * stay as they are: IF is still on.  So SWAPGS must be the first instruction,
 * and even then an interrupt may come before it, with a frame that says ring 0
 * and the user's base live.  The way out has the mirror of it: LRETQ restores
 * no RFLAGS, so IF must be on before it.  STI's shadow covers it on silicon,
 * but nothing else does.
 *
 * Both instructions are known by address, and every gate here compares its RIP
 * with them (and with its own IRETQ, which may fault on the user's base).
 * NMI, #MC and #DB may land anywhere: save-set.
 */
#define SPECIMEN call_gate
#include "stub.inc"

	.section .text.under_test, "ax"
	.balign	16
GLOBAL(entry)
	GS_ENTER_ALWAYS			/* must be first; is still too late */
GLOBAL(entered)
	pushfq
	cli
	cld
	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11
	pushq	%\r
	.endr
	call	specimen_body
	.irp	r, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
	popq	%\r
	.endr
	btrq	$9, (%rsp)		/* IF comes back last */
	popfq
	GS_EXIT_ALWAYS
	sti				/* changes no other flag */
GLOBAL(lretq)
	lretq

	STUB	S(ud), VEC_ud, 0, S(gate)
	STUB	S(np), VEC_np, 1, S(gate)
	STUB	S(ss), VEC_ss, 1, S(gate)
	STUB	S(gp), VEC_gp, 1, S(gate)
	STUB	S(pf), VEC_pf, 1, S(gate)
	STUB	S(int80), VEC_int80, 0, S(gate)
	STUB	S(irq), VEC_WINDOW_IRQ, 0, S(gate)

	.balign	16
S(gate):
	PUSH_REGS
	cld
	movl	$1, %ebx		/* kernel's: leave it as it is */
	testb	$3, TF_CS(%rsp)
	jnz	S(users)
	GS_IF_AT S(entry), TF_RIP, S(users)
	GS_IF_AT S(lretq), TF_RIP, S(users)
	GS_IF_AT S(iretq), TF_RIP, S(bad_iret)
S(work):
	call	specimen_body
	GS_EXIT_BY_SIGN			/* by EBX: CS does not tell, either */
	POP_REGS
	addq	$16, %rsp		/* vector, error code */
GLOBAL(iretq)
	iretq

S(bad_iret):				/* the frame not taken was ring 3's */
	movq	TF_RSP(%rsp), %rcx
	.irp	word, 0, 8, 16, 24, 32
	pushq	\word(%rcx)
	popq	TF_RIP + \word(%rsp)
	.endr
S(users):
	xorl	%ebx, %ebx
	GS_ENTER_ALWAYS
	jmp	S(work)

	STUB	S(db), VEC_db, 0, S(paranoid)
	STUB	S(nmi), VEC_nmi, 0, S(paranoid)
	STUB	S(mc), VEC_mc, 0, S(paranoid)

	.balign	16
S(paranoid):
	PUSH_REGS
	cld
	GS_ENTER_PARANOID
	call	specimen_body
	GS_EXIT_PARANOID
	POP_REGS
	addq	$16, %rsp
	jmp	S(iretq)

	.section .note.GNU-stack, "", @progbits
