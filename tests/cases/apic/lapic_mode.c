/* SPDX-License-Identifier: MIT */
/*
 * The local APIC's modes, one after the other: xAPIC, x2APIC, disabled, xAPIC.
 *
 * There is no way back from x2APIC but through a disabled APIC, which comes
 * back as after a reset, if it comes back: some machines enable it once.  Newer
 * firmware locks x2APIC mode altogether.  A kernel that switches modes (kexec,
 * or CPU hotplug behind an older firmware) has to know which of its registers
 * are still there.  So one round is made, as the last thing of a run, and what
 * is found on the way is reported when the APIC is on again; a machine that
 * has lost it is about to be reset.
 *
 * While the APIC is disabled the harness has it for an xAPIC: what it writes
 * is dropped.
 */
#include "cpu.h"
#include "fmt.h"
#include "lib/lapic.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define ARCH_CAPABILITIES_BIT 29        /* CPUID 7 EDX */
#define XAPIC_DISABLE_STATUS (1u << 21) /* the MSR of that name is there */
#define XAPIC_DISABLED 1u               /* in it: x2APIC mode is locked */
#define CPUID_APIC (1u << 9)            /* leaf 1 EDX */

#define TPR 0x20 /* what is kept over the change to x2APIC mode */
#define LVT (APIC_LVT_MASKED | VEC_timer)
#define SVR_RESET 0xff
#define X2APIC_LDR(id) (((id) & ~0xfu) << 12 | 1u << ((id)&0xf))

RING0(lapic_mode_wrmsr, "", "wrmsr", "");
RING0(lapic_mode_rdmsr, "", "rdmsr", "");

static struct {
    bool made, on; /* on: as an x2APIC */
    uint64_t base;
    uint32_t id, version;
    struct {
        uint64_t base;
        uint32_t id, version, tpr, lvt, ldr;
        bool requested;
        int came;
    } x2apic;
    struct {
        uint64_t base;
        bool listed, msr;
    } disabled;
    struct {
        bool refused;
        uint64_t base;
    } jump; /* from disabled to x2APIC */
    struct {
        uint64_t base;
        uint32_t svr, lvt, error, id;
    } xapic;
} round;

static void to_x2apic(void)
{
    apic_write(APIC_TPR, TPR);
    apic_write(APIC_LVT_ERROR, LVT);
    apic_mode(round.base | APIC_BASE_EXTD);
    round.x2apic.base = rdmsr(MSR_APIC_BASE);
    round.x2apic.id = apic_read(APIC_ID);
    round.x2apic.version = apic_read(APIC_VERSION);
    round.x2apic.tpr = apic_read(APIC_TPR);
    round.x2apic.lvt = apic_read(APIC_LVT_ERROR);
    round.x2apic.ldr = apic_read(APIC_LDR);
    apic_write(APIC_TPR, 0);
    round.x2apic.requested = lapic_request(VEC_self_ipi);
    round.x2apic.came = lapic_open();
    apic_quiesce();
}

static void make_round(void)
{
    uint64_t off;

    round.made = true;
    round.on = apic_is_x2apic();
    round.base = rdmsr(MSR_APIC_BASE);
    round.version = apic_read(APIC_VERSION);
    round.id = apic_read(APIC_ID) >> (round.on ? 0 : 24);
    if (!round.on && cpu_has(FEATURE_X2APIC))
        to_x2apic();
    off = round.base & ~(uint64_t)(APIC_BASE_EN | APIC_BASE_EXTD);
    apic_mode(off);
    round.disabled.base = rdmsr(MSR_APIC_BASE);
    round.disabled.listed = cpuid(1, 0).edx & CPUID_APIC;
    round.disabled.msr =
        !lapic_faults(lapic_mode_rdmsr, MSR_X2APIC + APIC_VERSION / 16, 0);
    round.jump.refused = lapic_faults(lapic_mode_wrmsr, MSR_APIC_BASE,
                                      off | APIC_BASE_EN | APIC_BASE_EXTD);
    round.jump.base = rdmsr(MSR_APIC_BASE);
    if (round.jump.base != off) /* it was let through: back once more */
        apic_mode(off);
    apic_mode(off | APIC_BASE_EN);
    round.xapic.base = rdmsr(MSR_APIC_BASE);
    round.xapic.svr = apic_read(APIC_SVR);
    round.xapic.lvt = apic_read(APIC_LVT_TIMER);
    round.xapic.error = apic_read(APIC_LVT_ERROR);
    round.xapic.id = apic_read(APIC_ID) >> 24;
    apic_init(round.on);
    lapic_restore();
}

static void x2apic(struct diff *d)
{
    diff_hex(d, "IA32_APIC_BASE", round.base | APIC_BASE_EXTD,
             round.x2apic.base);
    diff_hex(d, "ID", round.id, round.x2apic.id);
    diff_hex(d, "version", round.version, round.x2apic.version);
    diff_hex(d, "TPR", TPR, round.x2apic.tpr);
    diff_hex(d, "LVT error", LVT, round.x2apic.lvt);
    diff_hex(d, "LDR", X2APIC_LDR(round.x2apic.id), round.x2apic.ldr);
    diff_text(d, "IPI to self", "requested",
              round.x2apic.requested ? "requested" : "not requested");
    diff_hex(d, "its vector", VEC_self_ipi, (uint64_t)round.x2apic.came);
}

static void disabled(struct diff *d)
{
    diff_hex(d, "IA32_APIC_BASE",
             round.base & ~(uint64_t)(APIC_BASE_EN | APIC_BASE_EXTD),
             round.disabled.base);
    diff_text(d, "CPUID 1 EDX bit 9", "clear",
              round.disabled.listed ? "set" : "clear");
    diff_text(d, "RDMSR 803h", "#GP", round.disabled.msr ? "a value" : "#GP");
}

static void jump(struct diff *d)
{
    diff_text(d, "WRMSR", "#GP", round.jump.refused ? "#GP" : "taken");
    diff_hex(d, "IA32_APIC_BASE", round.disabled.base, round.jump.base);
}

static void xapic(struct diff *d)
{
    diff_hex(d, "IA32_APIC_BASE",
             (round.base & ~(uint64_t)APIC_BASE_EXTD) | APIC_BASE_EN,
             round.xapic.base);
    diff_hex(d, "ID", round.id, round.xapic.id);
}

static void as_after_reset(struct diff *d)
{
    diff_hex(d, "SVR", SVR_RESET, round.xapic.svr);
    diff_hex(d, "LVT timer", APIC_LVT_MASKED, round.xapic.lvt);
    diff_hex(d, "LVT error", APIC_LVT_MASKED, round.xapic.error);
}

static const char *locked(void)
{
    bool msr = cpuid(0, 0).eax >= 7 &&
               cpuid(7, 0).edx >> ARCH_CAPABILITIES_BIT & 1 &&
               rdmsr(MSR_ARCH_CAPABILITIES) & XAPIC_DISABLE_STATUS;

    return msr && rdmsr(MSR_XAPIC_DISABLE_STATUS) & XAPIC_DISABLED
               ? "this machine has x2APIC mode locked"
               : 0;
}

static const char *unless_x2apic(void)
{
    return cpu_has(FEATURE_X2APIC) ? locked() : "this processor has no x2APIC";
}

static const char *unless_changed(void)
{
    return apic_is_x2apic() ? "the APIC is in x2APIC mode from the beginning"
                            : unless_x2apic();
}

static const char why[] =
    "disabled, the APIC is gone; enabled again it is as after a reset; from "
    "disabled there is no way to x2APIC; SDM vol 3, x2APIC State Transitions";
static const char why_kept[] =
    "to x2APIC mode all is kept but ICR's high half and LDR, which follows "
    "from the ID; SDM vol 3, x2APIC State Transitions";

static const struct {
    struct finding f;
    const char *(*unfit)(void);
    void (*body)(struct diff *d);
} rows[] = {
    {{.id = "lapic.mode.to-x2apic", .facts = "AP8", .why = why_kept},
     unless_changed,
     x2apic},
    {{.id = "lapic.mode.disabled", .facts = "AP8", .why = why},
     locked,
     disabled},
    {{.id = "lapic.base.disabled-to-x2apic", .facts = "AP17", .why = why},
     unless_x2apic,
     jump},
    {{.id = "lapic.mode.to-xapic", .facts = "AP8 AP25", .why = why},
     locked,
     xapic},
    {{.id = "lapic.mode.as-after-reset",
      .facts = "AP8",
      .why = why,
      .confidence = CONFIDENCE_MEDIUM},
     locked,
     as_after_reset},
};

void case_lapic_mode(void)
{
    lapic_begin();
    for (unsigned i = 0; i < COUNT(rows); i++) {
        struct finding f = rows[i].f;
        struct diff d = {"", ""};

        f.risky = true;
        f.unfit = rows[i].unfit();
        if (!finding_begin(&f))
            continue;
        if (!round.made)
            make_round();
        rows[i].body(&d);
        finding_end(&f, &d, 0);
    }
}
