/* SPDX-License-Identifier: MIT */
/*
 * What came out otherwise on other processors than on the first: below the ids,
 * once for all with the same, which of them have which verdict.
 */
#include "cpuset.h"
#include "fmt.h"
#include "render.h"

#define CPUS_MAX 48
#define WORDS_MAX 256
#define BRIEF_IDS 3 /* that a brief report names */

static const struct check *of_first(const struct report *r, const char *id)
{
    for (unsigned i = 0; i < r->checks; i++) {
        if (r->check[i].cpu == 0 && same_text(r->check[i].id, id))
            return &r->check[i];
    }
    return NULL;
}

/*
 * Those that are as the first: whoever ran as many checks as one that is not,
 * for what a processor runs depends on --cpus alone.  What it passes where the
 * first has skipped it counts as alike: then it is not said.
 */
static void with_first(const struct report *r, const char *id, uint8_t *set)
{
    const struct check *first = of_first(r, id);
    uint8_t otherwise[CPUSET_BYTES] = {0};
    uint32_t checks = 0;

    cpuset_add(set, 0);
    for (unsigned i = 0; i < r->others; i++) {
        if (!same_text(r->other[i].check.id, id))
            continue;
        for (unsigned k = 0; k < CPUSET_BYTES; k++)
            otherwise[k] |= r->other[i].on->cpus[k];
    }
    for (unsigned n = 1; n < r->processors; n++) {
        if (r->processor[n] != NULL && cpuset_has(otherwise, n) &&
            r->processor[n]->checks > checks)
            checks = r->processor[n]->checks;
    }
    for (unsigned n = 1; n < r->processors && checks > 0; n++) {
        const struct record_processor *p = r->processor[n];

        if (p != NULL && first->verdict != VERDICT_SKIP &&
            p->flags & PROCESSOR_RAN && p->checks == checks &&
            !cpuset_has(otherwise, n))
            cpuset_add(set, n);
    }
}

/* "cpus 0-4,6 pass, cpu 5 differ" */
static void distribution(const struct report *r, const char *id, char *buf,
                         size_t n)
{
    const struct check *first = of_first(r, id);
    uint8_t set[CPUSET_BYTES] = {0};
    char cpus[CPUS_MAX];
    size_t at = 0;

    buf[0] = '\0';
    if (first != NULL) {
        with_first(r, id, set);
        cpuset_label(cpus, sizeof(cpus), set);
        at = (size_t)fmt(buf, n, "%s %s", cpus, verdict_name(first->verdict));
    }
    for (unsigned i = 0; i < r->others && at < n; i++) {
        const struct others *o = &r->other[i];

        if (!same_text(o->check.id, id))
            continue;
        cpuset_label(cpus, sizeof(cpus), o->on->cpus);
        at += (size_t)fmt(buf + at, n - at, "%s%s %s", at > 0 ? ", " : "", cpus,
                          verdict_name(o->check.verdict));
    }
}

static bool told_before(const struct report *r, unsigned i)
{
    for (unsigned k = 0; k < i; k++) {
        if (same_text(r->other[k].check.id, r->other[i].check.id))
            return true;
    }
    return false;
}

/* The ids that are listed share these words. */
static void end(struct out *o, struct list *l, unsigned more, const char *words)
{
    char rest[24];

    if (more > 0) {
        fmt(rest, sizeof(rest), "and %u more", more);
        out_list_item(o, l, rest);
    }
    out_text(o, ":\n");
    out_line(o, 4, "    %s", words);
}

void text_otherwise(struct out *o, const struct report *r)
{
    static char words[2][WORDS_MAX];
    unsigned ids = 0, now = 0;
    struct list list;

    if (r->others > 0)
        out_text(o, "\nOtherwise on other processors\n");
    for (unsigned i = 0; i < r->others; i++) {
        const char *id = r->other[i].check.id;

        if (told_before(r, i))
            continue;
        distribution(r, id, words[now], WORDS_MAX);
        if (ids > 0 && !same_text(words[0], words[1])) {
            end(o, &list, r->brief && ids > BRIEF_IDS ? ids - BRIEF_IDS : 0,
                words[!now]);
            ids = 0;
        }
        if (ids++ == 0)
            out_list_begin(o, &list, "  ");
        if (!r->brief || ids <= BRIEF_IDS)
            out_list_item(o, &list, id);
        now = !now;
    }
    if (ids > 0)
        end(o, &list, r->brief && ids > BRIEF_IDS ? ids - BRIEF_IDS : 0,
            words[!now]);
}
