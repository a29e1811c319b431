/* SPDX-License-Identifier: MIT */
/*
 * Another processor's NMI, at every instruction of SYSCALL's way in and out.
 *
 * The window's walks (tests/window) let an NMI land exactly in front of each
 * instruction, and with each user's base: it is latched while another one is
 * handled, and the IRETQ into the instruction lets it in.  There the processor
 * has sent it to itself.  Here the processor asks another one, by a word in
 * memory, which sends it: what comes from elsewhere must be held as well, land
 * in the same place, once, and be judged by the stub as any; where the user's
 * base is live in ring 0, by its sign.
 *
 * That each came exactly there, and once, is the emulator's or the machine's
 * business: where one does not, `differ' says how many have.  What the stub has
 * decided about those that came is not: a wrong decision fails, wherever its
 * NMI was meant to land.
 */
#include "apic.h"
#include "decisions.h"
#include "engine/engine.h"
#include "engine/processors.h"
#include "fmt.h"
#include "insn.h"
#include "judge/finding.h"
#include "lib/smp.h"
#include "lib/wait.h"
#include "shared.h"
#include "specimen.h"
#include "window/judge.h"
#include "window/walks.h"

#define ANSWER_PART 10 /* of a second, for the other one to send it */
#define WALKS_SECONDS 10

/* One at a time. */
static struct exchange {
    uint32_t asked, sent, over;
    uint32_t target; /* whose NMIs they are: a number */
    struct diff decisions, d;
    struct tally tally;
    const char *unfit;
} now SHARED;

static struct injection injection;

static uint32_t read(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* --- on the target ---------------------------------------------------------
 */

static void ask(void)
{
    uint32_t n = __atomic_add_fetch(&now.asked, 1, __ATOMIC_RELEASE);

    WAIT_FOR_OTHER(handoff.tsc_hz / ANSWER_PART, read(&now.sent) == n);
}

static void walk(uint64_t unused)
{
    (void)unused;
    walks_begin(&specimen_linux, &subjects[0]); /* syscall64 */
    walks_do();
    now.unfit = walks.unfit;
    engine_nmi_from(ask);
    bench_begin(walks.specimen, walks.subject);
    for (unsigned b = 0; b < WINDOW_BASES && !walks.unfit; b++) {
        injection.walk = &walks.of[b];
        injection.event = WINDOW_NMI;
        walk_injecting(&injection);
        decisions_judge(&now.decisions, &injection);
        judge_events(&now.d, &injection, &now.tally);
    }
    bench_end();
    engine_nmi_from(0);
    __atomic_store_n(&now.over, 1, __ATOMIC_RELEASE);
}

/* --- on the sender ---------------------------------------------------------
 */

static void send(uint64_t unused)
{
    uint32_t id = processor_apic_id(now.target);
    struct patience p = patience_of(WALKS_SECONDS * handoff.tsc_hz);

    (void)unused;
    while (!read(&now.over) && patience_left(&p)) {
        uint32_t n = read(&now.asked);

        if (n != read(&now.sent)) {
            apic_send(id, APIC_DELIVER_NMI, 0);
            __atomic_store_n(&now.sent, n, __ATOMIC_RELEASE);
        }
        watchdog_kick();
        pause();
    }
}

static void run(const char *id, unsigned target, unsigned sender)
{
    char seen[64];
    struct finding f = {.id = id,
                        .facts = "NM2 AP34 GS10 GS15",
                        .why = "an NMI of another processor at any instruction "
                               "finds the kernel's GS base, and gives back all "
                               "that it interrupted; Linux, x86/entry_64.rst",
                        .unfit = smp_unfit_together()};
    unsigned other = target ? target : sender;
    struct tally *t = &now.tally;
    struct diff d;

    if (!finding_begin(&f))
        return;
    processors_wait();
    now = (struct exchange){.target = target};
    if (target && processor_call(target, walk, 0)) {
        send(0);
    } else if (!target && processor_call(other, send, 0)) {
        walk(0);
    } else {
        diff_text(&now.d, "the other", "works", "does not");
    }
    processors_wait();
    if (now.unfit) {
        finding_miss(&f, now.unfit);
        return;
    }
    d = diff_any(&now.decisions) ? now.decisions : now.d;
    fmt(seen, sizeof(seen), "%u of %u once and exactly", t->exact, t->planned);
    if (processor_lost(other)) {
        diff_text(&d, "the other", "comes back", processor_words(other));
        finding_end(&f, &d, seen);
        return;
    }
    if (!t->planned)
        diff_text(&d, "NMIs", "some", "none");
    if (t->exact != t->planned || t->sent != t->planned) {
        if (!diff_any(&now.decisions))
            f.confidence = CONFIDENCE_MEDIUM;
        diff_text(&d, "NMIs", "each once and exactly", seen);
    }
    finding_end(&f, &d, seen);
}

void case_smp_nmi(void)
{
    smp_start();
    run("smp.nmi-window.syscall64.first", 0, 1);
    run("smp.nmi-window.syscall64.other", processors_running() - 1, 0);
}
