/* SPDX-License-Identifier: MIT */
/*
 * ESR itself, and two things that it tells of: a register that is not there,
 * and a message to nobody.
 *
 * ESR is written before it is read: the write moves what was logged since the
 * last write to where it can be read.  So a read alone is stale, and a second
 * write shows that nothing more was logged.
 *
 * In xAPIC mode an access to a reserved register is no fault but sets bit 7
 * (in x2APIC mode it is #GP: lapic_msr.c).  AMD documents no such thing.
 * An IPI to an id that nobody has is delivered to nobody; Intel's processors
 * since the Pentium 4 log nothing, AMD's may log an accept error.
 */
#include "lapic_esr.h"

#include "engine/persona.h"
#include "fmt.h"
#include "layout.h"
#include "lib/lapic.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define RESERVED 0x290
#define ILLEGAL 15
#define NOBODY 0xfeu /* neither an id (one hopes) nor everybody */
#define NOBODY_X2APIC 0xfffffffeu
#define IPI 0x54

void lapic_esr_clear(void)
{
    apic_write(APIC_ESR, 0);
    apic_write(APIC_ESR, 0);
}

uint32_t lapic_esr(void)
{
    apic_write(APIC_ESR, 0);
    return apic_read(APIC_ESR);
}

void lapic_esr_reserved(void)
{
    if (!apic_is_x2apic())
        (void)*(volatile uint32_t *)(VA_APIC + RESERVED);
}

void lapic_value(struct diff *d, const char *name, uint64_t seen)
{
    char text[20];

    fmt(text, sizeof(text), "%llx", (unsigned long long)seen);
    diff_text(d, name, "any", text);
}

/* Two ways to have an error logged. */
static void illegal_vector(void)
{
    apic_send_self(APIC_DELIVER_FIXED, ILLEGAL);
}

static const struct source {
    const char *name;
    void (*log)(void);
    uint32_t bits;
    const char *none;
} sources[] = {
    {"vector", illegal_vector, ESR_ILLEGAL_VECTOR,
     "this machine logs no illegal vector"},
    {"register", lapic_esr_reserved, ESR_ILLEGAL_REGISTER,
     "this machine logs no access to a reserved register"},
};
static const struct source *source;

static bool logs(void)
{
    bool any;

    lapic_esr_clear();
    source->log();
    any = lapic_esr() & source->bits;
    lapic_restore();
    return any;
}

static void needs_write(struct diff *d)
{
    uint32_t stale, shown;

    lapic_esr_clear();
    source->log();
    stale = apic_read(APIC_ESR) & source->bits;
    shown = lapic_esr() & source->bits;
    diff_hex(d, "read alone", 0, stale);
    diff_text(d, "written and read", "logged", shown ? "logged" : "0");
}

static void two_writes(struct diff *d)
{
    source->log();
    lapic_esr_clear();
    diff_hex(d, "ESR after two writes", 0, apic_read(APIC_ESR) & source->bits);
}

static void esr_row(const char *what, void (*body)(struct diff *d),
                    const char *why)
{
    char id[44];
    struct finding f = {.id = id, .facts = "AP6 AP18 AP24", .why = why};

    fmt(id, sizeof(id), "lapic.esr.%s.%s", source->name, what);
    if (logs())
        lapic_finding(&f, body);
    else
        finding_skip(&f, source->none);
}

RING0(lapic_reserved_read, "", "mov (%rbx), %eax", "");
RING0(lapic_reserved_write, "", "mov %eax, (%rbx)", "");

static uint32_t shown;

static void reserved(struct trapframe *c)
{
    lapic_esr_clear();
    c->rbx = VA_APIC + stimulus_now()->argument;
    c->rax = 0;
}

static void read_esr(void)
{
    shown = lapic_esr() & ESR_ILLEGAL_REGISTER;
    lapic_restore();
}

static void bit_7(const struct stimulus *s, struct diff *d)
{
    if (diff_any(d))
        return;
    if (s->confidence == CONFIDENCE_VALUE)
        lapic_value(d, "ESR bit 7", shown);
    else
        diff_hex(d, "ESR bit 7", ESR_ILLEGAL_REGISTER, shown);
}

static const char *no_xapic(const struct stimulus *s)
{
    (void)s;
    return apic_is_x2apic() ? "the local APIC is in x2APIC mode" : 0;
}

static void reserved_row(uint16_t offset, bool write)
{
    static const struct snippet loads[FROM_COUNT] = {[FROM_RING0] = SNIPPET(
                                                         lapic_reserved_read)},
                                stores[FROM_COUNT] = {
                                    [FROM_RING0] =
                                        SNIPPET(lapic_reserved_write)};
    struct stimulus s =
        lapic_stimulus(FROM_RING0, write ? stores : loads, VEC_gate);
    char id[44];

    s.id = id;
    s.argument = offset;
    s.unfit = no_xapic;
    s.before = reserved;
    s.after = read_esr;
    s.also = bit_7;
    s.clobbers = REG_RAX | REG_RBX;
    s.flags_changed = 0;
    s.confidence = persona.intel ? CONFIDENCE_MEDIUM : CONFIDENCE_VALUE;
    s.facts = "AP18";
    s.why = "xAPIC: an access to a reserved register is no fault and sets ESR "
            "bit 7; SDM vol 3, Error Handling";
    fmt(id, sizeof(id), "lapic.reserved.%s-%03x", write ? "write" : "read",
        offset);
    check_run(&s);
}

static void send_to_nobody(void)
{
    uint32_t low = APIC_ICR_ASSERT | APIC_DELIVER_FIXED | IPI;

    if (apic_is_x2apic()) {
        wrmsr(MSR_X2APIC + APIC_ICR / 16, (uint64_t)NOBODY_X2APIC << 32 | low);
        return;
    }
    apic_write(APIC_ICR_HIGH, NOBODY << 24);
    apic_write(APIC_ICR, low);
    WAIT_UNTIL(lapic_a_moment(), !(apic_read(APIC_ICR) & APIC_ICR_BUSY));
}

static void to_nobody(struct trapframe *c)
{
    (void)c;
    send_to_nobody();
}

static void nobody(struct diff *d)
{
    uint32_t before, new;

    lapic_esr_clear();
    before = apic_read(APIC_ESR);
    send_to_nobody();
    new = lapic_esr() & ~before;
    if (!persona.intel) {
        lapic_value(d, "ESR", new);
        return;
    }
    if (!apic_is_x2apic())
        diff_text(d, "delivery status", "idle",
                  apic_read(APIC_ICR) & APIC_ICR_BUSY ? "pending" : "idle");
    diff_hex(d, "ESR", 0, new);
}

static void nobody_row(enum origin from)
{
    struct stimulus s = lapic_stimulus(from, lapic_spin, VEC_gate);
    char id[44];

    s.id = id;
    s.before = to_nobody;
    s.facts = "AP19";
    s.why = "an IPI to an id that no processor has is delivered to none; SDM "
            "vol 3, Determining IPI Destination";
    fmt(id, sizeof(id), "lapic.nobody.%s", origin_ids[from]);
    check_run(&s);
}

void case_lapic_esr(void)
{
    static const uint16_t offsets[] = {0x010, 0x070, 0x290, 0x3a0, 0x3f0};
    const struct finding f = {
        .id = "lapic.nobody.esr",
        .confidence = persona.intel ? CONFIDENCE_MEDIUM : CONFIDENCE_VALUE,
        .facts = "AP19",
        .why = "since the Pentium 4 an IPI that nobody accepts is no error; "
               "AMD may log an accept error; SDM vol 3, Error Handling"};

    lapic_begin();
    for (enum origin from = 0; from < FROM_COUNT; from++)
        nobody_row(from);
    lapic_finding(&f, nobody);
    for (unsigned i = 0; i < COUNT(sources); i++) {
        source = &sources[i];
        esr_row("needs-write", needs_write,
                "ESR shows what was logged only when it is written; SDM vol "
                "3, Error Handling");
        esr_row("two-writes", two_writes,
                "a second write of ESR shows that nothing more was logged; SDM "
                "vol 3, Error Handling");
    }
    for (unsigned i = 0; i < COUNT(offsets); i++) {
        reserved_row(offsets[i], false);
        reserved_row(offsets[i], true);
    }
}
