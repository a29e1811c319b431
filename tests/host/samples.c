/* SPDX-License-Identifier: MIT */
/*
 * Journals as runs could leave them: whole ones, and one for each way in
 * which a run or its memory can fail.  Every renderer must make something
 * clear of each.
 */
#include "host.h"

static struct digest digest;

static void body(struct journal *j)
{
    sample_step(j, STEP_CASE, "syscall");
    sample_path(j, "syscall64", FROM_RING3, 6, 0);
    for (unsigned v = 0x20; v < 0x100; v++) {
        char name[16];

        snprintf(name, sizeof(name), "irq.%02x", v);
        sample_path(j, name, FROM_RING3, 1, 0);
        sample_path(j, name, FROM_RING0, 1, v == 0x99);
    }
    sample_check(j, "syscall64.gs", VERDICT_PASS);
    sample_check(j, "syscall64.fmask.tf", VERDICT_FAIL);
    sample_check(j, "irq.20.vector", VERDICT_PASS);
    sample_check(j, "exc.ac.raised", VERDICT_DIFFER);
    sample_check(j, "syscall64.late", VERDICT_PASS);
    sample_check(j, "mc.delivery", VERDICT_SKIP);
    sample_step(j, STEP_CASE, "window");
    sample_window(j, "linux", "syscall64", "ukkku", "nrrrn");
    sample_cost(j, RULE_BY_CS, 1200);
    sample_cost(j, RULE_BY_SIGN, 1450);
    sample_storm(j, "linux", 0);
    sample_storm(j, "forgetful", 12);
    sample_note(j, "The #MC was injected by the run script.");
}

static void build_complete(struct journal *j)
{
    sample_machine(j);
    body(j);
    sample_end(j);
    sample_step(j, STEP_WORK, "warm reset");
}

static void build_live(struct journal *j)
{
    struct record_machine m = {
        .accelerator = "Bochs",
        .no_reboot = 1,
        .why_live = "the firmware has no runtime variables",
        .screen = SCREEN_BLT_ONLY,
        .version = "0.1",
    };

    assert_true(journal_append(j, RECORD_MACHINE, &m, sizeof(m)));
    body(j);
    sample_end(j);
}

static void spoil_live(struct report *r, struct journal *j)
{
    report_load(r, j->base, j->size, j->nonce, SOURCE_LIVE);
}

static void build_no_machine(struct journal *j)
{
    body(j);
    sample_end(j);
}

static void build_empty(struct journal *j)
{
    (void)j;
}

static void build_no_end(struct journal *j)
{
    sample_machine(j);
    body(j);
    sample_step(j, STEP_CASE, "df");
    sample_check(j, "df.stack", VERDICT_RESET);
    sample_check(j, "df.cr4", VERDICT_HANG);
    sample_check(j, "df.rest", VERDICT_NOTRUN);
}

static void build_last_words(struct journal *j)
{
    struct record_last_words w = {
        .frame = {.vector = 14, .rip = 0xffffffffc0001234, .cs = 0x10},
        .cr2 = 0xffffffffe1000000,
        .step = "case irq",
        .text = "#PF in the core: write to an unmapped page",
    };

    sample_machine(j);
    body(j);
    assert_true(journal_append(j, RECORD_LAST_WORDS, &w, sizeof(w)));
}

/* Flips a bit in the middle of the journal's written part. */
static void spoil_middle(struct report *r, struct journal *j)
{
    j->base[j->used / 2] ^= 4;
    report_load(r, j->base, j->size, j->nonce, SOURCE_RAM);
}

static void add_digest(struct report *r)
{
    digest = (struct digest){
        .nonce = SAMPLE_NONCE,
        .verdicts = {220, 3, 5, 1},
        .paths_wrong = 1,
        .others = 2,
    };
    r->source = SOURCE_NVRAM;
    r->digest = &digest;
    r->trouble = "report.json could not be written: the volume is read-only.";
}

static void spoil_absent(struct report *r, struct journal *j)
{
    memset(j->base, 0xa5, j->size);
    report_load(r, j->base, j->size, j->nonce, SOURCE_RAM);
    add_digest(r);
}

static void spoil_header(struct report *r, struct journal *j)
{
    j->base[offsetof(struct journal_header, size)] ^= 1;
    report_load(r, j->base, j->size, j->nonce, SOURCE_RAM);
}

static void spoil_nonce(struct report *r, struct journal *j)
{
    report_load(r, j->base, j->size, j->nonce + 1, SOURCE_RAM);
    add_digest(r);
}

/* Every string as long and as awkward as it can be, every number huge. */
static void fill(void *record, size_t n, unsigned char with)
{
    memset(record, with, n);
}

static void awkward(char *s, size_t n)
{
    static const char pattern[] = "\"\\#\t\n\x7f\x80\xff</script> ";

    for (size_t i = 0; i < n - 1; i++)
        s[i] = pattern[i % (sizeof(pattern) - 1)];
    s[n - 1] = '\0';
}

#define AWKWARD(member) awkward(member, sizeof(member))

static void build_awkward(struct journal *j)
{
    struct record_machine m;
    struct record_path p;
    struct record_check c;
    struct record_window w;
    struct record_subject l;
    struct record_cost k;
    struct record_storm s;
    struct record_outcome o;
    struct record_note n;
    struct record_processor q;
    struct record_latency t;
    uint8_t all[32], two_of_three[32] = {0};

    fill(&m, sizeof(m), 0xff);
    AWKWARD(m.vendor), AWKWARD(m.brand), AWKWARD(m.hypervisor);
    AWKWARD(m.accelerator), AWKWARD(m.firmware), AWKWARD(m.why_live);
    AWKWARD(m.options), AWKWARD(m.version);
    journal_append(j, RECORD_MACHINE, &m, sizeof(m));
    fill(&p, sizeof(p), 0xff);
    AWKWARD(p.path), AWKWARD(p.stack), AWKWARD(p.note);
    journal_append(j, RECORD_PATH, &p, sizeof(p));
    fill(&w, sizeof(w), 0xff);
    AWKWARD(w.specimen), AWKWARD(w.path), AWKWARD(w.symbol);
    journal_append(j, RECORD_WINDOW, &w, sizeof(w));
    fill(&l, sizeof(l), 0xff);
    AWKWARD(l.specimen), AWKWARD(l.path), AWKWARD(l.about);
    journal_append(j, RECORD_SUBJECT, &l, sizeof(l));
    fill(&k, sizeof(k), 0xff);
    AWKWARD(k.path), AWKWARD(k.unit), AWKWARD(k.what);
    journal_append(j, RECORD_COST, &k, sizeof(k));
    fill(&s, sizeof(s), 0xff);
    AWKWARD(s.specimen), AWKWARD(s.what);
    journal_append(j, RECORD_STORM, &s, sizeof(s));
    fill(&o, sizeof(o), 0xff);
    AWKWARD(o.specimen), AWKWARD(o.event), AWKWARD(o.symbol);
    journal_append(j, RECORD_OUTCOME, &o, sizeof(o));
    AWKWARD(n.text);
    journal_append(j, RECORD_NOTE, &n, sizeof(n));
    for (unsigned v = 0; v <= VERDICT_COUNT; v++) {
        fill(&c, sizeof(c), 0xff);
        AWKWARD(c.id), AWKWARD(c.expected), AWKWARD(c.seen);
        AWKWARD(c.facts), AWKWARD(c.why);
        c.verdict = (uint8_t)v;
        journal_check(j, &c);
    }
    fill(&q, sizeof(q), 0xff);
    AWKWARD(q.note);
    for (unsigned number = 0; number < PROCESSORS_MAX; number++) {
        q.number = (uint16_t)number;
        q.core_type = number % 7;
        journal_append(j, RECORD_PROCESSOR, &q, sizeof(q));
        two_of_three[number / 8] |= (number % 3 != 2) << number % 8;
    }
    fill(all, sizeof(all), 0xff);
    sample_others(j, c.id, VERDICT_FAIL, all);
    sample_others(j, c.id, VERDICT_COUNT, two_of_three);
    fill(&t, sizeof(t), 0xff);
    journal_append(j, RECORD_LATENCY, &t, sizeof(t));
}

/* Many that say the same, on several processors, and notes of any length. */
static void build_alike(struct journal *j)
{
    struct record_check c = {.verdict = VERDICT_FAIL,
                             .expected = "1",
                             .seen = "0",
                             .why = "Because.",
                             .facts = "IV1"};
    struct record_path p = {.path = "exc.ss",
                            .stack = "ring0",
                            .note = "#GP instead of #SS, as elsewhere"};

    sample_machine(j);
    journal_append(j, RECORD_PATH, &p, sizeof(p));
    sample_path(j, "irq.30", FROM_RING3, 1, 1); /* wrong: stay apart */
    sample_path(j, "irq.31", FROM_RING3, 1, 1);
    sample_path(j, "irq.40", FROM_RING3, 1, 0); /* from elsewhere: so do they */
    sample_path(j, "irq.41", FROM_COMPAT, 1, 0);
    for (unsigned cpu = 0; cpu < 8; cpu++) {
        c.cpu = (uint16_t)cpu;
        snprintf(c.id, sizeof(c.id), "exc.ss.ring0.rflags");
        journal_check(j, &c);
        snprintf(c.id, sizeof(c.id), "exc.gp.ring0.rflags");
        journal_check(j, &c);
        sample_check(j, "mc.one", VERDICT_SKIP);
    }
    sample_end(j);
}

/* Four processors, as QEMU has them: one did not come, one is otherwise. */
static void build_processors(struct journal *j)
{
    static const uint8_t second[32] = {2}, both[32] = {6};

    sample_machine(j);
    sample_check(j, "exc.ud.ring3", VERDICT_PASS);
    sample_check(j, "exc.de.ring3", VERDICT_PASS);
    sample_check(j, "exc.bp.ring3", VERDICT_FAIL);
    sample_check(j, "mc.delivery", VERDICT_SKIP);
    for (unsigned n = 0; n < 6; n++)
        sample_processor(j, n, 0, 0);
    sample_others(j, "exc.de.ring3", VERDICT_FAIL, second);
    sample_others(j, "exc.bp.ring3", VERDICT_PASS, both);
    sample_others(j, "mc.delivery", VERDICT_FAIL, both);
    for (unsigned n = 0; n < 6; n++)
        sample_processor(j, n, n == 0 ? 0 : 1542, n == 1 ? 3 : n == 2 ? 2 : 0);
    for (unsigned from = 0; from < 3; from++)
        for (unsigned to = 0; to < 3; to++) {
            if (from == to)
                continue;
            sample_latency(j, LATENCY_FIXED, from, to, 1000 + 100 * from + to);
            sample_latency(j, LATENCY_NMI, from, to, 1500 + 100 * from + to);
        }
    sample_latency(j, LATENCY_SHOOTDOWN, 0, 1, 3000);
    sample_latency(j, LATENCY_SHOOTDOWN, 0, 2, 4500);
    sample_end(j);
}

/* One processor more than there is a number for. */
static void build_too_many(struct journal *j)
{
    sample_machine(j);
    for (unsigned n = 0; n <= PROCESSORS_MAX; n++)
        sample_processor(j, n, 0, 0);
    sample_end(j);
}

/* As many as there are, measured as smp_latency measures them. */
static void build_many(struct journal *j)
{
    sample_machine(j);
    for (unsigned n = 0; n < PROCESSORS_MAX; n++)
        sample_processor(j, n, 0, 0);
    for (unsigned to = 1; to < PROCESSORS_MAX; to++) {
        sample_latency(j, LATENCY_NMI, 0, to, 10000 + to);
        sample_latency(j, LATENCY_SHOOTDOWN, 0, to, 20000ull * to);
    }
    sample_end(j);
}

/* Two specimens: one right, and one with all that can be wrong. */
static void build_window(struct journal *j)
{
    sample_machine(j);
    sample_window(j, "linux", "syscall64", "ukkku", "nrrrn");
    sample_window(j, "linux", "int80", "ukkku", "nrr n");
    sample_window(j, "bad", "nmi", "uuuukkkkku", "WWWrrDDM n");
    sample_window(j, "bad", "nmi-ring0", "uuuukkkkku", "WWWrroor n");
    sample_end(j);
}

/* One specimen alone. */
static void build_own(struct journal *j)
{
    sample_machine(j);
    sample_window(j, "linux", "syscall64", "ukkku", "nrrrn");
    sample_end(j);
}

/* One record more than the report has room for. */
static void build_overflow(struct journal *j)
{
    sample_machine(j);
    for (unsigned i = 0; i < REPORT_NOTES + 1; i++)
        sample_note(j, "One of many.");
    sample_end(j);
}

const struct sample samples[] = {
    {"complete", build_complete, NULL, true},
    {"live", build_live, spoil_live, true},
    {"no-machine", build_no_machine, NULL, true},
    {"empty", build_empty, NULL, false},
    {"no-end", build_no_end, NULL, false},
    {"no-end-damaged", build_no_end, spoil_middle, false},
    {"last-words", build_last_words, NULL, false},
    {"damaged", build_complete, spoil_middle, false},
    {"absent", build_complete, spoil_absent, false},
    {"bad-header", build_complete, spoil_header, false},
    {"other-run", build_complete, spoil_nonce, false},
    {"awkward", build_awkward, NULL, false},
    {"alike", build_alike, NULL, true},
    {"window", build_window, NULL, true},
    {"own", build_own, NULL, true},
    {"overflow", build_overflow, NULL, false},
    {"processors", build_processors, NULL, true},
    {"many", build_many, NULL, true},
    {"too-many", build_too_many, NULL, false},
};
const size_t sample_count = COUNT(samples);

void sample_begin(struct journal *j)
{
    uint8_t *base = malloc(SAMPLE_SIZE);

    assert_non_null(base);
    memset(base, 0xcc, SAMPLE_SIZE);
    journal_create(j, base, SAMPLE_SIZE, SAMPLE_NONCE);
}

void sample_open(const struct sample *s, struct journal *j, struct report *r)
{
    sample_begin(j);
    s->build(j);
    if (s->spoil != NULL)
        s->spoil(r, j);
    else
        report_load(r, j->base, j->size, j->nonce, SOURCE_RAM);
}

void sample_close(struct journal *j)
{
    free(j->base);
}

const struct sample *sample_named(const char *name)
{
    for (size_t i = 0; i < sample_count; i++) {
        if (strcmp(samples[i].name, name) == 0)
            return &samples[i];
    }
    fail_msg("no sample is called %s", name);
    return NULL;
}
