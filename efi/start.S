/* SPDX-License-Identifier: MIT */
/*
 * _start: where the firmware enters the image, by the Microsoft convention.
 * Clears .bss, applies the image's own relocations (the firmware has none to
 * apply) and calls efi_main() by the convention that the rest is compiled for.
 */
	.text
	.globl	_start
_start:					/* image handle, system table */
	pushq	%rdi			/* the caller's in that convention */
	pushq	%rsi
	pushq	%rcx
	pushq	%rdx
	subq	$8, %rsp		/* calls want 16-byte alignment */
	leaq	bss_start(%rip), %rdi	/* must be before any C */
	leaq	bss_end(%rip), %rcx
	subq	%rdi, %rcx
	xorl	%eax, %eax
	cld
	rep stosb
	leaq	ImageBase(%rip), %rdx
	leaq	rela_start(%rip), %rsi	/* each: offset, type, addend */
	leaq	rela_end(%rip), %rdi
1:	cmpq	%rdi, %rsi
	jae	3f
	cmpq	$8, 8(%rsi)		/* R_X86_64_RELATIVE, or it is none: */
	jne	2f			/* efi/pe.py lets no other pass */
	movq	(%rsi), %rcx
	movq	16(%rsi), %rax
	addq	%rdx, %rax
	movq	%rax, (%rdx, %rcx)
2:	addq	$24, %rsi
	jmp	1b
3:
	movq	8(%rsp), %rsi
	movq	16(%rsp), %rdi
	call	efi_main
	addq	$24, %rsp
	popq	%rsi
	popq	%rdi
	ret

	/*
	 * A firmware takes no image without a relocation directory for one that
	 * may be moved, so here is one block that relocates nothing.
	 */
	.section .reloc, "a"
	.long	0			/* page */
	.long	12			/* bytes in this block */
	.word	0, 0			/* two entries of type "none" */

	/* Who this is, for a shim that revokes by generation. */
	.section .sbat, "a"
	.ascii	"sbat,1,SBAT Version,sbat,1,"
	.ascii	"https://github.com/rhboot/shim/blob/main/SBAT.md\n"
	.ascii	"ringside,1,ringside,ringside," VERSION ",-\n"

	.section .note.GNU-stack, "", @progbits
