/* SPDX-License-Identifier: MIT */
/*
 * INT 0x80: the oldest system call, through an interrupt gate of DPL 3.
 *
 * From 64-bit and from compat code it is the same gate and the same 64-bit
 * handler, and Linux takes both for a compat call: only the frame's CS tells
 * them apart.  From ring 0 the same gate must not swap GS.
 *
 * No vendors differ here.  Good is one entry at vector 0x80 without an error
 * code, on RSP0's stack from ring 3 and on the own one from ring 0, with the
 * next instruction's address and RF clear in the frame.  A handler that took
 * ring 0 for ring 3 would run on the user's GS base.
 */
#include "judge/stimulus.h"
#include "macros.h"
#include "vectors.h"

/* Code for ring 3, for compat mode and for ring 0 (engine/snippet.h): a name,
 * what runs before, the instruction that enters ring 0, what runs behind. */
RING3(int80_code64, "", "int $0x80", "");
COMPAT(int80_code32, "", "int $0x80", "");
RING0(int80_code0, "", "int $0x80", "");

/* All that is particular about it.  What every entry has in common, down to
 * the registers that nobody may change, handlers/judge/predict.c knows. */
#define INT80(name, row, origin, code)                                         \
    {                                                                          \
        .id = name, .path = row, .from = origin, CODE(code),                   \
        .vector = VEC_int80, .saved = SAVED_RESUME, .facts = "IV1 IV26",       \
        .why =                                                                 \
            "INT n through a gate saves the next RIP, RF clear, and pushes "   \
            "no error code; SDM vol 2 INT n",                                  \
    }

static const struct stimulus stimuli[] = {
    INT80("int80.64.ring3", "int80.64", FROM_RING3, int80_code64),
    INT80("int80.32.compat", "int80.32", FROM_COMPAT, int80_code32),
    INT80("int80.64.ring0", "int80.64", FROM_RING0, int80_code0),
};

/* On the capture stubs against the manuals, then on the specimen's stubs,
 * whose SWAPGS decision is judged (judge/stimulus.h). */
void case_int80(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        stimulus_run(&stimuli[i]);
}
