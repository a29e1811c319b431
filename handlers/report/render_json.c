/* SPDX-License-Identifier: MIT */
/*
 * report.json: the whole record for programs.  tests/report.schema.json
 * describes it and the host tests validate against it; names and meanings
 * stay.
 */
#include "render_json.h"

#include "fmt.h"
#include "macros.h"

#define FORMAT "ringside-report-1"
#define OUTCOME_MAX 160

static void machine(struct json *j, const struct record_machine *m)
{
    char revision[16];
    unsigned at = 0;
    const char *feature;

    if (m == NULL) {
        json_null(j, "machine");
        return;
    }
    json_begin(j, "machine", '{');
    json_string(j, "vendor", m->vendor);
    json_string(j, "brand", m->brand);
    json_number(j, "family", m->family);
    json_number(j, "model", m->model);
    json_number(j, "stepping", m->stepping);
    json_string(j, "hypervisor", m->hypervisor);
    json_string(j, "accelerator", m->accelerator);
    json_string(j, "firmware", m->firmware);
    json_hex(j, "firmware_revision", m->firmware_revision);
    fmt(revision, sizeof(revision), "%u.%u", m->uefi_revision >> 16,
        (m->uefi_revision & 0xffff) / 10);
    json_string(j, "uefi", revision);
    json_bool(j, "secure_boot", m->secure_boot);
    json_number(j, "processors", m->processors);
    json_string(j, "apic_mode", m->x2apic ? "x2apic" : "xapic");
    json_number(j, "memory_bytes", m->memory_bytes);
    json_number(j, "tsc_hz", m->tsc_hz);
    json_begin(j, "features", '[');
    while ((feature = next_feature(m, &at)) != NULL)
        json_string(j, NULL, feature);
    json_end(j, ']');
    json_begin(j, "cpuid", '{');
    json_hex(j, "leaf1_ecx_edx", m->cpuid_1_cd);
    json_hex(j, "leaf7_ebx_ecx", m->cpuid_7_bc);
    json_hex(j, "leaf7_edx", m->cpuid_7_d);
    json_end(j, '}');
    json_begin(j, "firmware_state", '{');
    json_hex(j, "cr0", m->fw_cr0);
    json_hex(j, "cr4", m->fw_cr4);
    json_hex(j, "efer", m->fw_efer);
    json_end(j, '}');
    json_begin(j, "screen", '{');
    json_string(j, "kind", screen_name(m->screen));
    json_number(j, "width", m->width);
    json_number(j, "height", m->height);
    json_number(j, "stride", m->stride);
    json_end(j, '}');
    if (m->serial_port != 0)
        json_hex(j, "serial_port", m->serial_port);
    else
        json_null(j, "serial_port");
    json_string(j, "options", m->options);
    json_end(j, '}');
}

static void last_words(struct json *j, const struct record_last_words *w)
{
    const struct trapframe *f = &w->frame;
    const struct {
        const char *name;
        uint64_t value;
    } registers[] = {
        {"rip", f->rip},         {"cs", f->cs},
        {"rflags", f->rflags},   {"rsp", f->rsp},
        {"ss", f->ss},           {"rax", f->rax},
        {"rbx", f->rbx},         {"rcx", f->rcx},
        {"rdx", f->rdx},         {"rsi", f->rsi},
        {"rdi", f->rdi},         {"rbp", f->rbp},
        {"r8", f->r8},           {"r9", f->r9},
        {"r10", f->r10},         {"r11", f->r11},
        {"r12", f->r12},         {"r13", f->r13},
        {"r14", f->r14},         {"r15", f->r15},
        {"cr2", w->cr2},         {"cr3", w->cr3},
        {"gs_base", w->gs_base}, {"kernel_gs_base", w->kernel_gs_base},
    };

    json_begin(j, "last_words", '{');
    json_string(j, "text", w->text);
    json_string(j, "step", w->step);
    json_number(j, "vector", f->vector);
    json_hex(j, "error_code", f->error_code);
    for (unsigned i = 0; i < COUNT(registers); i++)
        json_hex(j, registers[i].name, registers[i].value);
    json_end(j, '}');
}

static void counts(struct json *j, const struct report *r)
{
    unsigned count[VERDICT_COUNT], judged, wrong;

    report_count(r, count);
    json_begin(j, "verdicts", '{');
    for (unsigned v = 0; v < VERDICT_COUNT; v++)
        json_number(j, verdict_name(v), count[v]);
    json_end(j, '}');
    report_decisions(r, &judged, &wrong);
    json_begin(j, "swapgs", '{');
    json_number(j, "judged", judged);
    json_number(j, "wrong", wrong);
    json_end(j, '}');
}

static void digest(struct json *j, const struct digest *d)
{
    if (d == NULL) {
        json_null(j, "digest");
        return;
    }
    json_begin(j, "digest", '{');
    json_number(j, "pass", d->verdicts[0]);
    json_number(j, "differ", d->verdicts[1]);
    json_number(j, "skip", d->verdicts[2]);
    json_number(j, "fail", d->verdicts[3]);
    json_number(j, "paths_wrong", d->paths_wrong);
    json_number(j, "others", d->others);
    json_end(j, '}');
}

static void rtc(struct json *j, const char *name, const uint8_t v[5], bool any)
{
    char text[16];

    fmt(text, sizeof(text), "%02x %02x %02x %02x %02x", v[0], v[1], v[2], v[3],
        v[4]);
    if (any)
        json_string(j, name, text);
    else
        json_null(j, name);
}

static void watchdog(struct json *j, const struct record_watchdog *w)
{
    if (w == NULL) {
        json_null(j, "watchdog");
        json_null(j, "rtc");
        return;
    }
    json_string(j, "watchdog", w->state);
    json_begin(j, "rtc", '{');
    rtc(j, "found", w->found, true);
    rtc(j, "left", w->left,
        w->left[0] | w->left[1] | w->left[2] | w->left[3] | w->left[4]);
    json_end(j, '}');
}

static void run(struct json *j, const struct report *r)
{
    static const char *const status[] = {
        [JOURNAL_OK] = "ok",
        [JOURNAL_ABSENT] = "absent",
        [JOURNAL_BAD_HEADER] = "bad-header",
        [JOURNAL_OTHER_NONCE] = "other-run",
    };
    char outcome[OUTCOME_MAX], step[STEP_WORDS_MAX];

    report_outcome(r, outcome, sizeof(outcome));
    json_begin(j, "run", '{');
    json_bool(j, "complete", report_complete(r));
    json_string(j, "outcome", outcome);
    json_string(j, "source", source_name(r->source));
    json_string(j, "journal", status[r->status]);
    json_number(j, "boots", r->boots);
    if (r->end != NULL)
        json_number(j, "duration_us", r->end->microseconds);
    else
        json_null(j, "duration_us");
    if (r->last_step != NULL) {
        step_words(step, sizeof(step), r->last_step);
        json_string(j, "last_step", step);
    } else {
        json_null(j, "last_step");
    }
    json_number(j, "damaged", r->damaged);
    json_number(j, "overflow", r->overflow);
    json_string(j, "trouble", r->trouble != NULL ? r->trouble : "");
    json_string(j, "why_live", r->machine != NULL ? r->machine->why_live : "");
    counts(j, r);
    digest(j, r->digest);
    if (r->last_words != NULL)
        last_words(j, r->last_words);
    else
        json_null(j, "last_words");
    watchdog(j, r->watchdog);
    json_begin(j, "notes", '[');
    for (unsigned i = 0; i < r->notes; i++)
        json_string(j, NULL, r->note[i]->text);
    json_end(j, ']');
    json_end(j, '}');
}

static void path(struct json *j, const struct record_path *p)
{
    json_begin(j, NULL, '{');
    json_string(j, "path", p->path);
    json_string(j, "from", origin_name(p->from));
    json_string(j, "rule", rule_name(p->rule));
    json_number(j, "entries", p->entries);
    json_number(j, "swapped", p->swapped);
    json_number(j, "right", p->right);
    json_number(j, "wrong", p->wrong);
    json_string(j, "stack", p->stack);
    json_bool(j, "error_code", p->error_code);
    json_string(j, "note", p->note);
    json_hex(j, "gs_before", p->gs_before);
    json_hex(j, "kernel_gs_before", p->kernel_gs_before);
    json_hex(j, "gs_after", p->gs_after);
    json_hex(j, "kernel_gs_after", p->kernel_gs_after);
    json_end(j, '}');
}

static void check(struct json *j, const struct check *c)
{
    json_begin(j, NULL, '{');
    json_string(j, "id", c->id);
    json_number(j, "cpu", c->cpu);
    json_string(j, "verdict", verdict_name(c->verdict));
    json_string(j, "expected", c->expected);
    json_string(j, "seen", c->seen);
    json_string(j, "facts", c->facts);
    json_string(j, "why", c->why);
    json_end(j, '}');
}

static void cost(struct json *j, const struct record_cost *c)
{
    json_begin(j, NULL, '{');
    json_string(j, "specimen", c->specimen);
    json_string(j, "path", c->path);
    json_string(j, "rule", rule_name(c->rule));
    json_number(j, "n", c->n);
    json_number(j, "min", c->min);
    json_number(j, "median", c->median);
    json_number(j, "p99", c->p99);
    json_string(j, "unit", c->unit);
    json_string(j, "what", c->what);
    json_end(j, '}');
}

/* An array with one element for each record of one kind. */
#define ROWS(j, name, r, list, count, element)                                 \
    do {                                                                       \
        json_begin(j, name, '[');                                              \
        for (unsigned i_ = 0; i_ < (r)->count; i_++)                           \
            element(j, (r)->list[i_]);                                         \
        json_end(j, ']');                                                      \
    } while (0)

void render_json(const struct report *r, report_put *put, void *context)
{
    struct json j;

    json_start(&j, put, context);
    json_begin(&j, NULL, '{');
    json_string(&j, "format", FORMAT);
    json_string(&j, "version", report_version(r));
    machine(&j, r->machine);
    run(&j, r);
    ROWS(&j, "paths", r, path, paths, path);
    json_begin(&j, "checks", '[');
    for (unsigned i = 0; i < r->checks; i++)
        check(&j, &r->check[i]);
    json_end(&j, ']');
    json_rules(&j);
    ROWS(&j, "window", r, window, windows, json_window);
    ROWS(&j, "subjects", r, subject, subjects, json_subject);
    ROWS(&j, "costs", r, cost, costs, cost);
    ROWS(&j, "storms", r, storm, storms, json_storm);
    ROWS(&j, "outcomes", r, outcome, outcomes, json_outcome);
    json_processors(&j, r);
    json_begin(&j, "others", '[');
    for (unsigned i = 0; i < r->others; i++)
        json_others(&j, &r->other[i]);
    json_end(&j, ']');
    ROWS(&j, "latency", r, latency, latencies, json_latency);
    json_end(&j, '}');
    json_finish(&j);
}
