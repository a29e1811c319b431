/* SPDX-License-Identifier: MIT */
/*
 * A writer of JSON, one value at a time; key is NULL inside an array.
 */
#ifndef RINGSIDE_RENDER_JSON_H
#define RINGSIDE_RENDER_JSON_H

#include "render.h"

struct json {
    struct out o;
    bool comma; /* a value stands before this place */
    unsigned depth;
};

void json_start(struct json *j, report_put *put, void *context);
/* An object '{' or an array '[', and its end. */
void json_begin(struct json *j, const char *key, char bracket);
void json_end(struct json *j, char bracket);
/* Anything but printable ASCII is escaped. */
void json_string(struct json *j, const char *key, const char *s);
void json_number(struct json *j, const char *key, uint64_t v);
/* "0x...": many JSON readers round integers beyond 2^53. */
void json_hex(struct json *j, const char *key, uint64_t v);
void json_bool(struct json *j, const char *key, bool v);
void json_null(struct json *j, const char *key);
/* rules[]: the list of include/rules.def. */
void json_rules(struct json *j);
/* Rows of window[] and subjects[]. */
void json_window(struct json *j, const struct record_window *w);
void json_subject(struct json *j, const struct record_subject *l);
/* processors[], and rows of others[] and latency[]. */
void json_processors(struct json *j, const struct report *r);
void json_others(struct json *j, const struct others *o);
void json_latency(struct json *j, const struct record_latency *l);
/* Rows of storms[] and outcomes[]. */
void json_storm(struct json *j, const struct record_storm *s);
void json_outcome(struct json *j, const struct record_outcome *o);
/* The last line's end, and everything out. */
void json_finish(struct json *j);

#endif
