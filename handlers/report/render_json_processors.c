/* SPDX-License-Identifier: MIT */
/* The part of report.json that more than one processor fills. */
#include "cpuset.h"
#include "macros.h"
#include "render_json.h"

static void flags(struct json *j, unsigned flags)
{
    json_bool(j, "madt", flags & PROCESSOR_LISTED_MADT);
    json_bool(j, "mp", flags & PROCESSOR_LISTED_MP);
    json_bool(j, "came", flags & PROCESSOR_CAME);
    json_bool(j, "ran", flags & PROCESSOR_RAN);
    json_bool(j, "lost", flags & PROCESSOR_LOST);
}

static void record(struct json *j, const struct record_processor *p)
{
    json_number(j, "apic_id", p->apic_id);
    flags(j, p->flags);
    json_number(j, "core_type", p->core_type);
    json_number(j, "start_microseconds", p->start_microseconds);
    json_number(j, "memory_kib", p->memory_kib);
    json_number(j, "others", p->others);
    json_number(j, "microseconds", p->microseconds);
    json_hex(j, "microcode", p->microcode);
    json_string(j, "note", p->note);
}

/* What stands in checks[] is counted there; another has counted by itself. */
static void one(struct json *j, const struct report *r, unsigned cpu)
{
    const struct record_processor *p =
        cpu < r->processors ? r->processor[cpu] : NULL;
    unsigned checks = 0, findings = 0;

    for (unsigned i = 0; i < r->checks; i++) {
        if (r->check[i].cpu != cpu)
            continue;
        checks++;
        findings += verdict_is_finding(r->check[i].verdict);
    }
    for (unsigned i = 0; i < r->others && cpu < PROCESSORS_MAX; i++)
        findings += cpuset_has(r->other[i].on->cpus, cpu) &&
                    verdict_is_finding(r->other[i].check.verdict);
    if (checks == 0 && p == NULL)
        return;
    json_begin(j, NULL, '{');
    json_number(j, "cpu", cpu);
    json_number(j, "checks", checks + (p != NULL ? p->checks : 0));
    json_number(j, "findings", findings);
    if (p != NULL)
        record(j, p);
    json_end(j, '}');
}

void json_processors(struct json *j, const struct report *r)
{
    unsigned end = r->processors;

    for (unsigned i = 0; i < r->checks; i++) {
        if (r->check[i].cpu >= end)
            end = r->check[i].cpu + 1u;
    }
    json_begin(j, "processors", '[');
    for (unsigned cpu = 0; cpu < end; cpu++)
        one(j, r, cpu);
    json_end(j, ']');
}

void json_others(struct json *j, const struct others *o)
{
    char cpus[CPUSET_WORDS_MAX];

    cpuset_words(cpus, sizeof(cpus), o->on->cpus);
    json_begin(j, NULL, '{');
    json_string(j, "id", o->check.id);
    json_string(j, "cpus", cpus);
    json_string(j, "verdict", verdict_name(o->check.verdict));
    json_string(j, "expected", o->check.expected);
    json_string(j, "seen", o->check.seen);
    json_string(j, "facts", o->check.facts);
    json_string(j, "why", o->check.why);
    json_end(j, '}');
}

void json_latency(struct json *j, const struct record_latency *l)
{
    json_begin(j, NULL, '{');
    json_string(j, "kind", latency_name(l->kind));
    json_number(j, "from", l->from);
    json_number(j, "to", l->to);
    json_number(j, "n", l->n);
    json_number(j, "min", l->min);
    json_number(j, "median", l->median);
    json_number(j, "p99", l->p99);
    json_string(j, "unit", "tsc cycles");
    json_end(j, '}');
}
