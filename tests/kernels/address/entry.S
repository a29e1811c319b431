/* SPDX-License-Identifier: MIT */
/*
 * address: a #DB that knows the window by address.  MOV SS holds a #DB off
 * until the first instruction of whatever SYSCALL or INT leads to, so it comes
 * in ring 0 with ring 3's base live (CVE-2018-8897).  The frame says ring 0;
 * where it says an address of this list, the base is ring 3's all the same.
 *
 * At a gate's first instructions the address does not tell: it is the frame
 * there, one further out, that does, and nothing has been pushed on it yet.
 */
#define USER_SS $0x23
#define USER_CS $0x2b
	.altmacro
	.macro	push_all
	push %rax; push %rbx; push %rcx; push %rdx; push %rsi; push %rdi
	push %rbp; push %r8; push %r9; push %r10; push %r11; push %r12
	push %r13; push %r14; push %r15
	.endm
	.macro	pop_all
	pop %r15; pop %r14; pop %r13; pop %r12; pop %r11; pop %r10; pop %r9
	pop %r8; pop %rbp; pop %rdi; pop %rsi; pop %rdx; pop %rcx; pop %rbx
	pop %rax
	.endm
	.macro	in_window from, to, then	/* RAX: the address */
	local	no
	lea	\from(%rip), %rcx
	cmp	%rcx, %rax
	jb	no
	lea	\to(%rip), %rcx
	cmp	%rcx, %rax
	jb	\then
no:
	.endm

	.text
	.globl	fast_call, trap_int80, trap_ud, trap_irq, trap_db
fast_call:
	swapgs
fast_call_in:
	mov	%rsp, %gs:0x18
	mov	%gs:0x10, %rsp
	push	USER_SS
	push	%gs:0x18
	push	%r11
	push	USER_CS
	push	%rcx
	push_all
	call	kernel_call
	mov	%rax, 112(%rsp)
	pop_all
	mov	(%rsp), %rcx
	shl	$16, %rcx
	sar	$16, %rcx
	cmp	(%rsp), %rcx
	jne	trap_user_out
	mov	16(%rsp), %r11
	mov	24(%rsp), %rsp
	swapgs
fast_out:
	sysretq
fast_out_end:

trap_heads:
trap_int80:
	testb	$3, 8(%rsp)
	jnz	trap_user
	jmp	trap_kernel
trap_ud:
	testb	$3, 8(%rsp)
	jnz	trap_user
	jmp	trap_kernel
trap_irq:
	testb	$3, 8(%rsp)
	jnz	trap_user
	jmp	trap_kernel
trap_heads_end:
trap_user:
	swapgs
trap_user_in:
	push_all
	cld
	call	kernel_trap
	pop_all
trap_user_out:
	swapgs
trap_iret:
	iretq
trap_iret_end:
trap_kernel:
	push_all
	cld
	call	kernel_trap
	pop_all
	iretq

trap_db:
	push_all
	cld
	xor	%ebx, %ebx
	testb	$3, 128(%rsp)
	jnz	trap_db_users
	mov	120(%rsp), %rax
	in_window fast_call, fast_call_in, trap_db_users
	in_window fast_out, fast_out_end, trap_db_users
	in_window trap_user, trap_user_in, trap_db_users
	in_window trap_iret, trap_iret_end, trap_db_users
	in_window trap_heads, trap_heads_end, trap_db_heads
	jmp	trap_db_work
trap_db_heads:
	mov	144(%rsp), %rcx		/* RSP: the gate's own frame */
	testb	$3, 8(%rcx)
	jz	trap_db_work
trap_db_users:
	inc	%ebx
	swapgs
trap_db_work:
	call	kernel_trap
	test	%ebx, %ebx
	jz	1f
	swapgs
1:	pop_all
	iretq

	.bss
	.balign	16
	.globl	pcpu, kstack_top, dbstack_top
pcpu:	.skip	32			/* at 10h our RSP, at 18h ring 3's */
	.skip	4096
kstack_top:
	.skip	4096
dbstack_top:
	.section .note.GNU-stack, "", @progbits
