/* SPDX-License-Identifier: MIT */
/* What --cpus takes; see cpus.h.  Called by options.c. */
#include "cpus.h"

#include "mem.h"

_Static_assert(PROCESSORS_MAX == 256, "the messages and cpus.h say it");

static const char odd[] = "--cpus: not all, first or like 1,3-5: \"%s\"";

/* Behind a number, or NULL where there is none; one beyond all that there are
 * is PROCESSORS_MAX. */
static const char *take_number(const char *s, unsigned *v)
{
    const char *begin = s;

    for (*v = 0; *s >= '0' && *s <= '9'; s++)
        *v = *v < PROCESSORS_MAX ? *v * 10 + (unsigned)(*s - '0') : *v;
    if (*v > PROCESSORS_MAX)
        *v = PROCESSORS_MAX;
    return s != begin ? s : NULL;
}

/* One number, or a range; leaves *s behind it. */
static const char *take_range(struct cpus *c, const char **s)
{
    unsigned first, last;
    const char *at = take_number(*s, &first);

    last = first;
    if (at && *at == '-')
        at = take_number(at + 1, &last);
    if (!at || (*at != ',' && *at != '\0'))
        return odd;
    if (first >= PROCESSORS_MAX || last >= PROCESSORS_MAX)
        return "--cpus: the numbers end at 255: \"%s\"";
    if (first > last)
        return "--cpus: a range ends before it begins: \"%s\"";
    for (; first <= last; first++)
        c->bit[first / 8] |= (uint8_t)(1u << first % 8);
    *s = at;
    return NULL;
}

const char *cpus_parse(struct cpus *c, const char *text, const char **where)
{
    struct cpus found;
    const char *wrong;

    memset(&found, 0, sizeof(found));
    *where = text;
    if (strcmp(text, "all") == 0) {
        found.which = CPUS_ALL;
    } else if (strcmp(text, "first") == 0) {
        found.which = CPUS_FIRST;
    } else {
        found.which = CPUS_THESE;
        while ((wrong = take_range(&found, where)) == NULL && **where != '\0')
            ++*where;
        if (wrong && **where == '\0' && *where != text)
            --*where; /* show the comma that nothing follows */
        if (wrong)
            return wrong;
    }
    memcpy(c, &found, sizeof(found));
    return NULL;
}
