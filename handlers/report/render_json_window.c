/* SPDX-License-Identifier: MIT */
/*
 * rules[], window[] and subjects[] of report.json.  There are thousands of rows
 * and boot B writes them on firmware, so a row is kept short: bases are
 * letters, and what is nowhere the case is left out.
 */
#include "render_json.h"

#include "fmt.h"

/* The user's GS bases whose bits are set: '0' zero, '+', '-' by its sign. */
static void bases(struct json *j, const char *key, unsigned bits)
{
    static const char letter[WINDOW_BASES + 1] = "0+-";
    char text[WINDOW_BASES + 1];
    unsigned n = 0;

    for (unsigned b = 0; b < WINDOW_BASES; b++)
        if (bits >> b & 1)
            text[n++] = letter[b];
    text[n] = '\0';
    json_string(j, key, text);
}

static void bases_if_any(struct json *j, const char *key, unsigned bits)
{
    if (bits != 0)
        bases(j, key, bits);
}

void json_rules(struct json *j)
{
    json_begin(j, "rules", '[');
    for (unsigned r = RULE_NONE + 1; r < RULE_COUNT; r++) {
        unsigned tried = window_rule_of(r);

        json_begin(j, NULL, '{');
        json_string(j, "name", rule_name(r));
        json_string(j, "about", rule_about(r));
        json_bool(j, "tried", tried != WINDOW_RULES);
        bases(j, "limit", window_rule_limit(tried));
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void code(struct json *j, const struct record_window *w)
{
    char text[2 * sizeof(w->code) + 1];

    text[0] = '\0';
    for (unsigned i = 0; i < w->length && i < sizeof(w->code); i++)
        fmt(text + 2 * i, sizeof(text) - 2 * i, "%02x", w->code[i]);
    json_string(j, "code", text);
}

void json_window(struct json *j, const struct record_window *w)
{
    json_begin(j, NULL, '{');
    json_string(j, "specimen", w->specimen);
    json_string(j, "path", w->path);
    json_number(j, "index", w->index);
    json_string(j, "symbol", w->symbol);
    json_number(j, "offset", w->offset);
    json_hex(j, "rip", w->rip);
    code(j, w);
    json_hex(j, "cs", w->cs);
    if (w->flags & WINDOW_IF)
        json_bool(j, "if", true);
    if (w->flags & WINDOW_SHADOW)
        json_bool(j, "shadow", true);
    bases(j, "bases", w->bases);
    bases(j, "users", w->users);
    json_begin(j, "rules", '{');
    for (unsigned r = 0; r < WINDOW_RULES; r++)
        bases_if_any(j, window_rule_name(r), w->rule_wrong[r]);
    json_end(j, '}');
    json_begin(j, "events", '{');
    for (unsigned e = 0; e < WINDOW_EVENTS; e++) {
        const struct window_event_bases *b = &w->event[e];

        if (b->sent == 0)
            continue;
        json_begin(j, window_event_name(e), '{');
        bases(j, "sent", b->sent);
        bases_if_any(j, "missed", b->sent & ~b->exact);
        bases_if_any(j, "wrong", b->wrong);
        bases_if_any(j, "damaged", b->damaged);
        bases_if_any(j, "overwritten", b->overwritten);
        bases_if_any(j, "dropped",
                     w->dropped >> WINDOW_BASES * e &
                         ((1u << WINDOW_BASES) - 1));
        json_end(j, '}');
    }
    json_end(j, '}');
    json_end(j, '}');
}

void json_subject(struct json *j, const struct record_subject *l)
{
    json_begin(j, NULL, '{');
    json_string(j, "specimen", l->specimen);
    json_string(j, "about", l->about);
    json_string(j, "path", l->path);
    json_number(j, "boundaries", l->boundaries);
    if (l->instructions != 0)
        json_number(j, "instructions", l->instructions);
    else
        json_null(j, "instructions");
    json_number(j, "planned", l->planned);
    json_number(j, "sent", l->sent);
    json_number(j, "delivered", l->delivered);
    json_number(j, "exact", l->exact);
    json_number(j, "retries", l->retries);
    json_hex(j, "hash", l->hash);
    json_end(j, '}');
}
