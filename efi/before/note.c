/* SPDX-License-Identifier: MIT */
/* Notes of the preparation; see note.h. */
#include "note.h"

#include "boot.h"
#include "fmt.h"

void note(struct boot *b, const char *f, ...)
{
    struct record_note r = {.text = ""};
    va_list ap;

    va_start(ap, f);
    vfmt(r.text, sizeof(r.text), f, ap);
    va_end(ap);
    journal_append(&b->journal, RECORD_NOTE, &r, sizeof(r));
}
