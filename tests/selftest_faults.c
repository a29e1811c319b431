/* SPDX-License-Identifier: MIT */
/*
 * Canaries of --self-test whose own C dies: each kind at each place where a
 * case has C.  Each must cost its own check, and the one behind it must pass.
 * tests/boot/test_selftest.py knows what each must be called.
 */
#include "engine/engine.h"
#include "engine/fatal.h"
#include "engine/watchdog.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "layout.h"
#include "macros.h"
#include "selftest.h"
#include "specimen.h"
#include "stacks.h"
#include "vectors.h"

#define UNMAPPED (VA_CORE - 0x1000)
#define NOT_CANONICAL (1ull << 62)

RING0(selftest_call, "", "int3", "");
RING3(selftest_call3, "", "int3", "");
RING0(selftest_behind, "", "nop", "");
/* 2^63 times, from ring 3's data on. */
#define REP "mov $1, %ecx\nror %rcx\nmov $0x10400000, %esi"
RING0(selftest_rep, REP, "rep lodsb", "");
RING3(selftest_rep3, REP, "rep lodsb", "");
/* A handler whose first instruction faults, and is what handles that. */
RING0(selftest_livelock, "", "ud2", "");

static void (*dies)(void); /* how */

/* --- kinds ---------------------------------------------------------------- */

static void gp(void)
{
    *(volatile uint32_t *)NOT_CANONICAL = 1;
}

static void pf(void)
{
    *(volatile uint32_t *)UNMAPPED = 1;
}

static void ud(void)
{
    __asm__ volatile("ud2");
}

/* Into the guard below its stack. */
static void overflow(void)
{
    __asm__ volatile("1: push %rax\n jmp 1b");
}

static void mc(void)
{
    __asm__ volatile("int $18");
}

/* Goes on: a foreign NMI is nobody's. */
static void nmi(void)
{
    __asm__ volatile("int $2");
}

/* Into what is not mapped, sooner or later. */
static void rep(void)
{
    uint64_t count = 1ull << 63;
    const void *at = &dies;

    __asm__ volatile("rep lodsb" : "+c"(count), "+S"(at) : : "rax", "memory");
}

static void condition(void)
{
    fatal_here("a condition that does not hold");
}

static void loop(void)
{
    for (;;)
        pause();
}

/* --- places --------------------------------------------------------------- */

static void before(struct trapframe *c)
{
    (void)c;
    dies();
}

static void in_handler(unsigned nth)
{
    (void)nth;
    dies();
}

/* On the specimen's stubs alone: the second of two passes. */
static void in_specimen(unsigned nth)
{
    (void)nth;
    if (specimen_installed())
        dies();
}

static void after(void)
{
    dies();
}

static void also(const struct stimulus *s, struct diff *d)
{
    (void)s, (void)d;
    dies();
}

static const struct stimulus call = {
    .from = FROM_RING0,
    CODE(selftest_call),
    .vector = VEC_bp,
    .saved = SAVED_RESUME,
    .facts = "RS1",
    .why = "a check whose own code dies costs no other one",
};

static struct stimulus stimulus_at(const char *place)
{
    struct stimulus s = call;

    switch (place[0]) {
    case 'b':
        s.before = before;
        break;
    case 'h':
        s.in_handler = in_handler;
        break;
    case 'i': /* in a handler on an IST stack */
        s.in_handler = in_handler;
        s.start = selftest_behind;
        s.at = selftest_behind_at;
        s.resume = selftest_behind_resume;
        s.vector = VEC_nmi;
        s.saved = SAVED_AT;
        s.nmi = true;
        break;
    case 's':
        s.in_handler = in_specimen;
        s.path = "bp";
        s.from = FROM_RING3;
        s.start = selftest_call3;
        s.at = selftest_call3_at;
        s.resume = selftest_call3_resume;
        break;
    case 'a':
        s.after = after;
        break;
    default:
        s.also = also;
    }
    return s;
}

static void run_dying(const char *place, const char *kind, void (*how)(void))
{
    struct stimulus s = stimulus_at(place);
    char id[44];

    fmt(id, sizeof(id), "dies.%s.%s", place, kind);
    s.id = id;
    dies = how;
    if (s.path)
        stimulus_run(&s);
    else
        check_run(&s);
}

static void run_code(const char *id, const char *start, const char *at,
                     const char *resume, enum origin from,
                     void (*set_up)(struct trapframe *c))
{
    struct stimulus s = call;

    s.id = id;
    s.from = from;
    s.start = start;
    s.at = at;
    s.resume = resume;
    s.vector = VEC_gate;
    s.before = set_up;
    check_run(&s);
}

static void lead_to_itself(struct trapframe *c)
{
    (void)c;
    idt[VEC_ud] = gate_make(selftest_livelock_at, GATE_INTERRUPT, IST_spare, 0);
}

void selftest_dying(void)
{
    static const char *const places[] = {"before",   "handler", "ist",
                                         "specimen", "after",   "judge"};
    static const struct {
        const char *name;
        void (*how)(void);
    } kinds[] = {
        {"gp", gp}, {"pf", pf},   {"ud", ud},   {"overflow", overflow},
        {"mc", mc}, {"nmi", nmi}, {"rep", rep}, {"condition", condition}};
    static const char *const hangs[] = {"before", "handler"};

    for (unsigned p = 0; p < COUNT(places); p++)
        for (unsigned k = 0; k < COUNT(kinds); k++)
            /* No second one comes into an NMI's handler, on its stack. */
            if (kinds[k].how != nmi || places[p][0] != 'i')
                run_dying(places[p], kinds[k].name, kinds[k].how);
    run_code("dies.rep.ring0", selftest_rep, selftest_rep_at,
             selftest_rep_resume, FROM_RING0, 0);
    run_code("dies.rep.ring3", selftest_rep3, selftest_rep3_at,
             selftest_rep3_resume, FROM_RING3, 0);
    for (unsigned p = 0; p < COUNT(hangs) && watchdog_on(); p++)
        run_dying(hangs[p], "loop", loop);
    if (watchdog_on())
        run_code("dies.livelock", selftest_livelock, selftest_livelock_at,
                 selftest_livelock_resume, FROM_RING0, lead_to_itself);
    run_code("dies.behind", selftest_behind, selftest_behind_at,
             selftest_behind_resume, FROM_RING0, 0);
    dies = pf; /* behind its last check */
    dies();
}

/* Before its first check. */
void selftest_set_up(void)
{
    pf();
    run_code("dies.never", selftest_behind, selftest_behind_at,
             selftest_behind_resume, FROM_RING0, 0);
}
