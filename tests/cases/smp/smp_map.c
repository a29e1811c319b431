/* SPDX-License-Identifier: MIT */
/*
 * What one processor maps, or allows, the others need not be told.
 *
 * Of an address that is not mapped no processor keeps anything: when its #PF's
 * handler returns, by which time somebody else has mapped the page, the access
 * is done.  Where it was read-only and may be written now, a processor may
 * have kept the old rights, and fault once more; the second fault has dropped
 * them.  A kernel relies on both: it sends no IPI then.
 */
#include "fmt.h"
#include "insn.h"
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

#define HERE 1ull      /* a task's argument: its first #PF is being handled */
#define HANDLER_PART 2 /* of a second, that it waits there */
#define GOES_ON 2      /* uses */
#define AGAIN 1        /* fault more, with rights that were there already */

static uint32_t page[PAGE_SIZE / 4] SHARED __attribute__((aligned(4096)));
static uint32_t mapped SHARED;

static uint32_t is_mapped(void)
{
    return __atomic_load_n(&mapped, __ATOMIC_ACQUIRE);
}

/* As a kernel would, while another processor is at it: it waits, and returns to
 * the access. */
static leave on_entry(struct task *t, const struct task_entry *e,
                      struct trapframe *f)
{
    if (e->vector != VEC_pf)
        return LEAVE_AS_ENTERED;
    __atomic_store_n(&t->argument, HERE, __ATOMIC_RELEASE);
    WAIT_FOR_OTHER(handoff.tsc_hz / HANDLER_PART, is_mapped());
    if (t->entries > AGAIN)
        return LEAVE_AS_ENTERED; /* behind the access, and to the end */
    f->rip = e->rip;
    stimulus_stop = 0;
    return LEAVE_AS_ENTERED;
}

static void fails(struct diff *d, unsigned n, const char *expected,
                  const char *instead)
{
    char name[16];

    fmt(name, sizeof(name), "cpu %u", n);
    if (!diff_any(d))
        diff_text(d, name, expected, instead);
}

static void run(struct diff *d, enum origin from, bool allow)
{
    const uint64_t there =
        page_shared_physical(page) | PAGE_PRESENT | PAGE_USER;
    volatile uint64_t *entry = page_shared_entry(USER_SHARED_TARGET);
    unsigned others = task_others();

    processors_wait();
    *entry = allow ? there : 0;
    __atomic_store_n(&mapped, 0, __ATOMIC_RELEASE);
    for (unsigned n = 1; n <= others; n++) {
        struct task *t = task_clear(n, from);

        t->writes = allow;
        t->handle = on_entry;
        if (!task_start(n))
            fails(d, n, "runs", "does not");
    }
    for (unsigned n = 1; n <= others && !diff_any(d); n++) {
        const uint64_t *argument = &task_of(n)->argument;

        WAIT_FOR_OTHER(handoff.tsc_hz / HANDLER_PART,
                       __atomic_load_n(argument, __ATOMIC_ACQUIRE) == HERE);
        if (*argument != HERE)
            fails(d, n, "#PF", "none");
    }
    *entry = there | PAGE_WRITE;
    __atomic_store_n(&mapped, 1, __ATOMIC_RELEASE);
    for (unsigned n = 1; n <= others && !diff_any(d); n++)
        if (!task_waits_uses(n, GOES_ON, AGAIN + 2) || !task_uses(n))
            fails(d, n, "goes on", "does not");
    task_join();
    *entry = 0;
    invlpg(user_shared_va(USER_SHARED_TARGET));
    for (unsigned n = 1; n <= others; n++) {
        const struct task *t = task_of(n);
        unsigned faults = 0;

        task_judge(d, n);
        for (unsigned i = 0; i < t->entries; i++)
            faults += t->entry[i].vector == VEC_pf;
        if (faults < 1 || faults > 1u + (allow ? AGAIN : 0))
            fails(d, n, "one #PF", faults ? "more" : "none");
    }
}

void case_smp_map(void)
{
    static const enum origin origins[] = {FROM_RING3, FROM_RING0};

    smp_start();
    for (unsigned i = 0; i < COUNT(origins); i++)
        for (unsigned allow = 0; allow < 2; allow++) {
            struct diff d = {"", ""};
            char id[44];
            const struct finding f = {
                .id = id,
                .facts = "TL2",
                .why = "of what is not mapped nothing is kept, and more rights "
                       "need no shootdown; SDM vol 3, Optional Invalidation",
                .unfit = smp_unfit_together()};

            fmt(id, sizeof(id), "smp.%s.%s", allow ? "allow" : "map",
                origin_ids[origins[i]]);
            if (!finding_begin(&f))
                continue;
            run(&d, origins[i], allow);
            finding_end(&f, &d, 0);
        }
}
