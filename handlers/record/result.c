/* SPDX-License-Identifier: MIT */
/* Results on their way out; see result.h. */
#include "result.h"

#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "journal.h"
#include "layout.h"
#include "others.h"
#include "packed.h"

#define CASE_CHECKS 1024 /* checks of one case; more are in the report only */

#define FALLEN_MAX 64   /* more than boots that a run may take */
#define UNSENT_MAX 4096 /* bytes between two steps */

static const struct result_listener *listener;
static struct journal journal;
static struct {
    struct {
        char id[sizeof(((struct record_check *)0)->id)];
        uint8_t verdict;
    } of[FALLEN_MAX];
    unsigned n;
} fallen; /* checks that did not come back, in this boot and in those before */
static char step[STEP_WORDS_MAX];
static struct record_step latest;
static unsigned known; /* results, to others.h */
static struct {
    bool (*sink)(const struct record_check *c); /* NULL: the journal */
    bool enough; /* the sink has seen what it wanted */
} redirect;
static struct {
    void (*see)(const char *id);    /* NULL: checks are run, not listed */
    bool (*wanted)(const char *id); /* NULL: all of them */
} chosen;
static struct {
    const char *id;
    uint32_t at; /* the case's number << 16 | the check's, from 1 */
    bool muted;  /* run again for what it tells, reported before */
    bool risky;  /* announced on the serial line */
    bool open;   /* a check has begun, and not been reported */
    bool passed; /* the last one that did not begin has been run before */
    struct record_check dying; /* that one, and then how it has died */
    unsigned number, checks;
    struct check check[CASE_CHECKS];
} current;

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* What is expected of a check that has died is one thing only. */
static const char comes_back[] = "comes back";

static void note_fallen(const char *id, unsigned verdict, const char *expected)
{
    if (verdict != VERDICT_HANG && verdict != VERDICT_RESET &&
        !same(expected, comes_back))
        return;
    if (fallen.n == FALLEN_MAX)
        return;
    fmt(fallen.of[fallen.n].id, sizeof(fallen.of[0].id), "%s", id);
    fallen.of[fallen.n++].verdict = (uint8_t)verdict;
}

/* What the boots before this one have found. */
static void read_checks(void)
{
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;
    struct check check;

    if (journal_open(&c, journal.base, journal.used, journal.nonce) ==
        JOURNAL_OK)
        while ((h = journal_next(&c, &payload)))
            if (h->type == RECORD_CHECK &&
                check_view(&check, payload, h->length)) {
                note_fallen(check.id, check.verdict, check.expected);
                if (known++ < CHECKS_MAX)
                    others_know(check.id, check.verdict, check.seen);
            }
}

bool result_init(const struct result_listener *l)
{
    listener = l;
    if (!journal_resume(&journal, (void *)VA_JOURNAL, handoff.journal_size))
        return false;
    journal.unsent = handoff.journal_sent;
    read_checks();
    return true;
}

static void say_full(void)
{
    if (!listener) /* an exception before result_init(): its words are enough */
        return;
    listener->line("the journal is full: the report will lack rows");
}

void result_send(void)
{
    if (!listener)
        return;
    listener->grown(&journal, journal.unsent);
    journal.unsent = journal.used;
}

static void send_if_wanted(void)
{
    if (handoff.options.stream && journal.unsent < journal.used)
        result_send();
}

void result_append(unsigned type, const void *payload, unsigned length)
{
    bool first = !journal.lost;

    if (current.muted || redirect.sink ||
        chosen.see) /* an earlier boot has written it */
        return;
    if (!journal_append(&journal, type, payload, length) && first)
        say_full();
    if (journal.used - journal.unsent > UNSENT_MAX)
        send_if_wanted();
}

/* Checks within a check: the sink is all that hears of them.  On another
 * processor than the first the sink is where all checks go, and each of them
 * may be given up. */
static bool nested(void)
{
    return redirect.sink && !handoff.cpu;
}

static void take_step(struct record_step *r, enum step_kind kind)
{
    latest = *r;
    latest.kind = kind;
    r->tsc = rdtsc() - handoff.tsc_start;
    r->check = current.at;
    r->kind = kind;
    step_words(step, sizeof(step), r);
    result_append(RECORD_STEP, r, sizeof(*r));
    send_if_wanted();
}

void result_alive(const char *format, ...)
{
    struct record_note n = {.text = ""};
    va_list ap;

    va_start(ap, format);
    vfmt(n.text, sizeof(n.text), format, ap);
    va_end(ap);
    listener->line(n.text);
    if (handoff.options.stream) /* whoever listens hears of nothing else */
        take_step(&latest, (enum step_kind)latest.kind);
}

void result_step(const char *format, ...)
{
    struct record_step r = {.name = ""};
    va_list ap;

    va_start(ap, format);
    vfmt(r.name, sizeof(r.name), format, ap);
    va_end(ap);
    take_step(&r, STEP_WORK);
}

/* What this leads to has an id: no words come before it. */
static void step_to(enum step_kind kind, const char *id)
{
    struct record_step r = {.name = ""};

    fmt(r.name, sizeof(r.name), "%s", id);
    take_step(&r, kind);
}

const char *result_step_name(void)
{
    return step;
}

/* False, as it does not begin. */
static bool passed(const char *id)
{
    current.passed = !chosen.wanted || chosen.wanted(id);
    return false;
}

bool result_check_begin(const struct record_check *check, bool risky)
{
    const char *id = check->id;

    if (chosen.see) {
        chosen.see(id);
        return false;
    }
    current.at++;
    current.passed = false;
    if (redirect.sink && (redirect.enough || risky))
        return false;
    if (nested() || current.muted)
        return true;
    if (current.at <= handoff.resume_after)
        return passed(id);
    if (chosen.wanted && !chosen.wanted(id))
        return false;
    if (redirect.sink) {
        current.open = true;
        current.dying = *check;
        return true;
    }
    if (handoff.options.list_checks) {
        struct record_check c = {.verdict = VERDICT_NOTRUN};

        fmt(c.id, sizeof(c.id), "%s", id);
        result_check(&c);
        return false;
    }
    step_to(STEP_CHECK, id);
    if (risky)
        listener->risk(id);
    current.risky = risky;
    current.open = true;
    current.dying = *check;
    return true;
}

void result_gets_on(void)
{
    if (current.risky)
        listener->risk(current.dying.id);
}

void result_pending(const struct record_check *c)
{
    char packed[CHECK_PACKED_MAX];

    if (current.muted || redirect.sink || chosen.see)
        return;
    journal_amend(&journal, RECORD_PENDING, packed, check_pack(packed, c));
    send_if_wanted();
}

void result_dying(unsigned verdict, const char *words)
{
    struct record_check *c = &current.dying;
    bool set_up = !(current.at & 0xffff);

    if (!current.open) {
        *c = (struct record_check){0};
        fmt(c->id, sizeof(c->id), "%s.%s", current.id,
            set_up ? "set-up" : "between");
        fmt(c->facts, sizeof(c->facts), OUTSIDE_CHECKS_FACTS);
        fmt(c->why, sizeof(c->why),
            "what the case does %s; what is behind that was not run",
            set_up ? "before its first check" : "between its checks");
    }
    c->verdict = (uint8_t)verdict;
    fmt(c->expected, sizeof(c->expected), "%s", comes_back);
    fmt(c->seen, sizeof(c->seen), "%s", words);
    if (current.open)
        result_pending(c);
}

bool result_died(void)
{
    bool again = current.open;

    result_check(&current.dying);
    /* Its set-up is not to do that again. */
    handoff.resume_after = current.at | (again ? 0 : 0xffff);
    current.at = current.number << 16;
    return again && !current.muted;
}

bool result_hung(const char *id)
{
    for (unsigned i = 0; i < fallen.n; i++)
        if (fallen.of[i].verdict == VERDICT_HANG && same(fallen.of[i].id, id))
            return true;
    return false;
}

const char *result_fallen(unsigned n, unsigned *verdict)
{
    if (n >= fallen.n)
        return 0;
    *verdict = fallen.of[n].verdict;
    return fallen.of[n].id;
}

bool result_passed(void)
{
    return current.passed;
}

void result_check(const struct record_check *c)
{
    /* The journal's copy outlives c: KTAP is rendered at the case's end. */
    const struct record_header *kept =
        (const void *)(journal.base + journal.used);
    uint32_t lost = journal.lost;

    if (redirect.sink) {
        current.open = current.open && nested();
        redirect.enough = redirect.enough || !redirect.sink(c);
        return;
    }
    if (current.muted || chosen.see)
        return;
    if (current.risky)
        listener->risk_over();
    current.risky = current.open = false;
    note_fallen(c->id, c->verdict, c->expected);
    if (known++ < CHECKS_MAX)
        others_know(c->id, c->verdict, c->seen);
    if (journal_check(&journal, c)) {
        if (current.checks < CASE_CHECKS &&
            check_view(&current.check[current.checks], kept + 1, kept->length))
            current.checks++;
    } else if (!lost) {
        say_full();
    }
    send_if_wanted(); /* what comes next is not this check's doing */
    listener->check(c);
}

void result_list(void (*see)(const char *id))
{
    chosen.see = see;
}

void result_only(bool (*wanted)(const char *id))
{
    chosen.wanted = wanted;
}

void result_refuse(const char *format, ...)
{
    struct record_note n = {.text = ""};
    va_list ap;

    va_start(ap, format);
    vfmt(n.text, sizeof(n.text), format, ap);
    va_end(ap);
    result_append(RECORD_REFUSED, &n, sizeof(n));
    listener->line(n.text);
}

void result_redirect(bool (*sink)(const struct record_check *c))
{
    redirect.sink = sink;
    redirect.enough = false;
}

void result_note(const char *format, ...)
{
    struct record_note n = {.text = ""};
    va_list ap;

    va_start(ap, format);
    vfmt(n.text, sizeof(n.text), format, ap);
    va_end(ap);
    if (redirect.sink || chosen.see)
        return;
    result_append(RECORD_NOTE, &n, sizeof(n));
    listener->line(n.text);
}

bool result_case_begin(unsigned number, unsigned total, const char *id,
                       const char *title)
{
    struct record_case r = {.id = ""};
    uint32_t done = handoff.resume_after >> 16;

    current.id = id;
    current.number = number;
    current.checks = 0;
    current.at = number << 16;
    if (redirect.sink)
        return handoff.resume_after != (current.at | 0xffff);
    /* The first case tells what the others leave out. */
    current.muted = number < done && number == 1;
    /* A case that took the machine down outside its checks is given up: its
     * set-up is not to do that again. */
    if (current.muted || number < done ||
        handoff.resume_after == (current.at | 0xffff))
        return current.muted;
    fmt(r.id, sizeof(r.id), "%s", id);
    fmt(r.title, sizeof(r.title), "%s", title);
    step_to(STEP_CASE, id);
    result_append(RECORD_CASE, &r, sizeof(r));
    listener->case_begin(number, total, id, title);
    return true;
}

void result_case_end(void)
{
    if (current.muted || redirect.sink)
        return;
    current.at = 0;
    listener->case_end(current.number, current.id, current.check,
                       current.checks);
}

static unsigned cases;

void result_begin(unsigned n)
{
    cases = n;
    listener->begin(cases);
}

const struct journal *result_journal(void)
{
    return &journal;
}

void result_end(void)
{
    struct record_end end = {.lost = journal.lost};
    uint64_t us = handoff.tsc_hz / 1000000, earlier = 0, latest = 0;
    struct journal_cursor c;
    const struct record_header *h;
    const void *payload;
    struct check check;

    /* From the journal, which holds an earlier boot's checks as well. */
    if (journal_open(&c, journal.base, journal.used, journal.nonce) ==
        JOURNAL_OK)
        while ((h = journal_next(&c, &payload))) {
            if (h->type == RECORD_CHECK &&
                check_view(&check, payload, h->length))
                end.verdicts[check.verdict]++;
            if (h->type != RECORD_STEP)
                continue;
            /* Each boot counts from its own start. */
            if (((const struct record_step *)payload)->tsc < latest)
                earlier += latest;
            latest = ((const struct record_step *)payload)->tsc;
        }
    if (us)
        end.microseconds = (earlier + rdtsc() - handoff.tsc_start) / us;
    result_append(RECORD_END, &end, sizeof(end));
    listener->end(cases);
}
