/* SPDX-License-Identifier: MIT */
/*
 * From the caches to memory: a reset loses what stands in the caches alone,
 * and a journal that ends too early blames the wrong check.  Called by
 * journal.c, in efi/ and in the core.
 *
 * SDM vol 2, CLFLUSH and CLFLUSHOPT: neither waits for the write-back, and
 * CLFLUSHOPT (as AMD's CLFLUSH) may pass stores to other lines: hence MFENCE,
 * before and behind.
 */
#include "cpu.h"
#include "insn.h"
#include "journal.h"

#define LINE_UNIT 8 /* leaf 1 EBX, bits 15:8: of the line */

static struct {
    bool known, optimized;
    uint32_t line; /* bytes; 0: there is no CLFLUSH */
} cache;

static void ask(void)
{
    if (cpu_has(FEATURE_CLFLUSH))
        cache.line = (cpuid(1, 0).ebx >> 8 & 0xff) * LINE_UNIT;
    cache.optimized = cpu_has(FEATURE_CLFLUSHOPT);
    cache.known = true;
}

void journal_flush(const void *from, size_t n)
{
    const uint8_t *at = from, *end = at + n;

    if (!cache.known)
        ask();
    memory_fence();
    if (!cache.line) {
        write_back_caches();
        return;
    }
    for (at -= (uintptr_t)at % cache.line; at < end; at += cache.line) {
        if (cache.optimized)
            flush_line_optimized(at);
        else
            flush_line(at);
    }
    memory_fence();
}
