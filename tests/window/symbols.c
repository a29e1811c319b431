/* SPDX-License-Identifier: MIT */
/*
 * Addresses as label and offset; see symbols.h.  A kernel that its author has
 * linked brings its own.
 *
 * The table is made from the linked core and linked into it once more.  No
 * label may move by that, or the names would be wrong: the build compares.
 */
#include "symbols.h"

#include "engine/kernel.h"

/* Written by scripts/symbols, sorted by at. */
struct symbol {
    uint32_t at;   /* bytes from specimens_start */
    uint32_t name; /* bytes from symbol_names */
};

extern const struct symbol symbol_table[];
extern const uint32_t symbol_count;
extern const char symbol_names[];
extern const char specimens_start[], specimens_end[]; /* core.lds */

const char *symbol_of(uint64_t address, unsigned *offset)
{
    uint64_t begin = (uint64_t)specimens_start;
    unsigned low = 0, high = symbol_count;

    *offset = (unsigned)address;
    if (address < begin || address >= (uint64_t)specimens_end)
        return kernel_symbol(address, offset);
    address -= begin;
    /* The first label behind the address is at high, or beyond it. */
    while (low < high) {
        unsigned middle = low + (high - low) / 2;

        if (symbol_table[middle].at <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return "";
    *offset = (unsigned)address - symbol_table[low - 1].at;
    return symbol_names + symbol_table[low - 1].name;
}
