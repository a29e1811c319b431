/* SPDX-License-Identifier: MIT */
/*
 * Who lists the machine's processors, with a firmware of our own: its ACPI
 * tables and its MP Services protocol, and what is noted where they lie.
 */
#define _GNU_SOURCE
#include "host.h"

#include <sched.h>
#include <sys/mman.h>

#include <efi.h>

#include "before/listed.h"
#include "boot.h"
#include "firmware.h"

#define MP_MAX 300
#define GOOD 6u /* a processor's status: enabled, and healthy */
#define MADT_HEAD 44
#define A_PAGE 0x1000u

/* Below 4 GiB, as an RSDT's addresses are: RSDP, root, MADT, a page each. */
static uint8_t *acpi;
static uint32_t madt_used;

static struct {
    bool there;
    UINTN all, enabled;
    EFI_STATUS count_status;
    uint64_t id[MP_MAX];
    uint32_t status[MP_MAX];
    UINTN bad; /* number that gets an error; MP_MAX: none */
    unsigned asked;
} mp;

static struct boot b;
static uint8_t journal[JOURNAL_SIZE / 64] __attribute__((aligned(4096)));
static uint32_t own;

struct info {
    uint64_t id;
    uint32_t status;
    uint8_t rest[36];
};

static EFI_STATUS EFIAPI count(void *this, UINTN *all, UINTN *enabled)
{
    *all = mp.all;
    *enabled = mp.enabled;
    return mp.count_status;
}

static EFI_STATUS EFIAPI information(void *this, UINTN i, struct info *to)
{
    mp.asked++;
    if (i == mp.bad)
        return EFI_DEVICE_ERROR;
    assert_true(i < mp.all);
    to->id = mp.id[i];
    to->status = mp.status[i];
    return EFI_SUCCESS;
}

static void *interface[] = {(void *)count, (void *)information};

static EFI_STATUS EFIAPI locate(EFI_GUID *name, VOID *key, VOID **found)
{
    static const EFI_GUID services = {
        0x3fdda605,
        0xa76e,
        0x4f46,
        {0xad, 0x29, 0x12, 0xf4, 0x53, 0x1b, 0x3d, 0x08}};

    if (!mp.there || !guid_same(name, &services))
        return EFI_NOT_FOUND;
    *found = interface;
    return EFI_SUCCESS;
}

static void describe(uint64_t id, uint32_t status)
{
    mp.there = true;
    mp.id[mp.all] = id;
    mp.status[mp.all++] = status;
    mp.enabled += status >> 1 & 1;
}

static void put(uint8_t *at, uint64_t v, unsigned n)
{
    memcpy(at, &v, n);
}

static void madt_entry(uint32_t id, uint32_t flags)
{
    uint8_t *e = acpi + 2 * A_PAGE + madt_used;

    e[0] = 9;
    e[1] = 16;
    put(e + 4, id, 4);
    put(e + 8, flags, 4);
    madt_used += 16;
}

static void madt(uint32_t id)
{
    madt_entry(id, 1);
}

static void seal(uint8_t *t, unsigned n, unsigned sum)
{
    t[sum] = 0;
    for (unsigned i = 0; i < n; i++)
        if (i != sum)
            t[sum] = (uint8_t)(t[sum] - t[i]);
}

static void table(uint8_t *t, const char *signature, uint32_t n)
{
    memcpy(t, signature, 4);
    put(t + 4, n, 4);
    seal(t, n, 9);
}

/* The tables that lead to the MADT, of ACPI's revision 0 or 2. */
static void acpi_begin(unsigned revision)
{
    uint8_t *root = acpi + A_PAGE, *t = acpi + 2 * A_PAGE;
    unsigned step = revision ? 8 : 4;

    table(t, "APIC", madt_used);
    put(root + 36, 0, step); /* a table that is none is passed over */
    put(root + 36 + step, (uintptr_t)t, step);
    table(root, revision ? "XSDT" : "RSDT", 36 + 2 * step);
    memcpy(acpi, "RSD PTR ", 8);
    acpi[15] = (uint8_t)revision;
    put(acpi + 16, revision ? 0xfffff000 : (uintptr_t)root, 4);
    put(acpi + 24, revision ? (uintptr_t)root : 0x1234, 8);
    seal(acpi, 20, 8);
    if (revision)
        seal(acpi, 36, 32);
}

static void ask(bool tables)
{
    static EFI_BOOT_SERVICES services = {.LocateProtocol = locate};
    static EFI_CONFIGURATION_TABLE found;
    static EFI_SYSTEM_TABLE system = {.BootServices = &services,
                                      .ConfigurationTable = &found};

    found = (EFI_CONFIGURATION_TABLE){ACPI_20_TABLE_GUID, acpi};
    system.NumberOfTableEntries = tables;
    firmware_begin(&system);
    listed_ask(&b);
    listed_note(&b);
}

/* The journal's only note, "" where there is none; "2" where more are. */
static const char *noted(void)
{
    const struct record_header *h;
    const char *text = "";
    struct journal_cursor c;
    const void *payload;

    assert_int_equal(journal_open(&c, journal, sizeof(journal), 3), JOURNAL_OK);
    while ((h = journal_next(&c, &payload)) != NULL) {
        assert_int_equal(h->type, RECORD_NOTE);
        text = *text ? "2" : ((const struct record_note *)payload)->text;
        assert_in_range(strlen(text), 1, sizeof(struct record_note) - 2);
    }
    return text;
}

static int begin(void **state)
{
    cpu_set_t here;

    CPU_ZERO(&here);
    CPU_SET((size_t)sched_getcpu(), &here); /* own_id() is the same for good */
    assert_int_equal(sched_setaffinity(0, sizeof(here), &here), 0);
    if (!acpi)
        acpi = mmap(NULL, 4 * A_PAGE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    assert_true(acpi != MAP_FAILED);
    memset(acpi, 0, 4 * A_PAGE);
    madt_used = MADT_HEAD;
    memset(&mp, 0, sizeof(mp));
    mp.bad = MP_MAX;
    memset(&b, 0, sizeof(b));
    memset(journal, 0, sizeof(journal));
    journal_create(&b.journal, journal, sizeof(journal), 3);
    ask(false);
    own = b.handoff.processors.place[0].apic_id;
    assert_string_equal(noted(), "");
    return 0;
}

static const struct processors *const p = &b.handoff.processors;

static void nobody_lists(void **state)
{
    ask(false);
    assert_int_equal(p->n, 1);
    assert_int_equal(p->listed, 0);
    assert_int_equal(b.machine.processors, 1);
    assert_string_equal(noted(), "");
}

static void both_list_the_same(void **state)
{
    for (unsigned revision = 0; revision <= 2; revision += 2) {
        begin(state);
        madt(own + 0x1001);
        madt(own);
        describe(own, GOOD | 1);
        describe(own + 0x1001, GOOD);
        acpi_begin(revision);
        ask(true);
        assert_int_equal(p->n, 2);
        assert_int_equal(p->place[0].from,
                         PROCESSOR_LISTED_MADT | PROCESSOR_LISTED_MP);
        assert_int_equal(p->place[1].from, p->place[0].from);
        assert_int_equal(p->place[1].apic_id, own + 0x1001);
        assert_int_equal(b.machine.processors, 2);
        assert_string_equal(noted(), "");
    }
}

/* A root whose bytes do not add up is none, and so is one of nobody's. */
static void roots_that_lie(void **state)
{
    madt(own);
    acpi_begin(0);
    acpi[19] ^= 1;
    ask(true);
    assert_int_equal(p->listed, 0);
    acpi_begin(0);
    acpi[A_PAGE + 37] ^= 1;
    ask(true);
    assert_int_equal(p->listed, 0);
    acpi_begin(2);
    acpi[33] ^= 1; /* of what revision 2 has more */
    ask(true);
    assert_int_equal(p->listed, 0);
    acpi_begin(0);
    ask(true);
    assert_int_equal(p->listed, 1);
}

static void what_is_not_started(void **state)
{
    describe(own, GOOD | 1);
    describe(own + 1, 0);
    describe(own + 2, 2); /* ill */
    describe(own + 3, 4); /* disabled */
    ask(false);
    assert_int_equal(p->n, 1);
    assert_true(p->listed);
    assert_string_equal(noted(), "");
}

static void what_is_not_described(void **state)
{
    describe(own, GOOD | 1);
    describe(own + 1, GOOD);
    mp.bad = 1;
    ask(false);
    assert_int_equal(p->n, 1);
    assert_string_equal(noted(),
                        "processor number 1 is counted by the MP Services "
                        "protocol and not described by it");
    begin(state);
    describe(own, GOOD | 1);
    describe(0x100000000, GOOD);
    describe(0xffffffff, GOOD);
    ask(false);
    assert_int_equal(p->n, 1);
    assert_string_equal(noted(),
                        "processor number 1 and 1 more are counted by the MP "
                        "Services protocol and not described by it");
}

static void miscounted(const UINTN all, UINTN enabled, EFI_STATUS s)
{
    begin(NULL);
    describe(own, GOOD | 1);
    describe(own + 1, GOOD);
    mp.all = all;
    mp.enabled = enabled;
    mp.count_status = s;
    ask(false);
    assert_int_equal(mp.asked, 0);
    assert_int_equal(p->listed, 0);
    assert_non_null(strstr(noted(), "has no count of processors"));
}

static void counts_that_lie(void **state)
{
    miscounted(2, 2, EFI_DEVICE_ERROR);
    miscounted(2, 3, EFI_SUCCESS);
    miscounted(2, 0, EFI_SUCCESS);
    miscounted(0, 0, EFI_SUCCESS);
    miscounted(4097, 2, EFI_SUCCESS);
    miscounted((UINTN)-1, (UINTN)-1, EFI_SUCCESS);
}

static void disagreements(void **state)
{
    madt(own);
    madt(own + 1);
    madt(own + 1);
    describe(own, GOOD | 1);
    describe(own + 1, GOOD);
    acpi_begin(2);
    ask(true);
    assert_non_null(strstr(noted(), " is listed twice by the firmware"));

    begin(state);
    madt(own);
    madt(own + 1);
    madt(own + 2);
    describe(own, GOOD | 1);
    acpi_begin(2);
    ask(true);
    assert_int_equal(p->n, 3);
    assert_non_null(strstr(noted(), " and 1 more are in the MADT and not in"));

    begin(state);
    madt(own);
    describe(own, GOOD | 1);
    describe(own + 0x12345, GOOD);
    acpi_begin(2);
    ask(true);
    assert_int_equal(p->n, 2);
    assert_non_null(strstr(noted(), "list and not in the MADT"));

    begin(state);
    describe(own + 1, GOOD | 1);
    ask(false);
    assert_int_equal(p->place[0].apic_id, own);
    assert_int_equal(p->place[1].apic_id, own + 1);
    assert_non_null(strstr(noted(), "the processor that this runs on"));
}

/* One enables what the other disables. */
static void disabled_in_one(void **state)
{
    madt(own);
    madt(own + 1);
    madt_entry(own + 2, 0);
    describe(own, GOOD | 1);
    describe(own + 1, 4);
    acpi_begin(2);
    ask(true);
    assert_int_equal(p->n, 2);
    assert_non_null(
        strstr(noted(), " is enabled in the MADT and disabled in the MP"));

    begin(state);
    madt(own);
    madt_entry(own + 1, 2);
    describe(own, GOOD | 1);
    describe(own + 1, GOOD);
    acpi_begin(2);
    ask(true);
    assert_int_equal(p->n, 2);
    assert_int_equal(p->place[1].from, PROCESSOR_LISTED_MP);
    assert_non_null(strstr(noted(), "list and disabled in the MADT"));
}

static void a_table_that_ends_early(void **state)
{
    madt(own);
    madt_used -= 3;
    describe(own, GOOD | 1);
    acpi_begin(2);
    ask(true);
    assert_int_equal(p->place[0].from, PROCESSOR_LISTED_MP);
    assert_non_null(strstr(noted(), "the MADT ends within an entry"));
}

/* Two lists of the same 300 leave out 44, not 88. */
static void too_many(void **state)
{
    for (unsigned i = 0; i < MP_MAX; i++)
        describe(own + i, GOOD);
    for (unsigned i = 0; i < 200; i++)
        madt(own + i);
    acpi_begin(2);
    ask(true);
    assert_int_equal(p->n, PROCESSORS_MAX);
    assert_int_equal(p->over, 44);
    assert_string_equal(noted(), "2"); /* that, and that MP has more */
}

static void a_number_that_is_not_there(void **state)
{
    b.options.cpus.which = CPUS_THESE;
    b.options.cpus.bit[0] = 1 << 1 | 1 << 5;
    ask(false); /* nobody says how many there are */
    assert_string_equal(noted(), "");
    describe(own, GOOD | 1);
    describe(own + 1, GOOD);
    ask(false);
    assert_string_equal(noted(),
                        "--cpus names processor 5, which this machine has not");
}

#define TEST(f) cmocka_unit_test_setup(f, begin)
TEST_LIST(mp, TEST(nobody_lists), TEST(both_list_the_same),
          TEST(roots_that_lie), TEST(what_is_not_started),
          TEST(what_is_not_described), TEST(counts_that_lie),
          TEST(disagreements), TEST(disabled_in_one),
          TEST(a_table_that_ends_early), TEST(too_many),
          TEST(a_number_that_is_not_there));
