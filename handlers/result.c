/* SPDX-License-Identifier: MIT */
/* Results on their way out; see result.h. */
#include "result.h"

#include "console.h"
#include "fatal.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "journal.h"
#include "layout.h"
#include "report.h"

#define CASE_CHECKS 1024 /* checks of one case; more are in the report only */

static struct journal journal;
static char step[56];
static struct record_end end;
static struct {
    const char *id;
    unsigned number, checks;
    const struct record_check *check[CASE_CHECKS];
} current;

void result_init(void)
{
    if (!journal_resume(&journal, (void *)VA_JOURNAL, handoff.journal_size))
        fatal_here("the journal that the loader started is not there");
}

void result_append(unsigned type, const void *payload, unsigned length)
{
    bool first = !journal.lost;

    if (!journal_append(&journal, type, payload, length) && first)
        console_line("the journal is full: the report will lack rows");
}

void result_step(const char *format, ...)
{
    struct record_step r = {.tsc = rdtsc() - handoff.tsc_start};
    va_list ap;

    va_start(ap, format);
    vfmt(r.name, sizeof(r.name), format, ap);
    va_end(ap);
    fmt(step, sizeof(step), "%s", r.name);
    result_append(RECORD_STEP, &r, sizeof(r));
}

const char *result_step_name(void)
{
    return step;
}

void result_check(const struct record_check *c)
{
    /* The journal's copy outlives c: KTAP is rendered at the case's end. */
    const struct record_check *kept =
        (const void *)(journal.base + journal.used +
                       sizeof(struct record_header));
    uint32_t lost = journal.lost;

    result_append(RECORD_CHECK, c, sizeof(*c));
    end.verdicts[c->verdict]++;
    if (journal.lost == lost && current.checks < CASE_CHECKS)
        current.check[current.checks++] = kept;
    console_result(c);
}

void result_note(const char *format, ...)
{
    struct record_note n = {.text = ""};
    va_list ap;

    va_start(ap, format);
    vfmt(n.text, sizeof(n.text), format, ap);
    va_end(ap);
    result_append(RECORD_NOTE, &n, sizeof(n));
    console_line(n.text);
}

void result_case_begin(unsigned number, unsigned total, const char *id,
                       const char *title)
{
    struct record_case r = {.id = ""};

    fmt(r.id, sizeof(r.id), "%s", id);
    fmt(r.title, sizeof(r.title), "%s", title);
    result_step("case %s", id);
    result_append(RECORD_CASE, &r, sizeof(r));
    console_case(number, total, id, title);
    current.id = id;
    current.number = number;
    current.checks = 0;
}

void result_case_end(void)
{
    ktap_case(current.number, current.id, current.check, current.checks,
              console_put, 0);
}

void result_end(void)
{
    uint64_t us = handoff.tsc_hz / 1000000;

    end.microseconds = us ? (uint32_t)((rdtsc() - handoff.tsc_start) / us) : 0;
    result_append(RECORD_END, &end, sizeof(end));
}
