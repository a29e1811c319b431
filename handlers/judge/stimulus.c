/* SPDX-License-Identifier: MIT */
/*
 * stimulus_run(): a stimulus on the specimen's stubs; see stimulus.h.
 *
 * A stub cannot say what the processor did, only what it has made of it.  So
 * there are two runs of the same stimulus.  The first, on the capture stubs,
 * shows the entry as the processor made it.  The second, on the specimen's,
 * is held against the first: the frame that the handler is shown must be that
 * frame, and ring 3 must come back as it did from the capture stubs, which
 * restore all.  No rule of the specimen's is asked whether it is right; what
 * is asked is whether the handler ran on the kernel's GS base.
 *
 * Twice over, as a user may have any GS base: zero, and one that is mapped and
 * looks like a user's, on which a wrong decision is survived.
 */
#include "stimulus.h"

#include "engine/payload.h"
#include "engine/persona.h"
#include "fmt.h"
#include "msr.h"
#include "paths.h"
#include "percpu.h"
#include "specimen.h"
#include "stacks.h"
#include "trial.h"
#include "vectors.h"

#define UD2 0x0b0f /* as a word */

static const struct specimen *specimen = &specimen_linux;

/* The stimulus at hand. */
static struct {
    struct trial t;
    uint64_t user_gs;
    struct outcome first; /* the entry, as the capture stubs saw it */
    struct outcome entry[WANT_MAX];
    unsigned entries;
    bool refused; /* #UD: an instruction of the stub's, by this machine */
    bool below_intact, above_intact; /* the stack, after the capture stubs */
} now;

void stimulus_use(const struct specimen *s)
{
    specimen = s;
}

const struct specimen *stimulus_specimen(void)
{
    return specimen;
}

/* A call that this vendor's processors do not have was taken all the same, or
 * its own way back was refused: that may be missing, IRETQ never is. */
static leave way_back(const struct stimulus *s, struct trapframe *f)
{
    if (f->vector < VECTORS || (f->vector == s->vector && !now.refused))
        return s->leave_by;
    f->cs = now.t.x.context.cs;
    return LEAVE_BY_IRETQ;
}

/* The processor's doing, and no decision of the stub's; unless it says UD2. */
static bool is_refusal(const struct trapframe *f)
{
    return f->vector == VEC_ud && !(f->cs & 3) && engine_under_test(f->rip) &&
           *(const uint16_t *)f->rip != UD2;
}

static leave on_entry(const struct outcome *o, struct trapframe *f)
{
    const struct stimulus *s = now.t.x.s;
    unsigned nth = now.entries;

    if (nth == WANT_MAX)
        engine_abandon("entered more than %d times", WANT_MAX);
    if (now.entries && is_refusal(f)) {
        now.refused = true;
        engine_abandon("#UD at %llx, the stub's own instruction",
                       (unsigned long long)f->rip);
    }
    now.entry[now.entries++] = *o;
    if (f->vector != now.first.frame.vector)
        engine_abandon("%s at %llx in ring %d, gs base %llx",
                       vector_info((unsigned)f->vector)->mnemonic,
                       (unsigned long long)f->rip, (int)f->cs & 3,
                       (unsigned long long)o->gs_base);
    trial_mend(&now.t.x, f);
    if (s->in_handler)
        s->in_handler(nth);
    return way_back(s, f);
}

static struct trapframe *on_event(struct outcome *o)
{
    engine_abandon("%s reached a capture stub",
                   vector_info((unsigned)o->frame.vector)->mnemonic);
}

/* The general registers, as the stub saved them for its handler. */
static void judge_saved(struct diff *d, const struct trapframe *c,
                        const struct trapframe *f)
{
    static const char *const names[GENERAL_REGISTERS] = {
        "r15", "r14", "r13", "r12", "r11", "r10", "r9", "r8",
        "rbp", "rdi", "rsi", "rdx", "rcx", "rbx", "rax"};
    char name[16];

    for (unsigned i = 0; i < GENERAL_REGISTERS; i++) {
        if (now.t.x.s->clobbers >> i & 1)
            continue;
        fmt(name, sizeof(name), "frame %s", names[i]);
        diff_hex(d, name, c->general[i], f->general[i]);
    }
}

/* The frame that the C handler was given, against the capture stubs'. */
static void judge_frame(struct diff *d, const struct trapframe *f)
{
    const struct trapframe *c = &now.first.frame;
    const struct stimulus *s = now.t.x.s;
    uint64_t changed = s->flags_changed;

    if (c->vector >= VECTORS) {
        diff_hex(d, "frame rip", (uint64_t)s->resume, f->rip);
        diff_hex(d, "frame rsp", now.t.x.context.rsp, f->rsp);
        return;
    }
    diff_hex(d, "frame error code", c->error_code, f->error_code);
    if (s->saved == SAVED_ANY)
        return;
    if (s->saved != SAVED_WITHIN)
        diff_hex(d, "frame rip", c->rip, f->rip);
    diff_hex(d, "frame cs", c->cs, f->cs);
    diff_hex(d, "frame rflags", c->rflags & ~changed, f->rflags & ~changed);
    diff_hex(d, "frame rsp", c->rsp, f->rsp);
    diff_hex(d, "frame ss", c->ss, f->ss);
    judge_saved(d, c, f);
}

/* Back at the gate: as after the capture stubs, whose way back is known to
 * restore all; SYSRETQ and SYSEXITQ load SS selectors of their own, and pass
 * RIP and RFLAGS in RCX, R11 and RDX.  Not compared is what depends on the
 * gate and not on the stub: CR2 and DR6, RFLAGS and SS in its handler. */
static void judge_return(struct diff *d)
{
    const struct seen *captured = &now.t.seen;
    struct seen gate = {.count = 1, .event = {*engine_last()}};
    struct want w = {.count = 1};

    if (!captured->count)
        return;
    w.event[0].o = captured->event[captured->count - 1];
    w.event[0].any = ANY(cr2) | ANY(dr6) | ANY(rflags) | ANY(ss);
    w.event[0].any_flags = now.t.x.s->flags_changed | FLAG_RF;
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        if (now.t.x.s->clobbers >> i & 1)
            w.event[0].any |= 1ull << (FIELD_r15 + i);
    if (now.first.frame.vector >= VECTORS)
        w.event[0].any |= ANY(rcx) | ANY(r11) | ANY(rdx) | ANY(saved_ss);
    compare(d, &w, &gate, now.t.x.s);
    /* Whatever the processor and the code itself left alone, a stub must. */
    if (now.below_intact && !now.t.stack_intact.below)
        diff_text(d, "red zone", "intact", "overwritten");
    if (now.above_intact && !now.t.stack_intact.above)
        diff_text(d, "stack above rsp", "intact", "overwritten");
    trial_left(d, &now.t);
}

static void judge_entry(struct diff *d, struct record_path *row,
                        const struct outcome *o)
{
    if (o->frame.vector != now.first.frame.vector) {
        paths_lost(row);
        return;
    }
    if (!paths_judge(row, o, now.first.gs_base, now.first.kernel_gs_base,
                     now.user_gs)) {
        diff_hex(d, "gs base in handler", (uint64_t)percpu, o->gs_base);
        diff_hex(d, "kernel gs base", now.user_gs, o->kernel_gs_base);
    }
    judge_frame(d, &o->frame);
    if (now.first.frame.vector == now.t.x.s->vector)
        diff_text(d, "in-service bit", now.t.x.s->in_service ? "set" : "clear",
                  o->in_service ? "set" : "clear");
    if (o->stuck)
        diff_text(d, "in-service bit after EOI", "clear", "set");
}

/* On the specimen's stubs: was every decision right, and is all as it was? */
static void specimen_pass(struct diff *d, struct record_path *row)
{
    const struct stimulus *s = now.t.x.s;
    struct run r = {.on_event = on_event,
                    .on_entry = on_entry,
                    .begun = s->send,
                    .nmi = s->nmi};
    enum run_end end;
    unsigned again = 0;

    now.refused = false;
    do { /* once more, by another way back, if its own is refused */
        now.entries = 0;
        specimen_install(specimen);
        end = trial_run(&now.t, &r);
    } while (end == RUN_ABANDONED && now.refused && !again++);
    if (now.refused && row)
        fmt(row->note, sizeof(row->note),
            "its own way back is #UD here: by IRETQ");
    for (unsigned i = 0; i < now.entries; i++)
        judge_entry(d, row, &now.entry[i]);
    if (end != RUN_GATE) {
        diff_text(d, "stub", "returns", engine_trouble());
        return;
    }
    diff_hex(d, "entries", now.t.seen.count - 1, now.entries);
    judge_return(d);
}

/* The row's columns that do not count anything. */
static void describe(struct record_path *row)
{
    const struct stimulus *s = now.t.x.s;
    unsigned v = (unsigned)now.first.frame.vector;

    if (!row)
        return;
    row->rule = (uint8_t)specimen_rule(specimen, v);
    row->error_code = now.first.error_code;
    /* SYSCALL switches no stack: the stub does, through the kernel's GS. */
    fmt(row->stack, sizeof(row->stack), "%s",
        v == VEC_SYSCALL64 || v == VEC_SYSCALL32
            ? "user"
            : stack_name(stack_at(now.first.rsp)));
    if (v != s->vector)
        fmt(row->note, sizeof(row->note), "%s instead of %s%s",
            vector_info(v)->mnemonic, vector_info(s->vector)->mnemonic,
            !s->by_vendor ? ""
            : persona.amd ? ", as on Intel"
                          : ", as on AMD");
    else if (s->by_vendor)
        fmt(row->note, sizeof(row->note), "%s, as on %s",
            vector_info(v)->mnemonic, persona.amd ? "AMD" : "Intel");
}

/* Both passes.  NULL, or why they have shown nothing. */
static const char *run_once(const struct stimulus *s, struct record_path *row,
                            struct diff *d)
{
    const char *missed = 0;

    now.entries = 0;
    trial_begin(&now.t, s, now.user_gs);
    trial_capture(&now.t);
    if (!now.t.seen.count || now.t.seen.event[0].frame.vector == VEC_gate) {
        if (row && !row->entries)
            fmt(row->note, sizeof(row->note), "not raised by this machine");
        return trial_not_sent(s, 0);
    }
    missed = trial_too_early(s, &now.t.seen.event[0]);
    if (missed)
        return missed;
    now.first = now.t.seen.event[0];
    now.below_intact = now.t.stack_intact.below;
    now.above_intact = now.t.stack_intact.above;
    describe(row);
    specimen_pass(d, row);
    missed = trial_not_sent(s, now.entries);
    for (unsigned i = 0; i < now.entries && !missed; i++)
        missed = trial_too_early(s, &now.entry[i]);
    return missed;
}

/* One user GS base: the capture pass's verdict stands if it is not a pass. */
static void run_with(const struct stimulus *s, const char *path,
                     struct record_check *kept)
{
    struct diff d;
    struct record_path *row = paths_row(path, s->from), before;
    const char *missed = 0;

    for (unsigned i = 0; i < CHECK_TRIES; i++) {
        d = (struct diff){"", ""};
        if (row)
            before = *row;
        missed = run_once(s, row, &d);
        if (!missed)
            break;
        if (row)
            *row = before;
    }
    if (kept->verdict != VERDICT_NOTRUN && kept->verdict != VERDICT_PASS)
        return; /* the first that differs stands for both */
    *kept = now.t.check;
    if (missed) {
        *kept = (struct record_check){.verdict = VERDICT_SKIP};
        fmt(kept->seen, sizeof(kept->seen), "%s, %u times", missed,
            CHECK_TRIES);
    } else if (diff_any(&d) && kept->verdict == VERDICT_PASS) {
        kept->verdict = VERDICT_FAIL;
        fmt(kept->expected, sizeof(kept->expected), "%s", d.expected);
        fmt(kept->seen, sizeof(kept->seen), "%s", d.seen);
    }
}

void stimulus_run(const struct stimulus *s)
{
    const uint64_t user_gs[] = {0, payload_positive_gs()};
    const char *prefix = specimen == &specimen_linux ? "" : specimen->name;
    struct record_check kept = {.verdict = VERDICT_NOTRUN};
    char id[sizeof(kept.id)], path[32];
    struct finding f = stimulus_finding(s, id);

    fmt(id, sizeof(id), "%s%s%s", prefix, *prefix ? "." : "", s->id);
    fmt(path, sizeof(path), "%s%s%s", prefix, *prefix ? ":" : "", s->path);
    if (!finding_begin(&f))
        return;
    for (unsigned i = 0; i < 2; i++) {
        now.user_gs = user_gs[i];
        run_with(s, path, &kept);
    }
    finding_report(&f, &kept);
}
