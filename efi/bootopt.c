/* SPDX-License-Identifier: MIT */
/*
 * Boot#### and BootNext.  BootCurrent is not always this image: started from
 * the Shell it names the Shell, and BootNext would end there.  So an option
 * of our own is made unless BootCurrent's really leads here.
 * Called by arm.c, and by state.c for the clean-up.
 */
#include "bootopt.h"

#include "devpath.h"
#include "firmware.h"
#include "mem.h"
#include "variables.h"

#define OPTION_MAX 4096  /* bytes of a Boot#### variable that we handle */
#define PATH_MAX 512     /* bytes of this image's device path */
#define FIRST_OWN 0x0f00 /* well above what firmware hands out */
#define LAST_OWN 0x0fff
#define TITLE L"ringside (report of the last run)"

/* EFI_LOAD_OPTION: these six bytes, title, device path, load options. */
#define LOAD_OPTION_TITLE 6
#define LOAD_OPTION_ACTIVE 1u

static void option_name(CHAR16 *name, uint16_t number)
{
    static const CHAR16 digits[] = L"0123456789ABCDEF";

    memcpy(name, L"Boot", 4 * sizeof(CHAR16));
    for (int i = 0; i < 4; i++)
        name[4 + i] = digits[number >> (12 - 4 * i) & 15];
    name[8] = 0;
}

static bool option_exists(uint16_t number)
{
    CHAR16 name[9];
    UINT8 there[1];
    UINTN n = sizeof(there);

    option_name(name, number);
    return variable_get(name, &global_guid, there, &n) != EFI_NOT_FOUND;
}

/* Does the option named by BootCurrent lead to path[size]? */
static bool current_is_us(const uint8_t *path, UINTN size, uint16_t *number)
{
    uint8_t option[OPTION_MAX];
    CHAR16 name[9];
    UINTN n = sizeof(*number), at = LOAD_OPTION_TITLE, list;

    if (variable_get(L"BootCurrent", &global_guid, number, &n) != EFI_SUCCESS ||
        n != sizeof(*number))
        return false;
    option_name(name, *number);
    n = sizeof(option);
    if (variable_get(name, &global_guid, option, &n) != EFI_SUCCESS ||
        n < LOAD_OPTION_TITLE)
        return false;
    list = (UINTN)(option[4] | option[5] << 8);
    while (at + 1 < n && (option[at] || option[at + 1]))
        at += sizeof(CHAR16);
    at += sizeof(CHAR16);
    if (at > n || list > n - at)
        return false;
    return devpath_leads_to((EFI_DEVICE_PATH *)(option + at), list,
                            (const EFI_DEVICE_PATH *)path, size);
}

static const char *option_create(const uint8_t *path, UINTN size,
                                 const char *arguments, uint16_t *number,
                                 bool *own)
{
    static const CHAR16 title[] = TITLE;
    uint8_t option[OPTION_MAX];
    CHAR16 name[9];
    UINTN at = LOAD_OPTION_TITLE + sizeof(title) + size;
    uint32_t attributes = LOAD_OPTION_ACTIVE;
    unsigned n = FIRST_OWN;

    while (n <= LAST_OWN && option_exists((uint16_t)n))
        n++;
    if (n > LAST_OWN)
        return "no Boot#### number is free for the way back";
    if (at + (strlen(arguments) + 1) * sizeof(CHAR16) > OPTION_MAX)
        return "this image's device path is too long for a boot option";
    memcpy(option, &attributes, sizeof(attributes));
    option[4] = (uint8_t)size;
    option[5] = (uint8_t)(size >> 8);
    memcpy(option + LOAD_OPTION_TITLE, title, sizeof(title));
    memcpy(option + LOAD_OPTION_TITLE + sizeof(title), path, size);
    if (*arguments) {
        for (const char *c = arguments;; c++) {
            option[at++] = (uint8_t)*c;
            option[at++] = 0;
            if (!*c)
                break;
        }
    }
    /* From here on it may exist, and is to be removed. */
    *number = (uint16_t)n;
    *own = true;
    option_name(name, *number);
    if (EFI_ERROR(variable_set(name, &global_guid, option, at)))
        return "the firmware refused a boot option for the way back";
    return NULL;
}

const char *bootopt_prepare(EFI_LOADED_IMAGE *image, const char *arguments,
                            uint16_t *number, bool *own)
{
    static const EFI_GUID guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
    EFI_DEVICE_PATH *device = NULL;
    uint8_t path[PATH_MAX];
    UINTN size = 0;

    *own = false;
    if (image->DeviceHandle)
        device = firmware_protocol(image->DeviceHandle, guid);
    if (device)
        size = devpath_join(device, image->FilePath, path, sizeof(path));
    if (size == 0)
        return "the firmware does not say which file this image came from";
    if (current_is_us(path, size, number))
        return NULL;
    return option_create(path, size, arguments, number, own);
}

const char *bootopt_next(uint16_t number)
{
    if (EFI_ERROR(
            variable_set(L"BootNext", &global_guid, &number, sizeof(number))))
        return "the firmware did not keep BootNext";
    return NULL;
}

EFI_STATUS bootopt_remove(uint16_t number, bool own)
{
    uint16_t next = 0;
    UINTN n = sizeof(next);
    CHAR16 name[9];
    EFI_STATUS s = EFI_SUCCESS, t;

    if (own) {
        option_name(name, number);
        s = variable_delete(name, &global_guid);
    }
    if (variable_get(L"BootNext", &global_guid, &next, &n) != EFI_SUCCESS ||
        next != number)
        return s;
    t = variable_delete(L"BootNext", &global_guid);
    return EFI_ERROR(s) ? s : t;
}
