/* SPDX-License-Identifier: MIT */
/*
 * What is looked up by GUID: of neighbours the right one, and no other where
 * it is missing.
 */
#include "host.h"

#include "firmware.h"

#define NAME(last)                                                             \
    {                                                                          \
        0x7feb791c, 0xf8c7, 0x46b6,                                            \
        {                                                                      \
            0x8e, 0xf1, 0xfe, 0x96, 0xf4, 0xd7, 0xd0, last                     \
        }                                                                      \
    }

static const EFI_GUID name = NAME(1), other = NAME(2), nobody = NAME(3);

static void guids(void **state)
{
    const uint8_t *bytes = (const uint8_t *)&name;
    EFI_GUID copy = name;

    assert_int_equal(sizeof(copy), 16);
    assert_true(guid_same(&name, &copy));
    assert_false(guid_same(&name, &other));
    for (unsigned i = 0; i < sizeof(copy); i++) {
        memcpy(&copy, bytes, sizeof(copy));
        ((uint8_t *)&copy)[i] ^= 1;
        assert_false(guid_same(&name, &copy));
    }
}

static void configuration_tables(void **state)
{
    static char first[1], second[1];
    EFI_CONFIGURATION_TABLE tables[] = {{NAME(2), first}, {NAME(1), second}};
    EFI_SYSTEM_TABLE system = {.NumberOfTableEntries = 2,
                               .ConfigurationTable = tables};

    firmware_begin(&system);
    assert_ptr_equal(firmware_table(&other), first);
    assert_ptr_equal(firmware_table(&name), second);
    assert_null(firmware_table(&nobody));
    system.NumberOfTableEntries = 1;
    assert_null(firmware_table(&name));
    system.NumberOfTableEntries = 0;
    assert_null(firmware_table(&other));
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid,
                                         VOID **found)
{
    if (!guid_same(guid, &name))
        return EFI_UNSUPPORTED;
    *found = handle;
    return EFI_SUCCESS;
}

static void protocols(void **state)
{
    EFI_BOOT_SERVICES services = {.HandleProtocol = handle_protocol};
    EFI_SYSTEM_TABLE system = {.BootServices = &services};

    firmware_begin(&system);
    assert_ptr_equal(firmware_protocol(&system, name), &system);
    assert_null(firmware_protocol(&system, other));
}

TEST_LIST(firmware, cmocka_unit_test(guids),
          cmocka_unit_test(configuration_tables), cmocka_unit_test(protocols));
