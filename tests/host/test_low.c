/* SPDX-License-Identifier: MIT */
/*
 * The page that processors start in, from a firmware that gives one, gives
 * page 0, or gives none; and what goes back to it.
 */
#include "host.h"

#include <efi.h>

#include "before/low.h"
#include "firmware.h"
#include "memmap.h"

#define NOTHING 1 /* no page's address */

static struct {
    EFI_MEMORY_DESCRIPTOR map[8];
    unsigned entries;
    EFI_PHYSICAL_ADDRESS gives;  /* asked for any; NOTHING: an error */
    bool refuses;                /* asked for a certain one */
    EFI_PHYSICAL_ADDRESS out[4]; /* given, and not back yet */
    unsigned n;
    bool no_map;
} firmware;

static EFI_STATUS EFIAPI allocate(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type,
                                  UINTN pages, EFI_PHYSICAL_ADDRESS *at)
{
    assert_int_equal(pages, 1);
    assert_int_equal(type, EfiLoaderData);
    if (how == AllocateAddress) {
        if (firmware.refuses)
            return EFI_NOT_FOUND;
    } else {
        assert_int_equal(how, AllocateMaxAddress);
        assert_int_equal(*at, 0x9ffff);
        if (firmware.gives == NOTHING)
            return EFI_OUT_OF_RESOURCES;
        *at = firmware.gives;
    }
    firmware.out[firmware.n++] = *at;
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI release(EFI_PHYSICAL_ADDRESS at, UINTN pages)
{
    assert_int_equal(pages, 1);
    assert_true(firmware.n > 0);
    assert_int_equal(firmware.out[--firmware.n], at);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_pool(EFI_MEMORY_TYPE type, UINTN n, VOID **at)
{
    *at = malloc(n);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *at)
{
    free(at);
    return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *to,
                                 UINTN *key, UINTN *step, UINT32 *version)
{
    UINTN need = firmware.entries * sizeof(*to), have = *size;

    if (firmware.no_map)
        return EFI_UNSUPPORTED;
    *step = sizeof(*to);
    *size = need;
    if (have < need)
        return EFI_BUFFER_TOO_SMALL;
    memcpy(to, firmware.map, need);
    return EFI_SUCCESS;
}

static void region(UINT32 type, uint64_t base, uint64_t pages)
{
    firmware.map[firmware.entries++] = (EFI_MEMORY_DESCRIPTOR){
        .Type = type, .PhysicalStart = base, .NumberOfPages = pages};
}

static int begin(void **state)
{
    static EFI_BOOT_SERVICES services = {
        .AllocatePool = get_pool,
        .FreePool = free_pool,
        .AllocatePages = allocate,
        .FreePages = release,
        .GetMemoryMap = get_map,
    };

    BS = &services;
    memset(&firmware, 0, sizeof(firmware));
    firmware.gives = NOTHING;
    region(EfiConventionalMemory, 0x100000, 0x1000);
    region(EfiReservedMemoryType, 0x9f000, 1);
    return 0;
}

static void takes(uint32_t page, bool from_firmware)
{
    bool given = !from_firmware;

    assert_int_equal(low_page(&given), page);
    assert_int_equal(given, from_firmware);
    assert_int_equal(firmware.n, from_firmware);
    low_release(page);
    assert_int_equal(firmware.n, 0);
    low_release(page); /* what is back is back */
}

static void one_is_given(void **state)
{
    firmware.gives = 0x9e000;
    takes(0x9e000, true);
}

static void there_is_none(void **state)
{
    takes(0, false);
    region(EfiBootServicesData, 0, 1);       /* the real mode's own */
    region(EfiBootServicesCode, 0xa0000, 4); /* too high */
    region(EfiACPIReclaimMemory, 0x80000, 4);
    region(EfiRuntimeServicesData, 0x70000, 4);
    takes(0, false);
    firmware.no_map = true;
    takes(0, false);
}

/* The highest, whatever the map's order; cut off at 640 KiB. */
static void of_boot_services(void **state)
{
    region(EfiBootServicesData, 0x20000, 4);
    region(EfiBootServicesCode, 0x1000, 1);
    takes(0x23000, false);
    region(EfiBootServicesData, 0x9e000, 0x40);
    takes(0x9f000, false);
}

/* Page 0 goes back, and the map may have another that is free. */
static void page_0_is_none(void **state)
{
    firmware.gives = 0;
    takes(0, false);
    region(EfiBootServicesData, 0x90000, 1);
    takes(0x90000, false);
    region(EfiConventionalMemory, 0, 8);
    takes(0x7000, true);
    firmware.refuses = true;
    takes(0x90000, false);
}

#define TEST(f) cmocka_unit_test_setup(f, begin)
TEST_LIST(low, TEST(one_is_given), TEST(there_is_none), TEST(of_boot_services),
          TEST(page_0_is_none));
