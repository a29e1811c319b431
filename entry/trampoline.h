/* SPDX-License-Identifier: MIT */
/*
 * Where another processor begins: a page below 1 MiB, to which a SIPI sends it
 * in real mode.  Whoever comes draws a number, and goes on in that number's
 * address space; whoever comes when all are given away halts here for good.
 * SDM vol 3, "Multiple-Processor (MP) Initialization".
 */
#ifndef RINGSIDE_TRAMPOLINE_H
#define RINGSIDE_TRAMPOLINE_H

/* Offsets in the page: code, then what it reads. */
#define TRAMPOLINE_DATA 0x100
#define TRAMPOLINE_TICKET (TRAMPOLINE_DATA + 0)
#define TRAMPOLINE_COUNT (TRAMPOLINE_DATA + 4)
#define TRAMPOLINE_CR4 (TRAMPOLINE_DATA + 8)
#define TRAMPOLINE_EFER (TRAMPOLINE_DATA + 12)
#define TRAMPOLINE_ENTRY (TRAMPOLINE_DATA + 16)
#define TRAMPOLINE_GDT (TRAMPOLINE_DATA + 24)
#define TRAMPOLINE_GDT_POINTER (TRAMPOLINE_DATA + 40)
#define TRAMPOLINE_FAR (TRAMPOLINE_DATA + 48)
#define TRAMPOLINE_CR3 (TRAMPOLINE_DATA + 56)

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

#include "processors.h"

struct trampoline {
    uint8_t code[TRAMPOLINE_DATA];
    uint32_t ticket; /* how many have come */
    uint32_t count;  /* of the address spaces below */
    uint32_t cr4, efer;
    uint64_t entry;  /* where long mode goes on */
    uint64_t gdt[2]; /* null, 64-bit code */
    struct {
        uint16_t limit;
        uint32_t base;
        uint16_t pad;
    } __attribute__((packed)) gdt_pointer;
    struct {
        uint32_t offset;
        uint16_t selector, pad;
    } far; /* the first instruction in long mode */
    uint32_t cr3[PROCESSORS_MAX];
};

_Static_assert(offsetof(struct trampoline, ticket) == TRAMPOLINE_TICKET, "");
_Static_assert(offsetof(struct trampoline, entry) == TRAMPOLINE_ENTRY, "");
_Static_assert(offsetof(struct trampoline, gdt_pointer) ==
                   TRAMPOLINE_GDT_POINTER,
               "");
_Static_assert(offsetof(struct trampoline, far) == TRAMPOLINE_FAR, "");
_Static_assert(offsetof(struct trampoline, cr3) == TRAMPOLINE_CR3, "");
_Static_assert(sizeof(struct trampoline) <= 4096, "one page");

extern const char core_entry[]; /* head.S */
extern const uint8_t trampoline_code[], trampoline_long[],
    trampoline_code_end[];
#endif
#endif
