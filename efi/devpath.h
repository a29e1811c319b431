/* SPDX-License-Identifier: MIT */
/*
 * Device paths, as far as needed to recognise and to name this image.
 */
#ifndef RINGSIDE_DEVPATH_H
#define RINGSIDE_DEVPATH_H

#include <stdbool.h>
#include <stdint.h>

#include <efi.h>

/*
 * Bytes of the path with its end node, or 0 when it is not well-formed within
 * max bytes.
 */
UINTN devpath_size(const EFI_DEVICE_PATH *p, UINTN max);

/*
 * Writes device + file as one path to buf[max].  Returns its bytes, 0 when it
 * does not fit or either is missing or malformed.
 */
UINTN devpath_join(const EFI_DEVICE_PATH *device, const EFI_DEVICE_PATH *file,
                   uint8_t *buf, UINTN max);

/*
 * Does the boot option's path lead to the image?  It does when it is the
 * image's whole path, or its tail from the partition on (the short form), or
 * names only the device while the image is the removable media's default.
 */
bool devpath_leads_to(const EFI_DEVICE_PATH *option, UINTN option_size,
                      const EFI_DEVICE_PATH *image, UINTN image_size);

#endif
