/* SPDX-License-Identifier: MIT */
/*
 * The functions that a compiler may call on its own, also in freestanding
 * code: copying and filling a struct.  In assembly, because a compiler would
 * turn a C loop for memcpy() into a call of memcpy().
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

	.section .note.GNU-stack, "", @progbits
