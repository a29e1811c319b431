/* SPDX-License-Identifier: MIT */
/*
 * freebsd: SYSCALL and the load of GS.
 *
 * SYSCALL turns interrupts on as soon as it has its stack, and off again
 * before the way out: they find the kernel's base either way.  A return
 * address outside the user's half goes out by IRETQ (FreeBSD-SA-12:04).
 */
#define SPECIMEN freebsd
#include "leave.h"
#include "stub.inc"

#define USER_ADDRESS_BITS 47

	.section .text.under_test, "ax"
	.balign	16
GLOBAL(syscall64)
	GS_ENTER_ALWAYS			/* must be first: %gs is the user's */
	movq	%rsp, %gs:PERCPU_USER_RSP
	movq	%gs:PERCPU_KERNEL_RSP, %rsp
	PUSH_CALL_FRAME VEC_SYSCALL64, SEL_USER_CS64
	sti
	movq	%rsp, %rdi
	call	specimen_handle
	cli
	cmpl	$LEAVE_BY_IRETQ, %eax
	je	S(leave)
	movq	TF_RIP(%rsp), %rcx
	shrq	$USER_ADDRESS_BITS, %rcx
	jnz	S(leave)
	POP_REGS
	movq	16(%rsp), %rcx		/* rip */
	movq	32(%rsp), %r11		/* rflags */
	movq	40(%rsp), %rsp		/* the user's, in ring 0: IST only */
	GS_EXIT_ALWAYS
GLOBAL(sysretq)				/* must be last: %gs is the user's */
	sysretq

/*
 * Sets the user's GS selector (EDI) and its base, without a SWAPGS: the load
 * spoils the kernel's base, which is put back from registers.  A load that
 * faults spoils nothing, and an NMI in between finds its base on its stack.
 */
	.balign	16
GLOBAL(load_gs)
	pushfq
	cli				/* an IRQ would trust the frame */
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	movl	%eax, %esi
	movl	%edx, %r8d
GLOBAL(ld_gs)
	movl	%edi, %gs
	rdmsr				/* the selector's base: the user's */
	xchgl	%eax, %esi
	xchgl	%edx, %r8d
	wrmsr
	movl	$MSR_KERNEL_GS_BASE, %ecx
	movl	%esi, %eax
	movl	%r8d, %edx
	wrmsr
GLOBAL(gs_loaded)
	popfq
	ret

	.section .note.GNU-stack, "", @progbits
