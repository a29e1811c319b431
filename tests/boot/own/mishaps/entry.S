/* SPDX-License-Identifier: MIT */
/*
 * Stubs with a mishap each, for test_window.py: each must cost its own cells
 * of the table, and no other.
 *
 *	SYSCALL, #DB	none
 *	INT 0x80	restarts the machine, if it comes from ring 0
 *	NMI		spins, if it comes behind SYSCALL's SWAPGS: nothing
 *			ends that but a reset from outside
 *	#MC		halts there, with interrupts off: the watchdog ends it
 *	an interrupt	calls nobody, and leaves the APIC waiting for its EOI
 */
	.macro	SAVE_SET
	pushq	%rax
	rdgsbase %rax
	pushq	%rax
	movq	$mishaps_cpu, %rax
	wrgsbase %rax
	call	specimen_body
	popq	%rax
	wrgsbase %rax
	popq	%rax
	iretq
	.endm

	.section .text.under_test, "ax"
	.globl	mishaps_syscall, mishaps_int80, mishaps_db, mishaps_nmi
	.globl	mishaps_mc, mishaps_irq, mishaps_cpu, mishaps_top
mishaps_syscall:
	swapgs
swapped:
	movq	%rsp, %gs:8
	movq	%gs:16, %rsp
	pushq	%rcx
	pushq	%r11
	call	specimen_body
	popq	%r11
	popq	%rcx
	movq	%gs:8, %rsp
	swapgs
	sysretq
mishaps_int80:
	testb	$3, 8(%rsp)
	jz	1f
	swapgs
	call	specimen_body
	swapgs
	iretq
1:	pushq	$0
	pushq	$0
	lidt	(%rsp)
	ud2
mishaps_db:
	SAVE_SET
mishaps_nmi:
	cmpq	$swapped, (%rsp)
1:	je	1b
	SAVE_SET
mishaps_mc:
	cmpq	$swapped, (%rsp)
	je	1f
	SAVE_SET
1:	cli
	hlt
	jmp	1b
mishaps_irq:
	iretq

	.data
mishaps_cpu:
	.quad	0, 0, mishaps_top
	.skip	4096
mishaps_top:
