/* SPDX-License-Identifier: MIT */
/*
 * Where everything stands in the address space that the core runs in, and the
 * table at the head of the core's image by which efi/ loads it.
 *
 * The core sits in the top GiB, so that a kernel address is negative (which
 * is what the by-sign rule rests on) and a 32-bit displacement still reaches
 * the ring-3 pages low in memory.  Ring 3 lives below 1 GiB, so that 64-bit
 * and compatibility-mode code share the same pages.
 */
#ifndef RINGSIDE_LAYOUT_H
#define RINGSIDE_LAYOUT_H

#define VA_CORE 0xffffffffc0000000
#define VA_STACKS 0xffffffffd0000000
#define VA_JOURNAL 0xffffffffd4000000
#define VA_TRAMPOLINE 0xffffffffd7000000 /* the first processor's alone */
#define VA_APIC 0xffffffffd8000000
#define VA_IOAPIC 0xffffffffd8010000
#define VA_TABLES 0xffffffffd9000000
#define VA_SCREEN 0xffffffffe0000000
#define VA_SCREEN_MAX 0x1f000000ull /* bytes of framebuffer that fit */

/* The first processor sees the worlds of the others: number n's here. */
#define VA_WORLDS 0xffffffff00000000
#define VA_WORLD(n) (VA_WORLDS + (n)*WORLD_SIZE)
#define WORLD_SIZE 0x400000ull /* whole pages of 2 MiB */

#define VA_USER_TEXT 0x10000000  /* ring-3 code, 64-bit and compat */
#define VA_USER_DATA 0x10400000  /* ring-3 data, the GS pages among it */
#define VA_USER_STACK 0x10800000 /* nothing mapped around it */

#define VA_USER_SHARED 0x10c00000 /* 512 pages, by one page table for all */

/* Each stack is STACK_SIZE bytes, an unmapped guard of as much below it. */
#define STACK_SIZE 0x4000

#ifndef __ASSEMBLER__
#include <stdint.h>

#define CORE_MAGIC 0x45524f4345444953ull
#define CORE_SEGMENTS 8

enum segment_flags {
    SEGMENT_WRITE = 1,
    SEGMENT_EXECUTE = 2,
    SEGMENT_USER = 4,
    SEGMENT_PRIVATE = 8, /* each processor has its own */
    SEGMENT_FIRST = 16,  /* only the first has it */
};

/* Filled in by entry/core.lds and entry/header.S; offsets in the image. */
struct core_header {
    uint64_t magic;
    uint64_t entry;          /* VA of core_entry */
    uint32_t file_size;      /* bytes carried in the EFI file */
    uint32_t memory_size;    /* bytes to allocate; the rest is zeroed */
    uint32_t handoff_offset; /* where struct handoff goes */
    uint32_t stacks_offset;  /* STACK_COUNT * STACK_SIZE bytes */
    /* What each processor has of its own, the stacks at its end. */
    uint32_t private_offset, private_end;
    uint32_t shared_table; /* the page table of VA_USER_SHARED */
    uint32_t pad;
    struct core_segment {
        uint64_t va;
        uint32_t offset, size, flags, pad; /* size 0: unused */
    } segment[CORE_SEGMENTS];
};
#endif
#endif
