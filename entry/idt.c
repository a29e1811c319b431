/* SPDX-License-Identifier: MIT */
/* The IDT; see idt.h. */
#include "idt.h"

#include "gdt.h"
#include "insn.h"
#include "stacks.h"
#include "vectors.h"

struct gate idt[256] __attribute__((aligned(4096)));

struct gate gate_make(const void *entry, unsigned type, unsigned ist,
                      unsigned dpl)
{
    uint64_t offset = (uint64_t)entry;

    return (struct gate){
        .low = (offset & 0xffff) | (uint64_t)selectors.kernel_cs << 16 |
               (uint64_t)ist << 32 | (uint64_t)type << 40 |
               (uint64_t)dpl << 45 | GATE_PRESENT |
               (offset >> 16 & 0xffff) << 48,
        .high = offset >> 32,
    };
}

/* An IDT made once for each set of stubs: pointing is done around every run. */
struct made {
    const void *const *stubs;
    struct gate gates[256];
};

static void make(struct made *m, const void *const stubs[256])
{
    m->stubs = stubs;
    for (unsigned v = 0; v < 256; v++) {
        unsigned dpl = v == VEC_bp || v == VEC_of || v == VEC_int80 ? 3 : 0;
        m->gates[v] =
            gate_make(stubs[v], GATE_INTERRUPT, vector_info(v)->ist, dpl);
    }
    m->gates[VEC_gate] =
        gate_make(capture_stubs[VEC_gate], GATE_INTERRUPT, IST_gate, 3);
}

static struct made capture, specimen;

void idt_forget(const void *const stubs[256])
{
    if (specimen.stubs == stubs)
        specimen.stubs = 0;
}

void idt_point(const void *const stubs[256])
{
    struct made *m = stubs == capture_stubs ? &capture : &specimen;

    if (m->stubs != stubs)
        make(m, stubs);
    __builtin_memcpy(idt, m->gates, sizeof(idt));
}

void idt_load(uint16_t limit)
{
    struct table_pointer p = {limit, (uint64_t)idt};

    lidt(&p);
}

void idt_init(void)
{
    idt_point(capture_stubs);
    idt_load(sizeof(idt) - 1);
}
