/* SPDX-License-Identifier: MIT */
/*
 * The page tables that entry/space.c builds, walked by code of our own:
 * exactly the pages that should be mapped are, each with exactly its rights,
 * in both address spaces, with 4 and with 5 levels, with and without NX.
 */
#include "host.h"
#include "space.h"
#include "stacks.h"

#define PAGE 0x1000ull
#define POOL_PAGES 64u
#define LOW_END (1ull << 47) /* a user address is below this */
#define CORE 0x7654000ull    /* where the loader put the image ... */
#define OWN 0x9200000ull     /* ... and another processor's part of it */
#define PRIVATE 0x18000ull   /* where that begins in the image */
#define TRAMPOLINE 0x9f000u

/* Rights as a walk finds them: the AND of all levels. */
enum { W = 1, U = 2, X = 4, UC = 8, WC = 16 };

struct region {
    uint64_t va, pa, size;
    unsigned rights;
};

static const struct core_header core = {
    .stacks_offset = 0x60000,
    .private_offset = PRIVATE,
    .private_end = 0x60000 + STACK_COUNT * STACK_SIZE,
    .shared_table = 0x200000,
    .segment =
        {
            {VA_CORE, 0, 0x12000, SEGMENT_EXECUTE, 0},
            {VA_CORE + 0x12000, 0x12000, 0x5000, 0, 0},
            {VA_USER_TEXT, 0x17000, 0x1000, SEGMENT_USER | SEGMENT_EXECUTE, 0},
            {VA_USER_DATA, PRIVATE, 0x2000,
             SEGMENT_PRIVATE | SEGMENT_USER | SEGMENT_WRITE, 0},
            {VA_CORE + 0x1a000, 0x1a000, 0x46000,
             SEGMENT_PRIVATE | SEGMENT_WRITE, 0},
            {VA_CORE + 0x200000, 0x200000, 0x1000, SEGMENT_WRITE, 0},
            {VA_CORE + 0x201000, 0x201000, 0x3000,
             SEGMENT_FIRST | SEGMENT_WRITE, 0},
        },
};

/* Runtime regions as a firmware has them: small, large, and device memory. */
static const struct identity runtime[] = {
    {0x7e0000, 0x3000, IDENTITY_DATA, false},
    {0x800000, 0x601000, IDENTITY_CODE, false},
    {0xffc00000, 0x400000, IDENTITY_MMIO, false},
};

static struct handoff given;
static void *pool;
static struct region expected[1024];
static unsigned regions;
static uint64_t pages_seen, nx_bits;
static unsigned shared_links;

static void expect(uint64_t va, uint64_t pa, uint64_t size, unsigned rights)
{
    size = (size + PAGE - 1) & ~(PAGE - 1);
    expected[regions++] = (struct region){va, pa, size, rights};
}

/* Where the processor's own part of the image lies. */
static uint64_t own(uint64_t offset)
{
    return given.cpu == 0 ? CORE + offset : OWN + offset - PRIVATE;
}

static void expect_core(void)
{
    for (unsigned i = 0; i < STACK_COUNT; i++)
        expect(STACK_BOTTOM(i), own(core.stacks_offset + i * STACK_SIZE),
               STACK_SIZE, W);
    expect(VA_CORE, CORE, 0x12000, X);
    expect(VA_CORE + 0x12000, CORE + 0x12000, 0x5000, 0);
    expect(VA_CORE + 0x1a000, own(0x1a000), 0x46000, W);
    expect(VA_CORE + 0x200000, CORE + 0x200000, 0x1000, W);
    if (given.cpu == 0) {
        expect(VA_CORE + 0x201000, CORE + 0x201000, 0x3000, W);
        if (given.trampoline != 0)
            expect(VA_TRAMPOLINE, TRAMPOLINE, PAGE, W);
        for (unsigned n = 1; n <= given.worlds; n++)
            expect(VA_WORLD(n), given.world[n], WORLD_SIZE, W);
    }
    expect(VA_JOURNAL, given.journal, given.journal_size, W);
    expect(VA_TABLES, given.tables, given.tables_size, W);
    expect(VA_APIC, 0xfee00000, PAGE, W | UC);
    if (given.ioapic != 0)
        expect(VA_IOAPIC, given.ioapic, PAGE, W | UC);
    if (given.screen.base != 0)
        expect(VA_SCREEN, given.screen.base,
               given.screen.size < VA_SCREEN_MAX ? given.screen.size
                                                 : VA_SCREEN_MAX,
               W | WC);
}

static void expect_user(void)
{
    expect(VA_USER_TEXT, CORE + 0x17000, 0x1000, U | X);
    expect(VA_USER_DATA, own(PRIVATE), 0x2000, U | W);
}

static void expect_runtime(void)
{
    static const unsigned rights[] = {
        [IDENTITY_CODE] = W | X,
        [IDENTITY_DATA] = W,
        [IDENTITY_MMIO] = W | UC,
    };

    for (size_t i = 0; i < COUNT(runtime); i++)
        expect(runtime[i].base, runtime[i].base, runtime[i].size,
               rights[runtime[i].kind]);
}

/* One mapped page: it must be in one expected region, with its rights. */
static void judge(uint64_t va, uint64_t pa, unsigned rights, bool nx)
{
    unsigned in = 0;

    for (unsigned i = 0; i < regions; i++) {
        const struct region *r = &expected[i];

        if (va < r->va || va - r->va >= r->size)
            continue;
        in++;
        assert_int_equal(pa, r->pa + (va - r->va));
        assert_int_equal(rights, nx ? r->rights : r->rights | X);
    }
    if (in != 1)
        fail_msg("%#lx is mapped and in %u regions", va, in);
    pages_seen++;
}

/* SDM vol 3, "4-Level Paging and 5-Level Paging", tables of entries. */
static void walk(uint64_t table, unsigned level, uint64_t va, unsigned rights,
                 bool nx)
{
    const uint64_t *entry = (const uint64_t *)(uintptr_t)table;

    for (unsigned i = 0; i < 512; i++) {
        uint64_t e = entry[i], address = e & 0x000ffffffffff000;
        uint64_t here = va | (uint64_t)i << (12 + 9 * (level - 1));
        bool large = level == 2 && (e & 0x80);
        unsigned now = rights;

        if (!(e & 1)) {
            assert_int_equal(e, 0);
            continue;
        }
        nx_bits += e >> 63;
        now &= ~(e & 2 ? 0u : W) & ~(e & 4 ? 0u : U) & ~(e >> 63 ? X : 0u);
        if (level == given.levels && i >= 256) /* sign-extended */
            here |= given.levels == 4 ? 0xffffull << 48 : 0x7full << 57;
        /* The one table that all have: not ours to look into. */
        if (address == CORE + core.shared_table && level == 2) {
            assert_int_equal(here, VA_USER_SHARED);
            assert_int_equal(now, W | U | X);
            shared_links++;
            continue;
        }
        if (level > 1 && !large) {
            assert_false(e & 0x98); /* no PWT, PCD or PS in a pointer */
            walk(address, level - 1, here, now, nx);
            continue;
        }
        now |= (e & 0x18) == 0x18 ? UC : e & 0x08 ? WC : 0;
        assert_false(e & 0x10 && !(e & 0x08));
        assert_false(!large && (e & 0x80)); /* the PAT bit of a small page */
        assert_false(large && (address & 0x1ff000));
        for (uint64_t off = 0; off < (large ? 0x200000 : PAGE); off += PAGE)
            judge(here + off, address + off, now, nx);
    }
}

/* Exactly the expected regions are mapped under this root. */
static void check_space(uint64_t root, bool nx)
{
    uint64_t pages = 0;

    for (unsigned i = 0; i < regions; i++)
        pages += expected[i].size / PAGE;
    pages_seen = nx_bits = shared_links = 0;
    walk(root, given.levels, 0, W | U | X, nx);
    assert_int_equal(pages_seen, pages);
    if (nx)
        assert_true(nx_bits > 0);
    else
        assert_int_equal(nx_bits, 0);
}

static void set_up(unsigned levels, unsigned pool_pages)
{
    free(pool);
    pool = aligned_alloc(PAGE, (pool_pages > 0 ? pool_pages : 1) * PAGE);
    assert_non_null(pool);
    memset(pool, 0x5a, pool_pages * PAGE);
    memset(&given, 0, sizeof(given));
    given.tables = (uintptr_t)pool;
    given.tables_size = pool_pages * PAGE;
    given.journal = 0x4000000;
    given.journal_size = JOURNAL_SIZE;
    given.levels = levels;
    given.ioapic = 0xfec00000;
    given.apic = 0xfee00900; /* the register's value, with its flags */
    given.screen.base = 0xc0001000;
    given.screen.size = 0x3e8800;
}

static const char *build(bool nx)
{
    unsigned left_out;
    const char *error = space_build(&given, &core, CORE, nx, runtime,
                                    COUNT(runtime), &left_out);

    assert_int_equal(left_out, 0);
    return error;
}

static void both_spaces(unsigned levels, bool nx)
{
    assert_null(build(nx));
    assert_int_equal(given.levels, levels);
    regions = 0;
    expect_core();
    expect_user();
    check_space(given.cr3_test, nx);
    assert_int_equal(shared_links, 1);
    regions = 0;
    expect_core();
    expect_runtime();
    check_space(given.cr3_rt, nx);
}

static void four_and_five_levels(void **state)
{
    for (unsigned levels = 4; levels <= 5; levels++) {
        set_up(levels, POOL_PAGES);
        both_spaces(levels, true);
        set_up(levels, POOL_PAGES);
        both_spaces(levels, false);
    }
}

/* Another processor: its own data over the same text, the page that it starts
 * in, and nothing that is the first's alone. */
static void another_processor(void **state)
{
    for (unsigned levels = 4; levels <= 5; levels++) {
        set_up(levels, SPACE_POOL_OTHER);
        given.cpu = 3;
        given.worlds = 5;
        given.trampoline = TRAMPOLINE;
        given.screen.base = 0;
        assert_null(space_build_other(&given, &core, CORE, OWN, true));
        regions = 0;
        expect_core();
        expect_user();
        check_space(given.cr3_test, true);
        assert_int_equal(shared_links, 1);
        regions = 0;
        expect_core();
        expect(TRAMPOLINE, TRAMPOLINE, PAGE, W | X);
        check_space(given.cr3_rt, true);
    }
}

/* The first sees where each begins, and what each has. */
static void worlds(void **state)
{
    set_up(4, SPACE_POOL_PAGES);
    given.trampoline = TRAMPOLINE;
    given.worlds = PROCESSORS_MAX - 1;
    for (unsigned n = 1; n <= given.worlds; n++)
        given.world[n] = 0x20000000 + n * (uint32_t)WORLD_SIZE;
    both_spaces(4, true);
}

static void screens(void **state)
{
    static const struct framebuffer all[] = {
        {.base = 0},
        {.base = 0x80000000, .size = 0x300000},
        {.base = 0x1234000000, .size = 1},
        {.base = 0xe0000000, .size = 1ull << 30}, /* more than fits */
    };

    for (size_t i = 0; i < COUNT(all); i++) {
        set_up(4, SPACE_POOL_PAGES);
        given.screen = all[i];
        both_spaces(4, true);
    }
}

/* What the exact comparison implies, said once for the reader. */
static void w_xor_x_and_guards(void **state)
{
    regions = 0;
    expect_core();
    expect_user();
    for (unsigned i = 0; i < regions; i++) {
        assert_false((expected[i].rights & W) && (expected[i].rights & X));
        assert_true(!(expected[i].rights & U) == (expected[i].va >= LOW_END));
    }
    for (unsigned s = 0; s < STACK_COUNT; s++) {
        uint64_t guard = STACK_BOTTOM(s) - STACK_SIZE;

        for (unsigned i = 0; i < regions; i++)
            assert_true(guard + STACK_SIZE <= expected[i].va ||
                        guard >= expected[i].va + expected[i].size);
    }
}

/* Whatever the pool lacks: a sentence, and no page written beyond it. */
static void small_pools(void **state)
{
    unsigned n = 0;
    const char *error;

    do {
        set_up(4, n);
        error = build(true);
        if (error != NULL)
            assert_string_equal(error, "the page tables do not fit their pool");
    } while (error != NULL && ++n <= POOL_PAGES);
    assert_null(error);
    assert_in_range(n, 10, POOL_PAGES);
}

static void overlaps(void **state)
{
    static const struct identity pairs[][2] = {
        {{0x800000, 0x200000, IDENTITY_CODE, false},
         {0x900000, PAGE, IDENTITY_DATA, false}},
        {{0x900000, PAGE, IDENTITY_DATA, false},
         {0x800000, 0x200000, IDENTITY_CODE, false}},
        {{0x900000, PAGE, IDENTITY_DATA, false},
         {0x900000, PAGE, IDENTITY_CODE, false}},
    };

    for (size_t i = 0; i < COUNT(pairs); i++) {
        const char *error;
        unsigned left_out;

        set_up(4, POOL_PAGES);
        error = space_build(&given, &core, CORE, true, pairs[i], 2, &left_out);
        assert_non_null(error);
        assert_string_equal(error, "two regions overlap in the page tables");
    }
}

/*
 * More regions than the pool has tables for, each in a GiB of its own: those
 * that may be left out are, counted, and all that must be there is; where one
 * of these does not fit that is the end.
 */
static void scattered_regions(void **state)
{
    enum { MANY = 512 };
    static struct identity many[COUNT(runtime) + MANY];
    unsigned left_out;

    memcpy(many, runtime, sizeof(runtime));
    for (unsigned i = 0; i < MANY; i++)
        many[COUNT(runtime) + i] = (struct identity){
            (i + 8ull) << 30, PAGE, IDENTITY_DATA, .optional = true};
    set_up(4, SPACE_POOL_PAGES);
    assert_null(
        space_build(&given, &core, CORE, true, many, COUNT(many), &left_out));
    assert_in_range(left_out, 1, MANY - 50);
    regions = 0;
    expect_core();
    expect_runtime();
    for (unsigned i = 0; i < MANY - left_out; i++) {
        const struct identity *r = &many[COUNT(runtime) + i];

        expect(r->base, r->base, r->size, W);
    }
    check_space(given.cr3_rt, true);
    for (unsigned i = 0; i < MANY; i++)
        many[COUNT(runtime) + i].optional = false;
    set_up(4, SPACE_POOL_PAGES);
    assert_non_null(
        space_build(&given, &core, CORE, true, many, COUNT(many), &left_out));
}

static int tear_down(void **state)
{
    free(pool);
    pool = NULL;
    return 0;
}

#define TEST(f) cmocka_unit_test_teardown(f, tear_down)

TEST_LIST(space, TEST(four_and_five_levels), TEST(another_processor),
          TEST(worlds), TEST(screens), TEST(w_xor_x_and_guards),
          TEST(small_pools), TEST(overlaps), TEST(scattered_regions));
