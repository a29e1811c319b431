/* SPDX-License-Identifier: MIT */
/*
 * A life in ring 3: one program (life.S) that goes through every kind of
 * entry in turn, on the specimen's stubs, and checks for itself that it gets
 * everything back.  The other cases take each path alone and look at it from
 * ring 0; this one finds what only a sequence shows: a decision that was made
 * up for by the next one, a base that leaked into another entry.
 */
#include "apic.h"
#include "engine/engine.h"
#include "engine/payload.h"
#include "engine/persona.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/paths.h"
#include "judge/stimulus.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "percpu.h"
#include "record/result.h"
#include "selectors.h"
#include "specimen.h"
#include "vectors.h"

#define ROUNDS 4 /* life.S */
#define TICKS 4
#define TICK_COUNT 20000
#define SECONDS 3 /* for the ticks, and so many looks */
#define LOOKS 1000000
#define STEPS 5 /* #DBs of one single-stepped stretch */

#define SYSCALL_COMPAT 1u /* life.S's ESI */
#define SYSENTER_COMPAT 2u

extern const char life[];
COMPAT(life_syscall, "", "syscall", "");
COMPAT(life_sysenter, "", "sysenter", "");

static struct {
    uint64_t user_gs;
    unsigned calls; /* what works in compat code */
    struct record_path *row[FROM_COUNT];
    unsigned count[VECTORS + 3], wrong;
} now;

/* Each tick sends an NMI, which lands in this handler or on its way back. */
static void tick(void)
{
    apic_send_self(APIC_DELIVER_NMI, 0);
    if (now.count[VEC_timer] < TICKS)
        apic_timer_start(TICK_COUNT);
    else
        stimulus_stop = 1;
}

static enum origin origin_of(const struct trapframe *f)
{
    return !(f->cs & 3)             ? FROM_RING0
           : f->cs == SEL_USER_CS32 ? FROM_COMPAT
                                    : FROM_RING3;
}

static leave on_entry(const struct outcome *o, struct trapframe *f)
{
    enum origin from = origin_of(f);
    /* In ring 0 it interrupted a handler, whose stub had decided; but for a
     * #DB at SYSCALL's first instruction (a processor that does not mask TF
     * in time), where none has. */
    bool decided =
        from == FROM_RING0 &&
        f->rip !=
            (uint64_t)specimen_stub(stimulus_specimen(), VEC_SYSCALL64)->stub;
    uint64_t before = decided ? (uint64_t)percpu : now.user_gs;
    uint64_t other = decided ? now.user_gs : (uint64_t)percpu;

    if (!now.row[from])
        now.row[from] = paths_row("life", from);
    now.wrong += !paths_judge(now.row[from], o, before, other, now.user_gs);
    now.count[f->vector]++;
    switch (f->vector) {
    case VEC_ud:
    case VEC_pf:
        f->rip = f->r15;
        break;
    case VEC_timer:
        tick();
        break;
    case VEC_SYSCALL64:
    case VEC_SYSCALL32:
    case VEC_SYSENTER:
    case VEC_int80:
    case VEC_bp:
    case VEC_db:
    case VEC_nmi:
        break;
    default:
        engine_abandon("%s at %llx, gs base %llx",
                       vector_info((unsigned)f->vector)->mnemonic,
                       (unsigned long long)f->rip,
                       (unsigned long long)o->gs_base);
    }
    return LEAVE_AS_ENTERED;
}

static struct trapframe *on_event(struct outcome *o)
{
    engine_abandon("%s reached a capture stub",
                   vector_info((unsigned)o->frame.vector)->mnemonic);
}

/* By vendor; of others, whatever this one has. */
static unsigned calls_in_compat(void)
{
    static const struct stimulus syscall = {.from = FROM_COMPAT,
                                            CODE(life_syscall),
                                            .vector = VEC_SYSCALL32},
                                 sysenter = {.from = FROM_COMPAT,
                                             CODE(life_sysenter),
                                             .vector = VEC_SYSENTER};
    unsigned calls = 0;

    if (persona.amd)
        return SYSCALL_COMPAT;
    if (persona.intel)
        return SYSENTER_COMPAT;
    if (!unless_entered(&syscall))
        calls |= SYSCALL_COMPAT;
    if (!unless_entered(&sysenter) && !unless_sysexit(0))
        calls |= SYSENTER_COMPAT;
    return calls;
}

static void live(struct diff *d)
{
    static const struct run r = {.on_event = on_event, .on_entry = on_entry};
    struct trapframe c = payload_context(FROM_RING3, life);
    enum run_end end;

    c.rflags = FLAG_ONE | FLAG_IF;
    c.rdi = now.user_gs;
    c.rsi = now.calls;
    stimulus_stop = 0;
    stimulus_deadline = rdtsc() + SECONDS * handoff.tsc_hz;
    stimulus_looks = LOOKS;
    specimen_install(stimulus_specimen());
    engine_set_gs(now.user_gs, (uint64_t)percpu);
    apic_timer_start(TICK_COUNT);
    end = engine_run(&r, &c);
    apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
    apic_write(APIC_TIMER_INITIAL, 0);
    apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_RESET);
    engine_set_gs((uint64_t)percpu, 0);
    specimen_remove();
    apic_quiesce();
    diff_hex(d, "interrupts left", 0, engine_drain().count);
    if (end != RUN_GATE) {
        diff_text(d, "program", "ends", engine_trouble());
        return;
    }
    diff_hex(d, "failed check", 0, engine_last()->frame.rax);
}

static void judge_counts(struct diff *d)
{
    const struct {
        const char *name;
        unsigned vector, expected;
    } expect[] = {
        {"SYSCALLs", VEC_SYSCALL64, 2 * ROUNDS},
        {"SYSCALLs in compat", VEC_SYSCALL32,
         now.calls & SYSCALL_COMPAT ? ROUNDS : 0},
        {"SYSENTERs", VEC_SYSENTER, now.calls & SYSENTER_COMPAT ? ROUNDS : 0},
        {"INT 0x80s", VEC_int80, 2 * ROUNDS},
        {"#UDs", VEC_ud, ROUNDS},
        {"#PFs", VEC_pf, ROUNDS},
        {"#BPs", VEC_bp, ROUNDS},
        {"ticks", VEC_timer, TICKS},
        {"NMIs", VEC_nmi, TICKS},
        {"wrong decisions", 0, 0},
    };
    const unsigned n = COUNT(expect);

    now.count[0] = now.wrong;
    for (unsigned i = 0; i < n; i++)
        diff_hex(d, expect[i].name, expect[i].expected,
                 now.count[expect[i].vector]);
    /* Whether SYSRETQ with TF=1 traps at once is another check's question. */
    if (now.count[VEC_db] < STEPS * ROUNDS)
        diff_hex(d, "#DBs", STEPS * ROUNDS, now.count[VEC_db]);
}

static void report(const char *id, const struct diff *d)
{
    struct record_check c = {
        .verdict = diff_any(d) ? VERDICT_FAIL : VERDICT_PASS,
        .facts = "GS3 GS4 GS11",
        .why = "whatever enters ring 0 and however often, ring 3 gets its "
               "registers, flags, stack and GS back",
    };

    fmt(c.id, sizeof(c.id), "%s", id);
    fmt(c.expected, sizeof(c.expected), "%s", d->expected);
    fmt(c.seen, sizeof(c.seen), "%s", d->seen);
    result_check(&c);
}

void case_life(void)
{
    static const char *const id[] = {"life.gs-zero", "life.gs-positive"};
    const uint64_t user_gs[] = {0, payload_positive_gs()};

    for (unsigned i = 0; i < 2; i++) {
        struct diff d = {"", ""};

        __builtin_memset(&now, 0, sizeof(now));
        now.user_gs = user_gs[i];
        now.calls = calls_in_compat();
        live(&d);
        judge_counts(&d);
        for (unsigned f = 0; f < FROM_COUNT; f++)
            if (now.row[f])
                fmt(now.row[f]->note, sizeof(now.row[f]->note),
                    "each by its own rule");
        report(id[i], &d);
    }
}
