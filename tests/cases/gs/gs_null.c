/* SPDX-License-Identifier: MIT */
/*
 * A null selector in FS or GS: what becomes of the base?
 *
 * Intel's processors load a base of zero.  AMD's kept the old base until
 * Zen 2, and later ones clear it; the CPUID bit that tells which is hidden by
 * many hypervisors.  A kernel that believes in the zero and is wrong leaves
 * one process's thread pointer to the next one.  Null means the selectors 0
 * to 3; the two low bits are only kept for reading.
 *
 * So an Intel processor that keeps the base fails; on AMD's it is `differ'.
 * KERNEL_GS_BASE and the other register's base must stay as they are.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "gs_load.h"
#include "lib/origin.h"
#include "vectors.h"

static void run(struct gs_loading l)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .confidence = persona.intel ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
        .facts = "GS5",
        .why = "a null selector in FS or GS makes the base 0 (AMD before Zen 2 "
               "kept it) and leaves KERNEL_GS_BASE; SDM vol 2 MOV",
    };

    fmt(id, sizeof(id), "load.%s.null-%d.%s.%s", gs_register_ids[l.reg],
        l.selector, gs_load_ids[l.load], origin_ids[l.from]);
    gs_load_run(&s, &l);
}

void case_gs_null(void)
{
    struct gs_loading l = {.fault = VEC_gate};

    for (l.reg = 0; l.reg < GS_REGISTERS; l.reg++)
        for (l.load = 0; l.load < GS_LOADS; l.load++)
            for (l.from = 0; l.from < FROM_COUNT; l.from++)
                for (l.selector = 0; l.selector <= 3; l.selector++)
                    run(l);
}
