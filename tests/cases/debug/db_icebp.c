/* SPDX-License-Identifier: MIT */
/*
 * ICEBP, alias INT1: one byte (F1), for debuggers that sit beside the machine.
 *
 * It is a trap to vector 1 without any condition: the gate's DPL is not looked
 * at, DR6 gets no bit, and RIP is behind it.  A handler that goes by DR6 finds
 * nothing in it, and one that does not clear DR6 finds what was left there.
 * CD 01 is another thing: INT n, with DPL.
 */
#include "insn.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "vectors.h"

RING3(icebp3, "", ".byte 0xf1", "nop");
COMPAT(icebpc, "", ".byte 0xf1", "nop");
RING0(icebp0, "", ".byte 0xf1", "nop");

/* The argument: bits that were left in DR6. */
static void before(struct trapframe *c)
{
    write_dr6(DR6_CLEAR | stimulus_now()->argument);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    sequence_db(&q, s->resume, s->argument);
    sequence_end(&q);
}

static const char why[] = "INT1 raises #DB as a trap, whatever the gate's DPL, "
                          "and sets no bit of DR6; "
                          "SDM vol 2 INT n/INTO/INT3/INT1";

#define ICEBP(name, origin, code, left, ...)                                   \
    {                                                                          \
        .id = "icebp." name, .from = origin, CODE(code), .vector = VEC_db,     \
        .argument = left, .before = before, .after = debug_off,                \
        .expect = expect, .mend = sequence_mend, .facts = "DB7", .why = why,   \
        __VA_ARGS__                                                            \
    }
#define STALE(name, origin, code, left)                                        \
    ICEBP(name, origin, code, left, .skipped_after = DEVIATION_INT1,           \
          .confidence = CONFIDENCE_VALUE)

static const struct stimulus stimuli[] = {
    ICEBP("ring3", FROM_RING3, icebp3, 0, .clobbers = 0),
    ICEBP("compat", FROM_COMPAT, icebpc, 0, .clobbers = 0),
    ICEBP("ring0", FROM_RING0, icebp0, 0, .clobbers = 0),
    STALE("stale-bs.ring3", FROM_RING3, icebp3, DR6_BS),
    STALE("stale-bs.ring0", FROM_RING0, icebp0, DR6_BS),
    STALE("stale-b0.ring3", FROM_RING3, icebp3, DR6_B(0)),
    STALE("stale-bd.ring3", FROM_RING3, icebp3, DR6_BD),
};

void case_db_icebp(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
