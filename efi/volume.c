/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing files through the firmware's file system.  A write
 * counts only after it was read back: sticks lie, and so does firmware.
 * Called by args.c and files.c.
 */
#include "volume.h"

#include <efilib.h>

#define COMPARE_CHUNK 65536

EFI_FILE_HANDLE volume_open(EFI_HANDLE device, EFI_STATUS *status)
{
    EFI_FILE_IO_INTERFACE *fs = NULL;
    EFI_FILE_HANDLE root = NULL;

    *status = EFI_NOT_FOUND;
    if (!device)
        return NULL;
    *status = BS->HandleProtocol(device, &gEfiSimpleFileSystemProtocolGuid,
                                 (void **)&fs);
    if (EFI_ERROR(*status) || !fs)
        return NULL;
    *status = fs->OpenVolume(fs, &root);
    return EFI_ERROR(*status) ? NULL : root;
}

static EFI_STATUS open(EFI_FILE_HANDLE root, EFI_FILE_HANDLE *f,
                       const CHAR16 *path, UINT64 mode, UINT64 attributes)
{
    *f = NULL;
    return root->Open(root, f, (CHAR16 *)path, mode, attributes);
}

EFI_STATUS volume_read(EFI_FILE_HANDLE root, const CHAR16 *path, void *buf,
                       UINTN *n)
{
    EFI_FILE_HANDLE f;
    EFI_STATUS s = open(root, &f, path, EFI_FILE_MODE_READ, 0);

    if (EFI_ERROR(s))
        return s;
    s = f->Read(f, n, buf);
    f->Close(f);
    return s;
}

EFI_STATUS volume_make_folder(EFI_FILE_HANDLE root)
{
    EFI_FILE_HANDLE f;
    EFI_STATUS s = open(root, &f, VOLUME_FOLDER, EFI_FILE_MODE_READ, 0);

    if (EFI_ERROR(s))
        s = open(root, &f, VOLUME_FOLDER,
                 EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE |
                     EFI_FILE_MODE_CREATE,
                 EFI_FILE_DIRECTORY);
    if (!EFI_ERROR(s))
        f->Close(f);
    return s;
}

/* An old file goes first: nothing of a longer one may stay at the end. */
static EFI_STATUS remove_file(EFI_FILE_HANDLE root, const CHAR16 *path)
{
    EFI_FILE_HANDLE f;
    EFI_STATUS s =
        open(root, &f, path, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0);

    if (s == EFI_NOT_FOUND)
        return EFI_SUCCESS;
    if (EFI_ERROR(s))
        return s;
    s = f->Delete(f); /* closes f; "delete failed" is a warning */
    return s == EFI_SUCCESS ? s : EFI_WRITE_PROTECTED;
}

static EFI_STATUS write_new(EFI_FILE_HANDLE root, const CHAR16 *path,
                            const void *data, size_t n)
{
    EFI_FILE_HANDLE f;
    UINTN written = n;
    EFI_STATUS s = open(
        root, &f, path,
        EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, 0);

    if (EFI_ERROR(s))
        return s;
    s = f->Write(f, &written, (void *)data);
    if (!EFI_ERROR(s) && written != n)
        s = EFI_VOLUME_FULL;
    if (!EFI_ERROR(s))
        s = f->Flush(f);
    f->Close(f);
    return s;
}

static EFI_STATUS compare(EFI_FILE_HANDLE root, const CHAR16 *path,
                          const UINT8 *data, size_t n)
{
    static UINT8 chunk[COMPARE_CHUNK];
    EFI_FILE_HANDLE f;
    size_t done = 0;
    UINTN got;
    EFI_STATUS s = open(root, &f, path, EFI_FILE_MODE_READ, 0);

    if (EFI_ERROR(s))
        return s;
    do {
        got = sizeof(chunk);
        s = f->Read(f, &got, chunk);
        if (!EFI_ERROR(s) &&
            (got > n - done || CompareMem(chunk, data + done, got) != 0))
            s = EFI_CRC_ERROR;
        done += got;
    } while (!EFI_ERROR(s) && got > 0);
    f->Close(f);
    return EFI_ERROR(s) || done == n ? s : EFI_CRC_ERROR;
}

EFI_STATUS volume_write(EFI_FILE_HANDLE root, const CHAR16 *path,
                        const void *data, size_t n)
{
    EFI_STATUS s = remove_file(root, path);

    if (EFI_ERROR(s))
        return s;
    s = write_new(root, path, data, n);
    if (!EFI_ERROR(s))
        return compare(root, path, data, n);
    remove_file(root, path); /* half a report is worse than none */
    return s;
}
