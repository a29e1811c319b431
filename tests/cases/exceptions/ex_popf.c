/* SPDX-License-Identifier: MIT */
/*
 * POPF, one flag at a time, and CLI and STI by IOPL.
 *
 * In ring 3 POPF takes most flags from the image and silently keeps IF and
 * IOPL: no fault tells a kernel that a program tried, and none may come.  With
 * IOPL 3 IF follows, IOPL still does not; in ring 0 both do.  VM, VIF and VIP
 * are never loaded, RF is cleared, reserved bits stay.  CLI and STI, by
 * contrast, fault in ring 3 below IOPL 3, unless CR4.PVI lets them change VIF
 * instead, STI only while VIP is clear.
 */
#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

RING3(popf3, "", "popfq", "nop");
RING0(popf0, "", "popfq", "nop");
COMPAT(popf32, "", "popfl", "nop");
RING3(popf_cli3, "", "cli", "");
COMPAT(popf_cli32, "", "cli", "");
RING3(popf_sti3, "", "sti\nnop", "");
COMPAT(popf_sti32, "", "sti\nnop", "");

#define RESERVED ((1u << 3) | (1u << 5) | (1u << 15) | 0xffc00000u)
#define BEFORE                                                                 \
    (FLAG_ONE | ARITHMETIC_FLAGS | FLAG_IF | FLAG_DF | FLAG_AC | FLAG_ID)
#define IMAGE (BEFORE | FLAG_IOPL | FLAG_NT)

static const struct flag {
    const char *name;
    uint64_t bits;
    bool clear; /* can be asked for the other way round too */
} flags[] = {
    {"cf", FLAG_CF, true},         {"pf", FLAG_PF, true},
    {"af", FLAG_AF, true},         {"zf", FLAG_ZF, true},
    {"sf", FLAG_SF, true},         {"tf", FLAG_TF, false},
    {"if", FLAG_IF, true},         {"df", FLAG_DF, true},
    {"of", FLAG_OF, true},         {"iopl-low", 1u << 12, true},
    {"iopl-high", 1u << 13, true}, {"nt", FLAG_NT, false},
    {"rf", FLAG_RF, false},        {"vm", FLAG_VM, false},
    {"ac", FLAG_AC, true},         {"vif", FLAG_VIF, false},
    {"vip", FLAG_VIP, false},      {"id", FLAG_ID, true},
    {"reserved", RESERVED, false},
};

static const struct way {
    const char *name;
    enum origin from;
    unsigned iopl;
    const char *start, *at, *resume;
} ways[] = {
#define WAY(name, from, iopl, code)                                            \
    {                                                                          \
        name, from, iopl, code, code##_at, code##_resume                       \
    }
    WAY("ring3", FROM_RING3, 0, popf3),
    WAY("ring3-iopl3", FROM_RING3, 3, popf3),
    WAY("compat", FROM_COMPAT, 0, popf32),
    WAY("compat-iopl3", FROM_COMPAT, 3, popf32),
    WAY("ring0", FROM_RING0, 0, popf0),
};

static struct {
    const struct way *way;
    uint64_t before, image, cr4;
} now;

static uint64_t loaded(void)
{
    uint64_t bits =
        ARITHMETIC_FLAGS | FLAG_TF | FLAG_DF | FLAG_NT | FLAG_AC | FLAG_ID;

    if (now.way->from == FROM_RING0)
        bits |= FLAG_IF | FLAG_IOPL;
    if (now.way->iopl == 3)
        bits |= FLAG_IF;
    return bits;
}

static void before(struct trapframe *c)
{
    c->rflags = now.before;
    if (now.way->from == FROM_COMPAT)
        *(uint32_t *)c->rsp = (uint32_t)now.image;
    else
        *(uint64_t *)c->rsp = now.image;
}

/* TF: the trap comes behind the instruction that follows, a NOP. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe a = *stimulus_context();
    struct stimulus there = *s;
    unsigned n = 0;

    (void)amd;
    a.rflags = (a.rflags & ~loaded()) | (now.image & loaded());
    a.rsp += s->from == FROM_COMPAT ? 4 : 8;
    there.resume = s->resume + 1;
    there.saved = SAVED_RESUME;
    if (s->vector == VEC_db)
        want_at(w, n++, &there, &a);
    there.vector = VEC_gate;
    want_at(w, n, &there, &a);
}

static void run(const struct flag *f, bool set)
{
    bool trap = set && f->bits == FLAG_TF;
    struct stimulus s = {
        .from = now.way->from,
        .start = now.way->start,
        .at = now.way->at,
        .resume = now.way->resume,
        .vector = trap ? VEC_db : VEC_gate,
        .address = trap ? DR6_BS : 0,
        .before = before,
        .expect = expect,
        .facts = "EX13 DB25",
        .why =
            "POPF loads what CPL and IOPL allow and silently keeps the rest; "
            "never VM, VIF, VIP or RF; SDM vol 2 POPF, table 4-15",
    };
    char id[44];

    now.before = set ? BEFORE & ~f->bits : FLAG_ONE | (f->bits & BEFORE);
    now.before |= (uint64_t)now.way->iopl << 12;
    now.image = set ? FLAG_ONE | f->bits : IMAGE & ~f->bits;
    fmt(id, sizeof(id), "popf.%s.%s.%s", now.way->name, f->name,
        set ? "set" : "clear");
    s.id = id;
    check_run(&s);
}

/* CLI and STI. */
static const struct gate_of_if {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
    uint64_t cr4, rflags, set, cleared; /* what they do to RFLAGS */
    bool refused;
} ifs[] = {
#define IF_ROW(id, from, code, ...)                                            \
    {                                                                          \
        id, from, code, code##_at, code##_resume, __VA_ARGS__                  \
    }
#define IF_ROWS(ring, from, cli, sti)                                          \
    IF_ROW("cli." ring ".iopl0", from, cli, 0, FLAG_IF, 0, 0, true),           \
        IF_ROW("sti." ring ".iopl0", from, sti, 0, FLAG_IF, 0, 0, true),       \
        IF_ROW("cli." ring ".iopl3", from, cli, 0, FLAG_IF | FLAG_IOPL, 0,     \
               FLAG_IF, false),                                                \
        IF_ROW("sti." ring ".iopl3", from, sti, 0, FLAG_IOPL, FLAG_IF, 0,      \
               false),                                                         \
        IF_ROW("sti." ring ".pvi", from, sti, CR4_PVI, FLAG_IF, FLAG_VIF, 0,   \
               false),                                                         \
        IF_ROW("cli." ring ".pvi", from, cli, CR4_PVI, FLAG_IF | FLAG_VIF, 0,  \
               FLAG_VIF, false),                                               \
        IF_ROW("sti." ring ".pvi-vip", from, sti, CR4_PVI, FLAG_IF | FLAG_VIP, \
               0, 0, true),                                                    \
        IF_ROW("cli." ring ".pvi-vip", from, cli, CR4_PVI, FLAG_IF | FLAG_VIP, \
               0, 0, false),                                                   \
        IF_ROW("cli." ring ".pvi-iopl3", from, cli, CR4_PVI,                   \
               FLAG_IF | FLAG_IOPL, 0, FLAG_IF, false)
    IF_ROWS("ring3", FROM_RING3, popf_cli3, popf_sti3),
    IF_ROWS("compat", FROM_COMPAT, popf_cli32, popf_sti32),
};

static const struct gate_of_if *row(void)
{
    return (const struct gate_of_if *)stimulus_now()->argument;
}

static const char *unfit(const struct stimulus *s)
{
    const struct gate_of_if *r = (const struct gate_of_if *)s->argument;

    return r->cr4 && !cpu_has(FEATURE_VME) ? "this processor has no CR4.PVI"
                                           : 0;
}

static void before_if(struct trapframe *c)
{
    c->rflags = FLAG_ONE | row()->rflags;
    write_cr4(read_cr4() | row()->cr4);
}

static void after_if(void)
{
    write_cr4(read_cr4() & ~row()->cr4);
}

static void expect_if(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe a = *stimulus_context();

    (void)amd;
    if (row()->refused)
        return;
    a.rflags = (a.rflags & ~row()->cleared) | row()->set;
    want_at(w, 0, s, &a);
}

void case_ex_popf(void)
{
    for (unsigned i = 0; i < COUNT(ways); i++)
        for (unsigned j = 0; j < COUNT(flags); j++) {
            now.way = &ways[i];
            run(&flags[j], true);
            if (flags[j].clear)
                run(&flags[j], false);
        }
    for (unsigned i = 0; i < COUNT(ifs); i++) {
        const struct gate_of_if *r = &ifs[i];
        struct stimulus s = {
            .id = r->id,
            .from = r->from,
            .start = r->start,
            .at = r->at,
            .resume = r->resume,
            .vector = r->refused ? VEC_gp : VEC_gate,
            .error_code = true,
            .saved = SAVED_AT,
            .unfit = unfit,
            .before = before_if,
            .after = after_if,
            .expect = expect_if,
            .argument = (uint64_t)r,
            .facts = "EX14",
            .why = "CLI and STI above IOPL are #GP(0), or with CR4.PVI change "
                   "VIF, STI only with VIP clear; SDM vol 2 CLI, STI",
        };

        check_run(&s);
    }
}
