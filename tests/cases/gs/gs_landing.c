/* SPDX-License-Identifier: MIT */
/*
 * The document's dangerous moment, for real: an event that lands in ring 0
 * while the user's GS base is still (or again) live.
 *
 * SYSCALL's stub has two such boundaries: before its first instruction, the
 * SWAPGS, and before its last, the SYSRETQ.  A #DB and an NMI are delivered
 * exactly there.  Their frames say "kernel", so by-cs would not swap; the MSR
 * says "user", so by-sign does; and their exits must undo just that, for the
 * interrupted stub goes on and must find GS as it was.
 *
 * How an event is made to land exactly there: an instruction breakpoint on
 * the boundary raises the #DB.  For the NMI, that #DB is taken by the
 * harness, and its context is gone back into with an NMI latched
 * (engine_go_with_nmi).
 */
#include "engine/engine.h"
#include "engine/payload.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/paths.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "msr.h"
#include "percpu.h"
#include "record/result.h"
#include "specimen.h"
#include "stacks.h"
#include "vectors.h"

RING3(window_code, "", "syscall", "");

static const struct landing {
    const char *id, *symbol;
    bool last;       /* the SYSRETQ; else the stub's first instruction */
    unsigned vector; /* VEC_db or VEC_nmi */
} landings[] = {
    {"window.db.before-swapgs", "syscall64", false, VEC_db},
    {"window.db.before-sysretq", "sysretq", true, VEC_db},
    {"window.nmi.before-swapgs", "syscall64", false, VEC_nmi},
    {"window.nmi.before-sysretq", "sysretq", true, VEC_nmi},
};

static struct {
    const struct landing *l;
    uint64_t boundary, user_gs;
    struct trapframe start;
    struct outcome there; /* at the boundary, as the capture stub saw it */
    bool nmi;             /* send one when the boundary is reached */
    struct outcome event, call;
    unsigned events, calls;
} now;

static struct trapframe *at_boundary(struct outcome *o)
{
    if (o->frame.vector != VEC_db || o->frame.rip != now.boundary)
        engine_abandon("%s at %llx on the way to the boundary",
                       vector_info((unsigned)o->frame.vector)->mnemonic,
                       (unsigned long long)o->frame.rip);
    now.there = *o;
    write_dr7(DR7_CLEAR);
    if (now.nmi)
        engine_go_with_nmi(&o->frame);
    return 0;
}

static leave on_entry(const struct outcome *o, struct trapframe *f)
{
    if (f->vector == now.l->vector) {
        now.event = *o;
        now.events++;
        f->rflags |= FLAG_RF; /* over the breakpoint, once */
        if (now.events > 1)
            engine_abandon("the event was delivered twice");
    } else if (f->vector == VEC_SYSCALL64) {
        now.call = *o;
        now.calls++;
    } else {
        engine_abandon("%s at %llx, gs base %llx",
                       vector_info((unsigned)f->vector)->mnemonic,
                       (unsigned long long)f->rip,
                       (unsigned long long)o->gs_base);
    }
    return LEAVE_AS_ENTERED;
}

/* capture_db: the harness takes the #DB itself. */
static enum run_end run(bool capture_db)
{
    static const struct run r = {.on_event = at_boundary, .on_entry = on_entry};
    enum run_end end;

    now.start = payload_context(FROM_RING3, window_code);
    now.events = now.calls = 0;
    specimen_install(stimulus_specimen());
    if (capture_db)
        idt[VEC_db] =
            gate_make(capture_stubs[VEC_db], GATE_INTERRUPT, IST_harness_db, 0);
    engine_set_gs(now.user_gs, (uint64_t)percpu);
    write_dr6(DR6_CLEAR);
    write_dr0(now.boundary);
    write_dr7(DR7_CLEAR | DR7_L0);
    end = engine_run(&r, &now.start);
    write_dr7(DR7_CLEAR);
    write_dr0(0);
    write_dr6(DR6_CLEAR);
    engine_set_gs((uint64_t)percpu, 0);
    specimen_remove();
    return end;
}

/* Was the event where it should be, and was its stub right there? */
static void judge_event(struct diff *d, struct record_path *row)
{
    const struct outcome *o = &now.there;
    bool needed = o->gs_base != (uint64_t)percpu;
    bool did = now.event.gs_base != o->gs_base;

    paths_judge(row, &now.event, o->gs_base, o->kernel_gs_base, now.user_gs);
    diff_hex(d, "gs base at the boundary", now.user_gs, o->gs_base);
    diff_hex(d, "cs at the boundary", 0, o->frame.cs & 3);
    diff_hex(d, "event's rip", now.boundary, now.event.frame.rip);
    diff_hex(d, "event's rsp", now.start.rsp, now.event.frame.rsp);
    diff_text(d, "stub", needed ? "swaps" : "does not swap",
              did ? "swaps" : "does not swap");
    diff_hex(d, "gs base in handler", (uint64_t)percpu, now.event.gs_base);
}

static void judge(struct diff *d, struct record_path *row)
{
    enum run_end end;

    now.nmi = false;
    if (run(true) != RUN_EVENT) {
        diff_text(d, "boundary", "reached", "not reached");
        return;
    }
    if (now.l->vector == VEC_nmi) {
        now.nmi = true;
        end = run(true);
    } else {
        end = run(false);
    }
    diff_hex(d, "events", 1, now.events);
    if (now.events)
        judge_event(d, row);
    if (end != RUN_GATE) {
        diff_text(d, "ring 3", "comes back", engine_trouble());
        return;
    }
    diff_hex(d, "calls", 1, now.calls);
    diff_hex(d, "gs base in the call", (uint64_t)percpu, now.call.gs_base);
    diff_hex(d, "gs base in ring 3", now.user_gs, engine_last()->gs_base);
    diff_hex(d, "rsp", now.start.rsp, engine_last()->frame.rsp);
}

static void land(const struct landing *l)
{
    const struct specimen *s = stimulus_specimen();
    const uint64_t user_gs[] = {0, payload_positive_gs()};
    bool linux = s == &specimen_linux;
    struct diff d = {"", ""};
    struct record_check c = {.verdict = VERDICT_PASS};
    char path[32];

    now.l = l;
    now.boundary = (uint64_t)(l->last ? s->sysretq
                                      : specimen_stub(s, VEC_SYSCALL64)->stub);
    fmt(path, sizeof(path), "%s%swindow", linux ? "" : s->name,
        linux ? "" : ":");
    for (unsigned i = 0; i < 2; i++) {
        struct diff one = {"", ""};
        struct record_path *row = paths_row(path, FROM_RING0);

        now.user_gs = user_gs[i];
        if (row) {
            row->rule = (uint8_t)specimen_rule(s, l->vector);
            fmt(row->stack, sizeof(row->stack), "db, nmi");
        }
        judge(&one, row);
        if (!diff_any(&d))
            d = one;
    }
    if (diff_any(&d))
        c.verdict = VERDICT_FAIL;
    fmt(c.id, sizeof(c.id), "%s%s%s", linux ? "" : s->name, linux ? "" : ".",
        l->id);
    fmt(c.expected, sizeof(c.expected), "%s", d.expected);
    fmt(c.seen, sizeof(c.seen), "%s", d.seen);
    fmt(c.facts, sizeof(c.facts), "GS10 GS15 GS11 NM1 DB5");
    fmt(c.why, sizeof(c.why),
        "between a ring-3 entry and its SWAPGS the frame's CS says kernel "
        "while the user's GS base is live: only the base itself tells");
    result_check(&c);
}

void case_gs_landing(void)
{
    for (unsigned i = 0; i < COUNT(landings); i++)
        land(&landings[i]);
}
