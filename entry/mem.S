/* SPDX-License-Identifier: MIT */
/*
 * The functions that a compiler may call on its own, also in freestanding
 * code, and two more.  In assembly, because a compiler would turn a C loop for
 * memcpy() into a call of memcpy(); and by the string instructions, since a
 * compiler's SSE is not switched on by every firmware.  For the core and efi/.
 */
	.text

/*
 * void *memcpy(void *to, const void *from, size_t n), and memmove(): the one
 * that may overlap serves for both.  Backwards by a loop rather than with DF
 * set, which an entry that lands here would have to clear.
 */
	.globl	memcpy, memmove
	.type	memcpy, @function
	.type	memmove, @function
memcpy:
memmove:
	movq	%rdi, %rax
	movq	%rdx, %rcx
	movq	%rdi, %r8
	subq	%rsi, %r8
	cmpq	%rdx, %r8
	jb	1f		/* to lies inside of from[n] */
	rep movsb
	ret
1:	movb	-1(%rsi, %rcx), %dl
	movb	%dl, -1(%rdi, %rcx)
	decq	%rcx
	jnz	1b
	ret

/* void *memset(void *to, int byte, size_t n) */
	.globl	memset
	.type	memset, @function
memset:
	movq	%rdi, %r8
	movq	%rdx, %rcx
	movl	%esi, %eax
	rep stosb
	movq	%r8, %rax
	ret

/* int memcmp(const void *a, const void *b, size_t n) */
	.globl	memcmp
	.type	memcmp, @function
memcmp:
	movq	%rdx, %rcx
	cmpl	%eax, %eax		/* nothing equals nothing */
	repe cmpsb
	je	1f
	movzbl	-1(%rdi), %eax
	movzbl	-1(%rsi), %ecx
	subl	%ecx, %eax
	ret
1:	xorl	%eax, %eax
	ret

/* size_t strlen(const char *text) */
	.globl	strlen
	.type	strlen, @function
strlen:
	movq	$-1, %rcx
	xorl	%eax, %eax
	repne scasb
	movq	$-2, %rax
	subq	%rcx, %rax
	ret

/* int strcmp(const char *a, const char *b) */
	.globl	strcmp
	.type	strcmp, @function
strcmp:
	movzbl	(%rdi), %eax
	movzbl	(%rsi), %ecx
	incq	%rdi
	incq	%rsi
	subl	%ecx, %eax
	jne	1f
	testl	%ecx, %ecx
	jnz	strcmp
1:	ret

	.section .note.GNU-stack, "", @progbits
