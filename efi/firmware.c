/* SPDX-License-Identifier: MIT */
/*
 * The firmware's tables, and what is found in them by a GUID.  Called by main.c
 * at the start, and by everything in efi/ that asks for a protocol.
 */
#include "firmware.h"

#include "mem.h"

EFI_SYSTEM_TABLE *ST;
EFI_BOOT_SERVICES *BS;
EFI_RUNTIME_SERVICES *RT;

void firmware_begin(EFI_SYSTEM_TABLE *table)
{
    ST = table;
    BS = table->BootServices;
    RT = table->RuntimeServices;
}

bool guid_same(const EFI_GUID *a, const EFI_GUID *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

const void *firmware_table(const EFI_GUID *name)
{
    for (UINTN i = 0; i < ST->NumberOfTableEntries; i++) {
        if (guid_same(&ST->ConfigurationTable[i].VendorGuid, name))
            return ST->ConfigurationTable[i].VendorTable;
    }
    return NULL;
}

void *firmware_protocol(EFI_HANDLE handle, EFI_GUID name)
{
    void *found = NULL;

    return EFI_ERROR(BS->HandleProtocol(handle, &name, &found)) ? NULL : found;
}
