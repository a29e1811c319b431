/* SPDX-License-Identifier: MIT */
/*
 * No check takes the others down: when the machine came back from a reset
 * that the core had not asked for, the journal's last step names the check
 * that was running.  It gets its verdict, and the run goes on behind it, in
 * the same journal.  Called by main.c before the report is thought of.
 */
#include "resume.h"

#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "journal_place.h"
#include "journal_read.h"
#include "last.h"
#include "mem.h"
#include "say.h"

/* The run script's mark in a spare byte of an emulated machine's CMOS: "I had
 * to reset it, it no longer answered".  Never looked at on real hardware. */
#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define CMOS_MARK 0x7e
#define MARK_HANG 0x52

static bool was_hang(void)
{
    bool hang;

    if (!cpu_has(FEATURE_HYPERVISOR))
        return false;
    outb(CMOS_INDEX, CMOS_MARK);
    hang = inb(CMOS_DATA) == MARK_HANG;
    outb(CMOS_INDEX, CMOS_MARK);
    outb(CMOS_DATA, 0);
    return hang;
}

/* What the report shall say of it. */
static void report(struct boot *b, const struct last *l, bool hang)
{
    struct record_note n;
    struct record_check c;
    char words[STEP_WORDS_MAX];

    step_words(words, sizeof(words), l->step);
    say("ringside: \"%s\" took the machine down; the run goes on behind it.\n",
        words);
    if (last_verdict(l, hang, &c)) {
        journal_check(&b->journal, &c);
        return;
    }
    memset(&n, 0, sizeof(n));
    fmt(n.text, sizeof(n.text),
        "the machine %s behind \"%s\"; the rest of case %s was not run",
        hang ? "hung" : "restarted", words, l->in ? l->in->id : "?");
    journal_append(&b->journal, RECORD_NOTE, &n, sizeof(n));
}

bool resume_prepare(struct boot *b)
{
    struct state *st = &b->state;
    struct last l;
    bool hang = was_hang();
    uint32_t after;

    if (st->attempts || st->resumes >= RESUMES_MAX || !journal_may_read(st))
        return false;
    last_find(&l, (void *)st->journal, st->journal_size, st->nonce);
    after = last_resume(&l, st->resume_after);
    if (!after || EFI_ERROR(journal_hold(st->journal, st->journal_size)))
        return false;
    if (!journal_resume(&b->journal, (void *)st->journal, st->journal_size)) {
        journal_release(st->journal, st->journal_size);
        return false;
    }
    report(b, &l, hang);
    b->resume.active = true;
    b->resume.after = after;
    b->resume.count = st->resumes + 1;
    b->resume.journal = st->journal;
    b->resume.journal_size = st->journal_size;
    b->resume.nonce = st->nonce;
    return true;
}
