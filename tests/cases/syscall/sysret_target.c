/* SPDX-License-Identifier: MIT */
/*
 * SYSRET to where it had better not go.
 *
 * A RIP that is not canonical: Intel's processors test RCX before they leave
 * ring 0, so the #GP is ring 0's, on whatever stack and GS base are loaded by
 * then: the user's.  That is CVE-2012-0217 (Xen's XSA-7, FreeBSD, illumos,
 * Windows), and why kernels test RCX or leave by IRET.  AMD's have left by
 * then: the #GP is ring 3's, at the bad address, on the stack of RSP0.
 *
 * A canonical address that ring 3 cannot fetch from is no matter of SYSRET's:
 * the #PF is ring 3's, with both.  SYSRETL takes 32 bits and tests nothing.
 */
#include "fmt.h"
#include "insn.h"
#include "lib/canonical.h"
#include "lib/fastcall.h"
#include "msr.h"
#include "page.h"
#include "stacks.h"
#include "vectors.h"

RING0(sysret_target_q, "", "sysretq", "");
RING0(sysret_target_l, "", "sysretl", "");

enum kind { NONCANONICAL, UNMAPPED, SUPERVISOR, NO_EXECUTE, KERNEL };
#define IST 0x100
#define KIND 0xff

static uint64_t target; /* of the row at hand */

static bool is_wide(const struct stimulus *s)
{
    return s->start == sysret_target_q;
}

static const char *unfit(const struct stimulus *s)
{
    if ((s->argument & KIND) == NO_EXECUTE && !(rdmsr(MSR_EFER) & EFER_NXE))
        return "this processor has no EFER.NXE";
    return 0;
}

static void set(struct trapframe *c)
{
    unsigned kind = stimulus_now()->argument & KIND;
    const uint64_t *page = page_entry((uint64_t)user_page);

    c->rcx = target;
    c->r11 = c->rflags;
    c->rsp = user_stack_top();
    if (kind == UNMAPPED)
        lend_page(target, 0);
    if (kind == SUPERVISOR)
        lend_page(target, *page & ~(PAGE_USER | PAGE_NX));
    if (stimulus_now()->argument & IST)
        lend_ist(kind == NONCANONICAL ? VEC_gp : VEC_pf, IST_spare);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    unsigned kind = s->argument & KIND;
    struct trapframe c = *stimulus_context();

    if (kind == NONCANONICAL) {
        c.rip = (uint64_t)s->at;
        if (amd)
            do_sysret(&c, true, amd);
        want_event(w, 0, VEC_gp, 0, 0, &c);
    } else {
        unsigned present = kind == UNMAPPED ? 0 : PF_PRESENT;

        do_sysret(&c, is_wide(s), amd);
        want_event(w, 0, VEC_pf, PF_USER | present | fetch_bit(), c.rip, &c);
    }
    want_back(w, 1, stimulus_context());
}

static void row(bool wide, enum kind kind, const char *name, uint64_t address)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        CODE(sysret_target_l),
        .vector = VEC_gate,
        .before = set,
        .expect = expect,
        .unfit = unfit,
        .by_vendor = kind == NONCANONICAL,
        .confidence = kind == KERNEL ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
        .facts = kind == NONCANONICAL ? "SC7 EX21"
                 : kind == KERNEL     ? "SC29"
                                      : "SC28",
        .why = kind == NONCANONICAL
                   ? "SYSRETQ to a non-canonical RCX: #GP(0) in ring 0 on "
                     "Intel (CVE-2012-0217), in ring 3 on AMD; SDM, APM SYSRET"
                   : "SYSRET to an address that ring 3 cannot fetch from: #PF "
                     "in ring 3, on RSP0's stack; SDM vol 3, Page-Fault",
    };

    target = address;
    if (wide) {
        s.start = sysret_target_q;
        s.at = sysret_target_q_at;
        s.resume = sysret_target_q_resume;
    }
    for (unsigned ist = 0; ist < 2; ist++) {
        s.argument = kind | (ist ? IST : 0);
        fmt(id, sizeof(id), "sysret%s.to.%s.%s", wide ? "q" : "l", name,
            ist ? "ist" : "no-ist");
        fastcall_run(&s);
    }
}

/* The upper half of RCX is no part of SYSRETL's target, whatever it is. */
static void set_junk(struct trapframe *c)
{
    c->rcx = (uint64_t)landing(false) | stimulus_now()->argument << 32;
    c->r11 = c->rflags;
    c->rsp = user_stack_top();
}

static void expect_landing(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();

    (void)s;
    do_sysret(&c, false, amd);
    want_landed(w, 0, &c, false);
}

static void junk(const char *name, uint32_t upper)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        CODE(sysret_target_l),
        .vector = VEC_gate,
        .argument = upper,
        .before = set_junk,
        .expect = expect_landing,
        .facts = "SC21",
        .why = "SYSRETL: EIP is ECX, zero-extended, with no canonical check, "
               "and RSP stays; SDM vol 2 SYSRET, APM vol 3 SYSRET",
    };

    fmt(id, sizeof(id), "sysretl.rcx.%s", name);
    fastcall_run(&s);
}

void case_sysret_target(void)
{
    const uint64_t page = (uint64_t)user_page;

    row(true, NONCANONICAL, "hole-first", canonical_hole());
    row(true, NONCANONICAL, "hole-last", -canonical_hole() - 1);
    row(true, NONCANONICAL, "bit63", 1ull << 63);
    row(true, NONCANONICAL, "bad-everywhere", BAD_EVERYWHERE);
    for (unsigned wide = 0; wide < 2; wide++) {
        row(wide, UNMAPPED, "unmapped", page);
        row(wide, SUPERVISOR, "supervisor", page);
        row(wide, NO_EXECUTE, "no-execute", page);
    }
    row(true, KERNEL, "kernel", (uint64_t)sysret_target_q);
    row(true, KERNEL, "kernel-no-execute", (uint64_t)&target);
    junk("clean", 0);
    junk("junk", 0x12345678);
    junk("noncanonical", 0xaaaaaaaa);
    junk("hole", 0x8000);
    junk("ones", 0xffffffff);
}
