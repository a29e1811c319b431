/* SPDX-License-Identifier: MIT */
/*
 * core_entry: the first instructions of the core.  efi/before/switch.S jumps
 * here on cr3_rt with interrupts off.  Nothing inherited is trusted: every
 * control register is written whole, not or-ed.
 */
#include "handoff.h"
#include "msr.h"
#include "selectors.h"
#include "stacks.h"

	.text
	.globl	core_entry
core_entry:
	movq	$STACK_TOP(STACK_boot), %rsp

	/* CR0: WP makes ring 0 respect read-only pages; NE reports #MF as an
	 * exception; TS, EM, AM off; caches on. */
	movl	$(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_WP), %eax
	btsl	$31, %eax		/* PG */
	movq	%rax, %cr0

	/* CR4: LA57 cannot be changed in long mode, so it alone is kept.
	 * PGE, PCIDE, SMEP, SMAP, UMIP, CET, FSGSBASE: off. */
	movq	%cr4, %rax
	andl	$CR4_LA57, %eax
	orl	$(CR4_DE | CR4_PAE | CR4_MCE | CR4_OSFXSR | \
			CR4_OSXMMEXCPT), %eax
	movq	%rax, %cr4

	/* EFER: SCE on; NXE as efi/before/switch.S left it; all else off. */
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$EFER_NXE, %eax
	orl	$(EFER_SCE | EFER_LME | EFER_LMA), %eax
	xorl	%edx, %edx
	wrmsr

	/* PAT: entry 1 write-combining, for the framebuffer; the others as
	 * after reset. */
	movl	$0x277, %ecx
	movl	$0x00070106, %eax
	movl	$0x00070406, %edx
	wrmsr

	call	gdt_fill
	lgdt	gdt_pointer(%rip)
	pushq	$SEL_KERNEL_CS
	pushq	$1f
	lretq
1:	movl	$SEL_KERNEL_SS, %eax
	movl	%eax, %ss
	/* NULL, and before any base is written: firmware's DPL-0 selectors
	 * would be nulled, with their bases, by the first IRET to ring 3. */
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	lldt	%ax
	pushq	$2
	popfq				/* NT, AC, DF, IOPL: gone */

	movq	handoff + HANDOFF_CR3_TEST(%rip), %rax
	movq	%rax, %cr3
	call	core_main
	ud2				/* core_main() does not return */

	.section .note.GNU-stack, "", @progbits
