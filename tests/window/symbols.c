/* SPDX-License-Identifier: MIT */
/*
 * Addresses as label and offset; see symbols.h.  A kernel that its author has
 * linked brings its own.
 *
 * The table is made from the linked core and linked into it once more.  No
 * label may move by that, or the names would be wrong: the build compares.
 */
#include "symbols.h"

#include "engine/engine.h"
#include "engine/kernel.h"
#include "fmt.h"
#include "layout.h"

/* Written by scripts/symbols, sorted by at. */
struct symbol {
    uint32_t at;   /* bytes from specimens_start */
    uint32_t name; /* bytes from symbol_names */
};

extern const struct symbol symbol_table[];
extern const uint32_t symbol_count;
extern const char symbol_names[];
extern const char specimens_start[], specimens_end[]; /* core.lds */
extern const char text_end[];

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

void symbol_place(char *text, size_t n, uint64_t address)
{
    unsigned offset;
    const char *symbol = symbol_of(address, &offset);
    unsigned long long number = address;

    if (symbol[0])
        fmt(text, n, "%s+0x%x", symbol, offset);
    else if (engine_under_test(address))
        fmt(text, n, "ring 0");
    else if (engine_called(address))
        fmt(text, n, "its call, on the stack that it came with");
    else if (address >= VA_USER_TEXT && address < VA_USER_DATA)
        fmt(text, n, "ring 3");
    else if (address >= VA_CORE && address < (uint64_t)text_end)
        fmt(text, n, "%llx, in the harness", number);
    else
        fmt(text, n, "%llx, where no code is", number);
}
