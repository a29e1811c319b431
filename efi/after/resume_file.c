/* SPDX-License-Identifier: MIT */
/* Is a given-back journal this run's?  See resume_file.h. */
#include "resume_file.h"

#include "last.h"
#include "record/journal.h"

/* What must not change on the way: another processor, another build or other
 * options would make two runs one. */
static const char *foreign(const struct record_machine *then,
                           const struct record_machine *now)
{
    if (then->build != now->build)
        return "it is of another build of this image";
    if (then->asked != now->asked)
        return "it is of a run with other options";
    for (unsigned i = 0; i < sizeof(then->vendor); i++)
        if (then->vendor[i] != now->vendor[i])
            return "it is of another machine";
    if (then->family != now->family || then->model != now->model ||
        then->stepping != now->stepping || then->features != now->features)
        return "it is of another machine";
    return 0;
}

const char *resume_file_bad(const struct resume_file *f, uint64_t n,
                            const struct record_machine *here)
{
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;
    uint32_t crc;

    if (n < sizeof(*f) || f->magic != RESUME_FILE_MAGIC)
        return "it is none of ours";
    if (f->version != RECORD_VERSION)
        return "it is of another version";
    if (f->size != n - sizeof(*f) || f->size > JOURNAL_SIZE)
        return "it was cut short";
    crc = crc32(0, f, offsetof(struct resume_file, crc));
    if (crc32(crc, f + 1, f->size) != f->crc || f->down >= DOWN_COUNT ||
        f->words[sizeof(f->words) - 1] != '\0')
        return "it is damaged";
    if (journal_open(&c, f + 1, f->size, 0) != JOURNAL_OK)
        return "there is no journal in it";
    h = journal_next(&c, &payload);
    if (!h || h->type != RECORD_MACHINE ||
        h->length != sizeof(struct record_machine))
        return "its journal has lost the machine's record";
    return foreign(payload, here);
}
