/* SPDX-License-Identifier: MIT */
/* tinyos, invented as an example: a system call, an interrupt gate, an NMI. */
	.section .text.under_test, "ax"
	.globl	tinyos_syscall, tinyos_int80, tinyos_nmi, tinyos_cpu, tinyos_top
tinyos_syscall:				/* from ring 3: swaps always */
	swapgs
	movq	%rsp, %gs:8
	movq	%gs:16, %rsp
	pushq	%rcx
	pushq	%r11
	call	specimen_body		/* the kernel's work */
	popq	%r11
	popq	%rcx
	movl	%ecx, %ecx		/* SYSRETQ takes no address but one */
	movq	%gs:8, %rsp
	swapgs
	sysretq
tinyos_int80:				/* asks CS who has been interrupted */
	testb	$3, 8(%rsp)
	jz	1f
	swapgs
1:	call	specimen_body
	testb	$3, 8(%rsp)
	jz	2f
	swapgs
2:	iretq
tinyos_nmi:				/* asks nobody: saves GS, sets it */
	pushq	%rax
	rdgsbase %rax
	pushq	%rax
	movq	$tinyos_cpu, %rax
	wrgsbase %rax
	call	specimen_body
	popq	%rax
	wrgsbase %rax
	popq	%rax
	iretq
	.data
tinyos_cpu:				/* GS points here: user's RSP, ours */
	.quad	0, 0, tinyos_top
	.skip	4096
tinyos_top:
