/* SPDX-License-Identifier: MIT */
/*
 * Files in \RINGSIDE on the volume that this image came from.
 */
#ifndef RINGSIDE_VOLUME_H
#define RINGSIDE_VOLUME_H

#include <stddef.h>

#include <efi.h>

#include "report/report.h"

#define VOLUME_FOLDER L"\\RINGSIDE"

typedef void volume_source(const void *what, report_put *put, void *context);

/* Opens the root folder of the device.  NULL: no file system there. */
EFI_FILE_HANDLE volume_open(EFI_HANDLE device, EFI_STATUS *status);

/*
 * Reads at most *n bytes of a file (path from the root) into buf and sets *n
 * to what was read.
 */
EFI_STATUS volume_read(EFI_FILE_HANDLE root, const CHAR16 *path, void *buf,
                       UINTN *n);

/*
 * Replaces a file with what the source puts out of what, flushes it, reads it
 * back and compares; the source is asked twice and must say the same.
 * EFI_CRC_ERROR: what was read back differs.  A file that could not be
 * written whole is removed.  The folder must exist.
 */
EFI_STATUS volume_write(EFI_FILE_HANDLE root, const CHAR16 *path,
                        volume_source *source, const void *what);

/* Removes a file, if it is there. */
EFI_STATUS volume_remove(EFI_FILE_HANDLE root, const CHAR16 *path);

/* Makes VOLUME_FOLDER, unless it is there. */
EFI_STATUS volume_make_folder(EFI_FILE_HANDLE root);

#endif
