/* SPDX-License-Identifier: MIT */
/*
 * Device paths.  They come from variables that anyone may have written, so no
 * length in them is believed.  Called by bootopt.c.
 */
#include "devpath.h"

#include "macros.h"
#include "mem.h"

#define NODE_MIN 4u /* type, subtype and a 16-bit length */

static UINTN node_length(const uint8_t *p)
{
    return (UINTN)(p[2] | p[3] << 8);
}

static bool is_end(const uint8_t *p)
{
    return p[0] == END_DEVICE_PATH_TYPE &&
           p[1] == END_ENTIRE_DEVICE_PATH_SUBTYPE;
}

static bool is_node(const uint8_t *p, uint8_t type, uint8_t subtype)
{
    return p[0] == type && p[1] == subtype;
}

UINTN devpath_size(const EFI_DEVICE_PATH *path, UINTN max)
{
    const uint8_t *p = (const uint8_t *)path;
    UINTN at = 0;

    if (!p)
        return 0;
    while (at + NODE_MIN <= max) {
        UINTN n = node_length(p + at);

        if (n < NODE_MIN || n > max - at)
            return 0;
        if (is_end(p + at))
            return at + n;
        at += n;
    }
    return 0;
}

UINTN devpath_join(const EFI_DEVICE_PATH *device, const EFI_DEVICE_PATH *file,
                   uint8_t *buf, UINTN max)
{
    UINTN a = devpath_size(device, max), b = devpath_size(file, max);

    if (a == 0 || b == 0 || a - NODE_MIN + b > max)
        return 0;
    memcpy(buf, device, a - NODE_MIN);
    memcpy(buf + a - NODE_MIN, file, b);
    return a - NODE_MIN + b;
}

/* Is p the node of \EFI\BOOT\BOOTX64.EFI, in any case, and the last one? */
static bool is_default_file(const uint8_t *p)
{
    static const CHAR16 name[] = L"\\EFI\\BOOT\\BOOTX64.EFI";
    UINTN n = node_length(p);

    if (!is_node(p, MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP) ||
        n != NODE_MIN + sizeof(name) || !is_end(p + n))
        return false;
    for (UINTN i = 0; i < COUNT(name); i++) {
        CHAR16 c = (CHAR16)(p[NODE_MIN + 2 * i] | p[NODE_MIN + 2 * i + 1] << 8);

        if (c >= 'a' && c <= 'z')
            c = (CHAR16)(c - 'a' + 'A');
        if (c != name[i])
            return false;
    }
    return true;
}

bool devpath_leads_to(const EFI_DEVICE_PATH *option, UINTN option_size,
                      const EFI_DEVICE_PATH *image, UINTN image_size)
{
    const uint8_t *o = (const uint8_t *)option, *p = (const uint8_t *)image;
    UINTN o_size = devpath_size(option, option_size);
    UINTN p_size = devpath_size(image, image_size);

    if (o_size == 0 || p_size == 0)
        return false;
    if (o_size == p_size && memcmp(o, p, o_size) == 0)
        return true;
    for (UINTN at = 0; !is_end(p + at); at += node_length(p + at)) {
        if (is_node(p + at, MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP) &&
            p_size - at == o_size && memcmp(o, p + at, o_size) == 0)
            return true;
        /* The option's nodes before its end are all there; what is left? */
        if (at == o_size - NODE_MIN && memcmp(o, p, at) == 0) {
            if (is_node(p + at, MEDIA_DEVICE_PATH, MEDIA_HARDDRIVE_DP))
                at += node_length(p + at);
            return is_default_file(p + at);
        }
    }
    return false;
}
