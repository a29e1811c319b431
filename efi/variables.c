/* SPDX-License-Identifier: MIT */
/*
 * The firmware's variable store, used as sparingly as can be: asked for room
 * first, written only when something changes, read back after each write.
 * Called by arm.c, state.c and bootopt.c.
 */
#include "variables.h"

#include "firmware.h"
#include "fmt.h"
#include "macros.h"
#include "mem.h"
#include "say.h"

#define REVISION_2_0 (2u << 16)
#define COMPARE_MAX 4096       /* bytes; none of ours is longer */
#define ENTRY_OVERHEAD 256     /* name, GUID and header of one, rounded up */
#define RESERVE_MIN (5u << 10) /* Linux keeps as much free */
#define RESERVE_PART 2         /* ... and we half of the store */

EFI_GUID variable_guid = VARIABLE_GUID;
EFI_GUID global_guid = EFI_GLOBAL_VARIABLE;

static bool refused;

void variable_refuse_writes(void)
{
    refused = true;
}

EFI_STATUS variable_get(const CHAR16 *name, EFI_GUID *vendor, void *data,
                        UINTN *n)
{
    UINT32 attributes = 0;

    if (!RT->GetVariable)
        return EFI_NOT_FOUND;
    return RT->GetVariable((CHAR16 *)name, vendor, &attributes, n, data);
}

static EFI_STATUS write(const CHAR16 *name, EFI_GUID *vendor, const void *data,
                        UINTN n)
{
    if (refused)
        return EFI_WRITE_PROTECTED;
    if (!RT->SetVariable)
        return EFI_UNSUPPORTED;
    return RT->SetVariable((CHAR16 *)name, vendor, n ? VARIABLE_ATTRIBUTES : 0,
                           n, (void *)data);
}

static bool holds(const CHAR16 *name, EFI_GUID *vendor, const void *data,
                  UINTN n)
{
    UINT8 there[COMPARE_MAX];
    UINTN got = sizeof(there);

    return variable_get(name, vendor, there, &got) == EFI_SUCCESS && got == n &&
           memcmp(there, data, n) == 0;
}

EFI_STATUS variable_set(const CHAR16 *name, EFI_GUID *vendor, const void *data,
                        UINTN n)
{
    EFI_STATUS s;

    if (n == 0 || n > COMPARE_MAX)
        return EFI_BAD_BUFFER_SIZE;
    if (holds(name, vendor, data, n))
        return EFI_SUCCESS;
    s = write(name, vendor, data, n);
    if (EFI_ERROR(s))
        return s;
    return holds(name, vendor, data, n) ? EFI_SUCCESS : EFI_CRC_ERROR;
}

EFI_STATUS variable_delete(const CHAR16 *name, EFI_GUID *vendor)
{
    UINT8 there[1];
    UINTN n = sizeof(there);
    EFI_STATUS s = variable_get(name, vendor, there, &n);

    if (s == EFI_NOT_FOUND)
        return EFI_SUCCESS;
    return write(name, vendor, NULL, 0);
}

const char *variable_room(UINTN n)
{
    static char why[80];
    UINT64 store = 0, left = 0, largest = 0, reserve;
    EFI_STATUS s;

    /* The table of EFI 1.x ends before this service. */
    if (RT->Hdr.Revision < REVISION_2_0 || !RT->QueryVariableInfo)
        return "the firmware cannot tell how full its variable store is";
    s = RT->QueryVariableInfo(VARIABLE_ATTRIBUTES, &store, &left, &largest);
    if (EFI_ERROR(s))
        return "the firmware does not tell how full its variable store is";
    reserve = store / RESERVE_PART;
    if (reserve < RESERVE_MIN)
        reserve = RESERVE_MIN;
    if (left >= reserve + n && largest >= n)
        return NULL;
    fmt(why, sizeof(why), "variable store too full: %llu of %llu bytes free",
        (unsigned long long)left, (unsigned long long)store);
    return why;
}

static void fill_name(CHAR16 *name, unsigned i)
{
    static const CHAR16 first[] = VARIABLE_FILL;

    memcpy(name, first, sizeof(first));
    name[COUNT(first) - 2] = (CHAR16)('0' + i);
}

/* Each as large as the firmware will take at that moment. */
#define FILL_COUNT 32

void variables_fill(void)
{
    CHAR16 name[sizeof(VARIABLE_FILL) / sizeof(CHAR16)];
    UINT64 store = 0, left = 0, largest = 0;
    EFI_STATUS s = EFI_SUCCESS;
    void *data = NULL;

    for (unsigned i = 0; i < FILL_COUNT && !variable_room(0); i++) {
        s = RT->QueryVariableInfo(VARIABLE_ATTRIBUTES, &store, &left, &largest);
        if (EFI_ERROR(s) || largest <= ENTRY_OVERHEAD)
            break;
        largest -= ENTRY_OVERHEAD;
        s = BS->AllocatePool(EfiLoaderData, largest, &data);
        if (EFI_ERROR(s))
            break;
        memset(data, (int)i, largest);
        fill_name(name, i);
        s = write(name, &variable_guid, data, largest);
        BS->FreePool(data);
        if (EFI_ERROR(s))
            break;
    }
    say("The variable store is filled on purpose: %s.\n", status_words(s));
}

void variables_unfill(void)
{
    CHAR16 name[sizeof(VARIABLE_FILL) / sizeof(CHAR16)];

    for (unsigned i = 0; i < FILL_COUNT; i++) {
        fill_name(name, i);
        variable_delete(name, &variable_guid);
    }
}
