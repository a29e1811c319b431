/* SPDX-License-Identifier: MIT */
/*
 * report.json: the whole record for programs.  tests/report.schema.json
 * describes it and the host tests validate against it; names and meanings
 * stay.  Addresses and register values are "0x..." strings, because many
 * JSON readers round integers beyond 2^53.
 */
#include "fmt.h"
#include "render.h"

#define FORMAT "ringside-report-1"
#define OUTCOME_MAX 160
#define PRETTY_DEPTH 2 /* deeper values share their row's line */

struct json {
    struct out o;
    bool comma; /* a value stands before this place */
    unsigned depth;
};

static void separate(struct json *j, const char *key)
{
    if (j->comma)
        out_char(&j->o, ',');
    if (j->depth <= PRETTY_DEPTH) {
        if (j->depth > 0)
            out_char(&j->o, '\n');
        for (unsigned i = 0; i < j->depth; i++)
            out_char(&j->o, ' ');
    } else if (j->comma) {
        out_char(&j->o, ' ');
    }
    if (key != NULL)
        out_fmt(&j->o, "\"%s\": ", key);
    j->comma = true;
}

static void begin(struct json *j, const char *key, char bracket)
{
    separate(j, key);
    out_char(&j->o, bracket);
    j->comma = false;
    j->depth++;
}

static void end(struct json *j, char bracket)
{
    j->depth--;
    out_char(&j->o, bracket);
    j->comma = true;
}

static void string(struct json *j, const char *key, const char *s)
{
    separate(j, key);
    out_char(&j->o, '"');
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            out_fmt(&j->o, "\\%c", *s);
        else if (*s >= ' ' && *s <= '~')
            out_char(&j->o, *s);
        else
            out_fmt(&j->o, "\\u%04x", (unsigned char)*s);
    }
    out_char(&j->o, '"');
}

static void number(struct json *j, const char *key, uint64_t v)
{
    separate(j, key);
    out_fmt(&j->o, "%lu", v);
}

static void hex(struct json *j, const char *key, uint64_t v)
{
    separate(j, key);
    out_fmt(&j->o, "\"0x%lx\"", v);
}

static void boolean(struct json *j, const char *key, bool v)
{
    separate(j, key);
    out_text(&j->o, v ? "true" : "false");
}

static void null(struct json *j, const char *key)
{
    separate(j, key);
    out_text(&j->o, "null");
}

static void machine(struct json *j, const struct record_machine *m)
{
    char revision[16];
    unsigned at = 0;
    const char *feature;

    if (m == NULL) {
        null(j, "machine");
        return;
    }
    begin(j, "machine", '{');
    string(j, "vendor", m->vendor);
    string(j, "brand", m->brand);
    number(j, "family", m->family);
    number(j, "model", m->model);
    number(j, "stepping", m->stepping);
    string(j, "hypervisor", m->hypervisor);
    string(j, "accelerator", m->accelerator);
    string(j, "firmware", m->firmware);
    hex(j, "firmware_revision", m->firmware_revision);
    fmt(revision, sizeof(revision), "%u.%u", m->uefi_revision >> 16,
        (m->uefi_revision & 0xffff) / 10);
    string(j, "uefi", revision);
    boolean(j, "secure_boot", m->secure_boot);
    number(j, "processors", m->processors);
    string(j, "apic_mode", m->x2apic ? "x2apic" : "xapic");
    number(j, "memory_bytes", m->memory_bytes);
    number(j, "tsc_hz", m->tsc_hz);
    begin(j, "features", '[');
    while ((feature = next_feature(m, &at)) != NULL)
        string(j, NULL, feature);
    end(j, ']');
    begin(j, "cpuid", '{');
    hex(j, "leaf1_ecx_edx", m->cpuid_1_cd);
    hex(j, "leaf7_ebx_ecx", m->cpuid_7_bc);
    hex(j, "leaf7_edx", m->cpuid_7_d);
    end(j, '}');
    begin(j, "firmware_state", '{');
    hex(j, "cr0", m->fw_cr0);
    hex(j, "cr4", m->fw_cr4);
    hex(j, "efer", m->fw_efer);
    end(j, '}');
    begin(j, "screen", '{');
    string(j, "kind", screen_name(m->screen));
    number(j, "width", m->width);
    number(j, "height", m->height);
    number(j, "stride", m->stride);
    end(j, '}');
    if (m->serial_port != 0)
        hex(j, "serial_port", m->serial_port);
    else
        null(j, "serial_port");
    string(j, "options", m->options);
    end(j, '}');
}

static void last_words(struct json *j, const struct record_last_words *w)
{
    const struct trapframe *f = &w->frame;
    const struct {
        const char *name;
        uint64_t value;
    } registers[] = {
        {"rip", f->rip}, {"cs", f->cs},   {"rflags", f->rflags},
        {"rsp", f->rsp}, {"ss", f->ss},   {"rax", f->rax},
        {"rbx", f->rbx}, {"rcx", f->rcx}, {"rdx", f->rdx},
        {"rsi", f->rsi}, {"rdi", f->rdi}, {"rbp", f->rbp},
        {"r8", f->r8},   {"r9", f->r9},   {"r10", f->r10},
        {"r11", f->r11}, {"r12", f->r12}, {"r13", f->r13},
        {"r14", f->r14}, {"r15", f->r15}, {"cr2", w->cr2},
        {"cr3", w->cr3}, {"gs_base", w->gs_base},
        {"kernel_gs_base", w->kernel_gs_base},
    };

    begin(j, "last_words", '{');
    string(j, "text", w->text);
    string(j, "step", w->step);
    number(j, "vector", f->vector);
    hex(j, "error_code", f->error_code);
    for (unsigned i = 0; i < sizeof(registers) / sizeof(*registers); i++)
        hex(j, registers[i].name, registers[i].value);
    end(j, '}');
}

static void counts(struct json *j, const struct report *r)
{
    unsigned count[VERDICT_COUNT], judged, wrong;

    report_count(r, count);
    begin(j, "verdicts", '{');
    for (unsigned v = 0; v < VERDICT_COUNT; v++)
        number(j, verdict_name(v), count[v]);
    end(j, '}');
    report_decisions(r, &judged, &wrong);
    begin(j, "swapgs", '{');
    number(j, "judged", judged);
    number(j, "wrong", wrong);
    end(j, '}');
}

static void digest(struct json *j, const struct digest *d)
{
    if (d == NULL) {
        null(j, "digest");
        return;
    }
    begin(j, "digest", '{');
    number(j, "pass", d->verdicts[0]);
    number(j, "differ", d->verdicts[1]);
    number(j, "skip", d->verdicts[2]);
    number(j, "fail", d->verdicts[3]);
    number(j, "paths_wrong", d->paths_wrong);
    end(j, '}');
}

static void run(struct json *j, const struct report *r)
{
    static const char *const status[] = {
        [JOURNAL_OK] = "ok",
        [JOURNAL_ABSENT] = "absent",
        [JOURNAL_BAD_HEADER] = "bad-header",
        [JOURNAL_OTHER_NONCE] = "other-run",
    };
    char outcome[OUTCOME_MAX];

    report_outcome(r, outcome, sizeof(outcome));
    begin(j, "run", '{');
    boolean(j, "complete", report_complete(r));
    string(j, "outcome", outcome);
    string(j, "source", source_name(r->source));
    string(j, "journal", status[r->status]);
    number(j, "boots", r->boots);
    if (r->end != NULL)
        number(j, "duration_us", r->end->microseconds);
    else
        null(j, "duration_us");
    if (r->last_step != NULL)
        string(j, "last_step", r->last_step->name);
    else
        null(j, "last_step");
    number(j, "damaged", r->damaged);
    number(j, "overflow", r->overflow);
    string(j, "trouble", r->trouble != NULL ? r->trouble : "");
    string(j, "why_live", r->machine != NULL ? r->machine->why_live : "");
    counts(j, r);
    digest(j, r->digest);
    if (r->last_words != NULL)
        last_words(j, r->last_words);
    else
        null(j, "last_words");
    begin(j, "notes", '[');
    for (unsigned i = 0; i < r->notes; i++)
        string(j, NULL, r->note[i]->text);
    end(j, ']');
    end(j, '}');
}

static void path(struct json *j, const struct record_path *p)
{
    begin(j, NULL, '{');
    string(j, "path", p->path);
    string(j, "from", origin_name(p->from));
    string(j, "rule", rule_name(p->rule));
    number(j, "entries", p->entries);
    number(j, "swapped", p->swapped);
    number(j, "right", p->right);
    number(j, "wrong", p->wrong);
    string(j, "stack", p->stack);
    boolean(j, "error_code", p->error_code);
    string(j, "note", p->note);
    hex(j, "gs_before", p->gs_before);
    hex(j, "kernel_gs_before", p->kernel_gs_before);
    hex(j, "gs_after", p->gs_after);
    hex(j, "kernel_gs_after", p->kernel_gs_after);
    end(j, '}');
}

static void check(struct json *j, const struct record_check *c)
{
    begin(j, NULL, '{');
    string(j, "id", c->id);
    number(j, "cpu", c->cpu);
    string(j, "verdict", verdict_name(c->verdict));
    string(j, "expected", c->expected);
    string(j, "seen", c->seen);
    string(j, "facts", c->facts);
    string(j, "why", c->why);
    end(j, '}');
}

/* What one rule would have done there, and whether that is right. */
static void rule_verdict(struct json *j, const char *name, bool swaps,
                         bool needed)
{
    begin(j, name, '{');
    boolean(j, "swaps", swaps);
    boolean(j, "right", swaps == needed);
    end(j, '}');
}

static void window(struct json *j, const struct record_window *w)
{
    char boundary[sizeof(w->symbol) + 16];

    fmt(boundary, sizeof(boundary), "%s+0x%x", w->symbol, w->offset);
    begin(j, NULL, '{');
    string(j, "specimen", w->specimen);
    string(j, "path", w->path);
    string(j, "boundary", boundary);
    string(j, "symbol", w->symbol);
    number(j, "offset", w->offset);
    hex(j, "rip", w->rip);
    string(j, "event", w->event);
    hex(j, "cs", w->cs);
    hex(j, "gs_base", w->gs_base);
    hex(j, "kernel_gs_base", w->kernel_gs_base);
    boolean(j, "needed", w->needed);
    begin(j, "rules", '{');
    rule_verdict(j, rule_name(RULE_BY_CS), w->by_cs, w->needed);
    rule_verdict(j, rule_name(RULE_BY_SIGN), w->by_sign, w->needed);
    end(j, '}');
    string(j, "rule", rule_name(w->rule));
    boolean(j, "swapped", w->did);
    boolean(j, "right", w->right);
    end(j, '}');
}

static void cost(struct json *j, const struct record_cost *c)
{
    begin(j, NULL, '{');
    string(j, "path", c->path);
    string(j, "rule", rule_name(c->rule));
    number(j, "n", c->n);
    number(j, "min", c->min);
    number(j, "median", c->median);
    number(j, "p99", c->p99);
    string(j, "unit", c->unit);
    string(j, "what", c->what);
    end(j, '}');
}

/* One row for each processor that judged something. */
static void processors(struct json *j, const struct report *r)
{
    unsigned last = 0;

    for (unsigned i = 0; i < r->checks; i++) {
        if (r->check[i]->cpu > last)
            last = r->check[i]->cpu;
    }
    begin(j, "processors", '[');
    for (unsigned cpu = 0; cpu <= last; cpu++) {
        unsigned checks = 0, findings = 0;

        for (unsigned i = 0; i < r->checks; i++) {
            if (r->check[i]->cpu != cpu)
                continue;
            checks++;
            findings += verdict_is_finding(r->check[i]->verdict);
        }
        if (checks == 0)
            continue;
        begin(j, NULL, '{');
        number(j, "cpu", cpu);
        number(j, "checks", checks);
        number(j, "findings", findings);
        end(j, '}');
    }
    end(j, ']');
}

/* An array with one element for each record of one kind. */
#define ROWS(j, name, r, list, count, element)                                 \
    do {                                                                       \
        begin(j, name, '[');                                                   \
        for (unsigned i_ = 0; i_ < (r)->count; i_++)                           \
            element(j, (r)->list[i_]);                                         \
        end(j, ']');                                                           \
    } while (0)

void render_json(const struct report *r, report_put *put, void *context)
{
    struct json j;

    out_start(&j.o, put, context);
    j.comma = false;
    j.depth = 0;
    begin(&j, NULL, '{');
    string(&j, "format", FORMAT);
    string(&j, "version", report_version(r));
    machine(&j, r->machine);
    run(&j, r);
    ROWS(&j, "paths", r, path, paths, path);
    ROWS(&j, "checks", r, check, checks, check);
    ROWS(&j, "window", r, window, windows, window);
    ROWS(&j, "costs", r, cost, costs, cost);
    processors(&j, r);
    end(&j, '}');
    out_char(&j.o, '\n');
    out_flush(&j.o);
}
