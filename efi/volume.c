/* SPDX-License-Identifier: MIT */
/*
 * Reading and writing files through the firmware's file system.  A write
 * counts only after it was read back: sticks lie, and so does firmware.
 * Called by args.c and files.c.
 */
#include "volume.h"

#include "firmware.h"
#include "mem.h"

#define CHUNK 65536 /* bytes that go to the firmware at once */

EFI_FILE_HANDLE volume_open(EFI_HANDLE device, EFI_STATUS *status)
{
    static const EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
    EFI_FILE_IO_INTERFACE *fs;
    EFI_FILE_HANDLE root = NULL;

    *status = EFI_NOT_FOUND;
    if (!device)
        return NULL;
    fs = firmware_protocol(device, guid);
    if (!fs) {
        *status = EFI_UNSUPPORTED;
        return NULL;
    }
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
EFI_STATUS volume_remove(EFI_FILE_HANDLE root, const CHAR16 *path)
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

/* What goes to a file, or what the file is compared with, chunk by chunk. */
struct stream {
    EFI_FILE_HANDLE f;
    EFI_STATUS s;
    bool compare;
    UINTN n;
    UINT8 chunk[CHUNK], other[CHUNK];
};

static void flush(struct stream *t)
{
    UINTN n = t->n;

    if (EFI_ERROR(t->s) || n == 0)
        return;
    t->s = t->compare ? t->f->Read(t->f, &n, t->other)
                      : t->f->Write(t->f, &n, t->chunk);
    if (!EFI_ERROR(t->s) && n != t->n)
        t->s = t->compare ? EFI_CRC_ERROR : EFI_VOLUME_FULL;
    if (!EFI_ERROR(t->s) && t->compare && memcmp(t->chunk, t->other, n))
        t->s = EFI_CRC_ERROR;
    t->n = 0;
}

static void stream_put(void *context, const char *c, size_t n)
{
    struct stream *t = context;

    for (size_t i = 0; i < n; i++) {
        t->chunk[t->n++] = (UINT8)c[i];
        if (t->n == CHUNK)
            flush(t);
        if (EFI_ERROR(t->s))
            t->n = 0;
    }
}

static EFI_STATUS write_new(struct stream *t, EFI_FILE_HANDLE root,
                            const CHAR16 *path, volume_source *source,
                            const void *what)
{
    EFI_STATUS s = open(
        root, &t->f, path,
        EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, 0);

    if (EFI_ERROR(s))
        return s;
    source(what, stream_put, t);
    flush(t);
    s = EFI_ERROR(t->s) ? t->s : t->f->Flush(t->f);
    t->f->Close(t->f);
    return s;
}

static EFI_STATUS compare(struct stream *t, EFI_FILE_HANDLE root,
                          const CHAR16 *path, volume_source *source,
                          const void *what)
{
    UINTN more = 1;
    EFI_STATUS s = open(root, &t->f, path, EFI_FILE_MODE_READ, 0);

    if (EFI_ERROR(s))
        return s;
    t->compare = true;
    source(what, stream_put, t);
    flush(t);
    s = EFI_ERROR(t->s) ? t->s : t->f->Read(t->f, &more, t->other);
    t->f->Close(t->f);
    return EFI_ERROR(s) || more == 0 ? s : EFI_CRC_ERROR;
}

EFI_STATUS volume_write(EFI_FILE_HANDLE root, const CHAR16 *path,
                        volume_source *source, const void *what)
{
    EFI_STATUS s = volume_remove(root, path);
    struct stream *t = NULL;

    if (!EFI_ERROR(s))
        s = BS->AllocatePool(EfiLoaderData, sizeof(*t), (void **)&t);
    if (EFI_ERROR(s))
        return s;
    t->s = EFI_SUCCESS;
    t->compare = false;
    t->n = 0;
    s = write_new(t, root, path, source, what);
    if (!EFI_ERROR(s))
        s = compare(t, root, path, source, what);
    else
        volume_remove(root, path); /* half a report is worse than none */
    BS->FreePool(t);
    return s;
}
