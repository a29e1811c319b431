/* SPDX-License-Identifier: MIT */
/* Running stimuli; see include/stimulus.h. */
#include "stimulus.h"

#include "apic.h"
#include "fmt.h"
#include "insn.h"
#include "judge.h"
#include "msr.h"
#include "paths.h"
#include "payload.h"
#include "percpu.h"
#include "persona.h"
#include "result.h"
#include "selectors.h"
#include "specimen.h"
#include "stacks.h"
#include "vectors.h"

#define ENTRIES_MAX 8 /* of one run; more is an endless loop */

static const struct specimen *specimen = &specimen_linux;

/* The stimulus at hand. */
static struct {
    struct expectation x;
    uint64_t user_gs;
    struct outcome captured; /* what the capture stubs saw */
    struct entry entry[ENTRIES_MAX];
    unsigned entries;
    unsigned left_pending; /* interrupts that nobody was waiting for */
} now;

volatile uint32_t stimulus_stop __attribute__((section(".user.data")));

void stimulus_stop_spinning(unsigned nth)
{
    (void)nth;
    stimulus_stop = 1;
}

void stimulus_use(const struct specimen *s)
{
    specimen = s;
}

const struct specimen *stimulus_specimen(void)
{
    return specimen;
}

/* With the capture stubs one event is enough: the frame is abandoned. */
static struct trapframe *on_event(struct outcome *o)
{
    (void)o;
    return 0;
}

/* What a kernel does about an event before it returns from it. */
static void mend(const struct stimulus *s, struct trapframe *f)
{
    const struct vector_info *v = vector_info((unsigned)f->vector);

    if (f->vector == VEC_db)
        f->rflags &= ~(uint64_t)FLAG_TF;
    if (f->vector < VECTORS && v->class == FAULT)
        f->rip = (uint64_t)s->resume;
    if (f->vector == VEC_df) { /* nothing that it saved can be relied on */
        f->rip = (uint64_t)s->resume;
        f->cs = now.x.start.cs;
        f->ss = now.x.start.ss;
        f->rsp = now.x.start.rsp;
        f->rflags = now.x.start.rflags;
        for (unsigned i = 0; i < 15; i++)
            (&f->r15)[i] = (&now.x.start.r15)[i];
    }
    if (f->vector == VEC_mc)
        wrmsr(MSR_MCG_STATUS, 0); /* else the next one is a shutdown */
}

/* A call that this vendor's processors do not have was taken all the same:
 * its own way back may be missing, IRETQ never is. */
static leave way_back(const struct stimulus *s, struct trapframe *f)
{
    if (f->vector < VECTORS || f->vector == s->vector)
        return s->leave_by;
    f->cs = now.x.start.cs;
    return LEAVE_BY_IRETQ;
}

static leave on_entry(const struct entry *e, struct trapframe *f)
{
    const struct stimulus *s = now.x.s;
    unsigned nth = now.entries;

    if (nth == ENTRIES_MAX)
        engine_abandon("entered more than %d times", ENTRIES_MAX);
    now.entry[now.entries++] = *e;
    if (f->vector != now.captured.frame.vector)
        engine_abandon("%s at %llx in ring %d, gs base %llx",
                       vector_info((unsigned)f->vector)->mnemonic,
                       (unsigned long long)f->rip, (int)f->cs & 3,
                       (unsigned long long)e->gs_base);
    mend(s, f);
    if (s->in_handler)
        s->in_handler(nth);
    return way_back(s, f);
}

/* One run from a fresh context; leaves the machine as it was. */
static enum run_end run_once(const struct stimulus *s)
{
    struct run r = {on_event, on_entry, s->nmi};
    enum run_end end;

    now.x.start = payload_context(s->from, s->start);
    now.entries = 0;
    stimulus_stop = 0;
    write_dr6(DR6_CLEAR);
    engine_set_gs(now.x.gs_base, now.x.kernel_gs_base);
    if (s->before)
        s->before(&now.x.start);
    end = engine_run(&r, &now.x.start);
    if (s->after)
        s->after();
    engine_set_gs((uint64_t)&percpu, 0);
    specimen_remove(); /* what strays in now is the harness's */
    apic_quiesce();
    now.left_pending = engine_drain();
    return end;
}

/* With the capture stubs: what did the processor do?  False: nothing. */
static bool capture_pass(const struct stimulus *s, struct diff *d,
                         struct diff *flags)
{
    enum run_end end;

    end = run_once(s); /* the capture stubs are in place between runs */
    if (!s->may_miss)
        diff_hex(d, "interrupts left", 0, now.left_pending);
    if (end != RUN_EVENT) {
        diff_text(d, "entry", vector_info(s->vector)->mnemonic,
                  end == RUN_GATE ? "none: the code ran on" : engine_trouble());
        return false;
    }
    now.captured = *engine_last();
    if (now.captured.frame.vector != s->vector)
        diff_text(d, "entry", vector_info(s->vector)->mnemonic,
                  vector_info((unsigned)now.captured.frame.vector)->mnemonic);
    if (now.captured.frame.vector == s->vector) {
        judge_outcome(d, &now.x, &now.captured);
        if (!diff_any(flags))
            judge_rflags(flags, &now.x, &now.captured);
    }
    return true;
}

/* On the specimen's stubs: was every decision right, and is all as it was? */
static void specimen_pass(const struct stimulus *s, struct diff *d,
                          struct record_path *row)
{
    unsigned expected = s->entries ? s->entries : 1;
    enum run_end end;

    specimen_install(specimen);
    end = run_once(s);
    for (unsigned i = 0; i < now.entries; i++) {
        const struct entry *e = &now.entry[i];

        if (e->frame.vector != now.captured.frame.vector) {
            paths_lost(row);
            continue;
        }
        if (!paths_judge(row, e, now.captured.gs_base,
                         now.captured.kernel_gs_base, now.user_gs)) {
            diff_hex(d, "gs base in handler", (uint64_t)&percpu, e->gs_base);
            diff_hex(d, "kernel gs base", now.user_gs, e->kernel_gs_base);
        }
        judge_frame(d, &now.x, &now.captured, &e->frame);
        if (now.captured.frame.vector == s->vector)
            diff_text(d, "in-service bit", s->in_service ? "set" : "clear",
                      e->in_service ? "set" : "clear");
        if (e->stuck)
            diff_text(d, "in-service bit after EOI", "clear", "set");
    }
    if (end == RUN_ABANDONED) {
        diff_text(d, "stub", "returns", engine_trouble());
        return;
    }
    diff_hex(d, "entries", expected, now.entries);
    if (now.captured.frame.vector == s->vector)
        judge_return(d, &now.x, engine_last());
}

static void set_gs_for(const struct stimulus *s, uint64_t user)
{
    bool ring0 = s->from == FROM_RING0;

    now.user_gs = user;
    now.x.gs_base = ring0 ? (uint64_t)&percpu : user;
    now.x.kernel_gs_base = ring0 ? user : (uint64_t)&percpu;
}

static void report(const struct stimulus *s, const char *suffix,
                   const struct diff *d, enum verdict bad)
{
    struct record_check c = {.verdict = diff_any(d) ? bad : VERDICT_PASS};
    bool linux = specimen == &specimen_linux;

    fmt(c.id, sizeof(c.id), "%s%s%s%s", linux ? "" : specimen->name,
        linux ? "" : ".", s->id, suffix);
    fmt(c.expected, sizeof(c.expected), "%s", d->expected);
    fmt(c.seen, sizeof(c.seen), "%s", d->seen);
    fmt(c.facts, sizeof(c.facts), "%s", s->facts);
    fmt(c.why, sizeof(c.why), "%s", s->why);
    result_check(&c);
}

/* The row's columns that do not count anything. */
static void describe(struct record_path *row, const struct stimulus *s)
{
    unsigned v = (unsigned)now.captured.frame.vector;

    if (!row)
        return;
    row->rule = (uint8_t)specimen_rule(specimen, v);
    row->error_code = now.captured.error_code;
    /* SYSCALL switches no stack: the stub does, through the kernel's GS. */
    fmt(row->stack, sizeof(row->stack), "%s",
        v == VEC_SYSCALL64 || v == VEC_SYSCALL32
            ? "user"
            : stack_name(stack_at(now.captured.rsp)));
    if (v != s->vector)
        fmt(row->note, sizeof(row->note), "%s instead of %s%s",
            vector_info(v)->mnemonic, vector_info(s->vector)->mnemonic,
            (int)v != s->other_vector ? ""
            : persona.amd             ? ", as on Intel"
                                      : ", as on AMD");
    else if (s->other_vector >= 0)
        fmt(row->note, sizeof(row->note), "%s, as on %s",
            vector_info(v)->mnemonic, persona.amd ? "AMD" : "Intel");
}

void stimulus_run(const struct stimulus *s)
{
    const uint64_t user_gs[] = {0, payload_positive_gs()};
    bool linux = specimen == &specimen_linux;
    char path[32];
    struct diff d = {"", ""}, flags = {"", ""};
    struct record_path *row = 0;
    enum verdict bad = s->may_miss ? VERDICT_DIFFER : VERDICT_FAIL;

    fmt(path, sizeof(path), "%s%s%s", linux ? "" : specimen->name,
        linux ? "" : ":", s->path);
    now.x.s = s;
    for (unsigned i = 0; i < 2; i++) {
        struct diff one = {"", ""};

        set_gs_for(s, user_gs[i]);
        if (capture_pass(s, &one, &flags)) {
            row = paths_row(path, s->from);
            describe(row, s);
            specimen_pass(s, &one, row);
        }
        if (!diff_any(&d)) /* the first that differs stands for both */
            d = one;
    }
    if (!row && (row = paths_row(path, s->from))) {
        row->rule = (uint8_t)RULE_NONE;
        fmt(row->note, sizeof(row->note), "not raised by this machine");
    }
    if (row && s->other_vector >= 0 && persona.virtualized)
        bad = VERDICT_DIFFER;
    report(s, "", &d, bad);
    if (!s->one_check && linux)
        report(s, ".rflags", &flags, VERDICT_FAIL);
}
