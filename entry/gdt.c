/* SPDX-License-Identifier: MIT */
/* GDT and TSS; see gdt.h. */
#include "gdt.h"

#include "insn.h"
#include "stacks.h"

/* Access byte */
#define PRESENT 0x80
#define DPL3 0x60
#define CODE_OR_DATA 0x10
#define CODE_READ 0x0b /* accessed, so that no load ever writes to the GDT */
#define DATA_WRITE 0x03
#define TSS_AVAILABLE 0x09
/* Flags nibble */
#define GRANULARITY 0x8
#define DEFAULT_32 0x4
#define LONG_CODE 0x2

uint64_t gdt[GDT_SLOTS] __attribute__((aligned(16)));
struct tss tss __attribute__((aligned(128))); /* within one page */

/* What head.S loads before there is a stack frame to speak of. */
const struct table_pointer gdt_pointer = {sizeof(gdt) - 1, (uint64_t)gdt};

uint64_t descriptor_flat(unsigned access, unsigned flags)
{
    return 0x000f00000000ffffull | (uint64_t)access << 40 |
           (uint64_t)flags << 52;
}

void descriptor_tss(uint64_t d[2], uint64_t base, uint32_t limit)
{
    d[0] = (limit & 0xffff) | (base & 0xffffff) << 16 |
           (uint64_t)(PRESENT | TSS_AVAILABLE) << 40 |
           (uint64_t)(limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
    d[1] = base >> 32;
}

void tss_load(uint32_t limit)
{
    descriptor_tss(&gdt[SEL_TSS / 8], (uint64_t)&tss, limit);
    ltr(SEL_TSS);
}

static void set(unsigned selector, unsigned access, unsigned flags)
{
    gdt[selector / 8] = descriptor_flat(access, flags);
}

/* Called by head.S before LGDT. */
void gdt_fill(void)
{
    const unsigned code = PRESENT | CODE_OR_DATA | CODE_READ;
    const unsigned data = PRESENT | CODE_OR_DATA | DATA_WRITE;

    set(SEL_KERNEL_CS, code, GRANULARITY | LONG_CODE);
    set(SEL_KERNEL_SS, data, GRANULARITY | DEFAULT_32);
    set(SEL_USER_CS32, code | DPL3, GRANULARITY | DEFAULT_32);
    set(SEL_USER_SS, data | DPL3, GRANULARITY | DEFAULT_32);
    set(SEL_USER_CS64, code | DPL3, GRANULARITY | LONG_CODE);
    set(SEL_SYSEXIT_SS, data | DPL3, GRANULARITY | DEFAULT_32);
    set(SEL_NOT_PRESENT, (data | DPL3) & ~PRESENT, GRANULARITY | DEFAULT_32);
    set(SEL_NOT_PRESENT_R0, data & ~PRESENT, GRANULARITY | DEFAULT_32);
}

void gdt_init(void)
{
    tss = (struct tss){.io_map = sizeof(tss)};
    tss.rsp[0] = STACK_TOP(STACK_rsp0);
    for (unsigned slot = 1; slot <= 7; slot++)
        tss.ist[slot - 1] = STACK_TOP(stack_of_ist(slot));
    tss_load(sizeof(tss) - 1);
}
