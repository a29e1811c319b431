/* SPDX-License-Identifier: MIT */
/* Whom an IPI is for: the manuals' rules, form by form. */
#include "host.h"

#include "apic.h"
#include "lib/destination.h"

#define EVERYBODY 0xffffffffu

static struct destination_who number(enum destination_model m, unsigned n)
{
    return (struct destination_who){.id = n, .ldr = destination_ldr(m, n)};
}

/* How many of the first 64 it is for, and the lowest of them. */
static unsigned whom(enum destination_model m, uint32_t destination,
                     uint32_t low, unsigned *first)
{
    unsigned n = 0;

    *first = 64;
    for (unsigned i = 64; i-- > 0;) {
        struct destination_who w = number(m, i);

        w.sender = i == 5;
        if (m == DESTINATION_X2APIC)
            w.ldr = (i & ~15u) << 12 | 1u << (i & 15);
        if (destination_is(m, destination, low, &w)) {
            n++;
            *first = i;
        }
    }
    return n;
}

static void by_id(void **state)
{
    unsigned first;

    assert_int_equal(whom(DESTINATION_FLAT, 7, 0, &first), 1);
    assert_int_equal(first, 7);
    assert_int_equal(whom(DESTINATION_FLAT, 77, 0, &first), 0);
    assert_int_equal(whom(DESTINATION_FLAT, APIC_ALL, 0, &first), 64);
    assert_int_equal(whom(DESTINATION_X2APIC, APIC_ALL, 0, &first), 0);
    assert_int_equal(whom(DESTINATION_X2APIC, EVERYBODY, 0, &first), 64);
}

static void by_shorthand(void **state)
{
    unsigned first;

    assert_int_equal(whom(DESTINATION_FLAT, 7, APIC_SHORTHAND_SELF, &first), 1);
    assert_int_equal(first, 5);
    assert_int_equal(whom(DESTINATION_FLAT, 7, APIC_SHORTHAND_ALL, &first), 64);
    assert_int_equal(whom(DESTINATION_FLAT, 7, APIC_SHORTHAND_OTHERS, &first),
                     63);
}

static void flat(void **state)
{
    unsigned first;

    assert_int_equal(whom(DESTINATION_FLAT, 0x08, APIC_LOGICAL, &first), 8);
    assert_int_equal(first, 3);
    assert_int_equal(whom(DESTINATION_FLAT, 0x18, APIC_LOGICAL, &first), 16);
    assert_int_equal(whom(DESTINATION_FLAT, 0, APIC_LOGICAL, &first), 0);
    assert_int_equal(whom(DESTINATION_FLAT, APIC_ALL, APIC_LOGICAL, &first),
                     64);
}

static void clusters(void **state)
{
    unsigned first;

    assert_int_equal(whom(DESTINATION_CLUSTER, 0x24, APIC_LOGICAL, &first), 1);
    assert_int_equal(first, 10);
    assert_int_equal(whom(DESTINATION_CLUSTER, 0x2f, APIC_LOGICAL, &first), 4);
    assert_int_equal(whom(DESTINATION_CLUSTER, 0x20, APIC_LOGICAL, &first), 0);
    assert_int_equal(whom(DESTINATION_CLUSTER, APIC_ALL, APIC_LOGICAL, &first),
                     64);
    /* The 16th cluster is nobody's: its number with all bits says all. */
    for (unsigned n = 0; n < 256; n++)
        assert_int_not_equal(destination_ldr(DESTINATION_CLUSTER, n) >> 28, 15);
}

static void x2apic(void **state)
{
    unsigned first;

    assert_int_equal(
        whom(DESTINATION_X2APIC, 2u << 16 | 1, APIC_LOGICAL, &first), 1);
    assert_int_equal(first, 32);
    assert_int_equal(
        whom(DESTINATION_X2APIC, 1u << 16 | 0xffff, APIC_LOGICAL, &first), 16);
    assert_int_equal(
        whom(DESTINATION_X2APIC, 9u << 16 | 1, APIC_LOGICAL, &first), 0);
    assert_int_equal(whom(DESTINATION_X2APIC, EVERYBODY, APIC_LOGICAL, &first),
                     64);
}

TEST_LIST(destination, cmocka_unit_test(by_id), cmocka_unit_test(by_shorthand),
          cmocka_unit_test(flat), cmocka_unit_test(clusters),
          cmocka_unit_test(x2apic));
