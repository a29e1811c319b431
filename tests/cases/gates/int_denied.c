/* SPDX-License-Identifier: MIT */
/*
 * INT n that must not pass, for many n: by the gate's DPL, by the IDT's
 * limit, by a gate that is not there.  The first two are #GP, the last #NP
 * (for n = 8, 13, 14 as well: INT n is never the first half of a double
 * fault), and the error code has n in it: n * 8 + 2.
 *
 * That is where an emulator's idea of a gate's size shows, and how Linux and
 * Windows find out that a program tried: they decode n from it.  The limit
 * counts bytes: gate n needs the byte n * 16 + 15, one less cuts it off.  A
 * #GP that lies beyond the limit itself is a double fault.
 */
#include "fmt.h"
#include "int_code.h"
#include "lib/exc.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "lib/triggers.h"
#include "vectors.h"

#define GATE_BYTES sizeof(struct gate)

/* #MF: an exception of a number above #GP's. */
#define PROVOKE_MF(segment)                                                    \
    "fninit\nfldcw " segment "exc_fpu_control\nfld1\nfldz\nfdivrp"
RING3(int_denied_mf3, PROVOKE_MF(""), "fwait", "");
COMPAT(int_denied_mfc, PROVOKE_MF("%cs:"), "fwait", "");
RING0(int_denied_mf0, PROVOKE_MF(""), "fwait", "");
static const struct trigger mf = {
    .name = "mf",
    .vector = VEC_mf,
    .saved = SAVED_AT,
    .stop = exc_restore,
    .code =
        {
            [FROM_RING3] = SNIPPET(int_denied_mf3),
            [FROM_COMPAT] = SNIPPET(int_denied_mfc),
            [FROM_RING0] = SNIPPET(int_denied_mf0),
        },
};

static const char why_dpl[] =
    "INT n through a gate of DPL < CPL is #GP(n*8+2), for every n; SDM vol 2 "
    "INT n, Operation";
static const char why_absent[] =
    "INT n is benign whatever n: through an absent gate it is #NP(n*8+2), not "
    "#DF; SDM vol 3, Interrupt 8";
static const char why_limit[] =
    "a vector whose 16 bytes are not all within the IDT's limit is "
    "#GP(vector*8+2|EXT); SDM vol 2 INT n, Operation";

static const struct trigger *trigger;
static unsigned limit;

static void deny(struct trapframe *c)
{
    unsigned n = (unsigned)stimulus_now()->argument;

    (void)c;
    gate_lend(n, gate_make(capture_stubs[n], GATE_INTERRUPT, 0, 0));
}

static void take_away(struct trapframe *c)
{
    struct gate g = idt[stimulus_now()->argument];

    (void)c;
    g.low = (g.low & ~GATE_P) | GATE_DPL(3);
    gate_lend((unsigned)stimulus_now()->argument, g);
}

static void shorten(struct trapframe *c)
{
    trigger_start(trigger, c);
    idt_load((uint16_t)limit);
}

static void undo(void)
{
    trigger_stop(trigger);
    idt_load(sizeof(idt) - 1);
}

/* The harness's gate lies far up. */
static void in_time(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)nth, (void)o, (void)f;
    idt_load(sizeof(idt) - 1);
}

static void run_dpl(unsigned n, enum origin from)
{
    char id[44];
    struct stimulus s = {.id = id,
                         .argument = n,
                         .before = deny,
                         .after = gates_back,
                         .facts = "IV2",
                         .why = why_dpl};

    int_code(&s, n, from);
    s.vector = VEC_gp;
    s.error_code = true;
    s.error = n * 8 + 2;
    s.saved = SAVED_AT;
    fmt(id, sizeof(id), "int.denied.%02x.%s", n, origin_ids[from]);
    check_run(&s);
}

static void run_absent(unsigned n, enum origin from)
{
    char id[44];
    struct stimulus s = {.id = id,
                         .argument = n,
                         .before = take_away,
                         .after = gates_back,
                         .facts = "IV32 IV4",
                         .why = why_absent};

    int_code(&s, n, from);
    s.vector = VEC_np;
    s.error_code = true;
    s.error = n * 8 + 2;
    s.saved = SAVED_AT;
    if (n == VEC_np) { /* the #NP's own gate: two contributory ones */
        s.vector = VEC_df;
        s.error = 0;
        s.saved = SAVED_ANY;
    }
    fmt(id, sizeof(id), "int.absent.%02x.%s", n, origin_ids[from]);
    check_run(&s);
}

/* With the last byte of the vector's gate cut off, and not. */
static void run_limit(const struct trigger *w, enum origin from)
{
    char id[44];
    struct stimulus s = {.id = id,
                         .before = shorten,
                         .after = undo,
                         .mend = in_time,
                         .facts = "IV5 IV31",
                         .why = why_limit};
    unsigned last = (w->vector + 1u) * GATE_BYTES - 1;

    trigger = w;
    trigger_fill(&s, w, from);
    fmt(id, sizeof(id), "idt.limit.exact.%s.%s%02x", origin_ids[from], w->name,
        w->vector);
    limit = last;
    check_run(&s);

    trigger_fails(&s, w, from, VEC_gp, w->vector * 8u + 2 + !w->software);
    if (w->vector == VEC_gp) { /* nor can the #GP be delivered */
        s.vector = VEC_df;
        s.error = 0;
        s.saved = SAVED_ANY;
    }
    fmt(id, sizeof(id), "idt.limit.short.%s.%s%02x", origin_ids[from], w->name,
        w->vector);
    limit = last - 1;
    check_run(&s);
}

static void run_limit_int(unsigned n, enum origin from)
{
    struct stimulus s;
    struct trigger w = {.name = "int",
                        .vector = (uint8_t)n,
                        .software = true,
                        .saved = SAVED_RESUME};

    int_code(&s, n, from);
    w.code[from] = (struct snippet){s.start, s.at, s.resume};
    run_limit(&w, from);
}

static const char *lower(const struct stimulus *s)
{
    (void)s;
    return "#GP would be beyond the limit, and then #DF: the machine resets";
}

void case_int_denied(void)
{
    static const uint8_t denied[] = {0x00, 0x01, 0x02, 0x04, 0x08, 0x0d, 0x0e,
                                     0x10, 0x20, 0x40, 0x7f, 0x80, 0xff};
    /* As exceptions these would be contributory, #PF, or aborts. */
    static const uint8_t absent[] = {0x00, 0x08, 0x0a, 0x0b, 0x0c,
                                     0x0d, 0x0e, 0x12, 0x15};
    static const uint8_t cut[] = {0x0d, 0x0e, 0x20, 0x41, 0x80, 0xff};
    static const struct stimulus below = {.id = "idt.limit.short.below-8",
                                          .unfit = lower,
                                          .facts = "IV5",
                                          .why = why_limit};

    for (unsigned i = 0; i < sizeof(denied); i++) {
        run_dpl(denied[i], FROM_RING3);
        run_dpl(denied[i], FROM_COMPAT);
    }
    for (enum origin from = 0; from < FROM_COUNT; from++) {
        for (unsigned i = 0; i < sizeof(absent); i++)
            run_absent(absent[i], from);
        for (unsigned i = 0; i < sizeof(cut); i++)
            run_limit_int(cut[i], from);
        run_limit(&triggers[TRIGGER_IRQ], from);
        run_limit(&mf, from);
    }
    check_run(&below);
}
