/* SPDX-License-Identifier: MIT */
/*
 * The way back to ring 3 with a selector in DS, ES, FS or GS that ring 3 may
 * not have.
 *
 * IRETQ and the far return look at all four: one with a DPL below 3 that is
 * not conforming code becomes null.  SYSRET and SYSEXIT look at none, so ring
 * 3 keeps what the kernel left there.  What the nulling does to the base the
 * manuals do not say; it was seen kept, and a kernel that goes by its own
 * order, selector first and MSR behind it, never depends on it.
 *
 * A null selector whose base was written by MSR is what every 64-bit system
 * gives its threads: that base must survive each return.  Whether null
 * selectors 1 to 3 become 0 on the way is Intel's text, seldom anyone's need.
 */
#include "engine/payload.h"
#include "engine/persona.h"
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "lib/fastcall.h"
#include "lib/gs.h"
#include "macros.h"
#include "vectors.h"

RING3(return_target64, "", "nop", "");
COMPAT(return_target32, "", "nop", "");
RING0(return_iretq, "", "iretq", "");
RING0(return_lretq, "", "lretq", "");
RING0(return_sysretq, "", "sysretq", "");
RING0(return_sysretl, "", "sysretl", "");
RING0(return_sysexitq, "", "sysexitq", "");

enum means { IRETQ, LRETQ, SYSRETQ, SYSRETL, SYSEXITQ };
static const struct way_back {
    const char *name;
    enum means means;
    struct snippet code;
    bool compat;
} ways_back[] = {
    {"iretq", IRETQ, SNIPPET(return_iretq), false},
    {"iretq-compat", IRETQ, SNIPPET(return_iretq), true},
    {"lretq", LRETQ, SNIPPET(return_lretq), false},
    {"lretq-compat", LRETQ, SNIPPET(return_lretq), true},
    {"sysretq", SYSRETQ, SNIPPET(return_sysretq), false},
    {"sysretl", SYSRETL, SNIPPET(return_sysretl), true},
    {"sysexitq", SYSEXITQ, SNIPPET(return_sysexitq), false},
};

enum segment { DS, ES, FS, GS, SEGMENTS };
static const char *const segments[SEGMENTS] = {"ds", "es", "fs", "gs"};

static struct {
    const struct way_back *way;
    enum segment segment;
    uint16_t before, after; /* selector */
    uint64_t any;           /* fields that are not compared */
    struct trapframe target;
} now;

static struct gs_state state(uint16_t selector)
{
    return (struct gs_state){
        .fs = now.segment == FS ? selector : 0,
        .gs = now.segment == GS ? selector : 0,
        .fs_base = FS_POSITIVE,
        .gs_base = GS_POSITIVE,
        .kernel_gs_base = GS_NEGATIVE,
    };
}

static void before(struct trapframe *c)
{
    uint64_t *frame = (uint64_t *)c->rsp;
    struct trapframe *t = &now.target;
    struct gs_state g = state(now.before);

    *t = now.way->compat ? payload_context(FROM_COMPAT, return_target32)
                         : payload_context(FROM_RING3, return_target64);
    switch (now.way->means) {
    case IRETQ:
        frame[0] = t->rip, frame[1] = t->cs, frame[2] = t->rflags;
        frame[3] = t->rsp, frame[4] = t->ss;
        break;
    case LRETQ:
        frame[0] = t->rip, frame[1] = t->cs;
        frame[2] = t->rsp, frame[3] = t->ss;
        break;
    case SYSRETQ:
    case SYSRETL:
        c->rcx = t->rip, c->r11 = t->rflags, c->rsp = t->rsp;
        break;
    case SYSEXITQ:
        c->rdx = t->rip, c->rcx = t->rsp, t->ss = SEL_SYSEXIT_SS;
        break;
    }
    if (now.segment == DS)
        write_ds(now.before);
    if (now.segment == ES)
        write_es(now.before);
    gs_set(&g);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct gs_state g = state(now.after);

    (void)s, (void)amd;
    gs_want_ring3(w, &now.target);
    gs_want(w, 0, &g);
    if (now.segment == DS)
        w->event[0].o.ds = now.after;
    if (now.segment == ES)
        w->event[0].o.es = now.after;
    w->event[0].any |= now.any | (now.way->compat ? ANY_GENERAL : 0);
}

static const char *unfit(const struct stimulus *s)
{
    return now.way->means != SYSEXITQ ? 0
           : persona.amd ? "AMD's processors have no SYSEXIT in long mode"
                         : unless_sysexit(s);
}

static void run(const char *what, enum confidence confidence, const char *facts)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        .vector = VEC_gate,
        .confidence = confidence,
        .before = before,
        .expect = expect,
        .after = gs_after,
        .unfit = unfit,
        .facts = facts,
        .why = "IRETQ and RETF to ring 3 null DS, ES, FS, GS of lower DPL; "
               "bases written by MSR stay; SYSRET and SYSEXIT touch none; SDM "
               "vol 2 IRET, RET",
    };

    fmt(id, sizeof(id), "return.%s.%s.%s", now.way->name, segments[now.segment],
        what);
    stimulus_code(&s, &now.way->code);
    check_run(&s);
}

static uint64_t base_field(void)
{
    return now.segment == FS   ? ANY(fs_base)
           : now.segment == GS ? ANY(gs_base)
                               : 0;
}

/* GS7: selectors that are not null. */
static void not_null(void)
{
    static const struct {
        const char *name, *base;
        uint16_t selector;
        bool nulled;
    } rows[] = {
        {"data-dpl0", "data-dpl0.base", SEL_KERNEL_SS, true},
        {"code-dpl0", "code-dpl0.base", SEL_KERNEL_CS, true},
        {"conforming-dpl0", 0, SEL_SPARE, false},
        {"data-dpl3", 0, SEL_USER_SS, false},
    };

    for (unsigned i = 0; i < COUNT(rows); i++) {
        bool nulls = rows[i].nulled && now.way->means <= LRETQ;

        gdt[SEL_SPARE / 8] =
            descriptor_flat(DESCRIPTOR_PRESENT | DESCRIPTOR_CODE_CONFORMING,
                            DESCRIPTOR_G | DESCRIPTOR_L);
        now.before = rows[i].selector;
        now.after = nulls ? 0 : rows[i].selector;
        now.any = nulls ? base_field() : 0;
        run(rows[i].name, CONFIDENCE_HIGH, "GS7");
        if (!now.any)
            continue;
        now.any = 0;
        run(rows[i].base, CONFIDENCE_MEDIUM, "GS7");
    }
}

/* GS19: null selectors of FS and GS, with a base. */
static void null(void)
{
    static const char *const names[] = {"null-0", "null-1", "null-2", "null-3"};
    static const char *const selectors[] = {
        "", "null-1.selector", "null-2.selector", "null-3.selector"};

    for (uint16_t n = 0; n <= 3; n++) {
        bool looks = now.way->means <= LRETQ;

        now.before = n;
        now.after = looks ? 0 : n;
        now.any = n && looks ? now.segment == FS ? ANY(fs) : ANY(gs) : 0;
        run(names[n], CONFIDENCE_HIGH, "GS19");
        if (!now.any)
            continue;
        now.any = 0;
        run(selectors[n], CONFIDENCE_MEDIUM, "GS19");
    }
}

void case_gs_return(void)
{
    for (unsigned i = 0; i < COUNT(ways_back); i++) {
        now.way = &ways_back[i];
        for (now.segment = 0; now.segment < SEGMENTS; now.segment++) {
            not_null();
            if (now.segment == FS || now.segment == GS)
                null();
        }
    }
}
