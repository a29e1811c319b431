/* SPDX-License-Identifier: MIT */
/*
 * The APIC disabled by software: SVR bit 8 clear, as after reset.
 *
 * Then every LVT entry is masked and stays so, a fixed interrupt is not
 * accepted, but an NMI is; what stood in IRR and ISR stays, and IPIs can
 * still be sent.  (AMD's family 17h does not mask LINT0 and LINT1, by an
 * erratum: there those two are only told.)  Whether an interrupt that was
 * refused comes later is nobody's promise.
 *
 * To disable the APIC altogether, by IA32_APIC_BASE, loses its state and on
 * some machines the APIC: those rows are not run.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "lib/lapic.h"
#include "lib/origin.h"
#include "macros.h"
#include "vectors.h"

#define VECTOR 0x56
#define LVT_VECTOR 0xff

RING3(lapic_off3, "", "nop", "");
RING0(lapic_off0, "", "nop", "");
COMPAT(lapic_off32, "", "nop", "");
static const struct snippet code[FROM_COUNT] = LAPIC_CODES(lapic_off);

static void disable(void)
{
    apic_write(APIC_SVR, VEC_spurious);
}

static void enable(void)
{
    apic_write(APIC_SVR, APIC_SVR_ENABLE | VEC_spurious);
}

static void send_disabled(struct trapframe *c)
{
    (void)c;
    disable();
    lapic_request(VECTOR);
}

static void nmi_disabled(struct trapframe *c)
{
    (void)c;
    disable();
}

/* Refused, or kept for later: that is not asked here. */
static void not_now(const struct stimulus *s, struct diff *d)
{
    (void)s, (void)d;
}

static void fixed(enum origin from)
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, VEC_gate);
    char id[44];

    s.id = id;
    s.confidence = CONFIDENCE_MEDIUM;
    s.before = send_disabled;
    s.also = not_now;
    s.facts = "AP9";
    s.why = "an APIC disabled by software accepts no fixed interrupt; SDM vol "
            "3, Local APIC State After It Has Been Software Disabled";
    fmt(id, sizeof(id), "lapic.off.fixed.%s", origin_ids[from]);
    check_run(&s);
}

static void nmi(enum origin from)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .start = code[from].start,
        .at = code[from].at,
        .resume = code[from].resume,
        .vector = VEC_nmi,
        .saved = SAVED_AT,
        .nmi = true,
        .confidence = CONFIDENCE_MEDIUM,
        .before = nmi_disabled,
        .after = lapic_restore,
        .facts = "AP9 NM7",
        .why = "an APIC disabled by software sends and accepts NMI; SDM vol 3, "
               "Local APIC State After It Has Been Software Disabled",
    };

    fmt(id, sizeof(id), "lapic.off.nmi.%s", origin_ids[from]);
    check_run(&s);
}

static void later(struct diff *d)
{
    disable();
    lapic_request(VECTOR);
    enable();
    diff_text(d, "sent while disabled", "any",
              lapic_open() == VECTOR ? "comes when enabled" : "lost");
}

static void irr_held(struct diff *d)
{
    lapic_request(VECTOR);
    disable();
    diff_text(d, "IRR", "set", apic_requested(VECTOR) ? "set" : "clear");
    diff_hex(d, "lets in while disabled", (uint64_t)-1, (uint64_t)lapic_open());
    enable();
    diff_hex(d, "lets in when enabled", VECTOR, (uint64_t)lapic_open());
}

static void isr_held(struct diff *d)
{
    lapic_request(VECTOR);
    diff_hex(d, "lets in", VECTOR, (uint64_t)lapic_open());
    disable();
    diff_text(d, "ISR", "set", apic_in_service(VECTOR) ? "set" : "clear");
    enable();
    diff_text(d, "ISR when enabled", "set",
              apic_in_service(VECTOR) ? "set" : "clear");
}

static const struct {
    enum apic_register r;
    const char *name;
    unsigned from_max; /* there if the version register's max is so much */
    bool lint;
} lvt[] = {
    {APIC_LVT_TIMER, "timer", 0, false},
    {APIC_LVT_LINT0, "lint0", 2, true},
    {APIC_LVT_LINT1, "lint1", 2, true},
    {APIC_LVT_ERROR, "error", 3, false},
    {APIC_LVT_PERF, "perf", 4, false},
    {APIC_LVT_THERMAL, "thermal", 5, false},
    {APIC_LVT_CMCI, "cmci", 6, false},
};
static unsigned entry;
static uint32_t kept;

static bool there(void)
{
    return lvt[entry].from_max <= (apic_read(APIC_VERSION) >> 16 & 0xff);
}

/* Masked by the disabling; a write cannot unmask it, but sets the vector.
 * LINT0 is tried as it stands where it is in use, by the first's watchdog; on a
 * processor where it is masked as any other entry: then it is the same that is
 * asked of each. */
static void masked(struct diff *d)
{
    uint32_t by_disabling, written;
    bool in_use;

    kept = apic_read(lvt[entry].r);
    in_use = lvt[entry].r == APIC_LVT_LINT0 && !(kept & APIC_LVT_MASKED);
    if (!in_use)
        apic_write(lvt[entry].r, LVT_VECTOR & ~0xf);
    disable();
    by_disabling = apic_read(lvt[entry].r);
    apic_write(lvt[entry].r, in_use ? kept : LVT_VECTOR);
    written = apic_read(lvt[entry].r);
    diff_text(d, "mask", "set",
              by_disabling & APIC_LVT_MASKED ? "set" : "clear");
    diff_text(d, "mask written as 0", "set",
              written & APIC_LVT_MASKED ? "set" : "clear");
    if (!in_use)
        diff_hex(d, "vector", LVT_VECTOR, written & 0xff);
    apic_write(lvt[entry].r, APIC_LVT_MASKED);
    enable();
    apic_write(lvt[entry].r, kept);
}

/* While the APIC is on: what is written to a masked entry can be read. */
static void read_back(struct diff *d)
{
    uint32_t value = APIC_LVT_MASKED | LVT_VECTOR, status = APIC_ICR_BUSY;

    kept = apic_read(lvt[entry].r);
    apic_write(lvt[entry].r, value);
    diff_hex(d, "read back", value, apic_read(lvt[entry].r) & ~status);
    apic_write(lvt[entry].r, APIC_LVT_MASKED);
    diff_hex(d, "read back", APIC_LVT_MASKED,
             apic_read(lvt[entry].r) & ~status);
    apic_write(lvt[entry].r, kept);
}

static void lvt_row(const char *what, void (*body)(struct diff *d),
                    const char *facts, const char *why)
{
    char id[44];
    struct finding f = {.id = id, .facts = facts, .why = why};

    if (body == masked && !persona.intel && lvt[entry].lint)
        f.confidence = CONFIDENCE_MEDIUM;
    fmt(id, sizeof(id), "lapic.lvt.%s.%s", lvt[entry].name, what);
    if (there())
        lapic_finding(&f, body);
    else
        finding_skip(&f, "this APIC has no such LVT entry");
}

static const struct {
    struct finding f;
    void (*body)(struct diff *d);
} rows[] = {
    {{.id = "lapic.off.fixed.later",
      .facts = "AP9",
      .why = "sent while disabled by software: whether it comes later is "
             "not said; SDM vol 3, Local APIC State After It Has Been "
             "Software Disabled",
      .confidence = CONFIDENCE_VALUE},
     later},
    {{.id = "lapic.off.irr-held",
      .facts = "AP9",
      .why =
          "a request stays in IRR while disabled by software; SDM vol 3, Local "
          "APIC State After It Has Been Software Disabled",
      .confidence = CONFIDENCE_MEDIUM},
     irr_held},
    {{.id = "lapic.off.isr-held",
      .facts = "AP9",
      .why = "ISR stays while disabled by software; SDM vol 3, Local APIC "
             "State After It Has Been Software Disabled",
      .confidence = CONFIDENCE_MEDIUM},
     isr_held},
};

static const struct {
    struct finding f;
    const char *reason;
} skipped[] = {
    {{.id = "lapic.lint1", .facts = "AP5"},
     "nothing here raises LINT1 at will"},
    {{.id = "lapic.thermal", .facts = "AP5"},
     "nothing here heats the processor"},
    {{.id = "lapic.cmci", .facts = "AP5 AP27"},
     "nothing here makes corrected errors"},
    {{.id = "lapic.pmi.fixed", .facts = "AP21 AP5"},
     "no performance counter is programmed"},
    {{.id = "lapic.pmi.nmi", .facts = "AP21 AP5"},
     "no performance counter is programmed"},
    {{.id = "lapic.extint.irq7", .facts = "AP7"},
     "no request can be taken back between INTR and INTA"},
};

void case_lapic_off(void)
{
    lapic_begin();
    for (enum origin from = 0; from < FROM_COUNT; from++) {
        fixed(from);
        nmi(from);
    }
    for (unsigned i = 0; i < COUNT(rows); i++)
        lapic_finding(&rows[i].f, rows[i].body);
    for (entry = 0; entry < COUNT(lvt); entry++) {
        lvt_row("read-back", read_back, "AP5 AP9 AP27",
                "a masked LVT entry reads as written; SDM vol 3, Local Vector "
                "Table");
        lvt_row("masked-when-off", masked, "AP9",
                "disabled by software: every LVT entry is masked and stays so; "
                "SDM vol 3, Local APIC State After It Has Been Software "
                "Disabled");
    }
    for (unsigned i = 0; i < COUNT(skipped); i++)
        finding_skip(&skipped[i].f, skipped[i].reason);
}
