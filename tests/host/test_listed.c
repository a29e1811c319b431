/* SPDX-License-Identifier: MIT */
/*
 * Who the firmware says is there: a MADT of every kind, one that lies among
 * them, and two lists that do not agree.
 */
#include "host.h"

#include "before/listed.h"
#include "before/madt.h"
#include "record.h"

#define HEAD 44

static uint8_t table[1024];
static uint32_t used;
static uint32_t ids[64], off[64];
static unsigned found, disabled;
static struct madt madt;

static void put32(uint8_t *at, uint32_t v)
{
    memcpy(at, &v, sizeof(v));
}

static uint8_t *entry(unsigned type, unsigned length)
{
    uint8_t *e = table + used;

    memset(e, 0, 16);
    e[0] = (uint8_t)type;
    e[1] = (uint8_t)length;
    used += length;
    return e;
}

static void apic(unsigned id, uint32_t flags)
{
    uint8_t *e = entry(0, 8);

    e[3] = (uint8_t)id;
    put32(e + 4, flags);
}

static void x2apic(uint32_t id, uint32_t flags)
{
    uint8_t *e = entry(9, 16);

    put32(e + 4, id);
    put32(e + 8, flags);
}

static void note_id(void *context, uint32_t id, bool enabled)
{
    assert_ptr_equal(context, ids);
    if (enabled)
        ids[found++] = id;
    else
        off[disabled++] = id;
}

static void read_table(void)
{
    found = disabled = 0;
    madt_read(&madt, table, used, note_id, ids);
}

static int empty(void **state)
{
    used = HEAD;
    return 0;
}

static void both_types_in_order(void **state)
{
    apic(2, 1);
    x2apic(0x1000, 1);
    apic(0, 1);
    read_table();
    assert_int_equal(found, 3);
    assert_int_equal(ids[0], 2);
    assert_int_equal(ids[1], 0x1000);
    assert_int_equal(ids[2], 0);
    assert_false(madt.cut);
}

/* Disabled, to be brought online later, and ids that are none. */
static void who_is_none(void **state)
{
    apic(1, 0);
    apic(2, 2);
    apic(0xff, 1);
    x2apic(0x300, 0);
    x2apic(0xffffffff, 1);
    apic(7, 1);
    read_table();
    assert_int_equal(found, 1);
    assert_int_equal(ids[0], 7);
    assert_int_equal(disabled, 3);
    assert_int_equal(off[0], 1);
    assert_int_equal(off[1], 2);
    assert_int_equal(off[2], 0x300);
}

/* An entry without a length, or longer than what is left, is the end. */
static void a_table_cut_short(void **state)
{
    apic(1, 1);
    entry(0, 0);
    used += 8;
    read_table();
    assert_int_equal(found, 1);
    assert_true(madt.cut);
    used = HEAD;
    apic(1, 1);
    apic(2, 1);
    used--;
    read_table();
    assert_int_equal(found, 1);
    assert_true(madt.cut);
    used = HEAD + 9; /* the next one's type, and no length */
    read_table();
    assert_int_equal(found, 1);
    assert_true(madt.cut);
    used = HEAD;
    read_table();
    assert_int_equal(found, 0);
    assert_false(madt.cut);
    used = 20;
    read_table();
    assert_int_equal(found, 0);
    assert_true(madt.cut);
}

/* An entry that claims to be shorter than its kind is none of that kind. */
static void a_short_entry(void **state)
{
    uint8_t *e = entry(0, 4);

    e[3] = 3;
    x2apic(5, 1);
    read_table();
    assert_int_equal(found, 1);
    assert_int_equal(ids[0], 5);
}

static void the_clock_s_line(void **state)
{
    uint8_t *e = entry(1, 12);

    put32(e + 4, 0xfec00000);
    e = entry(1, 12);
    put32(e + 4, 0xfec10000);
    put32(e + 8, 24);
    e = entry(2, 10);
    e[3] = RTC_IRQ;
    put32(e + 4, 30);
    e[8] = 3;
    read_table();
    assert_int_equal(madt.line, 30);
    assert_int_equal(madt.first, 24);
    assert_int_equal(madt.ioapic, 0xfec10000);
    assert_int_equal(madt.flags & 3, 3);
}

static struct processors p;
static struct listed_odds odds;

static int begin(void **state)
{
    odds = (struct listed_odds){.madt = false};
    listed_begin(&p, 4);
    return 0;
}

static void agreement(void **state)
{
    listed_add(&p, 0, PROCESSOR_LISTED_MADT, &odds);
    listed_add(&p, 4, PROCESSOR_LISTED_MADT, &odds);
    listed_add(&p, 4, PROCESSOR_LISTED_MP, &odds);
    listed_add(&p, 0, PROCESSOR_LISTED_MP, &odds);
    listed_check(&p, &odds);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.place[0].apic_id, 4);
    assert_int_equal(p.place[1].apic_id, 0);
    assert_int_equal(p.place[1].from,
                     PROCESSOR_LISTED_MADT | PROCESSOR_LISTED_MP);
    assert_true(p.listed);
    assert_int_equal(odds.twice.n + odds.madt_only.n + odds.mp_only.n, 0);
    assert_false(odds.self_unlisted);
}

static void what_does_not_agree(void **state)
{
    listed_add(&p, 1, PROCESSOR_LISTED_MADT, &odds);
    listed_add(&p, 1, PROCESSOR_LISTED_MADT, &odds);
    listed_add(&p, 2, PROCESSOR_LISTED_MADT, &odds);
    listed_add(&p, 1, PROCESSOR_LISTED_MP, &odds);
    listed_add(&p, 0x12345, PROCESSOR_LISTED_MP, &odds);
    listed_check(&p, &odds);
    assert_int_equal(p.n, 4);
    assert_int_equal(odds.twice.n, 1);
    assert_int_equal(odds.twice.id, 1);
    assert_int_equal(odds.madt_only.n, 1);
    assert_int_equal(odds.madt_only.id, 2);
    assert_int_equal(odds.mp_only.n, 1);
    assert_int_equal(odds.mp_only.id, 0x12345);
    assert_true(odds.self_unlisted);
}

/* Two that are disabled in one list and enabled in the other, and some that
 * are no contradiction. */
static void disabled_in_one(void **state)
{
    for (uint32_t id = 1; id < 5; id++)
        listed_add(&p, id, PROCESSOR_LISTED_MADT, &odds);
    listed_add(&p, 4, PROCESSOR_LISTED_MP, &odds);
    listed_add(&p, 5, PROCESSOR_LISTED_MP, &odds);
    listed_add(&p, 6, PROCESSOR_LISTED_MP, &odds);
    listed_off(&p, 2, PROCESSOR_LISTED_MP);
    listed_off(&p, 3, PROCESSOR_LISTED_MP);
    listed_off(&p, 99, PROCESSOR_LISTED_MP);
    listed_off(&p, 5, PROCESSOR_LISTED_MADT);
    listed_off(&p, 1, PROCESSOR_LISTED_MADT); /* a second entry of it */
    listed_off(&p, 4, PROCESSOR_LISTED_MADT); /* it has enabled that, too */
    listed_check(&p, &odds);
    assert_int_equal(p.n, 6);
    assert_int_equal(odds.mp_off.n, 2);
    assert_int_equal(odds.mp_off.id, 2);
    assert_int_equal(odds.madt_off.n, 1);
    assert_int_equal(odds.madt_off.id, 5);
    assert_int_equal(odds.madt_only.n, 1);
    assert_int_equal(odds.madt_only.id, 1);
    assert_int_equal(odds.mp_only.n, 1);
    assert_int_equal(odds.mp_only.id, 6);
    assert_int_equal(odds.twice.n, 0);
    for (unsigned i = 0; i < p.n; i++)
        assert_int_equal(p.place[i].from & ~3u, 0);
}

/* A MADT that disables all of them lists none, and contradicts. */
static void disabled_in_all(void **state)
{
    listed_add(&p, 4, PROCESSOR_LISTED_MP, &odds);
    listed_off(&p, 4, PROCESSOR_LISTED_MADT);
    listed_check(&p, &odds);
    assert_int_equal(odds.madt_off.n, 1);
    begin(state);
    listed_add(&p, 1, PROCESSOR_LISTED_MADT, &odds);
    listed_off(&p, 4, PROCESSOR_LISTED_MADT);
    listed_check(&p, &odds);
    assert_true(odds.self_unlisted);
    begin(state);
    listed_off(&p, 4, PROCESSOR_LISTED_MADT);
    listed_check(&p, &odds);
    assert_false(p.listed);
    assert_false(odds.self_unlisted);
}

/* Where only one exists, the other cannot contradict it. */
static void one_list_alone(void **state)
{
    listed_add(&p, 4, PROCESSOR_LISTED_MP, &odds);
    listed_add(&p, 5, PROCESSOR_LISTED_MP, &odds);
    listed_check(&p, &odds);
    assert_true(p.listed);
    assert_int_equal(odds.mp_only.n, 0);
    begin(state);
    listed_add(&p, 4, PROCESSOR_LISTED_MADT, &odds);
    listed_check(&p, &odds);
    assert_true(p.listed);
    assert_int_equal(odds.madt_only.n, 0);
    begin(state);
    listed_check(&p, &odds);
    assert_false(p.listed);
    assert_int_equal(p.n, 1);
    assert_false(odds.self_unlisted);
}

static void more_than_a_run_has(void **state)
{
    for (uint32_t id = 0; id < PROCESSORS_MAX + 10; id++)
        listed_add(&p, id, PROCESSOR_LISTED_MADT, &odds);
    for (uint32_t id = 0; id < PROCESSORS_MAX + 9; id++)
        listed_add(&p, id, PROCESSOR_LISTED_MP, &odds);
    listed_check(&p, &odds);
    assert_int_equal(p.n, PROCESSORS_MAX);
    assert_int_equal(p.over, 10); /* they are the same ones */
    assert_int_equal(odds.madt_only.n, 0);
}

#define TABLE(f) cmocka_unit_test_setup(f, empty)
#define LISTS(f) cmocka_unit_test_setup(f, begin)
TEST_LIST(listed, TABLE(both_types_in_order), TABLE(who_is_none),
          TABLE(a_table_cut_short), TABLE(a_short_entry),
          TABLE(the_clock_s_line), LISTS(agreement), LISTS(what_does_not_agree),
          LISTS(disabled_in_one), LISTS(disabled_in_all), LISTS(one_list_alone),
          LISTS(more_than_a_run_has));
