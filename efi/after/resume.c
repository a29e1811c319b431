/* SPDX-License-Identifier: MIT */
/*
 * No check takes the others down: when the machine came back from a reset
 * that the core had not asked for, the journal's last step names the check
 * that was running.  It gets its verdict, and the run goes on behind it, in
 * the same journal.  Called by main.c before the report is thought of.
 */
#include "resume.h"

#include <efilib.h>

#include "fmt.h"
#include "insn.h"
#include "journal_place.h"
#include "journal_read.h"
#include "record/packed.h"
#include "say.h"

/* The run script's mark in a spare byte of an emulated machine's CMOS: "I had
 * to reset it, it no longer answered".  Never looked at on real hardware. */
#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define CMOS_MARK 0x7e
#define MARK_HANG 0x52
#define HYPERVISOR_BIT (1u << 31) /* CPUID 1:ECX */

#define CHECK_PREFIX "check "

struct last {
    const struct record_step *step;
    struct check pending; /* id NULL: the step says its id alone */
    bool reported;        /* its check already has a verdict */
    bool over;            /* the run ended, or died with last words */
};

static bool was_hang(void)
{
    bool hang;

    if (!(cpuid(1, 0).c & HYPERVISOR_BIT))
        return false;
    outb(CMOS_INDEX, CMOS_MARK);
    hang = inb(CMOS_DATA) == MARK_HANG;
    outb(CMOS_INDEX, CMOS_MARK);
    outb(CMOS_DATA, 0);
    return hang;
}

static struct last find_last(const struct state *st)
{
    struct last l = {.over = true};
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;

    if (journal_open(&c, (void *)st->journal, st->journal_size, st->nonce) !=
        JOURNAL_OK)
        return l;
    l.over = false;
    while ((h = journal_next(&c, &payload))) {
        if (h->type == RECORD_STEP) {
            l.step = payload;
            l.pending.id = NULL;
            l.reported = false;
        }
        if (h->type == RECORD_PENDING &&
            !check_view(&l.pending, payload, h->length))
            l.pending.id = NULL;
        l.reported |= h->type == RECORD_CHECK;
        l.over |= h->type == RECORD_LAST_WORDS || h->type == RECORD_END;
    }
    return l;
}

static void report(struct journal *j, const struct last *l, bool hang)
{
    struct record_check c;
    bool told = l->pending.id != NULL;

    SetMem(&c, sizeof(c), 0);
    fmt(c.id, sizeof(c.id), "%s",
        told ? l->pending.id : l->step->name + sizeof(CHECK_PREFIX) - 1);
    fmt(c.facts, sizeof(c.facts), "%s", told ? l->pending.facts : "");
    fmt(c.why, sizeof(c.why), "%s", told ? l->pending.why : "");
    c.verdict = hang ? VERDICT_HANG : VERDICT_RESET;
    fmt(c.expected, sizeof(c.expected), "comes back");
    fmt(c.seen, sizeof(c.seen), "%s%s%s",
        hang ? "the machine no longer answered, and was reset from outside"
             : "the machine restarted",
        told && l->pending.seen[0] ? ", " : "", told ? l->pending.seen : "");
    journal_check(j, &c);
}

bool resume_prepare(struct boot *b)
{
    struct state *st = &b->state;
    struct last l;
    bool hang = was_hang();
    uint32_t after;

    if (st->attempts || st->resumes >= RESUMES_MAX || !journal_may_read(st))
        return false;
    l = find_last(st);
    if (l.over || !l.step || !l.step->check ||
        l.step->check <= st->resume_after)
        return false;
    /* Behind its own verdict something else of the case took it down: what
     * that was nobody knows, so the rest of the case is given up. */
    after = l.reported ? l.step->check | 0xffff : l.step->check;
    if (EFI_ERROR(journal_hold(st->journal, st->journal_size)))
        return false;
    if (!journal_resume(&b->journal, (void *)st->journal, st->journal_size)) {
        journal_release(st->journal, st->journal_size);
        return false;
    }
    say("ringside: \"%s\" took the machine down; the run goes on behind it.\n",
        l.step->name);
    if (!l.reported)
        report(&b->journal, &l, hang);
    b->resume.active = true;
    b->resume.after = after;
    b->resume.count = st->resumes + 1;
    b->resume.journal = st->journal;
    b->resume.journal_size = st->journal_size;
    b->resume.nonce = st->nonce;
    return true;
}
