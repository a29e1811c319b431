/* SPDX-License-Identifier: MIT */
/*
 * Perturbations; see mutants.h.
 *
 * A round is all cases, run with one line of mutants.def in force and their
 * checks led here instead of into the journal.  The first round has none: what
 * is red there is red anyway, and does not count as having noticed anything.
 * A round ends with the first check that turns red.
 */
#include "mutants.h"

#include "apic.h"
#include "fmt.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "msr.h"
#include "record/result.h"
#include "screen/console.h"
#include "selectors.h"
#include "stacks.h"
#include "syscall.h"
#include "vectors.h"

enum mutant {
    NO_MUTANT,
#define SHOWN(id, statement) SHOWN_##id,
#define SET(id, statement) SET_##id,
#include "mutants.def"
#undef SHOWN
#undef SET
    MUTANTS,
};

static const char *const names[MUTANTS] = {
    "none",
#define SHOWN(id, statement) "shown." #id,
#define SET(id, statement) "set." #id,
#include "mutants.def"
#undef SHOWN
#undef SET
};

static struct {
    enum mutant mutant;
    unsigned check; /* how many have been reported in this round */
    uint8_t baseline[CHECKS_MAX]; /* verdicts without a mutant */
    char killer[44];              /* the check that noticed, or "" */
} now;

static inline void gate_ist(unsigned vector, uint64_t ist)
{
    idt[vector].low = (idt[vector].low & ~(7ull << 32)) | ist << 32;
}

static inline void gate_dpl(unsigned vector, uint64_t dpl)
{
    idt[vector].low = (idt[vector].low & ~(3ull << 45)) | dpl << 45;
}

static inline void gate_type(unsigned vector, uint64_t type)
{
    idt[vector].low = (idt[vector].low & ~(15ull << 40)) | type << 40;
}

static inline void msr_xor(uint32_t msr, uint64_t bits)
{
    wrmsr(msr, rdmsr(msr) ^ bits);
}

static inline void swap(uint64_t *a, uint64_t *b)
{
    uint64_t x = *a;

    *a = *b;
    *b = x;
}

void mutants_shown(unsigned nth, struct outcome *o)
{
    switch (now.mutant) {
#define SHOWN(id, statement)                                                   \
    case SHOWN_##id:                                                           \
        statement;                                                             \
        break;
#define SET(id, statement)
#include "mutants.def"
#undef SHOWN
#undef SET
    default:
        break;
    }
    (void)nth;
    (void)o;
}

void mutants_provoke(void)
{
    now.mutant = SHOWN_cr2_next_byte;
}

bool mutants_on(void)
{
    return now.mutant != NO_MUTANT;
}

void mutants_set(void)
{
    switch (now.mutant) {
#define SHOWN(id, statement)
#define SET(id, statement)                                                     \
    case SET_##id:                                                             \
        statement;                                                             \
        break;
#include "mutants.def"
#undef SHOWN
#undef SET
    default:
        break;
    }
}

static bool red(unsigned verdict)
{
    return verdict == VERDICT_FAIL || verdict == VERDICT_HANG;
}

/* Every check of a round comes here.  False: this round has seen enough. */
static bool sink(const struct record_check *c)
{
    unsigned n = now.check++;

    if (n >= CHECKS_MAX)
        return true;
    if (now.mutant == NO_MUTANT) {
        now.baseline[n] = c->verdict;
        return true;
    }
    if (!red(c->verdict) || red(now.baseline[n]))
        return true;
    fmt(now.killer, sizeof(now.killer), "%s", c->id);
    return false;
}

static void report(void)
{
    struct record_check c = {.verdict = VERDICT_PASS};

    fmt(c.id, sizeof(c.id), "mutant.%s", names[now.mutant]);
    fmt(c.expected, sizeof(c.expected), "some check turns red");
    if (now.killer[0]) {
        fmt(c.seen, sizeof(c.seen), "%s does", now.killer);
    } else {
        c.verdict = VERDICT_FAIL;
        fmt(c.seen, sizeof(c.seen), "none of %u does", now.check);
    }
    fmt(c.facts, sizeof(c.facts), "RS2");
    result_check(&c);
}

void mutants_run(void (*run)(void))
{
    unsigned caught = 0;

    for (unsigned m = NO_MUTANT; m < MUTANTS; m++) {
        now.mutant = m;
        now.check = 0;
        now.killer[0] = '\0';
        console_beat();
        result_redirect(sink);
        run();
        result_redirect(0);
        if (m != NO_MUTANT)
            report();
        caught += now.killer[0] != '\0';
    }
    now.mutant = NO_MUTANT;
    result_note("mutants: %u caught of %u tried", caught, MUTANTS - 1);
}
