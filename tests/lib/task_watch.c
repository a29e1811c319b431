/* SPDX-License-Identifier: MIT */
/* A task on a processor, as who has started it sees it; see task.h. */
#include "apic.h"
#include "fmt.h"
#include "judge/paths.h"
#include "judge/stimulus.h"
#include "specimen.h"
#include "task.h"
#include "vectors.h"
#include "wait.h"

#define SOON_PART 4 /* of a second, that this processor has spent waiting */

unsigned task_others(void)
{
    unsigned n = processors_running();

    return (n < TASKS_MAX ? n : TASKS_MAX) - 1;
}

static uint32_t entries_of(unsigned n)
{
    return __atomic_load_n(&task_of(n)->entries, __ATOMIC_ACQUIRE);
}

static bool over(unsigned n)
{
    return n && (processor_done(n) || processor_lost(n));
}

bool task_waits_uses(unsigned n, uint32_t more, uint32_t entries)
{
    uint32_t until = task_uses(n) + more;

    WAIT_FOR_OTHER(handoff.tsc_hz / SOON_PART,
                   (int32_t)(task_uses(n) - until) >= 0 ||
                       entries_of(n) >= entries || over(n));
    return (int32_t)(task_uses(n) - until) >= 0 || entries_of(n) >= entries;
}

bool task_waits_entries(unsigned n, uint32_t entries)
{
    WAIT_FOR_OTHER(handoff.tsc_hz / SOON_PART,
                   entries_of(n) >= entries || over(n));
    return entries_of(n) >= entries;
}

void task_join(void)
{
    for (unsigned n = 1; n <= task_others(); n++)
        if (!over(n))
            apic_send(processor_apic_id(n), APIC_DELIVER_FIXED, TASK_FINISH);
    processors_wait();
}

static void add_row(struct task *t)
{
    struct record_path *r = &t->row;

    if (!t->path || !r->entries)
        return;
    fmt(r->path, sizeof(r->path), "%s", t->path);
    r->from = (uint8_t)t->from;
    r->rule = (uint8_t)specimen_rule(stimulus_specimen(), task_vector(t));
    paths_add(r);
}

void task_judge(struct diff *d, unsigned n)
{
    struct task *t = task_of(n);
    char name[32];

    add_row(t);
    if (diff_any(d))
        return;
    fmt(name, sizeof(name), "cpu %u:", n);
    if (!t->runs || processor_lost(n))
        diff_text(d, name, "runs", t->runs ? "lost" : "does not run");
    else if (t->end != RUN_GATE)
        diff_text(d, name, "comes back", t->trouble);
    else if (diff_any(&t->kept))
        diff_text(d, name, t->kept.expected, t->kept.seen);
    for (unsigned i = 0; i < t->entries; i++) {
        const struct task_entry *e = &t->entry[i];

        if (!e->right)
            diff_text(d, name, "kernel's GS base", "user's GS base");
        if (e->vector >= VEC_FIRST_IRQ && e->vector < VECTORS && !e->service)
            diff_text(d, name, "ISR bit until EOI", "not so");
        if (e->ring != (t->from == FROM_RING0 ? 0 : 3))
            diff_text(d, name, "the code's ring", "another");
    }
}
