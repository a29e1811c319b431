/* SPDX-License-Identifier: MIT */
/*
 * What kernels send IPIs for besides: to have another processor run something
 * else, and to make it stop.
 *
 * Reschedule: its handler returns into another task, and the next one back into
 * the first, which must not notice; each task has its own registers and both
 * the user's GS.  Stop: its handler does not return until it may (a debugger's
 * way), and meanwhile nothing of ring 3 goes on.  A processor whose interrupts
 * are off does not take it, and takes an NMI: so kernels try the one, and then
 * the other.
 */
#include "apic.h"
#include "engine/payload.h"
#include "fmt.h"
#include "judge/finding.h"
#include "judge/stimulus.h"
#include "lib/origin.h"
#include "lib/smp.h"
#include "lib/task.h"
#include "lib/user_shared.h"
#include "lib/wait.h"
#include "macros.h"
#include "shared.h"
#include "vectors.h"

#define GOES_ON 2        /* uses */
#define STOPPED_PART 2   /* of a second, that it stays at most */
#define SOON_PART 4      /* of a second, for what must come */
#define STILL_PART 2000  /* of a second, in which nothing may go on */
#define OTHER_STACK 1024 /* bytes below the first task's RSP */

static uint32_t page[PAGE_SIZE / 4] SHARED __attribute__((aligned(4096)));
static struct diff *differs;

static void fails(unsigned n, const char *expected, const char *instead)
{
    char name[16];

    fmt(name, sizeof(name), "cpu %u", n);
    if (!diff_any(differs))
        diff_text(differs, name, expected, instead);
}

static bool goes_on(unsigned n, uint32_t entries)
{
    return task_waits_uses(n, GOES_ON, entries + 1) &&
           task_of(n)->entries == entries;
}

static void send(unsigned n)
{
    const struct task *t = task_of(n);

    if (t->vector == VEC_nmi)
        apic_send(processor_apic_id(n), APIC_DELIVER_NMI, 0);
    else
        apic_send(processor_apic_id(n), APIC_DELIVER_FIXED, TASK_IPI);
}

/* The others do it, and are seen to. */
static void start(enum origin from, const char *path, unsigned vector,
                  bool deaf, void (*adjust)(struct task *t))
{
    processors_wait();
    user_shared_map(USER_SHARED_TARGET, page);
    for (unsigned n = 1; n <= task_others(); n++) {
        struct task *t = task_clear(n, from);

        t->path = path;
        t->vector = (uint16_t)vector;
        t->deaf = deaf;
        adjust(t);
        if (!task_start(n))
            fails(n, "runs", "does not");
    }
    for (unsigned n = 1; n <= task_others() && !diff_any(differs); n++)
        if (!goes_on(n, 0))
            fails(n, "goes on", "does not");
}

static void end(void)
{
    task_join();
    *page_shared_entry(USER_SHARED_TARGET) = 0; /* the next task flushes it */
    for (unsigned n = 1; n <= task_others(); n++)
        task_judge(differs, n);
}

/* --- reschedule ------------------------------------------------------------
 */

RING3(smp_other_task, "1:", "lock incl (%rbx)", "pause\n" WAIT_OR("1b"));

static struct trapframe put_aside; /* each processor's own */

static leave on_reschedule(struct task *t, const struct task_entry *e,
                           struct trapframe *f)
{
    if (e->vector != TASK_IPI)
        return LEAVE_AS_ENTERED;
    if (t->argument) {
        *f = put_aside;
    } else {
        put_aside = *f;
        *f = payload_context(FROM_RING3, smp_other_task);
        f->rsp -= OTHER_STACK;
        f->rbx = user_word_va(processor_self());
    }
    t->argument = !t->argument;
    return LEAVE_AS_ENTERED;
}

static void uses_own_page(struct task *t)
{
    t->handle = on_reschedule;
}

static bool other_goes_on(unsigned n)
{
    uint32_t words = user_word(n);

    WAIT_FOR_OTHER(handoff.tsc_hz / SOON_PART, user_word(n) - words >= GOES_ON);
    return user_word(n) - words >= GOES_ON;
}

static void reschedule(unsigned n)
{
    uint32_t uses;

    send(n);
    if (!task_waits_entries(n, 1)) {
        fails(n, "takes the IPI", "does not");
        return;
    }
    uses = task_uses(n);
    if (!other_goes_on(n) || task_uses(n) != uses)
        fails(n, "the other task", "not that one");
    send(n);
    if (!task_waits_entries(n, 2) || !goes_on(n, 2))
        fails(n, "the first task again", "not that one");
}

static void run_reschedule(void)
{
    struct diff d = {"", ""};
    const struct finding f = {
        .id = "smp.reschedule.ring3",
        .facts = "AP28",
        .why = "an IPI's handler returns to wherever it likes: each task keeps "
               "its registers; Linux arch/x86/kernel/smp.c",
        .unfit = smp_unfit_together()};

    if (!finding_begin(&f))
        return;
    differs = &d;
    user_words_map();
    start(FROM_RING3, "apic.reschedule", TASK_IPI, false, uses_own_page);
    for (unsigned n = 1; n <= task_others() && !diff_any(&d); n++)
        reschedule(n);
    end();
    finding_end(&f, &d, 0);
}

/* --- stop ------------------------------------------------------------------
 */

enum { RUNS, STOPPED, RELEASED }; /* a task's argument */

static uint32_t go SHARED;

static leave on_stop(struct task *t, const struct task_entry *e,
                     struct trapframe *f)
{
    (void)f;
    if (e->vector != task_vector(t))
        return LEAVE_AS_ENTERED;
    if (t->argument == RELEASED) { /* once more: the end */
        stimulus_stop = 1;
        return LEAVE_AS_ENTERED;
    }
    __atomic_store_n(&t->argument, STOPPED, __ATOMIC_RELEASE);
    WAIT_FOR_OTHER(handoff.tsc_hz / STOPPED_PART,
                   __atomic_load_n(&go, __ATOMIC_ACQUIRE));
    t->argument = RELEASED;
    return LEAVE_AS_ENTERED;
}

static void can_be_stopped(struct task *t)
{
    t->handle = on_stop;
}

static uint64_t state(unsigned n)
{
    return __atomic_load_n(&task_of(n)->argument, __ATOMIC_ACQUIRE);
}

/* Their interrupts are off. */
static void do_not_hear(void)
{
    for (unsigned n = 1; n <= task_others() && !diff_any(differs); n++) {
        apic_send(processor_apic_id(n), APIC_DELIVER_FIXED, TASK_IPI);
        if (!goes_on(n, 0))
            fails(n, "does not take the IPI", "takes it");
    }
}

static void stop(void)
{
    uint32_t uses[TASKS_MAX];

    for (unsigned n = 1; n <= task_others() && !diff_any(differs); n++)
        send(n);
    for (unsigned n = 1; n <= task_others() && !diff_any(differs); n++) {
        WAIT_FOR_OTHER(handoff.tsc_hz / SOON_PART, state(n) == STOPPED);
        if (state(n) != STOPPED)
            fails(n, "stops", "does not");
        uses[n] = task_uses(n);
    }
    WAIT_FOR_OTHER(handoff.tsc_hz / STILL_PART, false);
    for (unsigned n = 1; n <= task_others() && !diff_any(differs); n++)
        if (task_uses(n) != uses[n] || state(n) != STOPPED)
            fails(n, "stands still", "goes on");
    __atomic_store_n(&go, 1, __ATOMIC_RELEASE);
    for (unsigned n = 1; n <= task_others() && !diff_any(differs); n++)
        if (!task_waits_entries(n, 1) || !goes_on(n, 1))
            fails(n, "goes on when it may", "does not");
}

static void run_stop(enum origin from, bool nmi)
{
    bool deaf = nmi && from == FROM_RING0;
    struct diff d = {"", ""};
    char id[44];
    const struct finding f = {
        .id = id,
        .facts = nmi ? "AP34 NM7" : "AP28",
        .why = "a processor stays in the handler that another one's IPI has "
               "led to, with interrupts off only an NMI's; SDM vol 3, "
               "Nonmaskable Interrupt (NMI)",
        .unfit = smp_unfit_together()};

    fmt(id, sizeof(id), "smp.stop.%s.%s", nmi ? "nmi" : "ipi",
        origin_ids[from]);
    if (!finding_begin(&f))
        return;
    differs = &d;
    __atomic_store_n(&go, 0, __ATOMIC_RELEASE);
    start(from, nmi ? "apic.stop-nmi" : "apic.stop", nmi ? VEC_nmi : TASK_IPI,
          deaf, can_be_stopped);
    if (deaf)
        do_not_hear();
    stop();
    if (deaf)
        for (unsigned n = 1; n <= task_others(); n++)
            send(n);
    end();
    finding_end(&f, &d, 0);
}

void case_smp_stop(void)
{
    smp_start();
    run_reschedule();
    run_stop(FROM_RING3, false);
    run_stop(FROM_RING0, false);
    run_stop(FROM_RING3, true);
    run_stop(FROM_RING0, true);
}
