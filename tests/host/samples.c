/* SPDX-License-Identifier: MIT */
/*
 * Journals as runs could leave them: whole ones, and one for each way in
 * which a run or its memory can fail.  Every renderer must make something
 * clear of each.
 */
#include "host.h"

static struct digest digest;

void sample_machine(struct journal *j)
{
    struct record_machine m = {
        .vendor = "GenuineIntel",
        .brand = "Intel Core Processor (Haswell)",
        .family = 6,
        .model = 60,
        .stepping = 4,
        .hypervisor = "TCGTCGTCGTCG",
        .accelerator = "TCG",
        .firmware = "EDK II",
        .firmware_revision = 0x10000,
        .uefi_revision = 2 << 16 | 70,
        .processors = 1,
        .fw_cr0 = 0x80010033,
        .fw_cr4 = 0x668,
        .fw_efer = 0xd00,
        .cpuid_1_cd = 1ull << 63 | 1 << 9 | 1 << 11,
        .cpuid_7_bc = 1ull << 32,
        .tsc_hz = 2611123456,
        .memory_bytes = 241ull << 20,
        .screen = SCREEN_LINEAR,
        .width = 1280,
        .height = 800,
        .stride = 1280,
        .serial_port = 0x3f8,
        .options = "--only \"exc*\"",
        .version = "0.1",
    };

    assert_true(journal_append(j, RECORD_MACHINE, &m, sizeof(m)));
}

void sample_path(struct journal *j, const char *path, unsigned from,
                 unsigned entries, unsigned wrong)
{
    struct record_path p = {
        .from = (uint8_t)from,
        .rule = RULE_BY_CS,
        .entries = entries,
        .swapped = from == FROM_RING0 ? 0 : entries,
        .right = entries - wrong,
        .wrong = wrong,
        .gs_before = 0x5000,
        .kernel_gs_before = 0xffffffffc0012000,
        .gs_after = 0xffffffffc0012000,
        .kernel_gs_after = 0x5000,
    };

    snprintf(p.path, sizeof(p.path), "%s", path);
    snprintf(p.stack, sizeof(p.stack), "%s",
             from == FROM_RING0 ? "ring0" : "rsp0");
    assert_true(journal_append(j, RECORD_PATH, &p, sizeof(p)));
}

void sample_check(struct journal *j, const char *id, unsigned verdict)
{
    struct record_check c = {
        .verdict = (uint8_t)verdict,
        .expected = "RFLAGS 0x2, #UD",
        .seen = "RFLAGS 0x102",
        .facts = "2.1 SC1",
        .why = "SYSCALL clears each RFLAGS bit that IA32_FMASK names, so a "
               "handler never begins with the caller's TF",
    };

    snprintf(c.id, sizeof(c.id), "%s", id);
    assert_true(journal_append(j, RECORD_CHECK, &c, sizeof(c)));
}

static void step(struct journal *j, const char *name)
{
    struct record_step s = {.tsc = 12345};

    snprintf(s.name, sizeof(s.name), "%s", name);
    assert_true(journal_append(j, RECORD_STEP, &s, sizeof(s)));
}

static void window(struct journal *j, const char *symbol, unsigned rule)
{
    struct record_window w = {
        .specimen = "linux",
        .path = "syscall64",
        .offset = 0,
        .event = "nmi",
        .cs = 0x10,
        .by_sign = 1,
        .needed = 1,
        .did = rule == RULE_BY_SIGN,
        .right = rule == RULE_BY_SIGN,
        .rule = (uint8_t)rule,
        .gs_base = 0x5000,
        .kernel_gs_base = 0xffffffffc0012000,
        .rip = 0xffffffffc0003000,
    };

    snprintf(w.symbol, sizeof(w.symbol), "%s", symbol);
    assert_true(journal_append(j, RECORD_WINDOW, &w, sizeof(w)));
}

static void cost(struct journal *j, unsigned rule, uint64_t median)
{
    struct record_cost c = {
        .path = "exc.bp",
        .rule = (uint8_t)rule,
        .n = 10000,
        .min = median / 2,
        .median = median,
        .p99 = median * 2,
        .unit = "tsc cycles",
        .what = "INT3 from ring 3 and back",
    };

    assert_true(journal_append(j, RECORD_COST, &c, sizeof(c)));
}

static void note(struct journal *j, const char *text)
{
    struct record_note n;

    memset(&n, 0, sizeof(n));
    snprintf(n.text, sizeof(n.text), "%s", text);
    assert_true(journal_append(j, RECORD_NOTE, &n, sizeof(n)));
}

/* The end record counts the checks that stand in the journal. */
void sample_end(struct journal *j)
{
    struct record_end e = {.microseconds = 812345};
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;

    assert_int_equal(journal_open(&c, j->base, j->size, j->nonce), JOURNAL_OK);
    while ((h = journal_next(&c, &payload)) != NULL) {
        if (h->type == RECORD_CHECK)
            e.verdicts[((const struct record_check *)payload)->verdict]++;
    }
    assert_true(journal_append(j, RECORD_END, &e, sizeof(e)));
}

static void body(struct journal *j)
{
    step(j, "case syscall");
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
    step(j, "case window");
    window(j, "linux_syscall64", RULE_BY_SIGN);
    cost(j, RULE_BY_CS, 1200);
    cost(j, RULE_BY_SIGN, 1450);
    note(j, "The #MC was injected by the run script.");
}

static void build_complete(struct journal *j)
{
    sample_machine(j);
    body(j);
    sample_end(j);
    step(j, "warm reset");
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
    step(j, "case df");
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
    static const char pattern[] = "\"\\#\t\n\x80\xff</script> ";

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
    struct record_cost k;
    struct record_note n;

    fill(&m, sizeof(m), 0xff);
    AWKWARD(m.vendor), AWKWARD(m.brand), AWKWARD(m.hypervisor);
    AWKWARD(m.accelerator), AWKWARD(m.firmware), AWKWARD(m.why_live);
    AWKWARD(m.options), AWKWARD(m.version);
    journal_append(j, RECORD_MACHINE, &m, sizeof(m));
    fill(&p, sizeof(p), 0xff);
    AWKWARD(p.path), AWKWARD(p.stack), AWKWARD(p.note);
    journal_append(j, RECORD_PATH, &p, sizeof(p));
    fill(&w, sizeof(w), 0xff);
    AWKWARD(w.specimen), AWKWARD(w.path), AWKWARD(w.symbol), AWKWARD(w.event);
    journal_append(j, RECORD_WINDOW, &w, sizeof(w));
    fill(&k, sizeof(k), 0xff);
    AWKWARD(k.path), AWKWARD(k.unit), AWKWARD(k.what);
    journal_append(j, RECORD_COST, &k, sizeof(k));
    AWKWARD(n.text);
    journal_append(j, RECORD_NOTE, &n, sizeof(n));
    for (unsigned v = 0; v <= VERDICT_COUNT; v++) {
        fill(&c, sizeof(c), 0xff);
        AWKWARD(c.id), AWKWARD(c.expected), AWKWARD(c.seen);
        AWKWARD(c.facts), AWKWARD(c.why);
        c.verdict = (uint8_t)v;
        journal_append(j, RECORD_CHECK, &c, sizeof(c));
    }
}

/* Many that say the same, on several processors, and notes of any length. */
static void build_alike(struct journal *j)
{
    struct record_check c = {.verdict = VERDICT_FAIL,
                             .expected = "1",
                             .seen = "0",
                             .why = "Because.",
                             .facts = "A1"};
    struct record_path p = {.path = "exc.ss",
                            .stack = "ring0",
                            .note = "#GP instead of #SS, as elsewhere"};

    sample_machine(j);
    journal_append(j, RECORD_PATH, &p, sizeof(p));
    for (unsigned cpu = 0; cpu < 8; cpu++) {
        c.cpu = (uint16_t)cpu;
        snprintf(c.id, sizeof(c.id), "exc.ss.ring0.rflags");
        journal_append(j, RECORD_CHECK, &c, sizeof(c));
        snprintf(c.id, sizeof(c.id), "exc.gp.ring0.rflags");
        journal_append(j, RECORD_CHECK, &c, sizeof(c));
        sample_check(j, "mc.one", VERDICT_SKIP);
        window(j, "linux_nmi", cpu < 6 ? RULE_BY_SIGN : RULE_BY_CS);
    }
    sample_end(j);
}

/* One record more than the report has room for. */
static void build_overflow(struct journal *j)
{
    sample_machine(j);
    for (unsigned i = 0; i < REPORT_NOTES + 1; i++)
        note(j, "One of many.");
    sample_end(j);
}

const struct sample samples[] = {
    {"complete", build_complete, NULL, true},
    {"live", build_live, spoil_live, true},
    {"no-machine", build_no_machine, NULL, true},
    {"empty", build_empty, NULL, false},
    {"no-end", build_no_end, NULL, false},
    {"last-words", build_last_words, NULL, false},
    {"damaged", build_complete, spoil_middle, false},
    {"absent", build_complete, spoil_absent, false},
    {"bad-header", build_complete, spoil_header, false},
    {"other-run", build_complete, spoil_nonce, false},
    {"awkward", build_awkward, NULL, false},
    {"alike", build_alike, NULL, true},
    {"overflow", build_overflow, NULL, false},
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
