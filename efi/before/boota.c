/* SPDX-License-Identifier: MIT */
/*
 * Boot A: everything is prepared while the firmware can still help, told, and
 * then done.  Whatever is missing is said in one line, and what was taken is
 * given back.  Called by main.c.
 */
#include <efi.h>

#include "arm.h"
#include "boot.h"
#include "exit.h"
#include "firmware.h"
#include "fmt.h"
#include "insn.h"
#include "journal_place.h"
#include "listed.h"
#include "load.h"
#include "low.h"
#include "machine.h"
#include "mem.h"
#include "note.h"
#include "preflight.h"
#include "say.h"
#include "unfit.h"

/* A number that no earlier run's journal has.  Never 0. */
static uint64_t make_nonce(void)
{
    uint64_t n = rdtsc();
    EFI_TIME t;

    memset(&t, 0, sizeof(t));
    if (RT->GetTime && !EFI_ERROR(RT->GetTime(&t, NULL)))
        n ^= ((((uint64_t)t.Year * 12 + t.Month) * 31 + t.Day) * 24 + t.Hour) *
                 3600 +
             t.Minute * 60u + t.Second;
    /* splitmix64's finalizer: neighbouring inputs, unlike outputs */
    n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9ull;
    n = (n ^ n >> 27) * 0x94d049bb133111ebull;
    n ^= n >> 31;
    return n ? n : 1;
}

/* False when there is no memory for it. */
static bool place_journal(struct boot *b)
{
    struct handoff *h = &b->handoff;

    if (b->resume.active) { /* held and opened by resume.c */
        h->journal = b->resume.journal;
        h->journal_size = b->resume.journal_size;
        h->nonce = b->resume.nonce;
        h->resume_after = b->resume.after;
        h->journal_sent = b->resume.sent;
        return true;
    }
    if (b->options.provoke == PROVOKE_JOURNAL_TAKEN)
        journal_places_take(JOURNAL_SIZE);
    h->journal_size = JOURNAL_SIZE;
    h->journal = journal_place(JOURNAL_SIZE);
    if (!h->journal)
        return false;
    h->nonce = make_nonce();
    journal_create(&b->journal, (void *)h->journal, JOURNAL_SIZE, h->nonce);
    return true;
}

/* Two boots or live, with the reason in the machine's record. */
static void choose_way_back(struct boot *b)
{
    const char *live = arm(b);

    if (!live && !journal_place_is_usual(b->handoff.journal))
        say("The journal's usual places are taken; it goes to 0x%llx, where "
            "the next boot may overwrite it.\n",
            (unsigned long long)b->handoff.journal);
    b->handoff.two_boots = !live;
    b->handoff.goes_on = !live || (b->options.stream && b->handoff.serial);
    b->machine.no_reboot = live != NULL;
    fmt(b->machine.why_live, sizeof(b->machine.why_live), "%s",
        live ? live : "");
    fmt(b->machine.options, sizeof(b->machine.options), "%s", b->given);
    if (!b->resume.active) /* else it is the journal's first record */
        journal_append(&b->journal, RECORD_MACHINE, &b->machine,
                       sizeof(b->machine));
}

/* Something must be able to show the report in the end. */
static const char *has_an_output(const struct boot *b)
{
    if (b->handoff.two_boots || b->handoff.serial || b->handoff.screen.base)
        return NULL;
    return "nothing could show the report: no second boot is possible, and "
           "there is neither a serial port nor a screen to draw on";
}

/* Where nobody lists them, so many may come; and one that comes twice. */
#define UNLISTED_MAX 7
#define SPARE 1

/* What further processors need; without it the first is alone.  A run that
 * goes on has noted all this when it began. */
static void take_worlds(struct boot *b, const struct core *core)
{
    const struct processors *p = &b->handoff.processors;
    unsigned wanted = p->listed ? p->n - 1 : UNLISTED_MAX;
    bool notes = !b->resume.active, given;
    unsigned got;

    if (notes)
        listed_note(b);
    if (b->options.cpus.which == CPUS_FIRST || !wanted)
        return;
    b->handoff.trampoline = low_page(&given);
    if (!b->handoff.trampoline) {
        if (notes)
            note(b, "no page below 640 KiB can be had to start processors in: "
                    "the first is alone");
        return;
    }
    if (!given && notes)
        note(b,
             "processors start in a page at %xh that boot services used: the "
             "firmware gives none below 640 KiB",
             b->handoff.trampoline);
    got = worlds_load(core, &b->handoff, wanted + SPARE);
    if (got < wanted && p->listed && notes)
        note(b,
             "only %u of %u further processors can be started: each takes "
             "4 MiB of memory below 4 GiB, and no more is free",
             got, wanted);
}

/* Memory for core, tables and journal; false, after one line, if it lacks. */
static bool take_memory(struct boot *b, struct core *core)
{
    struct handoff *h = &b->handoff;

    enum core_load how = core_find(core) ? core_load(core, h) : CORE_DAMAGED;

    if (how == CORE_DAMAGED) {
        say("ringside cannot run: this file is damaged.\n");
        return false;
    }
    if (how == CORE_LOADED) {
        if (place_journal(b))
            return true;
        core_unload(core, h);
    }
    say("ringside cannot run: it needs %llu KiB of memory below 4 GiB, %u KiB "
        "of it in one piece; the firmware has %llu KiB free.\n",
        (unsigned long long)(core->header->memory_size + h->tables_size +
                             JOURNAL_SIZE) >>
            10,
        JOURNAL_SIZE >> 10, (unsigned long long)b->machine.memory_bytes >> 10);
    return false;
}

EFI_STATUS boot_a(struct boot *b)
{
    struct core core;
    const char *trouble;
    bool go = true;

    memset(&b->handoff, 0, sizeof(b->handoff));
    b->handoff.magic = HANDOFF_MAGIC;
    b->handoff.options = b->options;
    trouble = unfit_guest(cpuid_if_there, rdmsr);
    if (!trouble) {
        machine_ask(&b->machine, &b->handoff);
        listed_ask(b);
        /* the core switches to it */
        b->machine.x2apic |= b->options.x2apic;
        b->machine.build = core_build();
        b->machine.asked = crc32(0, &b->options, sizeof(b->options));
        if (b->options.provoke == PROVOKE_NO_CLOCK)
            b->handoff.tsc_hz = 0;
        if (!b->handoff.tsc_hz)
            trouble = "nothing tells how fast the TSC is, which bounds every "
                      "wait of the run";
    }
    if (trouble) {
        say("ringside cannot run: %s.\n", trouble);
        return EFI_UNSUPPORTED;
    }
    if (b->options.stream && !b->resume.active &&
        resume_take_file(b) == GIVEN_HOPELESS) {
        say("ringside cannot run: nothing goes on behind what has ended the "
            "run in RESUME.BIN.\n");
        return EFI_ABORTED;
    }
    if (!take_memory(b, &core))
        return EFI_OUT_OF_RESOURCES;
    choose_way_back(b);
    take_worlds(b, &core);
    trouble = has_an_output(b);
    if (!trouble)
        go = preflight(b);
    if (!trouble && go)
        trouble = exit_into_core(b, &core);

    /* Still here. */
    if (b->handoff.two_boots)
        disarm(b);
    if (!b->resume.active) /* else there is something to report in it */
        journal_forget(b->handoff.journal);
    journal_release(b->handoff.journal, b->handoff.journal_size);
    worlds_unload(&b->handoff);
    low_release(b->handoff.trampoline);
    core_unload(&core, &b->handoff);
    if (!trouble) {
        say("Not started.\n");
        return EFI_ABORTED;
    }
    say("ringside cannot run: %s.\n", trouble);
    return EFI_LOAD_ERROR;
}
