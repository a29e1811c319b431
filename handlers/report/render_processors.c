/* SPDX-License-Identifier: MIT */
/*
 * The text report's block about the machine's processors: those that are alike
 * are one line.  With one processor there is nothing to tell.
 */
#include "cpuset.h"
#include "fmt.h"
#include "render.h"

#define HANG 17 /* where the words stand, behind the numbers */
#define LABEL_MAX 40
#define LINE_MAX 400

/* A processor and those like it. */
struct group {
    uint8_t cpus[CPUSET_BYTES];
    const struct record_processor *p; /* the first of them */
    uint32_t least, most;             /* microseconds to start */
};

struct words {
    char text[LINE_MAX];
    size_t at;
};

static void add(struct words *w, const char *f, ...)
    __attribute__((format(printf, 2, 3)));

/* Behind a comma, where something stands before it. */
static void add(struct words *w, const char *f, ...)
{
    va_list ap;

    if (w->at > 0 && w->at < sizeof(w->text))
        w->at += (size_t)fmt(w->text + w->at, sizeof(w->text) - w->at, ", ");
    if (w->at >= sizeof(w->text))
        return;
    va_start(ap, f);
    w->at += (size_t)vfmt(w->text + w->at, sizeof(w->text) - w->at, f, ap);
    va_end(ap);
}

/* In all but the times, and what names the processor. */
static bool alike(const struct record_processor *a,
                  const struct record_processor *b)
{
    return a->number != 0 && b->number != 0 && a->flags == b->flags &&
           a->core_type == b->core_type && a->memory_kib == b->memory_kib &&
           a->checks == b->checks && a->others == b->others &&
           a->microcode == b->microcode && same_text(a->note, b->note);
}

static void add_one(struct group *g, const struct record_processor *p)
{
    cpuset_add(g->cpus, p->number);
    if (p->start_microseconds < g->least)
        g->least = p->start_microseconds;
    if (p->start_microseconds > g->most)
        g->most = p->start_microseconds;
}

static const char *core_name(uint32_t type)
{
    return type == 0x40 ? "Core" : type == 0x20 ? "Atom" : "another type";
}

/* From where it is known, and how far it got. */
static void came(struct words *w, const struct group *g)
{
    unsigned flags = g->p->flags;

    if (!(flags & PROCESSOR_CAME)) {
        add(w, "did not come%s",
            flags & PROCESSOR_LISTED_MADT ? ", though the MADT lists it"
            : flags & PROCESSOR_LISTED_MP ? ", though MP Services list it"
                                          : "");
        return;
    }
    if (g->p->number == 0)
        add(w, "the first, which all others are held against");
    else if (g->least == g->most)
        add(w, "came in %u us", g->most);
    else
        add(w, "came in %u to %u us", g->least, g->most);
    if (flags & PROCESSOR_LOST)
        add(w, "then lost");
}

static void ran(struct words *w, const struct record_processor *p)
{
    if (p->others > 0)
        add(w, "%u check%s, %u otherwise than on the first", p->checks,
            p->checks == 1 ? "" : "s", p->others);
    else if (p->checks > 0)
        add(w, "%u check%s, all as on the first", p->checks,
            p->checks == 1 ? "" : "s");
    if (p->checks > 0 && !(p->flags & PROCESSOR_RAN))
        add(w, "not to the end");
}

static void tell(struct out *o, const struct group *g,
                 const struct record_processor *first)
{
    const struct record_processor *p = g->p;
    struct words w = {.at = 0};
    bool one = cpuset_count(g->cpus) == 1;
    char label[LABEL_MAX];

    cpuset_label(label, sizeof(label), g->cpus);
    if (one)
        add(&w, "APIC id %u", p->apic_id);
    came(&w, g);
    if (p->core_type != 0)
        add(&w, "core type %xh (%s)", p->core_type, core_name(p->core_type));
    ran(&w, p);
    if (p->memory_kib > 0)
        add(&w, "%u KiB%s", p->memory_kib, one ? "" : " each");
    if (p->flags & PROCESSOR_CAME && first != NULL &&
        p->microcode != first->microcode)
        add(&w, "microcode %lx", p->microcode);
    if (p->note[0] != '\0')
        add(&w, "%s", p->note);
    out_line(o, HANG, "  %-14s %s", label, w.text);
}

void text_processors(struct out *o, const struct report *r)
{
    uint8_t told[CPUSET_BYTES] = {0};

    if (r->processors < 2)
        return;
    out_text(o, "\nProcessors\n");
    for (unsigned n = 0; n < r->processors; n++) {
        struct group g = {.p = r->processor[n], .least = UINT32_MAX};

        if (g.p == NULL || cpuset_has(told, n))
            continue;
        for (unsigned i = n; i < r->processors; i++) {
            const struct record_processor *p = r->processor[i];

            if (p == NULL || (i != n && !alike(g.p, p)))
                continue;
            add_one(&g, p);
            cpuset_add(told, i);
        }
        tell(o, &g, r->processor[0]);
    }
}
