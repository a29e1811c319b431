/* SPDX-License-Identifier: MIT */
/*
 * Boot B: finds the journal of the run before the reset and delivers the
 * report.  The journal is held, then copied, before anything else of size is
 * allocated: it lies in memory that this boot's firmware thinks is free.
 * Called by main.c.
 */
#include <efi.h>

#include "boot.h"
#include "files.h"
#include "firmware.h"
#include "fmt.h"
#include "journal_place.h"
#include "journal_read.h"
#include "mem.h"
#include "memmap.h"
#include "pager.h"
#include "report/report.h"
#include "say.h"
#include "variables.h"

#define TROUBLE_MAX 320

bool journal_may_read(const struct state *st)
{
    struct memmap m;
    bool ram = false;

    if (st->journal == 0 || st->journal % EFI_PAGE ||
        st->journal_size % EFI_PAGE || st->journal_size == 0 ||
        st->journal_size > JOURNAL_SIZE)
        return false;
    if (!EFI_ERROR(memmap_open(&m)))
        ram = memmap_is_ram(&m, st->journal, st->journal_size);
    memmap_close(&m);
    return ram;
}

/*
 * The journal where it lies, or a copy if the firmware has part of its place;
 * NULL with the reason in *why.  Its pages are the caller's.
 */
static void *take_journal(const struct state *st, const char **why)
{
    EFI_PHYSICAL_ADDRESS at = 0;

    *why = "The journal's place in memory is not there any more. ";
    if (!journal_may_read(st))
        return NULL;
    *why = "";
    if (!EFI_ERROR(journal_hold(st->journal, st->journal_size)))
        return (void *)st->journal;
    *why = "There was no memory to copy the journal to. ";
    if (EFI_ERROR(BS->AllocatePages(AllocateAnyPages, EfiLoaderData,
                                    st->journal_size / EFI_PAGE, &at)))
        return NULL;
    *why = "The firmware of this boot uses part of the journal's place. ";
    memcpy((void *)at, (void *)st->journal, st->journal_size);
    return (void *)at;
}

/* The digest variable of this run; false when there is none. */
static bool read_digest(struct digest *d, uint64_t nonce)
{
    UINTN n = sizeof(*d);

    return variable_get(VARIABLE_DIGEST, &variable_guid, d, &n) ==
               EFI_SUCCESS &&
           n == sizeof(*d) && digest_valid(d, nonce);
}

/* Where journal and digest should tell the same: a word if they do not. */
static const char *digest_trouble(const struct report *r,
                                  const struct digest *d, uint64_t nonce)
{
    struct digest own;

    if (r->status != JOURNAL_OK)
        return d ? "" : "There is no digest either: the run did not end. ";
    if (!report_complete(r))
        return "";
    if (!d)
        return "The digest variable is missing: the firmware took none at run "
               "time. ";
    digest_make(&own, r, nonce);
    return memcmp(&own, d, sizeof(own)) == 0
               ? ""
               : "The digest variable tells of other verdicts than the "
                 "journal. ";
}

static void deliver(struct boot *b, struct report *r)
{
    const struct state *st = &b->state;
    struct text t;
    bool written = files_write(b->loaded->DeviceHandle, r);
    EFI_STATUS s = EFI_SUCCESS;

    /* A screen is no place for what the files hold in full. */
    r->brief = written;
    /* Once the files stand, nobody needs the variables; else not before the
     * report stands on the console. */
    if (written)
        s = state_forget(st);
    text_render(&t, r);
    if (t.data)
        pager_show(t.data, t.n, !b->options.batch);
    else
        say("There was no memory to show the report in.\n");
    text_free(&t);
    if (!written)
        s = state_forget(st);
    if (EFI_ERROR(s))
        say("The run's variables could not be removed: %s. The next start "
            "will tell of this run again.\n",
            status_words(s));
}

void boot_b(struct boot *b)
{
    static char trouble[TROUBLE_MAX];
    struct state *st = &b->state;
    struct report *r = NULL;
    struct digest d;
    const char *why;
    void *journal;
    bool have_digest;

    st->attempts++;
    if (st->attempts > STATE_ATTEMPTS_MAX) {
        say("The report of the last run could not be delivered in %u boots; "
            "it is given up.\n",
            st->attempts - 1);
        state_forget(st);
        return;
    }
    /* Not counted is no reason not to deliver: nothing restarts by itself. */
    if (!b->by_journal && EFI_ERROR(state_write(st)))
        say("The firmware takes no variables any more.\n");
    journal = take_journal(st, &why);
    have_digest = read_digest(&d, st->nonce);
    if (EFI_ERROR(BS->AllocatePool(EfiLoaderData, sizeof(*r), (void **)&r))) {
        say("Not enough memory: %u KiB are needed to read the report.\n",
            (unsigned)(sizeof(*r) >> 10));
        return;
    }
    if (journal)
        report_load(r, journal, st->journal_size, st->nonce, SOURCE_RAM);
    else
        report_load(r, "", 0, st->nonce, SOURCE_RAM);
    r->boots += st->attempts - 1;
    if (r->status != JOURNAL_OK) /* which tells of them */
        r->boots += st->resumes;
    r->digest = have_digest ? &d : NULL;
    if (r->status != JOURNAL_OK && have_digest)
        r->source = SOURCE_NVRAM;
    fmt(trouble, sizeof(trouble), "%s%s%s%s", why,
        b->by_journal ? "The variable that leads to this run was gone: its "
                        "journal was found in memory. "
                      : "",
        digest_trouble(r, r->digest, st->nonce),
        st->attempts > 1 ? "An earlier boot began this report and did not "
                           "finish it."
                         : "");
    r->trouble = trouble[0] ? trouble : NULL;
    /* No variable counts the attempts at this one: there is one. */
    if (b->by_journal && journal)
        journal_forget((uint64_t)journal);
    if (r->refused) {
        say("ringside: %s\n", r->refused->text);
        state_forget(st);
    } else {
        deliver(b, r);
    }
    BS->FreePool(r);
    if (journal && (uint64_t)journal == st->journal)
        journal_forget(st->journal);
    if (journal)
        BS->FreePages((EFI_PHYSICAL_ADDRESS)journal,
                      st->journal_size / EFI_PAGE);
}
