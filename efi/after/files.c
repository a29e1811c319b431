/* SPDX-License-Identifier: MIT */
/*
 * The report's files.  A volume that takes none is one line on the console,
 * where the report stands anyway.  Called by bootb.c.
 */
#include "files.h"

#include "firmware.h"
#include "macros.h"
#include "mem.h"
#include "memmap.h"
#include "say.h"
#include "volume.h"

#define FIRST_ROOM (1u << 18) /* bytes; doubled when they are full */

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
    t->failed = EFI_ERROR(
        BS->AllocatePages(AllocateAnyPages, EfiLoaderData, pages(room), &at));
    if (!t->failed && t->data)
        memcpy((void *)at, t->data, t->n);
    text_free(t);
    t->data = (char *)at;
    t->room = t->failed ? 0 : room;
    return !t->failed;
}

static void append(void *context, const char *c, size_t n)
{
    struct text *t = context;

    if (!make_room(t, n))
        return;
    memcpy(t->data + t->n, (void *)c, n);
    t->n += n;
}

void text_render(struct text *t, const struct report *r)
{
    *t = (struct text){.data = NULL};
    render_text(r, append, t);
}

typedef void renderer(const struct report *r, report_put *put, void *context);

/* A file: who renders it, and of what. */
struct source {
    renderer *render;
    const struct report *r;
};

static void as_it_is(const void *what, report_put *put, void *context)
{
    const struct source *s = what;

    s->render(s->r, put, context);
}

struct crlf {
    report_put *put;
    void *context;
};

/* A '\r' before each '\n'. */
static void put_crlf(void *context, const char *c, size_t n)
{
    const struct crlf *to = context;
    size_t from = 0;

    for (size_t i = 0; i < n; i++) {
        if (c[i] != '\n')
            continue;
        to->put(to->context, c + from, i - from);
        to->put(to->context, "\r\n", 2);
        from = i + 1;
    }
    to->put(to->context, c + from, n - from);
}

static void with_crlf(const void *what, report_put *put, void *context)
{
    const struct source *s = what;
    struct crlf to = {put, context};

    s->render(s->r, put_crlf, &to);
}

bool files_write(EFI_HANDLE device, const struct report *r)
{
    static const struct {
        const CHAR16 *path;
        const char *name;
        renderer *render;
        volume_source *source;
    } files[] = {
        {VOLUME_FOLDER L"\\report.txt", "report.txt", render_text, with_crlf},
        {VOLUME_FOLDER L"\\report.json", "report.json", render_json, as_it_is},
        {VOLUME_FOLDER L"\\report.ktap", "report.ktap", render_ktap, as_it_is},
    };
    const char *what = "the folder";
    EFI_STATUS s;
    EFI_FILE_HANDLE root = volume_open(device, &s);

    if (root) {
        s = volume_make_folder(root);
        for (unsigned i = 0; !EFI_ERROR(s) && i < COUNT(files); i++) {
            struct source source = {files[i].render, r};

            what = files[i].name;
            s = volume_write(root, files[i].path, files[i].source, &source);
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
