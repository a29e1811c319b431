/* SPDX-License-Identifier: MIT */
/*
 * Wrong on purpose: linux-modern without the special cases of its gates (its
 * other stubs are linux-modern's own).  An IRETQ to a frame that ring 3 has
 * spoilt faults behind the exit's SWAPGS, with a frame that says ring 0: by-cs
 * leaves the user's base live, and the kernel's handler runs on it.  So does
 * that of a load of GS that faults between two SWAPGS.  CVE-2014-9322.
 */
#define SPECIMEN no_fixup
#include "stub.inc"

	.section .text.under_test, "ax"
	STUB	S(np), VEC_np, 1, S(gate)
	STUB	S(ss), VEC_ss, 1, S(gate)
	STUB	S(gp), VEC_gp, 1, S(gate)

	.balign	16
S(gate):
	PUSH_REGS
	cld
	GS_ENTER_BY_CS TF_RIP
	lfence
	call	specimen_body
	jmp	linux_modern_leave

	.section .note.GNU-stack, "", @progbits
