/* SPDX-License-Identifier: MIT */
/*
 * The specimens' labels, also the local ones that the assembler kept: what a
 * boundary of a stub is called.  scripts/symbols makes the table.
 */
#ifndef RINGSIDE_SYMBOLS_H
#define RINGSIDE_SYMBOLS_H

#include <stdint.h>

/*
 * The nearest label at or before an address in a specimen's code, and the
 * bytes past it.  Anywhere else "", and the address itself (cut to 32 bits).
 */
const char *symbol_of(uint64_t address, unsigned *offset);

#endif
