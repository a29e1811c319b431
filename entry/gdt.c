/* SPDX-License-Identifier: MIT */
/* GDT and TSS; see gdt.h. */
#include "gdt.h"

#include "insn.h"
#include "stacks.h"

#define TSS_AVAILABLE 0x09

uint64_t gdt[GDT_SLOTS] __attribute__((aligned(16)));
struct tss tss __attribute__((aligned(128))); /* within one page */

/* What head.S loads before there is a stack frame to speak of. */
const struct table_pointer gdt_pointer = {sizeof(gdt) - 1, (uint64_t)gdt};

uint64_t descriptor_flat(unsigned access, unsigned flags)
{
    return 0x000f00000000ffffull | (uint64_t)access << 40 |
           (uint64_t)flags << 52;
}

uint64_t descriptor_based(unsigned access, unsigned flags, uint32_t base)
{
    return descriptor_flat(access, flags) | (uint64_t)(base & 0xffffff) << 16 |
           (uint64_t)(base >> 24) << 56;
}

uint64_t descriptor_limited(unsigned access, unsigned flags, uint32_t limit)
{
    return (limit & 0xffff) | (uint64_t)(limit >> 16 & 0xf) << 48 |
           (uint64_t)access << 40 | (uint64_t)flags << 52;
}

void descriptor_gate(uint64_t d[2], unsigned access, uint16_t cs,
                     uint64_t offset)
{
    d[0] = (offset & 0xffff) | (uint64_t)cs << 16 | (uint64_t)access << 40 |
           (offset >> 16 & 0xffff) << 48;
    d[1] = offset >> 32;
}

void descriptor_system(uint64_t d[2], unsigned access, uint64_t base,
                       uint32_t limit)
{
    d[0] = (limit & 0xffff) | (base & 0xffffff) << 16 | (uint64_t)access << 40 |
           (uint64_t)(limit >> 16 & 0xf) << 48 | (base >> 24 & 0xff) << 56;
    d[1] = base >> 32;
}

void descriptor_tss(uint64_t d[2], uint64_t base, uint32_t limit)
{
    descriptor_system(d, DESCRIPTOR_PRESENT | TSS_AVAILABLE, base, limit);
}

void gdt_load(void)
{
    lgdt(&gdt_pointer);
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
    const unsigned user = DESCRIPTOR_DPL(3), present = DESCRIPTOR_PRESENT;
    const unsigned code = present | DESCRIPTOR_CODE;
    const unsigned data = present | DESCRIPTOR_DATA;
    const unsigned flat32 = DESCRIPTOR_G | DESCRIPTOR_DB;
    const unsigned flat64 = DESCRIPTOR_G | DESCRIPTOR_L;

    set(SEL_KERNEL_CS, code, flat64);
    set(SEL_KERNEL_SS, data, flat32);
    set(SEL_USER_CS32, code | user, flat32);
    set(SEL_USER_SS, data | user, flat32);
    set(SEL_USER_CS64, code | user, flat64);
    set(SEL_SYSEXIT_SS, data | user, flat32);
    set(SEL_NOT_PRESENT, (data | user) & ~present, flat32);
    set(SEL_NOT_PRESENT_R0, data & ~present, flat32);
}

static const struct selectors ours = {
    SEL_KERNEL_CS, SEL_KERNEL_SS, SEL_USER_CS32, SEL_USER_SS, SEL_USER_CS64};
struct selectors selectors = {SEL_KERNEL_CS, SEL_KERNEL_SS, SEL_USER_CS32,
                              SEL_USER_SS, SEL_USER_CS64};

static uint64_t under[GDT_SLOTS]; /* what others are laid over */

void gdt_between(void)
{
    gdt[SEL_BETWEEN / 8] = descriptor_flat(DESCRIPTOR_PRESENT | DESCRIPTOR_CODE,
                                           DESCRIPTOR_G | DESCRIPTOR_L);
    selectors.kernel_cs = SEL_BETWEEN;
    write_cs(SEL_BETWEEN);
    write_ss(0); /* ring 0 needs none */
}

static void lay(unsigned selector, unsigned access, unsigned flags)
{
    if (selector)
        set(selector, access | DESCRIPTOR_PRESENT, flags);
}

void gdt_lay(const struct selectors *s)
{
    const unsigned flat32 = DESCRIPTOR_G | DESCRIPTOR_DB;
    const unsigned flat64 = DESCRIPTOR_G | DESCRIPTOR_L;
    const unsigned user = DESCRIPTOR_DPL(3);

    __builtin_memcpy(under, gdt, sizeof(under));
    lay(s->user_cs32, user | DESCRIPTOR_CODE, flat32);
    lay(s->user_cs64, user | DESCRIPTOR_CODE, flat64);
    lay(s->user_ss, user | DESCRIPTOR_DATA, flat32);
    lay(s->kernel_ss, DESCRIPTOR_DATA, flat32);
    lay(s->kernel_cs, DESCRIPTOR_CODE, flat64);
    selectors = *s;
    write_cs(s->kernel_cs);
    write_ss(s->kernel_ss);
}

void gdt_lay_off(void)
{
    __builtin_memcpy(gdt, under, sizeof(gdt));
    selectors = ours;
    write_cs(SEL_KERNEL_CS);
    write_ss(SEL_KERNEL_SS);
}

void gdt_clear_spare(void)
{
    for (unsigned i = SEL_SPARE / 8; i < GDT_SLOTS; i++)
        gdt[i] = 0;
}

void gdt_init(void)
{
    tss = (struct tss){.io_map = sizeof(tss)};
    tss.rsp[0] = STACK_TOP(STACK_rsp0);
    for (unsigned slot = 1; slot <= 7; slot++)
        tss.ist[slot - 1] = STACK_TOP(stack_of_ist(slot));
    tss_load(sizeof(tss) - 1);
}
