/* SPDX-License-Identifier: MIT */
/* A case that dies is given up; see unwind.h. */
#include "unwind.h"

#include "apic.h"
#include "fatal.h"
#include "handoff.h"
#include "insn.h"
#include "machine_state.h"
#include "msr.h"
#include "page.h"
#include "percpu.h"
#include "processors.h"
#include "running.h"
#include "selectors.h"
#include "space.h"
#include "specimen.h"
#include "stacks.h"
#include "watchdog.h"

/* Of the pool: what cr3_test needs comes first, the screen and the firmware's
 * regions last, and no case touches those. */
#define PAGES_KEPT 32

_Static_assert(PAGES_KEPT <= SPACE_POOL_PAGES, "");

static struct trapframe caller; /* unwind_run(), to return to */
static void (*running_body)(void);
static bool possible, died;
static uint64_t tables[PAGES_KEPT * PAGE_SIZE / sizeof(uint64_t)];

void unwind_remember(void)
{
    __builtin_memcpy(tables, page_table(handoff.tables), sizeof(tables));
}

static _Noreturn void body(void)
{
    running_body();
    possible = false;
    go_context(&caller);
}

/* In trial_run()'s order, on the caller's stack. */
static void put_back(void)
{
    if (handoff.options.provoke == PROVOKE_UNWIND_FAULT &&
        !handoff.resume_after)
        undefined_instruction();
    if (specimen_installed())
        specimen_remove();
    apic_quiesce();
    machine_restore();
    watchdog_again();
    engine_drain();
    if (machine_restore())
        fatal_here("a case has died, and left what cannot be put back");
}

bool unwind_run(void (*b)(void))
{
    const struct trapframe context = {
        .rip = (uint64_t)body,
        .cs = SEL_KERNEL_CS,
        .rflags = FLAG_ONE,
        .rsp = STACK_TOP(STACK_case) - 8, /* as behind a CALL */
        .ss = SEL_KERNEL_SS,
    };

    running_body = b;
    died = false;
    possible = true;
    watchdog_kick();
    run_context(&context, &caller);
    if (died)
        put_back();
    return !died;
}

bool unwind_possible(void)
{
    return possible;
}

/* On whatever stack and tables: as little as the way out needs. */
_Noreturn void unwind(void)
{
    possible = false;
    died = true;
    write_dr7(DR7_CLEAR);
    if (!handoff.cpu)
        processors_recall();
    running.run = 0;
    running.busy = false;
    nmi_pair_disarm();
    __builtin_memcpy(page_table(handoff.tables), tables, sizeof(tables));
    page_lay_again();
    write_cr3(handoff.cr3_test);
    machine_restore();
    engine_set_gs((uint64_t)percpu, 0);
    go_context(&caller);
}
