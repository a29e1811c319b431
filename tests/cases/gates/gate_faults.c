/* SPDX-License-Identifier: MIT */
/*
 * Gates that cannot be used, and every kind of event that needs one.
 *
 * The fault that comes instead of the event is taken in the old context, and
 * its error code names the culprit: the gate (vector * 8 + 2) or the selector
 * in it.  Bit 0, EXT, tells the handler whose fault it was: clear when the
 * program asked by INT n, INT3 or INTO, set when an exception, an interrupt,
 * NMI or INT1 could not be delivered.  A kernel that looks at the error code
 * to blame the program (or not) reads that bit.
 *
 * Emulators differ here more than anywhere: QEMU 7.2 never sets EXT and
 * counts vectors in gates of 16 bytes; hypervisors that inject events lose
 * the bit.
 */
#include "fmt.h"
#include "lib/gate_defects.h"
#include "macros.h"
#include "vectors.h"

#define SELECT(name_, selector, vector_, ...)                                  \
    {                                                                          \
        .name = name_, .clear.low = GATE_SELECTOR(0xffff),                     \
        .set.low = GATE_SELECTOR(selector), .vector = vector_, __VA_ARGS__     \
    }

static const char why_selector[] =
    "a gate's CS must be present 64-bit code of DPL <= CPL: else #GP or #NP "
    "of selector|EXT; SDM vol 2 INT n, Operation";
static const char why_gate[] =
    "#NP or #GP of vector*8+2|EXT; EXT=0 for INT n, INT3, INTO alone; SDM "
    "vol 2 INT n, vol 3 Error Code";

static const struct defect defects[] = {
    {.name = "absent",
     .clear.low = GATE_P,
     .vector = VEC_np,
     .facts = "IV4 IV31 IV33",
     .why = why_gate},
    {.name = "zero",
     .clear = {~0ull, ~0ull},
     .vector = VEC_gp,
     .on_amd = CONFIDENCE_MEDIUM,
     .facts = "IV21 IV31 IV4",
     .why = why_gate},
    SELECT("null", 0, VEC_gp, .culprit = CULPRIT_NONE, .facts = "IV7 IV31",
           .why = why_selector),
    SELECT("null-rpl3", 3, VEC_gp, .culprit = CULPRIT_NONE, .facts = "IV7 IV31",
           .why = why_selector),
    SELECT("data", SEL_KERNEL_SS, VEC_gp, .culprit = CULPRIT_SELECTOR,
           .facts = "IV7 IV31", .why = why_selector),
    SELECT("system", SEL_TSS, VEC_gp, .culprit = CULPRIT_SELECTOR,
           .facts = "IV7 IV31", .why = why_selector),
    SELECT("cs-absent", SEL_CODE_ABSENT, VEC_np, .culprit = CULPRIT_SELECTOR,
           .facts = "IV7 IV31", .why = why_selector),
    SELECT("cs-absent-rpl3", SEL_CODE_ABSENT | 3, VEC_np,
           .culprit = CULPRIT_SELECTOR, .facts = "IV7 IV31",
           .why = why_selector),
    SELECT("code32", SEL_CODE32, VEC_gp, .culprit = CULPRIT_SELECTOR,
           .either = true, .facts = "IV7 IV31", .why = why_selector),
    SELECT("l-and-d", SEL_CODE_L_AND_D, VEC_gp, .culprit = CULPRIT_SELECTOR,
           .either = true, .facts = "IV7 IV31", .why = why_selector),
    SELECT("beyond", SEL_BEYOND, VEC_gp, .culprit = CULPRIT_SELECTOR,
           .facts = "IV7 IV31", .why = why_selector),
    SELECT("cs-dpl1", SEL_CODE_DPL1, VEC_gp, .culprit = CULPRIT_SELECTOR,
           .ring0_only = true, .facts = "IV7 IV31", .why = why_selector),
    SELECT("cs-dpl3", SEL_USER_CS64, VEC_gp, .culprit = CULPRIT_SELECTOR,
           .ring0_only = true, .facts = "IV7 IV31", .why = why_selector),
    {.name = "offset",
     .clear.high = 0xffffffff,
     .set.high = 0xaaaaaaaa,
     .vector = VEC_gp,
     .culprit = CULPRIT_NONE,
     .on_amd = CONFIDENCE_MEDIUM,
     .any_on_amd = ANY(error) | ANY(rip),
     .facts = "IV23",
     .why = "a gate's non-canonical RIP is #GP(EXT) at the interrupted "
            "instruction, not at the target; SDM vol 2 INT n, Operation"},
};

/* From ring 3 INT n and INT3 fail at DPL before P is looked at. */
static const struct defect absent_dpl0 = {
    .clear.low = GATE_P | GATE_DPL(3),
    .vector = VEC_gp,
    .on_amd = CONFIDENCE_MEDIUM,
    .facts = "IV21 IV4",
    .why =
        "type is checked first, then DPL, then P: #GP, not #NP, from ring 3; "
        "SDM vol 2 INT n, Operation"};

static const enum trigger_id events[] = {TRIGGER_INT,  TRIGGER_INT3,
                                         TRIGGER_INT1, TRIGGER_UD,
                                         TRIGGER_IRQ,  TRIGGER_NMI};

/* Tells which of two error codes it is. */
static void run_open(struct defect d, const char *name)
{
    char long_name[32];

    d.confidence = d.on_amd = CONFIDENCE_VALUE;
    fmt(long_name, sizeof(long_name), "%s.error-code", name);
    gate_run(&d, &triggers[TRIGGER_INT], FROM_RING3, long_name);
}

void case_gate_faults(void)
{
    for (unsigned d = 0; d < COUNT(defects); d++)
        for (unsigned e = 0; e < COUNT(events); e++)
            for (enum origin from = 0; from < FROM_COUNT; from++)
                if (!defects[d].ring0_only || from == FROM_RING0)
                    gate_run(&defects[d], &triggers[events[e]], from,
                             defects[d].name);
    for (unsigned e = 0; triggers[events[e]].software; e++)
        for (enum origin from = FROM_RING3; from <= FROM_COMPAT; from++)
            gate_run(&absent_dpl0, &triggers[events[e]], from, "absent-dpl0");
    for (unsigned d = 0; d < COUNT(defects); d++)
        if (defects[d].either)
            run_open(defects[d], defects[d].name);
}

/* All types but the two that are gates in long mode, S=0 and S=1; every kind
 * of event for those that protected mode would take. */
void case_gate_types(void)
{
    static const char why[] =
        "types 0 to D and all with S=1 are no gates in a long-mode IDT: #GP of "
        "vector*8+2|EXT (6, 7: the prose says 0); SDM vol 2 INT n";
    struct defect d = {.clear.low = GATE_TYPE(0xf) | GATE_S,
                       .vector = VEC_gp,
                       .other = CULPRIT_NONE,
                       .facts = "IV6 IV31",
                       .why = why};

    for (unsigned type = 0; type < 0x20; type++) {
        bool classic = type >= 5 && type <= 7; /* task and 16-bit gates */
        char name[8];

        if (type == GATE_INTERRUPT || type == GATE_TRAP)
            continue;
        fmt(name, sizeof(name), "type%02x", type);
        d.set.low = GATE_TYPE(type);
        d.either = type == 6 || type == 7;
        for (unsigned e = 0; e < COUNT(events); e++)
            for (enum origin from = 0; from < FROM_COUNT; from++)
                if (events[e] == TRIGGER_INT || classic)
                    gate_run(&d, &triggers[events[e]], from, name);
        if (d.either)
            run_open(d, name);
    }
}
