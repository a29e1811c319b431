/* SPDX-License-Identifier: MIT */
/*
 * No check takes the others down: when the machine came back from a reset
 * that the core had not asked for, the journal's last step names the check
 * that was running.  It gets its verdict, and the run goes on behind it, in
 * the same journal: in memory, where that has survived, or else in a file
 * that a script has kept (--stream).  Called by main.c before the report is
 * thought of, and by boota.c before a run is begun.
 *
 * Somebody who ends an emulator from outside says nothing about a check: the
 * case that was running is then run again.
 */
#include "resume.h"

#include "cpu.h"
#include "firmware.h"
#include "fmt.h"
#include "insn.h"
#include "journal_place.h"
#include "journal_read.h"
#include "last.h"
#include "mem.h"
#include "memmap.h"
#include "resume_file.h"
#include "say.h"
#include "volume.h"

#define FILE_PATH VOLUME_FOLDER L"\\RESUME.BIN"

/* The run script's mark in a spare byte of an emulated machine's CMOS: "I had
 * to reset it, it no longer answered", or "it was killed".  Never looked at on
 * real hardware. */
#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define CMOS_MARK 0x7e
#define MARK_HANG 0x52
#define MARK_KILLED 0x4b

static enum down read_mark(void)
{
    uint8_t mark;

    if (!cpu_has(FEATURE_HYPERVISOR))
        return DOWN_RESET;
    outb(CMOS_INDEX, CMOS_MARK);
    mark = inb(CMOS_DATA);
    outb(CMOS_INDEX, CMOS_MARK);
    outb(CMOS_DATA, 0);
    return mark == MARK_HANG     ? DOWN_HANG
           : mark == MARK_KILLED ? DOWN_KILLED
                                 : DOWN_RESET;
}

/* What the report shall say of it. */
static void report(struct boot *b, const struct last *l, bool hang,
                   const char *how)
{
    struct record_note n;
    struct record_check c;
    char words[STEP_WORDS_MAX];

    step_words(words, sizeof(words), l->step);
    say("ringside: \"%s\" took the machine down; the run goes on behind it.\n",
        words);
    if (last_verdict(l, hang, how, &c)) {
        journal_check(&b->journal, &c);
        return;
    }
    memset(&n, 0, sizeof(n));
    fmt(n.text, sizeof(n.text),
        "the machine %s behind \"%s\"; the rest of case %s was not run",
        hang ? "hung" : "restarted", words, l->in ? l->in->id : "?");
    journal_append(&b->journal, RECORD_NOTE, &n, sizeof(n));
}

/* Where the run goes on, in r->after; 0: nowhere. */
static void find_way(struct boot *b, const struct last *l, enum down *down,
                     struct record_resume *r)
{
    if (*down == DOWN_KILLED && last_kills(l) > KILLS_MAX)
        *down = DOWN_RESET;
    if (*down == DOWN_KILLED) {
        r->after = last_again(l);
        r->kills = last_kills(l);
        b->resume.nothing = !r->after && !l->over;
    } else {
        r->after = last_resume(l, l->resume ? l->resume->after : 0);
    }
}

/* Goes there, in b->journal. */
static void go_on(struct boot *b, const struct last *l, enum down down,
                  const char *words, const struct record_resume *r)
{
    struct journal *j = &b->journal;

    if (down != DOWN_KILLED) {
        report(b, l, down == DOWN_HANG, words);
    } else {
        if (l->begun)
            journal_cut(j, l->begun);
        say("ringside: the run was cut short from outside; its case %u is run "
            "again.\n",
            (unsigned)(r->after >> 16));
    }
    journal_append(j, RECORD_RESUME, r, sizeof(*r));
    b->resume.active = true;
    b->resume.after = r->after;
    b->resume.count = r->boots - 1;
    b->resume.journal = (uint64_t)j->base;
    b->resume.journal_size = j->size;
    b->resume.nonce = j->nonce;
}

bool resume_prepare(struct boot *b)
{
    struct state *st = &b->state;
    struct record_resume r = {.boots = st->resumes + 2};
    enum down down = read_mark();
    struct last l;

    if (st->attempts || st->resumes >= RESUMES_MAX || !journal_may_read(st))
        return false;
    last_find(&l, (void *)st->journal, st->journal_size, st->nonce);
    find_way(b, &l, &down, &r);
    /* What is given back again is lost: firmware has been seen to clear it. */
    if (!r.after || EFI_ERROR(journal_hold(st->journal, st->journal_size)))
        return false;
    if (!journal_resume(&b->journal, (void *)st->journal, st->journal_size))
        return false;
    go_on(b, &l, down, "", &r);
    return true;
}

/* The whole of it, in fresh pages; NULL, with *bytes 0: there is none.  It is
 * removed, so that it is used once. */
static struct resume_file *read_file(struct boot *b, UINTN *bytes)
{
    const UINTN room = JOURNAL_SIZE + EFI_PAGE;
    EFI_PHYSICAL_ADDRESS at = 0;
    EFI_STATUS s;
    EFI_FILE_HANDLE root = volume_open(b->loaded->DeviceHandle, &s);

    *bytes = 0;
    if (!root)
        return NULL;
    if (!EFI_ERROR(BS->AllocatePages(AllocateAnyPages, EfiLoaderData,
                                     room / EFI_PAGE, &at))) {
        *bytes = room;
        s = volume_read(root, FILE_PATH, (void *)at, bytes);
        if (EFI_ERROR(s))
            *bytes = 0;
        if (s != EFI_NOT_FOUND && EFI_ERROR(volume_remove(root, FILE_PATH))) {
            say("\\RINGSIDE\\RESUME.BIN cannot be removed, and is not used.\n");
            *bytes = 0;
        }
    }
    root->Close(root);
    if (at && !*bytes)
        BS->FreePages(at, room / EFI_PAGE);
    return *bytes ? (struct resume_file *)at : NULL;
}

bool resume_file_there(struct boot *b)
{
    UINTN n = 1;
    char first;
    EFI_STATUS s;
    EFI_FILE_HANDLE root = volume_open(b->loaded->DeviceHandle, &s);

    if (!root)
        return false;
    s = volume_read(root, FILE_PATH, &first, &n);
    root->Close(root);
    return !EFI_ERROR(s);
}

/* Its journal, at a journal's place. */
static bool take(struct boot *b, const struct resume_file *f)
{
    struct record_resume r = {.boots = f->boots + 1};
    void *at = (void *)journal_place(JOURNAL_SIZE);
    enum down down = f->down;
    struct last l;

    if (!at)
        return false;
    memset(at, 0, JOURNAL_SIZE); /* which a script leaves out at the end */
    memcpy(at, f + 1, f->size);
    if (f->boots <= RESUMES_MAX &&
        journal_resume(&b->journal, at, JOURNAL_SIZE)) {
        b->journal.unsent = b->journal.used;
        last_find(&l, at, JOURNAL_SIZE, b->journal.nonce);
        find_way(b, &l, &down, &r);
        if (r.after) {
            go_on(b, &l, down, f->words, &r);
            b->resume.sent = b->journal.unsent;
            return true;
        }
    }
    journal_release((uint64_t)at, JOURNAL_SIZE);
    return false;
}

enum given_back resume_take_file(struct boot *b)
{
    enum given_back how = GIVEN_NOTHING;
    const char *bad;
    UINTN n;
    struct resume_file *f = read_file(b, &n);

    if (!f)
        return how;
    bad = resume_file_bad(f, n, &b->machine);
    if (bad)
        say("\\RINGSIDE\\RESUME.BIN is not used: %s.\n", bad);
    else if (take(b, f))
        how = GIVEN_TAKEN;
    else if (f->down != DOWN_KILLED)
        how = GIVEN_HOPELESS;
    BS->FreePages((EFI_PHYSICAL_ADDRESS)f, JOURNAL_SIZE / EFI_PAGE + 1);
    return how;
}
