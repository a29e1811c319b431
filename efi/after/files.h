/* SPDX-License-Identifier: MIT */
/*
 * The report as text in memory, and as files on the volume.
 */
#ifndef RINGSIDE_FILES_H
#define RINGSIDE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include <efi.h>

#include "report/report.h"

struct text {
    char *data;     /* NULL: there was no memory for it */
    size_t n, room; /* bytes */
    bool failed;    /* no memory was left for more of it */
};

/* render_text() into fresh memory; text_free() gives it back. */
void text_render(struct text *t, const struct report *r);
void text_free(struct text *t);

/*
 * Writes report.txt, report.json and report.ktap to \RINGSIDE on the device,
 * and says in one line how that went.  True when all of them stand there.
 */
bool files_write(EFI_HANDLE device, const struct report *r);

#endif
