/* SPDX-License-Identifier: MIT */
/* The storms in report.json, and what led to a violation. */
#include "render_json.h"

void json_storm(struct json *j, const struct record_storm *s)
{
    json_begin(j, NULL, '{');
    json_string(j, "specimen", s->specimen);
    json_number(j, "seed", s->seed);
    json_number(j, "processors", s->processors);
    json_number(j, "caught", s->caught);
    json_number(j, "entries", s->entries);
    json_number(j, "microseconds", s->microseconds);
    json_number(j, "slowest", s->slowest);
    json_number(j, "fastest", s->fastest);
    json_begin(j, "kinds", '{');
    for (unsigned k = 0; k < STORM_KINDS; k++)
        json_number(j, storm_kind_name(k), s->kind[k]);
    json_end(j, '}');
    json_number(j, "shootdowns", s->shootdowns);
    if (s->caught) {
        json_begin(j, "first", '{');
        json_number(j, "cpu", s->cpu);
        json_number(j, "entries", s->caught_after);
        json_string(j, "what", s->what);
        json_end(j, '}');
    } else {
        json_null(j, "first");
    }
    json_end(j, '}');
}

void json_outcome(struct json *j, const struct record_outcome *o)
{
    json_begin(j, NULL, '{');
    json_string(j, "specimen", o->specimen);
    json_number(j, "cpu", o->cpu);
    json_number(j, "entry", o->entry);
    json_number(j, "depth", o->depth);
    json_number(j, "vector", o->vector);
    json_string(j, "event", o->event);
    json_string(j, "symbol", o->symbol);
    json_number(j, "offset", o->offset);
    json_hex(j, "rip", o->rip);
    json_hex(j, "cs", o->cs);
    json_hex(j, "rflags", o->rflags);
    json_hex(j, "rsp", o->rsp);
    json_hex(j, "gs_base", o->gs_base);
    json_string(j, "gs_owner", base_owner_name(o->gs_owner));
    json_hex(j, "kernel_gs_base", o->kernel_gs_base);
    json_string(j, "kernel_owner", base_owner_name(o->kernel_owner));
    json_end(j, '}');
}
