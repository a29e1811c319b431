/* SPDX-License-Identifier: MIT */
/*
 * What took the machine down, as far as the journal can tell: a check, a
 * case outside its checks, or something that no run goes on behind.
 * Called by resume.c.
 */
#include "last.h"

#include "fmt.h"

#define WHOLE_CASE 0xffffu /* of a check's number: behind all of its case */

void last_find(struct last *l, const void *journal, uint32_t size,
               uint64_t nonce)
{
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;

    l->in = NULL;
    l->step = NULL;
    l->pending.id = NULL;
    l->reported = false;
    l->begun = NULL;
    l->resume = NULL;
    l->over = journal_open(&c, journal, size, nonce) != JOURNAL_OK;
    while (!l->over && (h = journal_next(&c, &payload))) {
        if (h->type == RECORD_CASE)
            l->in = payload;
        if (h->type == RECORD_STEP) {
            l->step = payload;
            l->pending.id = NULL;
            l->reported = false;
            if (l->step->kind == STEP_CASE)
                l->begun = h;
        }
        if (h->type == RECORD_RESUME) {
            l->resume = payload;
            l->begun = NULL;
        }
        if (h->type == RECORD_PENDING &&
            !check_view(&l->pending, payload, h->length))
            l->pending.id = NULL;
        l->reported |= h->type == RECORD_CHECK;
        l->over = h->type == RECORD_LAST_WORDS || h->type == RECORD_END;
    }
}

/* Before the first check of its case, or behind the verdict of the last one
 * that ran: which of the case's own lines that was nobody knows. */
static bool outside_checks(const struct last *l)
{
    return l->step->kind == STEP_CASE || l->reported;
}

uint32_t last_resume(const struct last *l, uint32_t before)
{
    if (l->over || !l->step || l->step->kind == STEP_WORK ||
        l->step->check <= before)
        return 0;
    return outside_checks(l) ? l->step->check | WHOLE_CASE : l->step->check;
}

/* The number of the case that was running, or was to be gone on with. */
static uint32_t running(const struct last *l)
{
    if (l->begun)
        return ((const struct record_step *)(l->begun + 1))->check >> 16;
    return l->resume ? l->resume->after >> 16 : 0;
}

uint32_t last_again(const struct last *l)
{
    uint32_t number = running(l);

    if (l->over || !number)
        return 0;
    /* What an earlier boot has of it stays. */
    return l->resume && l->resume->after >> 16 == number ? l->resume->after
                                                         : number << 16;
}

uint32_t last_kills(const struct last *l)
{
    return l->resume && l->resume->after >> 16 == running(l)
               ? l->resume->kills + 1
               : 1;
}

bool last_verdict(const struct last *l, bool hang, const char *words,
                  struct record_check *c)
{
    bool told = l->pending.id != NULL;
    bool set_up = l->step->kind == STEP_CASE;

    if (l->reported)
        return false;
    *c = (struct record_check){.verdict = hang ? VERDICT_HANG : VERDICT_RESET};
    /* It had died before; one that was still at work has no verdict yet. */
    if (told && (l->pending.verdict == VERDICT_FAIL ||
                 l->pending.verdict == VERDICT_HANG))
        c->verdict = l->pending.verdict;
    fmt(c->id, sizeof(c->id), "%s%s", told ? l->pending.id : l->step->name,
        set_up ? ".set-up" : "");
    fmt(c->facts, sizeof(c->facts), "%s",
        told     ? l->pending.facts
        : set_up ? OUTSIDE_CHECKS_FACTS
                 : "");
    fmt(c->why, sizeof(c->why), "%s",
        told     ? l->pending.why
        : set_up ? "what the case does before its first check; none of its "
                   "checks was run"
                 : "");
    fmt(c->expected, sizeof(c->expected), "comes back");
    fmt(c->seen, sizeof(c->seen), "%s%s%s",
        words[0] ? words
        : hang   ? "the machine no longer answered, and was reset from outside"
                 : "the machine restarted",
        told && l->pending.seen[0] ? ", " : "", told ? l->pending.seen : "");
    return true;
}
