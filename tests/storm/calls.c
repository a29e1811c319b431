/* SPDX-License-Identifier: MIT */
/*
 * Which calls ring 3 makes, and how often: those that the specimen has a stub
 * for and the processor knows.
 */
#include "apic.h"
#include "engine/persona.h"
#include "lib/callgate.h"
#include "macros.h"
#include "own.h"
#include "vectors.h"

enum needs {
    NOTHING_MORE,
    NEEDS_NMI,    /* and ring 3 can send it */
    NEEDS_IRQ,    /* likewise */
    NEEDS_FIXUPS, /* its IRETQ may fault */
    NEEDS_AMD,    /* SYSCALL in compat code */
    NEEDS_INTEL,  /* SYSENTER there */
    NEEDS_INTEL_NMI,
};

#define NO_VECTOR VECTOR_UNKNOWN

static const struct {
    unsigned vector;
    const char *code;
    uint8_t share;
    uint8_t needs; /* enum needs */
} calls[] = {
    {VEC_SYSCALL64, storm_syscall, 10, NOTHING_MORE},
    {VEC_SYSCALL64, storm_syscall_nmi, 3, NEEDS_NMI},
    {VEC_SYSCALL64, storm_syscall_irq, 2, NEEDS_IRQ},
    {VEC_int80, storm_int80, 6, NOTHING_MORE},
    {VEC_int80, storm_int80_nmi, 1, NEEDS_NMI},
    {VEC_int80, storm_int80_irq, 1, NEEDS_IRQ},
    {VEC_int80, storm_int80_spoilt, 2, NEEDS_FIXUPS},
    {VEC_int80, storm_int80_compat, 3, NOTHING_MORE},
    {VEC_SYSCALL32, storm_syscall_compat, 4, NEEDS_AMD},
    {VEC_SYSENTER, storm_sysenter_compat, 4, NEEDS_INTEL},
    {VEC_SYSENTER, storm_sysenter_nmi, 1, NEEDS_INTEL_NMI},
    {VEC_CALLGATE, storm_lcall, 10, NOTHING_MORE},
    {VEC_bp, storm_int3, 2, NOTHING_MORE},
    {VEC_de, storm_de, 2, NOTHING_MORE},
    {VEC_ud, storm_ud, 2, NOTHING_MORE},
    {VEC_np, storm_np, 1, NOTHING_MORE},
    {VEC_ss, storm_ss, 1, NOTHING_MORE},
    {VEC_gp, storm_gp, 2, NOTHING_MORE},
    {VEC_pf, storm_pf, 3, NOTHING_MORE},
    {VEC_pf, storm_pf_nmi, 1, NEEDS_NMI},
    {NO_VECTOR, storm_spin, 1, NOTHING_MORE},
    {NO_VECTOR, storm_page, 3, NOTHING_MORE},
};

static bool met(unsigned needs)
{
    const struct specimen *s = storming.specimen;
    /* The APIC's page is there in xAPIC mode alone. */
    bool sends_nmi = storming.nmis && !apic_is_x2apic();

    switch (needs) {
    case NEEDS_NMI:
        return sends_nmi;
    case NEEDS_IRQ:
        return specimen_stub(s, VEC_WINDOW_IRQ) && !apic_is_x2apic();
    case NEEDS_FIXUPS:
        return s->fixups && specimen_stub(s, VEC_ss) &&
               specimen_stub(s, VEC_gp) && specimen_stub(s, VEC_np);
    case NEEDS_AMD:
        return persona.amd;
    case NEEDS_INTEL_NMI:
        return persona.sysenter32 && sends_nmi;
    case NEEDS_INTEL:
        return persona.sysenter32;
    }
    return true;
}

void storm_fill_calls(void)
{
    unsigned filled = 0;

    while (filled < STORM_SLOTS)
        for (unsigned i = 0; i < COUNT(calls); i++) {
            if ((calls[i].vector != NO_VECTOR &&
                 !specimen_stub(storming.specimen, calls[i].vector)) ||
                !met(calls[i].needs))
                continue;
            for (unsigned n = 0; n < calls[i].share && filled < STORM_SLOTS;
                 n++)
                storm_user.calls[filled++] = calls[i].code;
        }
    storm_user.far = (uint64_t)(SEL_CALL_GATE | 3) << 32;
}
