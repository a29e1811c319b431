/* SPDX-License-Identifier: MIT */
/* Small things that the host tests share; see host.h. */
#include "host.h"

void text_put(void *text, const char *s, size_t n)
{
    struct text *t = text;

    assert_true(n >= 1);
    t->s = realloc(t->s, t->n + n + 1);
    assert_non_null(t->s);
    memcpy(t->s + t->n, s, n);
    t->n += n;
    t->s[t->n] = '\0';
}

void text_free(struct text *t)
{
    free(t->s);
    *t = (struct text){NULL, 0};
}

uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}
