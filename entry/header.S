/* SPDX-License-Identifier: MIT */
/*
 * struct core_header (include/layout.h), the first bytes of the image: how the
 * loader learns what goes where.  The numbers come from core.lds.
 */
#include "stacks.h"

#define WRITE 1
#define EXECUTE 2
#define USER 4
#define PRIVATE 8
#define FIRST 16

	.globl	stacks_size		/* core.lds wants it, too */
	.set	stacks_size, STACK_COUNT * STACK_SIZE

	.section .header, "a"
	.quad	0x45524f4345444953	/* CORE_MAGIC */
	.quad	core_entry
	.long	file_size
	.long	memory_size
	.long	handoff_offset
	.long	stacks_offset
	.long	private_offset
	.long	private_end
	.long	shared_table_offset
	.long	0
segments:
	.quad	VA_CORE
	.long	0, text_size, EXECUTE, 0
	.quad	rodata_va
	.long	rodata_va - VA_CORE, rodata_size, 0, 0
	.quad	VA_USER_TEXT
	.long	user_offset, user_text_size, USER | EXECUTE, 0
	.quad	VA_USER_DATA
	.long	user_data_offset, user_data_size, PRIVATE | USER | WRITE, 0
	.quad	VA_USER_STACK
	.long	user_stack_offset, user_stack_size, PRIVATE | USER | WRITE, 0
	.quad	data_va
	.long	data_offset, data_size, PRIVATE | WRITE, 0
	.quad	shared_va
	.long	shared_offset, shared_size, WRITE, 0
	.quad	first_va
	.long	first_offset, first_size, FIRST | WRITE, 0
	.fill	segments + 8 * 24 - ., 1, 0	/* CORE_SEGMENTS */

	.section .note.GNU-stack, "", @progbits
