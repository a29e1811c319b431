/* SPDX-License-Identifier: MIT */
/*
 * The gate's DPL: whom it stops, and whom it must not stop.
 *
 * It is compared with CPL for INT n, INT3 and INTO alone, which is how a
 * kernel keeps programs from faking its interrupts: #GP, with the gate in the
 * error code and EXT clear.  Exceptions, interrupts, NMI and INT1 (ICEBP)
 * pass whatever it is: a #UD gate of DPL 0 still takes the #UD of ring 3, and
 * a program can raise #DB by one byte even where it may not raise #BP.
 */
#include "fmt.h"
#include "lib/gate_defects.h"
#include "macros.h"
#include "vectors.h"

static const enum trigger_id events[] = {
    TRIGGER_INT, TRIGGER_INT3, TRIGGER_INTO, TRIGGER_INT1,
    TRIGGER_UD,  TRIGGER_IRQ,  TRIGGER_NMI};

static void run(unsigned dpl, const struct trigger *w, enum origin from)
{
    bool stopped = w->software && dpl < 3 && from != FROM_RING0;
    struct defect d = {
        .clear.low = GATE_DPL(3),
        .set.low = GATE_DPL(dpl),
        .vector = stopped ? VEC_gp : 0,
        .facts = w->software ? "IV1 IV2 IV3" : "IV3 DB7",
        .why = w->software
                   ? "INT n, INT3 and INTO need a gate of DPL >= CPL: else "
                     "#GP(vector*8+2); SDM vol 2 INT n, Operation"
                   : "DPL is not checked for exceptions, interrupts, NMI and "
                     "INT1; SDM vol 3, Protection of Exception- and "
                     "Interrupt-Handler Procedures",
    };
    char name[8];

    fmt(name, sizeof(name), "dpl%u", dpl);
    gate_run(&d, w, from, name);
}

void case_gate_dpl(void)
{
    for (unsigned e = 0; e < COUNT(events); e++)
        for (unsigned dpl = 0; dpl < 4; dpl++)
            for (enum origin from = 0; from < FROM_COUNT; from++)
                if (triggers[events[e]].code[from].start)
                    run(dpl, &triggers[events[e]], from);
}
