/* SPDX-License-Identifier: MIT */
/*
 * Outcomes against what was wanted; see compare.h.
 *
 * fields.def lists every field, and each is compared each time.  The first
 * event that is another one altogether ends the comparison: what follows from
 * it would be a page of differences with one cause.
 */
#include "compare.h"

#include "engine/payload.h"
#include "fmt.h"
#include "idt.h"
#include "msr.h"
#include "predict.h"
#include "syscall.h"
#include "vectors.h"

enum kind { HEX, FLAGS, VECTOR_KIND, YES, LOW, HIGH };
#define VECTOR VECTOR_KIND

#define CODE_MAX 64 /* bytes behind the instruction that are still its own */

static const struct {
    const char *name;
    enum kind kind;
} fields[FIELD_COUNT] = {
#define FIELD(id, name, member, kind) {name, kind},
#include "fields.def"
#undef FIELD
};
#undef VECTOR

static uint64_t value(const struct outcome *o, enum field f)
{
    switch (f) {
#define FIELD(id, name, member, kind)                                          \
    case FIELD_##id:                                                           \
        return o->member;
#include "fields.def"
#undef FIELD
    case FIELD_COUNT:
        break;
    }
    return 0;
}

static const char *entry_name(uint64_t vector)
{
    return vector == VEC_gate ? "none (the code ran on)"
                              : vector_info((unsigned)vector)->mnemonic;
}

/* Where an event came, by names that do not change with every build. */
static unsigned place(char *buf, unsigned n, uint64_t rip,
                      const struct stimulus *s)
{
    uint64_t start = (uint64_t)s->start, at = (uint64_t)s->at,
             resume = (uint64_t)s->resume;

    if (rip == at)
        return (unsigned)fmt(buf, n, "the insn");
    if (rip == resume)
        return (unsigned)fmt(buf, n, "the next insn");
    if (rip >= start && rip < at && at - rip < CODE_MAX)
        return (unsigned)fmt(buf, n, "the insn-%d", (int)(at - rip));
    if (rip > resume && rip < resume + CODE_MAX)
        return (unsigned)fmt(buf, n, "the next insn+%d", (int)(rip - resume));
    for (unsigned v = 0; v < VECTORS; v++)
        if (rip == (uint64_t)capture_stubs[v])
            return (unsigned)fmt(buf, n, "%s's handler", entry_name(v));
    if (rip == (uint64_t)capture_syscall64)
        return (unsigned)fmt(buf, n, "LSTAR");
    if (rip == (uint64_t)capture_syscall32)
        return (unsigned)fmt(buf, n, "CSTAR");
    if (rip == (uint64_t)capture_sysenter)
        return (unsigned)fmt(buf, n, "SYSENTER_EIP");
    return (unsigned)fmt(buf, n, "%llx", (unsigned long long)rip);
}

static void diff_rip(struct diff *d, uint64_t expected, uint64_t seen,
                     const struct stimulus *s)
{
    char e[40], b[40];

    if (expected == seen)
        return;
    place(e, sizeof(e), expected, s);
    place(b, sizeof(b), seen, s);
    diff_text(d, "rip", e, b);
}

static void one(struct diff *d, const struct wanted *w, const struct outcome *o,
                const struct stimulus *s, bool compat)
{
    uint64_t any = w->any, any_flags = w->any_flags;

    for (unsigned f = 0; f < FIELD_COUNT; f++) {
        uint64_t a = value(&w->o, f), b = value(o, f);

        if (any >> f & 1)
            continue;
        switch (fields[f].kind) {
        case VECTOR_KIND:
            if (a == b)
                break;
            diff_text(d, fields[f].name, entry_name(a), entry_name(b));
            if (entry_name(a) == entry_name(b)) /* the interrupt array's */
                diff_hex(d, "vector", a, b);
            return; /* another event altogether: the rest is noise */
        case FLAGS:
            diff_flags(d, fields[f].name, a & ~any_flags, b & ~any_flags);
            break;
        case YES:
            diff_text(d, fields[f].name, a ? "yes" : "no", b ? "yes" : "no");
            break;
        case LOW:
            if (compat)
                a = (uint32_t)a, b = (uint32_t)b;
            diff_hex(d, fields[f].name, a, b);
            break;
        case HEX:
            if (f == FIELD_rip) {
                diff_rip(d, a, b, s);
                break;
            } /* fall through */
        case HIGH:
            if (f == FIELD_error)
                a &= ~w->any_error, b &= ~w->any_error;
            if (f == FIELD_dr6)
                a &= DR6_CAUSES, b &= DR6_CAUSES;
            diff_hex(d, fields[f].name, a, b);
            break;
        }
    }
}

void compare(struct diff *d, const struct want *w, const struct seen *s,
             const struct stimulus *stimulus)
{
    bool compat = stimulus->from == FROM_COMPAT;

    for (unsigned i = 0; i < w->count && i < s->count; i++) {
        one(d, &w->event[i], &s->event[i], stimulus,
            compat || w->event[i].compat);
        if (w->event[i].o.frame.vector != s->event[i].frame.vector)
            return; /* what follows follows from that */
    }
    if (w->count != s->count && !diff_any(d))
        diff_hex(d, "events", w->count, s->count);
}

void compare_return(struct diff *d, const struct want *w, const struct seen *s)
{
    static const struct outcome nothing = {.cr2 = CR2_BEFORE, .dr6 = DR6_CLEAR};
    const struct outcome *gate, *last;
    uint64_t dr6, any;

    if (!s->count || w->count != s->count)
        return;
    gate = &s->event[s->count - 1];
    last = s->count > 1 ? gate - 1 : &nothing;
    if (gate->frame.vector != VEC_gate)
        return;
    dr6 = gate->dr6 & DR6_CAUSES;
    any = w->event[w->count - 1].any;
    if (any & ANY(cr2))
        diff_hex(d, "cr2 on return", last->cr2, gate->cr2);
    if (any & ANY(dr6) && dr6 != (DR6_CLEAR & DR6_CAUSES))
        diff_hex(d, "dr6 on return", last->dr6 & DR6_CAUSES, dr6);
    if (any & ANY(rip) && !payload_behind_gate(gate->frame.rip))
        diff_text(d, "rip on return", "behind the INT", "elsewhere");
}

void summarise(char *buf, unsigned n, const struct seen *s,
               const struct stimulus *stimulus)
{
    unsigned used = 0;

    buf[0] = '\0';
    for (unsigned i = 0; i < s->count && used + 1 < n; i++) {
        const struct outcome *o = &s->event[i];

        if (o->frame.vector == VEC_gate && i)
            break;
        if (o->error_code)
            used +=
                (unsigned)fmt(buf + used, n - used, "%s%s(%llx)",
                              i ? ", then " : "", entry_name(o->frame.vector),
                              (unsigned long long)o->frame.error_code);
        else
            used +=
                (unsigned)fmt(buf + used, n - used, "%s%s", i ? ", then " : "",
                              entry_name(o->frame.vector));
        if (used < n && o->frame.vector >= VECTORS)
            used += (unsigned)fmt(buf + used, n - used, " with cs %x, ss %x",
                                  o->cs, o->ss);
        if (used < n && o->frame.vector == VEC_gate)
            used += (unsigned)fmt(buf + used, n - used, " with cs %x, ss %x",
                                  (unsigned)o->frame.cs, (unsigned)o->frame.ss);
        if (used >= n || o->frame.vector >= VECTORS ||
            o->frame.vector == VEC_gate)
            continue;
        used += (unsigned)fmt(buf + used, n - used, " in ring %d at ",
                              (int)o->frame.cs & 3);
        if (used < n)
            used += place(buf + used, n - used, o->frame.rip, stimulus);
    }
}
