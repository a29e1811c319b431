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

static void count_or_copy(void *context, const char *c, size_t n)
{
    struct text *t = context;

    for (size_t i = 0; i < n; i++) {
        if (t->crlf && c[i] == '\n') {
            if (t->n < t->room)
                t->data[t->n] = '\r';
            t->n++;
        }
        if (t->n < t->room)
            t->data[t->n] = c[i];
        t->n++;
    }
}

static UINTN pages(size_t bytes)
{
    return (bytes + EFI_PAGE - 1) / EFI_PAGE;
}

/* Rendering is pure, so the first pass can just count. */
void text_render(struct text *t, renderer *render, const struct report *r,
                 bool crlf)
{
    EFI_PHYSICAL_ADDRESS at = 0;

    *t = (struct text){.crlf = crlf};
    render(r, count_or_copy, t);
    if (t->n == 0 || EFI_ERROR(BS->AllocatePages(
                         AllocateAnyPages, EfiLoaderData, pages(t->n), &at)))
        return;
    t->data = (char *)at;
    t->room = t->n;
    t->n = 0;
    render(r, count_or_copy, t);
}

void text_free(struct text *t)
{
    if (t->data)
        BS->FreePages((EFI_PHYSICAL_ADDRESS)t->data, pages(t->room));
    t->data = NULL;
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
