/* SPDX-License-Identifier: MIT */
/* The core's way through a run: head.S calls core_main() on its own tables. */
#include "apic.h"
#include "cases/cases.h"
#include "chosen.h"
#include "engine/debug_control.h"
#include "engine/engine.h"
#include "engine/fatal.h"
#include "engine/finish.h"
#include "engine/machine_state.h"
#include "engine/payload.h"
#include "engine/persona.h"
#include "engine/snippet.h"
#include "engine/start.h"
#include "engine/unwind.h"
#include "engine/watchdog.h"
#include "fmt.h"
#include "gdt.h"
#include "handoff.h"
#include "idt.h"
#include "insn.h"
#include "judge/deviation.h"
#include "judge/dying.h"
#include "judge/mutants.h"
#include "judge/only.h"
#include "judge/paths.h"
#include "judge/sanity.h"
#include "layout.h"
#include "macros.h"
#include "msr.h"
#include "percpu.h"
#include "pic.h"
#include "record/result.h"
#include "screen/console.h"
#include "screen/stream.h"
#include "selftest.h"
#include "specimen.h"
#include "storm/storm.h"
#include "window/window.h"

struct handoff handoff __attribute__((section(".data")));

/* The machine restarts: nothing can be said any more. */
static void triple_fault(void)
{
    const struct table_pointer none = {0, 0};

    lidt(&none);
    *(volatile uint32_t *)(VA_CORE - 0x1000) = 1;
}

RING0(provoke_event, "", "int3", "");

static void fault(void)
{
    *(volatile uint32_t *)(VA_CORE - 0x1000) = 1;
}

static struct trapframe *fault_in_handler(struct outcome *o)
{
    fault();
    return &o->frame;
}

static void provoke(void)
{
    static const struct run r = {.on_event = fault_in_handler};
    struct trapframe c = payload_context(FROM_RING0, provoke_event);

    if (handoff.options.provoke == PROVOKE_CORE_FAULT) {
        result_step("a provoked fault in the core");
        fault();
    }
    if (handoff.options.provoke == PROVOKE_HANDLER_FAULT) {
        result_step("a provoked fault in a handler");
        engine_run(&r, &c);
    }
    if (handoff.options.provoke == PROVOKE_TRIPLE_FAULT) {
        result_step("a provoked triple fault");
        triple_fault();
    }
}

/* What a case that this boot does not run again has found. */
static void learn(const struct record_deviation *d)
{
    if (d->number < DEVIATION_COUNT)
        deviation_report(d->number, d->id);
}

/* The loader left a record of the machine: the title shows it.  An earlier
 * boot of this run has left one of the watchdog, or NULL. */
static const struct record_watchdog *read_journal(void)
{
    struct journal_cursor c;
    const struct record_header *h;
    const struct record_watchdog *earlier = 0;
    const void *payload;

    if (journal_open(&c, (const void *)VA_JOURNAL, handoff.journal_size,
                     handoff.nonce) != JOURNAL_OK)
        return 0;
    while ((h = journal_next(&c, &payload)))
        if (h->type == RECORD_MACHINE)
            console_machine(payload);
        else if (h->type == RECORD_WATCHDOG)
            earlier = payload;
        else if (h->type == RECORD_DEVIATION)
            learn(payload);
    return earlier;
}

static void record_watchdog(void)
{
    result_append(RECORD_WATCHDOG, watchdog_record(),
                  sizeof(struct record_watchdog));
}

/* What each processor has of its own, and the first of the machine's. */
static void machine_init(void)
{
    gdt_init();
    idt_init();
    payload_init();
    wrmsr(MSR_FS_BASE, 0);
    engine_set_gs((uint64_t)percpu, 0);
    write_dr7(DR7_CLEAR);
    write_dr6(DR6_CLEAR);
    if (!handoff.cpu)
        pic_silence();
}

static const struct specimen *windowed;

static void window_body(void)
{
    window_run(windowed);
}

static void run_window(unsigned *n, unsigned total)
{
    for (unsigned i = 0; i < specimens_count; i++) {
        const struct specimen *s = specimens[i];

        if (!chosen_window(i) ||
            !result_case_begin(++*n, total, chosen_window_case(s), s->about))
            continue;
        result_only(chosen_window(i) == SOME ? only_check : 0);
        windowed = s;
        live_through(window_body);
        result_case_end();
    }
    result_only(0);
}

static void run_case(unsigned i, unsigned *n, unsigned total)
{
    const char *left;

    if (!chosen_case(i) ||
        !result_case_begin(++*n, total, cases[i].id, cases[i].title))
        return;
    if (*n == 2 && handoff.options.provoke == PROVOKE_SET_UP_FAULT)
        triple_fault();
    result_only(chosen_case(i) == SOME ? only_check : 0);
    live_through(cases[i].run);
    left = machine_restore(); /* what no check of it answers for */
    if (left)
        result_note("case %s left %s changed; it was put back.", cases[i].id,
                    left);
    paths_report();
    result_case_end();
}

static void run_cases(void)
{
    unsigned n = 0, total = choose();

    result_begin(total);
    for (unsigned i = 0; i < cases_count; i++)
        if (cases[i].where != CASE_LAST)
            run_case(i, &n, total);
    run_window(&n, total);
    for (unsigned i = 0; i < cases_count; i++)
        if (cases[i].where == CASE_LAST)
            run_case(i, &n, total);
}

/* The cases that need nothing of the world outside and judge something. */
static void run_for_mutants(void)
{
    for (unsigned i = 0; i < cases_count; i++)
        if (cases[i].run != case_mc && cases[i].run != case_cost &&
            (i == 0 || options_match(handoff.options.only, cases[i].id)))
            cases[i].run();
}

static void run_mutants(void)
{
    result_begin(1);
    if (result_case_begin(1, 1, "mutants", "perturbations: each must be seen"))
        mutants_run(run_for_mutants);
    result_case_end();
}

static void run_soak(void)
{
    result_begin(1);
    if (result_case_begin(1, 1, "soak", "NMIs at every boundary, many times"))
        window_soak(handoff.options.soak);
    result_case_end();
}

static void run_storm(void)
{
    result_begin(1);
    if (result_case_begin(1, 1, "storm", "all ways in, all events, at once"))
        live_through(storm_asked);
    result_case_end();
}

static void sound_or_die(void)
{
    const char *unsound = sanity_check();

    if (unsound)
        fatal_here(unsound);
}

/* Every processor but the first: from here on it does what it is told to. */
static _Noreturn void other_main(void)
{
    machine_init();
    if (!apic_init(handoff.options.x2apic))
        fatal_here("there is no local APIC that answers");
    if (!processor_arrive())
        halt_for_good();
    persona_init();
    specimen_remove();
    watchdog_init(0);
    debug_control_clear();
    machine_remember();
    unwind_remember();
    sound_or_die();
    processor_serve();
}

/* Called by entry/head.S. */
_Noreturn void core_main(void)
{
    const struct record_watchdog *earlier;
    uint64_t debugctl;

    if (handoff.cpu)
        other_main();
    machine_init();
    console_init(&handoff);
    if (!result_init(&stream))
        fatal_here("the journal that the loader started is not there");
    earlier = read_journal();
    if (handoff.magic != HANDOFF_MAGIC)
        fatal_here("the loader's hand-over is not what this core expects");
    if (!apic_init(handoff.options.x2apic))
        fatal_here("there is no local APIC that answers");
    persona_init();
    specimen_remove();
    watchdog_init(earlier);
    record_watchdog();
    debugctl = debug_control_clear();
    if (debugctl)
        result_note("the firmware had left IA32_DEBUGCTL at 0x%llx; it is 0 "
                    "now.",
                    (unsigned long long)debugctl);
    machine_remember();
    unwind_remember();
    provoke();
    sound_or_die();
    if (handoff.options.self_test)
        selftest_run();
    else if (handoff.options.mutants)
        run_mutants();
    else if (handoff.options.soak)
        run_soak();
    else if (handoff.options.storm || handoff.options.storm_entries)
        run_storm();
    else
        run_cases();
    if (engine_strays())
        result_note("%u NMIs or machine checks came from elsewhere while no "
                    "check waited for them.",
                    engine_strays());
    watchdog_stop();
    record_watchdog();
    result_end();
    finish();
}
