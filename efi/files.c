/* SPDX-License-Identifier: MIT */
/*
 * The report's files.  A volume that takes none is one line on the console,
 * where the report stands anyway.  Called by bootb.c.
 */
#include "files.h"

#include <efilib.h>

#include "memmap.h"
#include "say.h"
#include "volume.h"

#define FIRST_ROOM (1u << 20) /* bytes; doubled when they are full */

static UINTN pages(size_t bytes)
{
    return (bytes + EFI_PAGE - 1) / EFI_PAGE;
}

void text_free(struct text *t)
{
    if (t->data)
        BS->FreePages((EFI_PHYSICAL_ADDRESS)t->data, pages(t->room));
    t->data = NULL;
    t->room = 0;
}

/* Room for n more bytes; without memory for it the whole text is given up. */
static bool make_room(struct text *t, size_t n)
{
    EFI_PHYSICAL_ADDRESS at = 0;
    size_t room = t->room ? t->room : FIRST_ROOM;

    if (t->failed || n <= t->room - t->n)
        return !t->failed;
    while (room - t->n < n)
        room *= 2;
    t->failed = EFI_ERROR(BS->AllocatePages(AllocateAnyPages, EfiLoaderData,
                                            pages(room), &at));
    if (!t->failed && t->data)
        CopyMem((void *)at, t->data, t->n);
    text_free(t);
    t->data = (char *)at;
    t->room = t->failed ? 0 : room;
    return !t->failed;
}

static void append(void *context, const char *c, size_t n)
{
    struct text *t = context;

    if (!make_room(t, 2 * n)) /* each may be a '\n' that becomes two */
        return;
    for (size_t i = 0; i < n; i++) {
        if (t->crlf && c[i] == '\n')
            t->data[t->n++] = '\r';
        t->data[t->n++] = c[i];
    }
}

void text_render(struct text *t, renderer *render, const struct report *r,
                 bool crlf)
{
    *t = (struct text){.crlf = crlf};
    render(r, append, t);
}

static EFI_STATUS write_one(EFI_FILE_HANDLE root, const CHAR16 *path,
                            renderer *render, const struct report *r, bool crlf)
{
    struct text t;
    EFI_STATUS s = EFI_OUT_OF_RESOURCES;

    text_render(&t, render, r, crlf);
    if (t.data)
        s = volume_write(root, path, t.data, t.n);
    text_free(&t);
    return s;
}

bool files_write(EFI_HANDLE device, const struct report *r)
{
    static const struct {
        const CHAR16 *path;
        const char *name;
        renderer *render;
        bool crlf;
    } files[] = {
        {VOLUME_FOLDER L"\\report.txt", "report.txt", render_text, true},
        {VOLUME_FOLDER L"\\report.json", "report.json", render_json, false},
        {VOLUME_FOLDER L"\\report.ktap", "report.ktap", render_ktap, false},
    };
    const char *what = "the folder";
    EFI_STATUS s;
    EFI_FILE_HANDLE root = volume_open(device, &s);

    if (root) {
        s = volume_make_folder(root);
        for (unsigned i = 0;
             !EFI_ERROR(s) && i < sizeof(files) / sizeof(files[0]); i++) {
            what = files[i].name;
            s = write_one(root, files[i].path, files[i].render, r,
                          files[i].crlf);
        }
        root->Close(root);
    }
    if (EFI_ERROR(s)) {
        say("The report could not be written to \\RINGSIDE (%s: %s); it stands "
            "here only.\n",
            what, status_words(s));
        return false;
    }
    say("The report is in \\RINGSIDE: report.txt, report.json, report.ktap.\n");
    return true;
}
