/* SPDX-License-Identifier: MIT */
/*
 * Leaving the firmware, with a firmware of our own: what was taken is given
 * back when it does not let go, and what was left out is noted when it does.
 */
#include "host.h"

#include <efi.h>

#include "before/exit.h"
#include "before/switch.h"
#include "firmware.h"
#include "memmap.h"
#include "say.h"
#include "space.h"

#define MAP_MAX 1024
#define TRIES 8
#define GIB (1ull << 30)

static struct {
    EFI_MEMORY_DESCRIPTOR map[MAP_MAX];
    unsigned entries;
    UINTN key;
    unsigned taken;   /* allocations that were not given back ... */
    void *block[8];   /* ... and what they are */
    unsigned calls;   /* of services that may fail ... */
    unsigned fail_at; /* ... and the one that does, 0: none */
    unsigned exits;   /* times that ExitBootServices was called */
    bool gone;        /* it has let go: nothing may be called */
} firmware;

static struct boot b;
static EFI_LOADED_IMAGE image;
static uint8_t journal[JOURNAL_SIZE / 64] __attribute__((aligned(4096)));
static jmp_buf left; /* core_switch() comes here */

static const struct core_header header = {
    .stacks_offset = 0x60000,
    .segment = {{VA_CORE, 0, 0x12000, SEGMENT_EXECUTE, 0}},
};
static const struct core core = {.header = &header, .base = 0x7654000};

static bool may_fail(void)
{
    assert_false(firmware.gone);
    return ++firmware.calls == firmware.fail_at;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN n, VOID **at)
{
    if (may_fail())
        return EFI_OUT_OF_RESOURCES;
    *at = malloc(n);
    assert_non_null(*at);
    assert_true(firmware.taken < COUNT(firmware.block));
    firmware.block[firmware.taken++] = *at;
    firmware.key++;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *at)
{
    unsigned i = 0;

    assert_false(firmware.gone);
    while (i < firmware.taken && firmware.block[i] != at)
        i++;
    assert_true(i < firmware.taken);
    firmware.block[i] = firmware.block[--firmware.taken];
    firmware.key++;
    free(at);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how,
                                        EFI_MEMORY_TYPE type, UINTN n,
                                        EFI_PHYSICAL_ADDRESS *at)
{
    return allocate_pool(type, n * EFI_PAGE, (VOID **)at);
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS at, UINTN n)
{
    return free_pool((VOID *)at);
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *to,
                                        UINTN *key, UINTN *step,
                                        UINT32 *version)
{
    UINTN need = firmware.entries * sizeof(*to), have = *size;

    *step = sizeof(*to);
    *version = 1;
    *size = need;
    if (have < need)
        return EFI_BUFFER_TOO_SMALL;
    if (may_fail())
        return EFI_DEVICE_ERROR;
    memcpy(to, firmware.map, need);
    *key = firmware.key;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE handle, UINTN key)
{
    assert_false(firmware.gone);
    firmware.exits++;
    if (key != firmware.key)
        return EFI_INVALID_PARAMETER;
    firmware.gone = true;
    return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES services = {
    .AllocatePool = allocate_pool,
    .FreePool = free_pool,
    .AllocatePages = allocate_pages,
    .FreePages = free_pages,
    .GetMemoryMap = get_memory_map,
    .ExitBootServices = exit_boot_services,
};

/* The rest of efi/ that exit.c calls. */
const char *status_words(EFI_STATUS s)
{
    return s == EFI_INVALID_PARAMETER ? "invalid parameter" : "no memory";
}

void core_hand_over(const struct core *c, const struct handoff *h)
{
    assert_true(firmware.gone);
}

_Noreturn void core_switch(uint64_t cr3, uint64_t entry, uint64_t nx)
{
    assert_int_equal(cr3, b.handoff.cr3_rt);
    longjmp(left, 1);
}

static void region(UINT32 type, uint64_t base, uint64_t pages, bool runtime)
{
    firmware.map[firmware.entries++] = (EFI_MEMORY_DESCRIPTOR){
        .Type = type,
        .PhysicalStart = base,
        .NumberOfPages = pages,
        .Attribute = runtime ? EFI_MEMORY_RUNTIME : 0,
    };
}

/* What the one before has kept, having left, goes first. */
static void begin(enum provocation provoke, unsigned pool_pages)
{
    BS = &services;
    while (firmware.taken > 0)
        free(firmware.block[--firmware.taken]);
    memset(&firmware, 0, sizeof(firmware));
    region(EfiConventionalMemory, 0x100000, 0x1000, false);
    region(EfiRuntimeServicesData, 0x7e0000, 3, true);
    region(EfiRuntimeServicesCode, 0x800000, 0x20, true);
    region(EfiBootServicesData, 0x900000, 0x40, false);
    memset(&b, 0, sizeof(b));
    b.loaded = &image;
    b.options.provoke = provoke;
    image.ImageBase = (void *)0x7f000000;
    image.ImageSize = 0x60000;
    b.handoff.levels = 4;
    b.handoff.journal = 0x4000000;
    b.handoff.journal_size = JOURNAL_SIZE;
    b.handoff.apic = 0xfee00000;
    b.handoff.tables_size = pool_pages * EFI_PAGE;
    b.handoff.tables =
        (uintptr_t)aligned_alloc(EFI_PAGE, b.handoff.tables_size);
    journal_create(&b.journal, journal, sizeof(journal), 3);
}

/* NULL: it has left. */
static const char *leave(void)
{
    const char *trouble = NULL;

    if (setjmp(left) == 0)
        trouble = exit_into_core(&b, &core);
    free((void *)b.handoff.tables);
    b.handoff.tables = 0;
    return trouble;
}

/* The text of the only note in the journal, "" where there is none. */
static const char *noted(void)
{
    const struct record_header *h;
    const char *text = "";
    struct journal_cursor c;
    const void *payload;

    assert_int_equal(journal_open(&c, journal, sizeof(journal), 3), JOURNAL_OK);
    while ((h = journal_next(&c, &payload)) != NULL) {
        if (h->type != RECORD_NOTE)
            continue;
        assert_string_equal(text, "");
        text = ((const struct record_note *)payload)->text;
    }
    return text;
}

static void leaves(void **state)
{
    begin(PROVOKE_NOTHING, SPACE_POOL_PAGES);
    assert_null(leave());
    assert_true(firmware.gone);
    assert_int_equal(firmware.exits, 1);
    assert_string_equal(noted(), "");
    begin(PROVOKE_STALE_KEY, SPACE_POOL_PAGES);
    assert_null(leave());
    assert_int_equal(firmware.exits, 2);
    assert_non_null(strstr(noted(), "took 2 tries"));
}

static void gives_back_when_refused(void **state)
{
    begin(PROVOKE_EXIT_REFUSED, SPACE_POOL_PAGES);
    assert_string_equal(leave(), "the firmware did not let go in 8 tries: "
                                 "invalid parameter");
    assert_int_equal(firmware.exits, TRIES);
    assert_false(firmware.gone);
    assert_int_equal(firmware.taken, 0);
}

/* Whichever of its services fails, and however small the pool is. */
static void gives_back_whatever_fails(void **state)
{
    unsigned n = 0;

    do {
        begin(PROVOKE_STALE_KEY, SPACE_POOL_PAGES);
        firmware.fail_at = ++n;
        if (leave() == NULL)
            break;
        assert_int_equal(firmware.taken, 0);
    } while (n < 100);
    assert_in_range(n, 4, 99);
    for (n = 1; n < 64; n++) {
        begin(PROVOKE_NOTHING, n);
        if (leave() == NULL)
            break;
        assert_int_equal(firmware.taken, 0);
    }
    assert_in_range(n, 10, 63);
}

/* A firmware whose boot services lie all over the place. */
static void notes_what_is_left_out(void **state)
{
    begin(PROVOKE_NOTHING, SPACE_POOL_PAGES);
    for (uint64_t i = 0; i < 900; i++)
        region(EfiBootServicesData, (8 + i) * GIB, 1, false);
    assert_null(leave());
    assert_non_null(strstr(noted(), "find no room in the page tables"));
    begin(PROVOKE_NOTHING, SPACE_POOL_PAGES);
    for (uint64_t i = 0; i < 900; i++)
        region(EfiRuntimeServicesData, (8 + i) * GIB, 1, true);
    assert_string_equal(leave(), "the page tables do not fit their pool");
    assert_int_equal(firmware.taken, 0); /* and the test leaves none, either */
}

TEST_LIST(exit, cmocka_unit_test(leaves),
          cmocka_unit_test(gives_back_when_refused),
          cmocka_unit_test(gives_back_whatever_fails),
          cmocka_unit_test(notes_what_is_left_out));
