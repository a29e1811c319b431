/* SPDX-License-Identifier: MIT */
/*
 * The frames that a far return must refuse, one defect each, because the order
 * of the checks is not architectural.  Every one must be refused by the
 * return itself: in the ring that it was executed in, with RIP on it, nothing
 * popped and nothing loaded.  iret_bad.c and lret_bad.c say what depends on it
 * and where the vendors' manuals are silent.
 *
 * A bad machine pops first and looks afterwards: it faults with RSP moved, or
 * at the target in the outer ring, and a kernel that mends a failed return has
 * neither the frame nor the context that it was for.
 */
#include "ret_defects.h"

#include "engine/persona.h"
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "lib/canonical.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

/* S and type of a descriptor; all accessed, so that nothing is written. */
#define TYPE_DATA 0x13
#define TYPE_READ_ONLY 0x11
#define TYPE_CODE 0x1b
#define TYPE_LDT 0x02
#define TYPE_TSS 0x09
#define TYPE_CALL_GATE 0x0c
#define PRESENT 0x80
/* Flags nibble: granularity, default size, long */
#define FLAGS_32 0xc
#define FLAGS_64 0xa
#define FLAGS_L_AND_D 0xe
#define FLAGS_GOOD 0 /* what the target needs */

#define BEYOND_GDT (GDT_SLOTS * 8)
#define IN_LDT 0x14 /* TI set, and LDTR is null */

enum where { IN_CS, IN_SS };
enum kind { A_NULL, A_SELECTOR, A_DESCRIPTOR };

static const struct defect {
    const char *name;
    enum where where;
    enum kind kind;
    uint16_t value; /* A_SELECTOR: it; A_DESCRIPTOR: S and type */
    uint8_t flags;
    uint8_t dpl, rpl; /* wrong by this, exclusive or */
    bool absent;
} defects[] = {
    {"cs.null", IN_CS, A_NULL, 0, 0, 0, 0, false},
    {"cs.null-rpl", IN_CS, A_NULL, 0, 0, 0, 3, false},
    {"cs.beyond-gdt", IN_CS, A_SELECTOR, BEYOND_GDT, 0, 0, 0, false},
    {"cs.no-ldt", IN_CS, A_SELECTOR, IN_LDT, 0, 0, 0, false},
    {"cs.data", IN_CS, A_DESCRIPTOR, TYPE_DATA, FLAGS_32, 0, 0, false},
    {"cs.ldt", IN_CS, A_DESCRIPTOR, TYPE_LDT, 0, 0, 0, false},
    {"cs.tss", IN_CS, A_DESCRIPTOR, TYPE_TSS, 0, 0, 0, false},
    {"cs.gate", IN_CS, A_DESCRIPTOR, TYPE_CALL_GATE, 0, 0, 0, false},
    {"cs.absent", IN_CS, A_DESCRIPTOR, TYPE_CODE, FLAGS_GOOD, 0, 0, true},
    {"cs.l-and-d", IN_CS, A_DESCRIPTOR, TYPE_CODE, FLAGS_L_AND_D, 0, 0, false},
    {"cs.dpl", IN_CS, A_DESCRIPTOR, TYPE_CODE, FLAGS_GOOD, 3, 0, false},
    {"cs.dpl-between", IN_CS, A_DESCRIPTOR, TYPE_CODE, FLAGS_GOOD, 2, 0, false},
    {"cs.rpl", IN_CS, A_DESCRIPTOR, TYPE_CODE, FLAGS_GOOD, 0, 3, false},
    {"cs.rpl-between", IN_CS, A_DESCRIPTOR, TYPE_CODE, FLAGS_GOOD, 0, 2, false},
    {"ss.beyond-gdt", IN_SS, A_SELECTOR, BEYOND_GDT, 0, 0, 0, false},
    {"ss.no-ldt", IN_SS, A_SELECTOR, IN_LDT, 0, 0, 0, false},
    {"ss.code", IN_SS, A_DESCRIPTOR, TYPE_CODE, FLAGS_GOOD, 0, 0, false},
    {"ss.read-only", IN_SS, A_DESCRIPTOR, TYPE_READ_ONLY, FLAGS_32, 0, 0,
     false},
    {"ss.ldt", IN_SS, A_DESCRIPTOR, TYPE_LDT, 0, 0, 0, false},
    {"ss.tss", IN_SS, A_DESCRIPTOR, TYPE_TSS, 0, 0, 0, false},
    {"ss.absent", IN_SS, A_DESCRIPTOR, TYPE_DATA, FLAGS_32, 0, 0, true},
    {"ss.dpl", IN_SS, A_DESCRIPTOR, TYPE_DATA, FLAGS_32, 3, 0, false},
    {"ss.dpl-between", IN_SS, A_DESCRIPTOR, TYPE_DATA, FLAGS_32, 2, 0, false},
    {"ss.rpl", IN_SS, A_DESCRIPTOR, TYPE_DATA, FLAGS_32, 0, 3, false},
    {"ss.rpl-between", IN_SS, A_DESCRIPTOR, TYPE_DATA, FLAGS_32, 0, 2, false},
    /* Null SS is allowed below CPL 3: iret_ss.c. */
    {"ss.null", IN_SS, A_NULL, 0, 0, 0, 0, false},
    {"ss.null-rpl", IN_SS, A_NULL, 0, 0, 0, 3, false},
};

static struct {
    const char *name;
    enum origin to;
    struct ret r;
} now;

/* Runs now.r with one defect, without and with an IST for what it raises. */
static void run(struct stimulus *s, const char *defect)
{
    char id[44];

    s->error_code = true;
    for (unsigned ist = 0; ist <= IST_spare; ist += IST_spare) {
        now.r.ist = ist;
        fmt(id, sizeof(id), "%s.%s.%s%s", now.name, ret_way(&now.r, now.to),
            defect, ist ? ".ist" : "");
        s->id = id;
        check_run(s);
    }
}

static uint64_t descriptor(const struct defect *d, unsigned dpl)
{
    unsigned flags = d->flags;

    if (d->flags == FLAGS_GOOD && d->value >= TYPE_CODE)
        flags = now.to == FROM_COMPAT ? FLAGS_32 : FLAGS_64;
    return descriptor_flat(d->value | dpl << 5 | (d->absent ? 0 : PRESENT),
                           flags);
}

/* The manuals agree on the vector alone, for RET not even on that. */
static void expect_absent_ss(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s;
    (void)amd;
    w->event[0].any |= ANY(error);
}

static void run_selector(const struct defect *d)
{
    bool lret = now.r.by == BY_LRETQ || now.r.by == BY_LRETD;
    unsigned target = now.to == FROM_RING0 ? 0 : 3, rpl = target ^ d->rpl;
    uint16_t selector =
        (uint16_t)((d->kind == A_DESCRIPTOR
                        ? (d->where == IN_CS ? SEL_RET_CODE : SEL_RET_DATA)
                        : d->value) |
                   rpl);
    struct stimulus s;

    now.r.frame = ret_frame_to(now.to);
    now.r.code = now.r.data = 0;
    if (d->where == IN_CS) {
        now.r.frame.cs = selector;
        if (d->kind == A_DESCRIPTOR)
            now.r.code = descriptor(d, target ^ d->dpl);
        if (rpl != target) { /* that SS be in order for this RPL */
            now.r.data =
                descriptor_flat(PRESENT | TYPE_DATA | rpl << 5, FLAGS_32);
            now.r.frame.ss = SEL_RET_DATA | rpl;
        }
    } else {
        now.r.frame.ss = selector;
        if (d->kind == A_DESCRIPTOR)
            now.r.data = descriptor(d, target ^ d->dpl);
    }
    s = ret_stimulus(&now.r);
    s.vector = !d->absent ? VEC_gp : d->where == IN_CS ? VEC_np : VEC_ss;
    s.error = selector & ~3u;
    s.facts = lret ? "IR18 IR14" : "IR3 IR14";
    s.why = d->where == IN_CS
                ? "a far return refuses a bad CS before it loads anything: "
                  "null #GP(0), P=0 #NP(CS), else #GP(CS); SDM vol 2 IRET, RET"
                : "a far return refuses a bad SS before it loads anything: "
                  "P=0 #SS, null #GP(0), else #GP(SS); Linux: CVE-2014-9090, "
                  "9322; SDM vol 2 IRET, RET";
    if (d->absent && d->where == IN_SS) {
        s.expect = expect_absent_ss;
        if (lret)
            s.confidence = CONFIDENCE_VALUE;
    }
    run(&s, d->name);
}

static void run_rip(const char *defect, uint64_t rip, uint64_t code)
{
    bool lret = now.r.by == BY_LRETQ || now.r.by == BY_LRETD;
    struct stimulus s;

    now.r.frame = ret_frame_to(now.to);
    now.r.code = code;
    now.r.data = 0;
    now.r.frame.rip = rip;
    if (code)
        now.r.frame.cs = SEL_RET_CODE | 3;
    s = ret_stimulus(&now.r);
    s.vector = VEC_gp;
    if (persona.amd && !code) /* one good source, for RET none */
        s.confidence = lret ? CONFIDENCE_VALUE : CONFIDENCE_MEDIUM;
    s.facts = lret ? "IR18" : "IR2";
    s.why = code ? "a far return refuses a RIP beyond the limit of the CS that "
                   "it returns to, with #GP(0); SDM vol 2 IRET, RET"
                 : "a far return to a non-canonical RIP is refused where it "
                   "stands, #GP(0) with RIP on it: kernels fix it up there; "
                   "SDM vol 2 IRET, RET";
    run(&s, defect);
}

static void run_rips(void)
{
    uint64_t hole = canonical_hole();

    if (now.to == FROM_COMPAT) {
        run_rip("rip.limit", ret_landing(now.to),
                descriptor_flat(PRESENT | TYPE_CODE | 3 << 5, 4) &
                    ~(0xfull << 48)); /* 64 KiB */
        return;
    }
    run_rip("rip.hole", hole, 0);
    run_rip("rip.hole-end", ~hole, 0);
    run_rip("rip.no-width", 0xaaaaaaaaaaaaaaaa, 0);
}

void ret_defects_run(const char *name, enum ret_by by, enum origin from,
                     enum origin to)
{
    bool same_level = (from == FROM_RING0) == (to == FROM_RING0),
         iret64 = by == BY_IRETQ || (by == BY_IRETD && from != FROM_COMPAT);

    now.name = name;
    now.to = to;
    now.r = (struct ret){.from = from, .by = by};
    for (unsigned i = 0; i < COUNT(defects); i++) {
        const struct defect *d = &defects[i];

        if (d->where == IN_SS && same_level && !iret64)
            continue; /* is not popped */
        if (d->where == IN_SS && d->kind == A_NULL && to == FROM_RING0)
            continue;
        run_selector(d);
    }
    run_rips();
}
