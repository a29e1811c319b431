/* SPDX-License-Identifier: MIT */
/*
 * Indexes a journal for the renderers, and condenses it into the digest.
 * Called by the core and boot B at the end of a run and by the host program.
 *
 * A record that passes here can be printed as it lies: its size is its
 * struct's, and every string in it ends.
 */
#include "report.h"

#include "macros.h"
#include "record/packed.h"

#define MEMBER(type, member)                                                   \
    {                                                                          \
        offsetof(struct type, member), sizeof(((struct type *)0)->member)      \
    }
#define STRINGS_MAX 8

/* What report_load demands of each type of record. */
static const struct shape {
    uint16_t size;
    struct {
        uint16_t offset, size;
    } string[STRINGS_MAX]; /* size 0: no more */
} shapes[] = {
    [RECORD_MACHINE] =
        {sizeof(struct record_machine),
         {MEMBER(record_machine, vendor), MEMBER(record_machine, brand),
          MEMBER(record_machine, hypervisor),
          MEMBER(record_machine, accelerator), MEMBER(record_machine, firmware),
          MEMBER(record_machine, why_live), MEMBER(record_machine, options),
          MEMBER(record_machine, version)}},
    [RECORD_STEP] = {sizeof(struct record_step), {MEMBER(record_step, name)}},
    [RECORD_CASE] = {sizeof(struct record_case),
                     {MEMBER(record_case, id), MEMBER(record_case, title)}},
    [RECORD_PATH] = {sizeof(struct record_path),
                     {MEMBER(record_path, path), MEMBER(record_path, stack),
                      MEMBER(record_path, note)}},
    [RECORD_WINDOW] = {sizeof(struct record_window),
                       {MEMBER(record_window, specimen),
                        MEMBER(record_window, path),
                        MEMBER(record_window, symbol)}},
    [RECORD_SUBJECT] = {sizeof(struct record_subject),
                        {MEMBER(record_subject, specimen),
                         MEMBER(record_subject, path),
                         MEMBER(record_subject, about)}},
    [RECORD_COST] = {sizeof(struct record_cost),
                     {MEMBER(record_cost, specimen), MEMBER(record_cost, path),
                      MEMBER(record_cost, unit), MEMBER(record_cost, what)}},
    [RECORD_NOTE] = {sizeof(struct record_note), {MEMBER(record_note, text)}},
    [RECORD_LAST_WORDS] = {sizeof(struct record_last_words),
                           {MEMBER(record_last_words, step),
                            MEMBER(record_last_words, text)}},
    [RECORD_REFUSED] = {sizeof(struct record_note),
                        {MEMBER(record_note, text)}},
    [RECORD_END] = {sizeof(struct record_end), {{0, 0}}},
    [RECORD_WATCHDOG] = {sizeof(struct record_watchdog),
                         {MEMBER(record_watchdog, state)}},
    [RECORD_RESUME] = {sizeof(struct record_resume), {{0, 0}}},
    [RECORD_STORM] = {sizeof(struct record_storm),
                      {MEMBER(record_storm, specimen),
                       MEMBER(record_storm, what)}},
    [RECORD_OUTCOME] = {sizeof(struct record_outcome),
                        {MEMBER(record_outcome, specimen),
                         MEMBER(record_outcome, event),
                         MEMBER(record_outcome, symbol)}},
    [RECORD_DEVIATION] = {sizeof(struct record_deviation),
                          {MEMBER(record_deviation, id)}},
    [RECORD_PROCESSOR] = {sizeof(struct record_processor),
                          {MEMBER(record_processor, note)}},
    [RECORD_LATENCY] = {sizeof(struct record_latency), {{0, 0}}},
};

static bool well_formed(const struct record_header *h, const char *payload)
{
    const struct shape *s;

    if (h->type >= COUNT(shapes))
        return false;
    s = &shapes[h->type];
    if (s->size == 0 || h->length != s->size)
        return false;
    for (unsigned i = 0; i < STRINGS_MAX && s->string[i].size != 0; i++) {
        const char *text = payload + s->string[i].offset;
        unsigned at = 0;

        while (at < s->string[i].size && text[at] != '\0')
            at++;
        if (at == s->string[i].size)
            return false;
    }
    return true;
}

/* Appends p to a list of the report unless it is full. */
#define INDEX(r, list, count, max, p)                                          \
    ((count) < (max) ? (void)((list)[(count)++] = (p)) : (void)(r)->overflow++)

/* The last one of each number counts. */
static void index_processor(struct report *r, const struct record_processor *p)
{
    if (p->number >= PROCESSORS_MAX) {
        r->overflow++;
        return;
    }
    while (r->processors <= p->number)
        r->processor[r->processors++] = NULL;
    r->processor[p->number] = p;
}

static void index_record(struct report *r, unsigned type, const void *p)
{
    switch (type) {
    case RECORD_MACHINE:
        r->machine = p;
        break;
    case RECORD_STEP:
        r->last_step = p;
        break;
    case RECORD_PATH:
        INDEX(r, r->path, r->paths, PATHS_MAX, p);
        break;
    case RECORD_WINDOW:
        INDEX(r, r->window, r->windows, REPORT_WINDOWS, p);
        break;
    case RECORD_SUBJECT:
        INDEX(r, r->subject, r->subjects, REPORT_SUBJECTS, p);
        break;
    case RECORD_COST:
        INDEX(r, r->cost, r->costs, REPORT_COSTS, p);
        break;
    case RECORD_NOTE:
        INDEX(r, r->note, r->notes, REPORT_NOTES, p);
        break;
    case RECORD_STORM:
        INDEX(r, r->storm, r->storms, REPORT_STORMS, p);
        break;
    case RECORD_OUTCOME:
        INDEX(r, r->outcome, r->outcomes, REPORT_OUTCOMES, p);
        break;
    case RECORD_LAST_WORDS:
        r->last_words = p;
        break;
    case RECORD_WATCHDOG:
        r->watchdog = p;
        break;
    case RECORD_END:
        r->end = p;
        break;
    case RECORD_PROCESSOR:
        index_processor(r, p);
        break;
    case RECORD_LATENCY:
        INDEX(r, r->latency, r->latencies, REPORT_LATENCIES, p);
        break;
    case RECORD_REFUSED:
        r->refused = p;
        break;
    case RECORD_RESUME: /* boot B comes on top of that */
        r->boots = ((const struct record_resume *)p)->boots +
                   (r->source != SOURCE_LIVE);
        break;
    }
}

static void index_check(struct report *r, const struct record_header *h,
                        const void *payload)
{
    struct check c;

    if (!check_view(&c, payload, h->length))
        r->damaged++;
    else if (h->type == RECORD_CHECK) /* the boot that goes on has the other */
        INDEX(r, r->check, r->checks, CHECKS_MAX, c);
}

static void index_others(struct report *r, const struct record_header *h,
                         const void *payload)
{
    struct others o;

    if (others_view(&o, payload, h->length))
        INDEX(r, r->other, r->others, REPORT_OTHERS, o);
    else
        r->damaged++;
}

/* Member by member: a whole-struct store would be a call of memset. */
static void clear(struct report *r, enum report_source source)
{
    r->source = source;
    r->boots = source == SOURCE_LIVE ? 1 : 2;
    r->damaged = 0;
    r->digest = NULL;
    r->machine = NULL;
    r->last_step = NULL;
    r->last_words = NULL;
    r->watchdog = NULL;
    r->end = NULL;
    r->refused = NULL;
    r->trouble = NULL;
    r->brief = false;
    r->paths = r->checks = r->windows = r->subjects = r->costs = r->notes = 0;
    r->processors = r->others = r->latencies = 0;
    r->storms = r->outcomes = 0;
    r->overflow = 0;
}

void report_load(struct report *r, const void *base, uint32_t size,
                 uint64_t nonce, enum report_source source)
{
    struct journal_cursor c;
    const struct record_header *h;
    const void *payload;

    clear(r, source);
    r->status = journal_open(&c, base, size, nonce);
    if (r->status != JOURNAL_OK)
        return;
    while ((h = journal_next(&c, &payload)) != NULL) {
        if (h->type == RECORD_CHECK || h->type == RECORD_PENDING)
            index_check(r, h, payload);
        else if (h->type == RECORD_OTHERS)
            index_others(r, h, payload);
        else if (well_formed(h, payload))
            index_record(r, h->type, payload);
        else
            r->damaged++;
    }
    r->damaged += c.damaged;
    if (r->end != NULL)
        r->overflow += r->end->lost;
}

/* The checks that the core says it wrote, as opposed to those found here. */
static bool all_checks_here(const struct report *r)
{
    unsigned sum = 0, found = 0;

    for (unsigned v = VERDICT_NOTRUN + 1; v < VERDICT_COUNT; v++)
        sum += r->end->verdicts[v];
    for (unsigned i = 0; i < r->checks; i++)
        found += r->check[i].verdict != VERDICT_NOTRUN;
    return sum == found;
}

bool report_complete(const struct report *r)
{
    return r->status == JOURNAL_OK && r->end != NULL && r->last_words == NULL &&
           r->damaged == 0 && r->overflow == 0 && all_checks_here(r);
}

void report_count(const struct report *r, unsigned count[VERDICT_COUNT])
{
    for (unsigned v = 0; v < VERDICT_COUNT; v++)
        count[v] = 0;
    for (unsigned i = 0; i < r->checks; i++) {
        if (r->check[i].verdict < VERDICT_COUNT)
            count[r->check[i].verdict]++;
    }
}

void report_decisions(const struct report *r, unsigned *judged, unsigned *wrong)
{
    *judged = *wrong = 0;
    for (unsigned i = 0; i < r->paths; i++) {
        *judged += r->path[i]->right + r->path[i]->wrong;
        *wrong += r->path[i]->wrong;
    }
}

unsigned report_others_bad(const struct report *r)
{
    unsigned bad = 0;

    for (unsigned i = 0; i < r->others; i++)
        bad += r->other[i].check.verdict >= VERDICT_FAIL;
    return bad;
}

_Static_assert(PATHS_MAX <= UINT16_MAX && REPORT_OTHERS <= UINT16_MAX,
               "struct digest");

static uint32_t digest_crc(const struct digest *d)
{
    return crc32(0, d, offsetof(struct digest, crc));
}

void digest_make(struct digest *d, const struct report *r, uint64_t nonce)
{
    unsigned count[VERDICT_COUNT];

    report_count(r, count);
    d->nonce = nonce;
    d->verdicts[0] = count[VERDICT_PASS];
    d->verdicts[1] = count[VERDICT_DIFFER];
    d->verdicts[2] = count[VERDICT_SKIP];
    d->verdicts[3] =
        count[VERDICT_FAIL] + count[VERDICT_HANG] + count[VERDICT_RESET];
    d->paths_wrong = 0;
    for (unsigned i = 0; i < r->paths; i++)
        d->paths_wrong += r->path[i]->wrong != 0;
    d->others = (uint16_t)report_others_bad(r);
    d->crc = digest_crc(d);
}

bool digest_valid(const struct digest *d, uint64_t nonce)
{
    return d->nonce == nonce && d->crc == digest_crc(d);
}
