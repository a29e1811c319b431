/* SPDX-License-Identifier: MIT */
/*
 * SYSEXIT to where it had better not go, and what is waiting there.
 *
 * With REX.W a RIP or RSP that is not canonical is #GP(0) in ring 0, with RSP
 * still the kernel's: so the exception list has it, though the pseudo-code
 * does not.  Without REX.W both are 32 bits of EDX and ECX, zero-extended, and
 * nothing is tested.  An address that ring 3 cannot fetch from is ring 3's
 * own #PF.
 *
 * Kernels end with STI; SYSEXIT: STI's shadow keeps a pending interrupt off
 * until ring 3 is there, or it would find ring 0 with the user's GS base.
 */
#include "apic.h"
#include "fmt.h"
#include "insn.h"
#include "lib/canonical.h"
#include "lib/fastcall.h"
#include "msr.h"
#include "page.h"
#include "stacks.h"
#include "vectors.h"

RING0(sysexit_target_q, "", "sysexitq", "");
RING0(sysexit_target_l, "", "sysexitl", "");
RING0(sysexit_sti_q, "sti", "sysexitq", "");
RING0(sysexit_sti_l, "sti", "sysexitl", "");

#define IST 0x100
#define KIND 0xff
enum kind { BAD_RIP, BAD_RSP, UNMAPPED, SUPERVISOR, NO_EXECUTE, JUNK, IRQ };

static uint64_t value; /* of the row at hand */

static bool is_wide(const struct stimulus *s)
{
    return s->start == sysexit_target_q || s->start == sysexit_sti_q;
}

static const char *unfit(const struct stimulus *s)
{
    if ((s->argument & KIND) == NO_EXECUTE && !(rdmsr(MSR_EFER) & EFER_NXE))
        return "this processor has no EFER.NXE";
    return unless_sysexit(s);
}

static void pend(struct trapframe *c)
{
    c->rflags &= ~(uint64_t)FLAG_IF;
    apic_request(VEC_self_ipi);
}

static void set(struct trapframe *c)
{
    unsigned kind = stimulus_now()->argument & KIND;
    const uint64_t *page = page_entry((uint64_t)user_page);

    sysexit_to_landing(c, is_wide(stimulus_now()));
    switch (kind) {
    case BAD_RIP:
        c->rdx = value;
        break;
    case BAD_RSP:
        c->rcx = value;
        break;
    case JUNK:
        c->rdx |= value << 32;
        c->rcx |= value << 32;
        break;
    case IRQ:
        pend(c);
        break;
    case UNMAPPED:
        lend_page(value, 0);
        c->rdx = value;
        break;
    case SUPERVISOR:
        lend_page(value, *page & ~(PAGE_USER | PAGE_NX));
        c->rdx = value;
        break;
    case NO_EXECUTE:
        c->rdx = value;
        break;
    }
    if (stimulus_now()->argument & IST)
        lend_ist(kind == IRQ       ? VEC_self_ipi
                 : kind <= BAD_RSP ? VEC_gp
                                   : VEC_pf,
                 IST_spare);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    unsigned kind = s->argument & KIND;
    struct trapframe c = *stimulus_context();

    (void)amd;
    if (kind <= BAD_RSP) {
        c.rip = (uint64_t)s->at;
        want_event(w, 0, VEC_gp, 0, 0, &c);
        want_back(w, 1, &c);
        return;
    }
    if (kind == IRQ)
        c.rflags |= FLAG_IF;
    do_sysexit(&c, is_wide(s));
    if (kind == JUNK) {
        want_landed(w, 0, &c, is_wide(s));
    } else if (kind == IRQ) {
        want_event(w, 0, VEC_self_ipi, 0, 0, &c);
        want_landed(w, 1, &c, is_wide(s));
    } else {
        unsigned present = kind == UNMAPPED ? 0 : PF_PRESENT;

        want_event(w, 0, VEC_pf, PF_USER | present | fetch_bit(), c.rip, &c);
        want_back(w, 1, &c);
    }
}

static const struct {
    const char *facts, *why;
} texts[] = {
    [BAD_RIP] = {"SE7",
                 "SYSEXITQ to a non-canonical RDX or RCX: #GP(0) "
                 "in ring 0, RSP as it was; SDM vol 2 SYSEXIT, exceptions"},
    [BAD_RSP] = {"SE7",
                 "SYSEXITQ to a non-canonical RDX or RCX: #GP(0) "
                 "in ring 0, RSP as it was; SDM vol 2 SYSEXIT, exceptions"},
    [UNMAPPED] =
        {"SE6", "SYSEXIT to an address that ring 3 cannot fetch "
                "from: #PF in ring 3, on RSP0's stack; SDM vol 3, Page-Fault"},
    [JUNK] = {"SE12", "SYSEXITL: EIP is EDX and ESP is ECX, zero-extended, "
                      "without a test; SDM vol 2 SYSEXIT"},
    [IRQ] = {"SE14", "STI; SYSEXIT: an interrupt that was pending is taken at "
                     "the target, in ring 3, not before; SDM vol 2 STI"},
};

static void row(const char *name, bool wide, enum kind kind, uint64_t what,
                bool ist)
{
    unsigned text = kind > UNMAPPED && kind < JUNK ? UNMAPPED : kind;
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        .vector = VEC_gate,
        .argument = kind | (ist ? IST : 0),
        .before = set,
        .expect = expect,
        .unfit = unfit,
        .confidence = kind <= BAD_RSP ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
        .facts = texts[text].facts,
        .why = texts[text].why,
    };

    value = what;
#define USE(code) (s.start = code, s.at = code##_at, s.resume = code##_resume)
    if (kind == IRQ)
        wide ? USE(sysexit_sti_q) : USE(sysexit_sti_l);
    else
        wide ? USE(sysexit_target_q) : USE(sysexit_target_l);
    fmt(id, sizeof(id), "sysexit%s.%s%s", wide ? "q" : "l", name,
        kind == JUNK ? ""
        : ist        ? ".ist"
                     : ".no-ist");
    fastcall_run(&s);
}

void case_sysexit_target(void)
{
    const uint64_t page = (uint64_t)user_page;

    for (unsigned ist = 0; ist < 2; ist++) {
        row("rdx.hole-first", true, BAD_RIP, canonical_hole(), ist);
        row("rdx.hole-last", true, BAD_RIP, -canonical_hole() - 1, ist);
        row("rdx.bad-everywhere", true, BAD_RIP, BAD_EVERYWHERE, ist);
        row("rcx.hole-first", true, BAD_RSP, canonical_hole(), ist);
        row("rcx.hole-last", true, BAD_RSP, -canonical_hole() - 1, ist);
        row("rcx.bad-everywhere", true, BAD_RSP, BAD_EVERYWHERE, ist);
        for (unsigned wide = 0; wide < 2; wide++) {
            row("to.unmapped", wide, UNMAPPED, page, ist);
            row("to.supervisor", wide, SUPERVISOR, page, ist);
            row("to.no-execute", wide, NO_EXECUTE, page, ist);
            row("irq-pending", wide, IRQ, 0, ist);
        }
    }
    row("upper.clean", false, JUNK, 0, false);
    row("upper.junk", false, JUNK, 0x12345678, false);
    row("upper.noncanonical", false, JUNK, 0xaaaaaaaa, false);
    row("upper.hole", false, JUNK, 0x8000, false);
    row("upper.ones", false, JUNK, 0xffffffff, false);
}
