/* SPDX-License-Identifier: MIT */
/*
 * rust: what a crate's x86-interrupt handlers come out as, under the names
 * that rustc gives them, old (_ZN) and new (_R).  The compiler keeps what a
 * call may change, below a slot for the alignment; the author has put what GS
 * needs around the call.  FSGSBASE is on.
 */
	.macro	fn name
	.section .text.\name, "ax"
	.balign	16
	.globl	\name
	.type	\name, @function
\name:
	.endm

	.macro	prologue
	pushq	%rax
	pushq	%r11
	pushq	%r10
	pushq	%r9
	pushq	%r8
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	subq	$16, %rsp		/* one local, and nothing */
	cld
	.endm
	.macro	epilogue
	addq	$16, %rsp
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%r8
	popq	%r9
	popq	%r10
	popq	%r11
	popq	%rax
	iretq
	.endm
	.macro	gate
	prologue
	testb	$3, 96(%rsp)
	je	1f
	swapgs
1:	leaq	88(%rsp), %rdi
	callq	"_ZN32_$LT$t..Table$u20$as$u20$Run$GT$3run17h4c3a0f9be21d7788E"
	testb	$3, 96(%rsp)
	je	2f
	swapgs
2:	epilogue
	.endm
	.macro	anywhere
	prologue
	rdgsbase %rax
	movq	%rax, 8(%rsp)
	leaq	_ZN6kernel3cpu4AREA17h10c2d4e6f8091a2bE(%rip), %rax
	wrgsbase %rax
	leaq	88(%rsp), %rdi
	callq	"_ZN32_$LT$t..Table$u20$as$u20$Run$GT$3run17h4c3a0f9be21d7788E"
	movq	8(%rsp), %rax
	wrgsbase %rax
	epilogue
	.endm

fn _ZN6kernel5traps14invalid_opcode17h8d1be1a6c03f7e52E
	gate
fn _RNvNtCs4fqI2P2rA04_6kernel5traps5timer
	gate
fn _RNvNtCs4fqI2P2rA04_6kernel5traps4call
	gate
fn _ZN6kernel5traps5debug17h0b6ee2ad94c1537fE
	anywhere
fn _RNvNtCs4fqI2P2rA04_6kernel5traps3nmi
	anywhere

	.section .bss._ZN6kernel3cpu, "aw", @nobits
	.balign	16
	.globl	_ZN6kernel3cpu4AREA17h10c2d4e6f8091a2bE
_ZN6kernel3cpu4AREA17h10c2d4e6f8091a2bE:
	.skip	64
	.globl	_ZN6kernel3cpu5STACK17h3e5d7c9b0a1f2846E
_ZN6kernel3cpu5STACK17h3e5d7c9b0a1f2846E:
	.skip	3 * 4096
	.section .note.GNU-stack, "", @progbits
