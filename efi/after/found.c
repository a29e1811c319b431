/* SPDX-License-Identifier: MIT */
/*
 * A run that the variable store does not know.  A firmware may take a variable
 * and read it back, and have none after the reset; or it keeps none at all,
 * and the machine has restarted on its own.  Either way the firmware starts
 * the image anew, which would begin the run anew, for ever.  But memory keeps
 * the journal, at one of a few places, and what it says is enough to go on or
 * to report.  Called by main.c.
 */
#include "found.h"

#include "journal_place.h"
#include "journal_read.h"
#include "mem.h"

#define NO_OPTION 0xffff /* nobody's Boot####, as it is not known */

/* What a journal says of its run. */
struct tale {
    bool live, ended;
    char options[sizeof(((struct record_machine *)0)->options)];
    unsigned boots;
};

static void hear(struct tale *t, struct journal_cursor *c)
{
    const struct record_header *h;
    const void *payload;

    memset(t, 0, sizeof(*t));
    while ((h = journal_next(c, &payload))) {
        const struct record_machine *m = payload;
        const struct record_step *s = payload;

        if (h->type == RECORD_MACHINE && h->length == sizeof(*m)) {
            t->live = m->no_reboot;
            memcpy(t->options, m->options, sizeof(t->options));
        }
        if (h->type == RECORD_STEP && h->length == sizeof(*s)) {
            if (s->kind == STEP_WORK && strcmp(s->name, STEP_LEAVING) == 0)
                t->boots++;
        }
        t->ended |= h->type == RECORD_END || h->type == RECORD_REFUSED ||
                    h->type == RECORD_LAST_WORDS;
    }
}

/* Is it one that this start is to go on with? */
static bool ours(const struct tale *t, const struct boot *b)
{
    char given[sizeof(t->options)];

    memset(given, 0, sizeof(given));
    memcpy(given, b->given,
           sizeof(b->given) < sizeof(given) ? sizeof(b->given) : sizeof(given));
    /* A live run that ended has told what there is. */
    return t->boots && !(t->live && t->ended) && strcmp(t->options, given) == 0;
}

bool found_by_journal(struct boot *b)
{
    struct journal_cursor c;
    struct tale t;
    struct state st;

    for (unsigned i = 0; journal_usual(i); i++) {
        memset(&st, 0, sizeof(st));
        st.journal = journal_usual(i);
        st.journal_size = JOURNAL_SIZE;
        /* Held later: to give it back would let the firmware fill it. */
        if (!journal_may_read(&st))
            continue;
        if (journal_open(&c, (void *)st.journal, JOURNAL_SIZE, 0) != JOURNAL_OK)
            continue;
        st.nonce = c.nonce;
        hear(&t, &c);
        if (!ours(&t, b))
            continue;
        st.boot_option = NO_OPTION;
        st.resumes = t.boots - 1;
        b->state = st;
        b->by_journal = true;
        return true;
    }
    return false;
}
