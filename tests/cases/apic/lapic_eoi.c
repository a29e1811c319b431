/* SPDX-License-Identifier: MIT */
/*
 * IRR, ISR, PPR and EOI, read in the harness while interrupts are in service:
 * each is let in by ring 0 with IF=1 for a moment, and left without EOI.
 *
 * PPR's class is the greater of TPR's and of the highest in service; its lower
 * four bits are TPR's where TPR's class is the greater, zero where it is the
 * smaller; where they are the same processors differ.  EOI ends the highest
 * in service, and nothing where there is none.
 */
#include "fmt.h"
#include "lib/lapic.h"
#include "macros.h"

#define HANDLED 0x52

static const uint8_t nested[] = {0x41, 0x52, 0x73}; /* each a class higher */

static uint8_t tpr;
static bool handling; /* HANDLED is in service */

static bool take(struct diff *d, uint8_t vector)
{
    lapic_request(vector);
    diff_text(d, "IRR before", "set", apic_requested(vector) ? "set" : "clear");
    diff_hex(d, "delivered", vector, (uint64_t)lapic_open());
    diff_text(d, "IRR after", "clear",
              apic_requested(vector) ? "set" : "clear");
    diff_text(d, "ISR after", "set", apic_in_service(vector) ? "set" : "clear");
    return !diff_any(d);
}

static void ppr(struct diff *d)
{
    uint32_t want = tpr, seen, low = 0xf;

    if (handling && !take(d, HANDLED))
        return;
    apic_write(APIC_TPR, tpr);
    seen = apic_read(APIC_PPR);
    if (handling && tpr >> 4 < HANDLED >> 4)
        want = HANDLED & 0xf0;
    if (handling && tpr >> 4 == HANDLED >> 4 && !(seen & low))
        want &= ~low; /* model-specific: either */
    diff_hex(d, "PPR", want, seen);
}

static void ppr_rows(void)
{
    static const uint8_t tprs[] = {0x00, 0x0f, 0x40, 0x4f, 0x50, 0x55,
                                   0x5f, 0x60, 0x6a, 0xf0, 0xff};
    char id[44];
    struct finding f = {
        .id = id,
        .facts = "AP4",
        .why = "PPR: the class of TPR or of the highest in service, whichever "
               "is greater; SDM vol 3, Processor Priority Register"};

    for (unsigned i = 0; i < COUNT(tprs); i++)
        for (unsigned h = 0; h < 2; h++) {
            tpr = tprs[i];
            handling = h;
            fmt(id, sizeof(id), "lapic.ppr.tpr-%02x.isr-%s", tpr,
                handling ? "52" : "none");
            lapic_finding(&f, ppr);
        }
}

static void irr_to_isr(struct diff *d)
{
    take(d, HANDLED);
    apic_eoi();
    diff_text(d, "ISR after EOI", "clear",
              apic_in_service(HANDLED) ? "set" : "clear");
}

/* Three in service: each EOI ends the highest, and PPR falls with it. */
static void eoi_highest(struct diff *d)
{
    for (unsigned i = 0; i < COUNT(nested); i++)
        if (!take(d, nested[i]))
            return;
    for (unsigned ended = COUNT(nested); ended-- > 0;) {
        diff_hex(d, "PPR", nested[ended] & 0xf0, apic_read(APIC_PPR));
        apic_eoi();
        for (unsigned i = 0; i < COUNT(nested); i++)
            diff_text(d, "ISR after EOI", i < ended ? "set" : "clear",
                      apic_in_service(nested[i]) ? "set" : "clear");
    }
    diff_hex(d, "PPR", 0, apic_read(APIC_PPR));
}

/* The handler of the higher one EOIs twice: it has ended the lower one's. */
static void eoi_twice(struct diff *d)
{
    if (!take(d, nested[0]) || !take(d, nested[2]))
        return;
    lapic_request(nested[1]);
    diff_hex(d, "lets in while the higher is in service", (uint64_t)-1,
             (uint64_t)lapic_open());
    apic_eoi();
    apic_eoi();
    diff_text(d, "ISR of the lower", "clear",
              apic_in_service(nested[0]) ? "set" : "clear");
    diff_hex(d, "lets in", nested[1], (uint64_t)lapic_open());
}

static void eoi_of_nothing(struct diff *d)
{
    apic_write(APIC_ESR, 0);
    apic_eoi();
    apic_write(APIC_ESR, 0);
    diff_hex(d, "ESR", 0, apic_read(APIC_ESR));
    for (unsigned i = 0; i < 8; i++)
        diff_hex(d, "ISR", 0, apic_read(APIC_ISR + i * 0x10));
}

static void eoi_keeps_requests(struct diff *d)
{
    lapic_request(HANDLED);
    apic_eoi();
    diff_text(d, "IRR", "set", apic_requested(HANDLED) ? "set" : "clear");
    diff_hex(d, "lets in", HANDLED, (uint64_t)lapic_open());
}

/* Of those sent while it is in service, one is remembered. */
static void one_more(struct diff *d)
{
    if (!take(d, HANDLED))
        return;
    lapic_request(HANDLED);
    lapic_request(HANDLED);
    diff_text(d, "IRR and ISR", "both set",
              apic_requested(HANDLED) && apic_in_service(HANDLED)
                  ? "both set"
                  : "not both set");
    diff_hex(d, "lets in before EOI", (uint64_t)-1, (uint64_t)lapic_open());
    apic_eoi();
    diff_hex(d, "lets in after EOI", HANDLED, (uint64_t)lapic_open());
    apic_eoi();
    diff_hex(d, "and again", (uint64_t)-1, (uint64_t)lapic_open());
}

static const struct {
    struct finding f;
    void (*body)(struct diff *d);
} rows[] = {
    {{.id = "lapic.irr-to-isr",
      .facts = "AP4",
      .why = "a request moves from IRR to ISR when it is delivered, and "
             "EOI clears it; SDM vol 3, Interrupt Acceptance for Fixed "
             "Interrupts"},
     irr_to_isr},
    {{.id = "lapic.eoi.highest",
      .facts = "AP12 AP4",
      .why =
          "EOI ends the highest interrupt in service, and no other; SDM vol 3, "
          "Signaling Interrupt Servicing Completion"},
     eoi_highest},
    {{.id = "lapic.eoi.twice",
      .facts = "AP12",
      .why =
          "a second EOI in a nested handler ends the service of the one below; "
          "SDM vol 3, Signaling Interrupt Servicing Completion"},
     eoi_twice},
    {{.id = "lapic.eoi.nothing-in-service",
      .facts = "AP12",
      .why = "EOI with nothing in service has no effect and is no error; "
             "SDM vol 3, Signaling Interrupt Servicing Completion",
      .confidence = CONFIDENCE_MEDIUM},
     eoi_of_nothing},
    {{.id = "lapic.eoi.keeps-requests",
      .facts = "AP12",
      .why = "EOI with nothing in service leaves what is requested; SDM vol 3, "
             "Signaling Interrupt Servicing Completion",
      .confidence = CONFIDENCE_MEDIUM},
     eoi_keeps_requests},
    {{.id = "lapic.one-more",
      .facts = "AP11",
      .why = "an interrupt in service can be requested once more, and "
             "only once; SDM vol 3, Interrupt Acceptance for Fixed "
             "Interrupts"},
     one_more},
};

void case_lapic_eoi(void)
{
    lapic_begin();
    for (unsigned i = 0; i < COUNT(rows); i++)
        lapic_finding(&rows[i].f, rows[i].body);
    ppr_rows();
}
