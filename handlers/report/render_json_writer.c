/* SPDX-License-Identifier: MIT */
/* Commas, brackets, line breaks and escapes: see render_json.h. */
#include "render_json.h"

#define PRETTY_DEPTH 2 /* deeper values share their row's line */

void json_start(struct json *j, report_put *put, void *context)
{
    out_start(&j->o, put, context);
    j->comma = false;
    j->depth = 0;
}

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
    if (key != NULL) {
        out_char(&j->o, '"');
        out_text(&j->o, key);
        out_text(&j->o, "\": ");
    }
    j->comma = true;
}

void json_begin(struct json *j, const char *key, char bracket)
{
    separate(j, key);
    out_char(&j->o, bracket);
    j->comma = false;
    j->depth++;
}

void json_end(struct json *j, char bracket)
{
    j->depth--;
    out_char(&j->o, bracket);
    j->comma = true;
}

void json_string(struct json *j, const char *key, const char *s)
{
    separate(j, key);
    out_char(&j->o, '"');
    while (*s != '\0') {
        size_t n = 0;

        while (s[n] >= ' ' && s[n] <= '~' && s[n] != '"' && s[n] != '\\')
            n++;
        out_bytes(&j->o, s, n);
        s += n;
        if (*s == '"' || *s == '\\')
            out_fmt(&j->o, "\\%c", *s++);
        else if (*s != '\0')
            out_fmt(&j->o, "\\u%04x", (unsigned char)*s++);
    }
    out_char(&j->o, '"');
}

void json_number(struct json *j, const char *key, uint64_t v)
{
    separate(j, key);
    out_fmt(&j->o, "%lu", v);
}

void json_hex(struct json *j, const char *key, uint64_t v)
{
    separate(j, key);
    out_fmt(&j->o, "\"0x%lx\"", v);
}

void json_bool(struct json *j, const char *key, bool v)
{
    separate(j, key);
    out_text(&j->o, v ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
    separate(j, key);
    out_text(&j->o, "null");
}

void json_finish(struct json *j)
{
    out_char(&j->o, '\n');
    out_flush(&j->o);
}
