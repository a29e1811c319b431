/* SPDX-License-Identifier: MIT */
/*
 * One TLB shootdown, watched; see shoot.h.
 *
 *   the first                        each of the others
 *                                    uses the page, again and again
 *   changes the entry, INVLPG
 *   waits: they use it still         (the translation that they have)
 *   an IPI to all but the last
 *                                    its handler drops the translation
 *   waits until each has been there
 *                                    the next use faults, with CR2, on the
 *                                    specimen's stubs as everything here
 *   waits: the last uses it still
 *   an IPI to the last               ...
 *
 * Every wait has its end; what was waited for is a difference then, and nothing
 * more is waited for.
 * A processor that has dropped the translation by itself faults too early to
 * show anything; that is allowed, counted, and no shootdown is left to judge.
 */
#include "shoot.h"

#include "apic.h"
#include "engine/engine.h"
#include "fmt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/task.h"
#include "lib/user_shared.h"
#include "lib/wait.h"
#include "shared.h"
#include "vectors.h"

#define PF_PRESENT 1u
#define PF_WRITE 2u
#define PF_USER 4u
#define CONDUCTS_SECONDS 5 /* at most, behind the first's own task */
#define SEEN 2 /* uses: the second of them began behind what is asked about */
#define OLD_VALUE 0x01d01d
#define NEW_VALUE 0x4e4e4e

static uint32_t old_page[PAGE_SIZE / 4] SHARED __attribute__((aligned(4096)));
static uint32_t new_page[PAGE_SIZE / 4] SHARED __attribute__((aligned(4096)));

/* Of the one at hand, for whoever conducts it; the targets by number. */
static struct {
    struct shoot now;
    struct shot seen;
    struct diff differs;
    unsigned target[TASKS_MAX], targets;
} shared SHARED;
static const struct shoot *const now = &shared.now;
static struct shot *const seen = &shared.seen;
static struct diff *const differs = &shared.differs;

/* A task's argument: what its processor is to know. */
#define ARGUMENT(s) ((uint64_t)(s)->how | (uint64_t)(s)->keep << 8)
#define ARGUMENT_TOLD (1ull << 16) /* the first IPI has been taken */

/* All that have a task but who conducts; the first comes last. */
static void choose_targets(void)
{
    unsigned others = now->others ? now->others : task_others();

    shared.targets = 0;
    for (unsigned n = 1; n <= others; n++)
        if (n != now->by)
            shared.target[shared.targets++] = n;
    if (now->by)
        shared.target[shared.targets++] = 0;
}

static uint64_t target(void)
{
    return user_shared_va(USER_SHARED_TARGET);
}

static leave on_entry(struct task *t, const struct task_entry *e,
                      struct trapframe *f)
{
    (void)f;
    if (e->vector != TASK_IPI)
        return LEAVE_AS_ENTERED;
    drop(t->argument & ARGUMENT_TOLD ? DROP_PAGE
                                     : (enum drop)(t->argument & 0xff),
         target());
    t->argument |= ARGUMENT_TOLD;
    return LEAVE_AS_ENTERED;
}

static void before(struct task *t)
{
    keep_begin((enum keep)(t->argument >> 8 & 0xff));
}

static void after(struct task *t)
{
    keep_end((enum keep)(t->argument >> 8 & 0xff));
}

static void fails(unsigned n, const char *expected, const char *instead)
{
    char name[16];

    fmt(name, sizeof(name), "cpu %u", n);
    if (!diff_any(differs))
        diff_text(differs, name, expected, instead);
}

/* It has faulted before it was told anything. */
static bool early(unsigned n)
{
    const struct task *t = task_of(n);

    return t->entries && t->entry[0].vector == VEC_pf;
}

/* Does it go on with the translation that it has?  Entered so often so far. */
static bool goes_on(unsigned n, uint32_t entries)
{
    if (!task_waits_uses(n, SEEN, entries + 1))
        fails(n, "goes on", "stands still");
    return task_of(n)->entries == entries &&
           (now->change != CHANGE_REMAP || task_value(n) == OLD_VALUE);
}

static void tell(unsigned n)
{
    apic_send(processor_apic_id(n), APIC_DELIVER_FIXED, TASK_IPI);
}

/* Has it been there, and does it go by the new entry from then on? */
static void see_through(unsigned n, uint32_t told)
{
    if (!task_waits_entries(n, told)) {
        fails(n, "takes the IPI", "does not");
        return;
    }
    if (now->change != CHANGE_REMAP) {
        if (!task_waits_entries(n, told + 1))
            fails(n, "#PF behind the shootdown", "none");
        return;
    }
    task_waits_uses(n, SEEN, told + 1);
    if (task_value(n) != NEW_VALUE)
        fails(n, "the new page", "the old page");
}

/* The targets from that index to before another. */
static void shoot_down(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        if (!early(shared.target[i]))
            tell(shared.target[i]);
    for (unsigned i = from; i < to && !diff_any(differs); i++) {
        unsigned n = shared.target[i];

        if (early(n))
            continue;
        if (now->may_keep) {
            if (!task_waits_entries(n, 1))
                fails(n, "takes the IPI", "does not");
            if (!goes_on(n, 1))
                continue; /* dropped by it, as it may be */
            seen->kept++;
            tell(n);
        }
        see_through(n, now->may_keep ? 2 : 1);
    }
}

/* INVLPGB and TLBSYNC, and no IPI: who goes by the new entry? */
static void see_broadcast(void)
{
    drop_everywhere(target());
    for (unsigned i = 0; i < shared.targets; i++)
        seen->stale += goes_on(shared.target[i], 0);
    /* ... and by whatever means from then on. */
    shoot_down(0, shared.targets);
}

static void change_entry(void)
{
    volatile uint64_t *entry = page_shared_entry(USER_SHARED_TARGET);

    if (now->change == CHANGE_UNMAP)
        *entry = 0;
    else if (now->change == CHANGE_PROTECT)
        *entry &= ~PAGE_WRITE;
    else
        *entry = page_shared_physical(new_page) | PAGE_PRESENT | PAGE_USER;
    invlpg(target());
}

static void conduct(void)
{
    unsigned all = shared.targets;

    for (unsigned i = 0; i < all && !diff_any(differs); i++) {
        unsigned n = shared.target[i];

        if (!goes_on(n, 0))
            fails(n, "uses the page",
                  task_of(n)->entries ? "is interrupted" : "does not");
    }
    if (diff_any(differs))
        return;
    change_entry();
    if (now->broadcast) {
        see_broadcast();
        return;
    }
    for (unsigned i = 0; i < all; i++) {
        bool stale = goes_on(shared.target[i], 0);

        seen->stale += stale;
        seen->early += !stale;
    }
    if (all > 1) {
        shoot_down(0, all - 1);
        if (diff_any(differs))
            return;
        seen->last_stale = goes_on(shared.target[all - 1], 0);
    }
    shoot_down(all - 1, all);
}

/* --- by another one, the first among the targets ---------------------------
 */

static bool has_faulted(const struct task *t)
{
    return t->entries && t->entry[t->entries - 1].vector == VEC_pf;
}

static void by_number(uint64_t unused)
{
    (void)unused;
    conduct();
    if (!has_faulted(task_of(0)))
        apic_send(processor_apic_id(0), APIC_DELIVER_FIXED, TASK_FINISH);
}

/* The first's own task ends with the shootdown, or when it is told to. */
static void by_another(void)
{
    unsigned n = now->by;

    if (!processor_call(n, by_number, 0)) {
        fails(n, "conducts", "does not");
        return;
    }
    task_start(0);
    WAIT_FOR_OTHER(CONDUCTS_SECONDS * handoff.tsc_hz,
                   processor_done(n) || processor_lost(n));
    apic_quiesce(); /* TASK_FINISH, if it came late */
    engine_drain();
    if (!processor_done(n))
        fails(n, "conducts to the end", "does not");
}

/* --- asked for by the first one's own ring 3 -------------------------------
 */

/* It uses the page, has it taken away, and uses it once more. */
RING3(shoot_asks, "mov (%rbx), %esi", "syscall", "mov (%rbx), %esi");
static const struct snippet asks = SNIPPET(shoot_asks);

static leave on_call(struct task *t, const struct task_entry *e,
                     struct trapframe *f)
{
    (void)t, (void)f;
    if (e->vector == VEC_SYSCALL64)
        conduct();
    return LEAVE_AS_ENTERED;
}

static void by_ring3(void)
{
    struct task *t = task_clear(0, FROM_RING3);

    t->code = &asks;
    t->clobbers = REG_RCX | REG_R11;
    t->handle = on_call;
    task_start(0);
    task_judge(differs, 0);
    if (t->entries != 2 || t->entry[1].vector != VEC_pf ||
        t->entry[1].cr2 != target())
        fails(0, "SYSCALL, then #PF of its own", "not so");
}

/* --- what came of it -------------------------------------------------------
 */

static void judge_fault(const struct task_entry *fault)
{
    uint64_t user = now->from == FROM_RING0 ? 0 : PF_USER;
    uint64_t error =
        user | (now->change == CHANGE_PROTECT ? PF_PRESENT | PF_WRITE : 0);

    if (fault->error != error)
        diff_hex(differs, "error code", error, fault->error);
    else if (fault->cr2 != target())
        diff_hex(differs, "CR2", target(), fault->cr2);
}

/* What came before the fault has told it to go by the new entry: at once, but
 * for an IPI that need not have been enough.  (The use that was interrupted in
 * front of its count is counted.) */
static void judge(unsigned n)
{
    const struct task *t = task_of(n);
    const struct task_entry *e = t->entry;
    unsigned i = 0;

    task_judge(differs, n);
    while (i < t->entries && e[i].vector == TASK_IPI)
        i++;
    if (diff_any(differs) || now->change == CHANGE_REMAP || early(n))
        return;
    if (i == t->entries || e[i].vector != VEC_pf) {
        fails(n, "#PF behind the IPI", "another entry");
        return;
    }
    judge_fault(&e[i]);
    if (i > now->may_keep && e[i].uses - e[i - 1].uses > 1)
        fails(n, "no use behind the IPI", "some");
}

static void begin(void)
{
    uint64_t flags = PAGE_PRESENT | PAGE_USER |
                     (now->change == CHANGE_PROTECT ? PAGE_WRITE : 0) |
                     (now->keep == KEEP_GLOBAL ? PAGE_GLOBAL : 0);

    processors_wait(); /* what a check that died has left at work */
    old_page[0] = OLD_VALUE;
    new_page[0] = NEW_VALUE;
    *page_shared_entry(USER_SHARED_TARGET) =
        page_shared_physical(old_page) | flags;
    choose_targets();
    for (unsigned i = 0; i < shared.targets; i++) {
        unsigned n = shared.target[i];
        struct task *t = task_clear(n, now->from);

        t->writes = now->change == CHANGE_PROTECT;
        t->path = "apic.shootdown";
        t->argument = ARGUMENT(now);
        t->handle = on_entry;
        t->before = before;
        t->after = after;
        if (n && !task_start(n))
            fails(n, "runs", "does not");
    }
}

void shoot(const struct shoot *s, struct diff *d, struct shot *shot)
{
    shared.now = *s;
    shared.seen = (struct shot){0};
    shared.differs = *d;
    begin();
    if (s->by_ring3)
        by_ring3();
    else if (s->by)
        by_another();
    else
        conduct();
    task_join();
    *page_shared_entry(USER_SHARED_TARGET) = 0;
    invlpg(target());
    for (unsigned i = 0; i < shared.targets; i++)
        judge(shared.target[i]);
    *d = shared.differs;
    *shot = shared.seen;
}
