/* SPDX-License-Identifier: MIT */
/*
 * The specimens' labels, also the local ones that the assembler kept: what a
 * boundary of a stub is called.  scripts/symbols makes the table.
 */
#ifndef RINGSIDE_SYMBOLS_H
#define RINGSIDE_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

/*
 * The nearest label at or before an address in a specimen's code, and the
 * bytes past it.  Anywhere else "", and the address itself (cut to 32 bits).
 */
const char *symbol_of(uint64_t address, unsigned *offset);

/* An address for people: "label+0x3", "ring 3", the harness, or nowhere. */
void symbol_place(char *text, size_t n, uint64_t address);
#define SYMBOL_PLACE_MAX 64 /* bytes that hold each of them */

#endif
