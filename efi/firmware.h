/* SPDX-License-Identifier: MIT */
/*
 * The firmware's tables, under the names that everybody has for them.  Of
 * gnu-efi this image takes the headers alone: its library uses SSE, which not
 * every firmware has switched on, and its CompareGuid() has meant the one
 * thing in one release and the opposite in the next.
 */
#ifndef RINGSIDE_FIRMWARE_H
#define RINGSIDE_FIRMWARE_H

#include <stdbool.h>

#include <efi.h>

extern EFI_SYSTEM_TABLE *ST;
extern EFI_BOOT_SERVICES *BS;
extern EFI_RUNTIME_SERVICES *RT;

/* Before anything else of efi/ is called. */
void firmware_begin(EFI_SYSTEM_TABLE *table);

/* Are the two the same? */
bool guid_same(const EFI_GUID *a, const EFI_GUID *b);

/* The configuration table of that name, or NULL. */
const void *firmware_table(const EFI_GUID *name);

/* What handle offers under that name, or NULL. */
void *firmware_protocol(EFI_HANDLE handle, EFI_GUID name);

#endif
