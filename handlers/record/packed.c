/* SPDX-License-Identifier: MIT */
/* Checks in the journal: see packed.h. */
#include "packed.h"

#include "macros.h"

#include <stddef.h>

struct head {
    uint16_t cpu;
    uint8_t verdict;
} __attribute__((packed));

/* Appends s and its NUL at to. */
static char *put(char *to, const char *s)
{
    while ((*to++ = *s++) != '\0')
        continue;
    return to;
}

unsigned check_pack(char *to, const struct record_check *c)
{
    const struct head h = {c->cpu, c->verdict};
    char *at = to + sizeof(h);

    *(struct head *)to = h;
    at = put(at, c->id);
    at = put(at, c->expected);
    at = put(at, c->seen);
    at = put(at, c->facts);
    at = put(at, c->why);
    return (unsigned)(at - to);
}

bool check_view(struct check *c, const void *payload, unsigned length)
{
    const struct head *h = payload;
    const char *at = (const char *)(h + 1), *end = at - sizeof(*h) + length;
    const char **strings[] = {&c->id, &c->expected, &c->seen, &c->facts,
                              &c->why};

    if (length < sizeof(*h))
        return false;
    c->cpu = h->cpu;
    c->verdict = h->verdict;
    for (unsigned i = 0; i < COUNT(strings); i++) {
        *strings[i] = at;
        while (at < end && *at != '\0')
            at++;
        if (at++ >= end)
            return false;
    }
    return at == end;
}

bool others_view(struct others *o, const void *payload, unsigned length)
{
    if (length < sizeof(*o->on))
        return false;
    o->on = payload;
    return check_view(&o->check, o->on + 1, length - (unsigned)sizeof(*o->on));
}

bool journal_check(struct journal *j, const struct record_check *c)
{
    char packed[CHECK_PACKED_MAX];

    return journal_append(j, RECORD_CHECK, packed, check_pack(packed, c));
}
