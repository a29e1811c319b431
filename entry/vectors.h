/* SPDX-License-Identifier: MIT */
/*
 * vectors.def as constants (VEC_de, VEC_gate, ...), for C and for assembly,
 * and the numbers by which the entries that have no vector are known.
 */
#ifndef RINGSIDE_VECTORS_H
#define RINGSIDE_VECTORS_H

#define VEC_SYSCALL64 0x100 /* through LSTAR */
#define VEC_SYSCALL32 0x101 /* through CSTAR */
#define VEC_SYSENTER 0x102  /* through SYSENTER_EIP */
#define VEC_CALLGATE 0x103  /* through a call gate */
#define VEC_LOAD_GS 0x104   /* a routine of ring 0: loads GS between SWAPGSs */
#define VEC_WINDOW_IRQ 0x41 /* of the interrupt array: the window's */
#define VEC_FIRST_IRQ 0x20
#define VECTORS 256

#ifdef __ASSEMBLER__
/* clang-format off */
	.set	NO_ERROR_CODE, 0
	.set	ERROR_CODE, 1
#define EXCEPTION(number, id, mnemonic, class, error_code, ist, rule)          \
	.set VEC_##id, number;
#define VECTOR(number, id, rule) .set VEC_##id, number;
#include "vectors.def"
/* clang-format on */
#else
#include <stdbool.h>
#include <stdint.h>

#include "record.h"
#include "stacks.h"

enum vector {
#define EXCEPTION(number, id, mnemonic, class, error_code, ist, rule)          \
    VEC_##id = number,
#define VECTOR(number, id, rule) VEC_##id = number,
#include "vectors.def"
};

enum vector_class { UNUSED, FAULT, TRAP, ABORT, EVENT };
enum vector_error_code { NO_ERROR_CODE, ERROR_CODE };

struct vector_info {
    const char *id, *mnemonic;
    enum vector_class class;
    enum vector_error_code error_code;
    enum ist_slot ist;
    enum gs_rule rule;
};

/* One entry for each of the 256 vectors and the numbers above them. */
const struct vector_info *vector_info(unsigned vector);

/* Does the vector belong to the interrupt array: 0x20 up, no purpose of its
 * own in vectors.def? */
bool vector_in_array(unsigned vector);

#endif
#endif
