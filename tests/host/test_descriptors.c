/* SPDX-License-Identifier: MIT */
/*
 * GDT, TSS and IDT encoders against the manual's figures, and the tables that
 * the lists vectors.def and stacks.def make.
 */
#include "gdt.h"
#include "host.h"
#include "idt.h"
#include "stacks.h"
#include "vectors.h"

void gdt_fill(void);

static const char stub[256]; /* 256 addresses to point gates at */
const void *const capture_stubs[256] = {[VEC_gate] = &stub[0]};

/* SDM vol 3, "Segment Descriptors": the values every kernel has. */
static void flat_descriptors(void **state)
{
    gdt_fill();
    assert_int_equal(gdt[0], 0);
    assert_int_equal(gdt[SEL_KERNEL_CS / 8], 0x00af9b000000ffff);
    assert_int_equal(gdt[SEL_KERNEL_SS / 8], 0x00cf93000000ffff);
    assert_int_equal(gdt[SEL_USER_CS32 / 8], 0x00cffb000000ffff);
    assert_int_equal(gdt[SEL_USER_SS / 8], 0x00cff3000000ffff);
    assert_int_equal(gdt[SEL_USER_CS64 / 8], 0x00affb000000ffff);
    assert_int_equal(gdt[SEL_SYSEXIT_SS / 8], gdt[SEL_USER_SS / 8]);
    assert_int_equal(gdt[SEL_NOT_PRESENT / 8], 0x00cf73000000ffff);
    assert_int_equal(gdt[SEL_NOT_PRESENT_R0 / 8], 0x00cf13000000ffff);
}

/* What SYSCALL, SYSRET, SYSENTER and SYSEXIT derive from one selector. */
static void layout(void **state)
{
    assert_int_equal(SEL_KERNEL_SS, SEL_KERNEL_CS + 8);
    assert_int_equal(SEL_USER_SS & ~3, (SEL_USER_CS32 & ~3) + 8);
    assert_int_equal(SEL_USER_CS64 & ~3, (SEL_USER_CS32 & ~3) + 16);
    assert_int_equal(SEL_USER_CS32 & ~3, SEL_KERNEL_CS + 16);
    assert_int_equal(SEL_USER_SS & ~3, SEL_KERNEL_CS + 24);
    assert_int_equal(SEL_USER_CS64 & ~3, SEL_KERNEL_CS + 32);
    assert_int_equal(SEL_SYSEXIT_SS & ~3, SEL_KERNEL_CS + 40);
    assert_true((SEL_TSS / 8) + 1 < GDT_SLOTS);
}

static uint64_t field(uint64_t word, unsigned low, unsigned bits)
{
    return word >> low & ((1ull << bits) - 1);
}

/* SDM vol 3, "TSS Descriptor in 64-bit mode". */
static void tss_descriptor(void **state)
{
    uint64_t seed = 0x452821e638d01377;

    for (unsigned i = 0; i < 1000; i++) {
        uint64_t base = next_random(&seed), d[2];
        uint32_t limit = next_random(&seed) & 0xfffff;

        descriptor_tss(d, base, limit);
        assert_int_equal(field(d[0], 0, 16) | field(d[0], 48, 4) << 16, limit);
        assert_int_equal(field(d[0], 16, 24) | field(d[0], 56, 8) << 24 |
                             field(d[1], 0, 32) << 32,
                         base);
        assert_int_equal(field(d[0], 40, 8), 0x89); /* present, available */
        assert_int_equal(field(d[0], 52, 4), 0);    /* byte granular */
        assert_int_equal(field(d[1], 32, 32), 0);
    }
    assert_int_equal(offsetof(struct tss, rsp), 0x04);
    assert_int_equal(offsetof(struct tss, ist), 0x24);
    assert_int_equal(offsetof(struct tss, io_map), 0x66);
}

static uint64_t offset_of(const struct gate *g)
{
    return field(g->low, 0, 16) | field(g->low, 48, 16) << 16 | g->high << 32;
}

/* SDM vol 3, "64-Bit IDT Gate Descriptors". */
static void gates(void **state)
{
    uint64_t seed = 0xbe5466cf34e90c6c;

    for (unsigned i = 0; i < 1000; i++) {
        uint64_t entry = next_random(&seed);
        unsigned ist = i & 7, dpl = i >> 3 & 3;
        unsigned type = i & 32 ? GATE_TRAP : GATE_INTERRUPT;
        struct gate g = gate_make((const void *)entry, type, ist, dpl);

        assert_int_equal(offset_of(&g), entry);
        assert_int_equal(field(g.low, 16, 16), SEL_KERNEL_CS);
        assert_int_equal(field(g.low, 32, 3), ist);
        assert_int_equal(field(g.low, 35, 5), 0);
        assert_int_equal(field(g.low, 40, 4), i & 32 ? 15 : 14);
        assert_int_equal(field(g.low, 44, 1), 0);
        assert_int_equal(field(g.low, 45, 2), dpl);
        assert_int_equal(field(g.low, 47, 1), 1);
        assert_int_equal(g.high >> 32, 0);
    }
}

static void idt_of_all_vectors(void **state)
{
    const void *stubs[256];
    unsigned ist_users[8] = {0};

    for (unsigned v = 0; v < 256; v++)
        stubs[v] = &stub[v];
    idt_point(stubs);
    for (unsigned v = 0; v < 256; v++) {
        bool user = v == 3 || v == 4 || v == 0x80 || v == VEC_gate;
        const void *leads_to = v == VEC_gate ? &stub[0] : &stub[v];

        assert_int_equal(offset_of(&idt[v]), (uintptr_t)leads_to);
        assert_int_equal(field(idt[v].low, 40, 8), user ? 0xee : 0x8e);
        ist_users[field(idt[v].low, 32, 3)]++;
    }
    /* #DB, NMI, #DF, #MC and the harness's gate: each its own stack. */
    for (unsigned slot = 1; slot <= 7; slot++)
        assert_true(ist_users[slot] <= 1);
    for (unsigned i = 0; i < 4; i++) {
        static const unsigned char own[] = {1, 2, 8, 18};

        assert_true(field(idt[own[i]].low, 32, 3) != 0);
    }
    assert_int_equal(ist_users[0], 256 - 5);
}

/* SDM vol 3, table 6-1, and AMD's #VC and #SX. */
static void error_codes(void **state)
{
    static const unsigned char with[] = {8, 10, 11, 12, 13, 14, 17, 21, 29, 30};
    unsigned n = 0;

    for (unsigned v = 0; v < 256; v++) {
        bool pushes = n < COUNT(with) && with[n] == v;

        n += pushes;
        assert_int_equal(vector_info(v)->error_code, pushes);
    }
    assert_int_equal(n, COUNT(with));
}

static void stacks(void **state)
{
    unsigned seen = 0;

    for (unsigned s = 0; s < STACK_COUNT; s++) {
        assert_int_equal(stack_at(STACK_TOP(s)), s);
        assert_int_equal(stack_at(STACK_BOTTOM(s) + 1), s);
        assert_int_equal(stack_at(STACK_BOTTOM(s)), STACK_COUNT);
        assert_int_equal(stack_at(STACK_TOP(s) + 1), STACK_COUNT);
        assert_int_equal(STACK_TOP(s) % 16, 0);
    }
    for (unsigned slot = 1; slot <= 7; slot++) {
        enum stack s = stack_of_ist(slot);

        assert_true(s < STACK_COUNT);
        assert_false(seen & 1u << s);
        seen |= 1u << s;
    }
    assert_int_equal(stack_of_ist(0), STACK_COUNT);
    assert_string_equal(stack_name(STACK_nmi), "nmi");
    assert_string_equal(stack_name(STACK_COUNT), "elsewhere");
}

TEST_LIST(descriptors, cmocka_unit_test(flat_descriptors),
          cmocka_unit_test(layout), cmocka_unit_test(tss_descriptor),
          cmocka_unit_test(gates), cmocka_unit_test(idt_of_all_vectors),
          cmocka_unit_test(error_codes), cmocka_unit_test(stacks));
