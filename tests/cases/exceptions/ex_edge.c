/* SPDX-License-Identifier: MIT */
/*
 * Code that runs off the end of the lower canonical half.
 *
 * The last instruction ends with the half; the next address is none.  That is
 * #GP(0) with the address that is none saved as RIP, from the ring of the
 * code; where the instruction itself reaches over the edge, with its own.  A
 * kernel that returns to the saved RIP by SYSRET is lost (CVE-2012-0217).
 *
 * Not asked of AMD's: K8 hangs there (erratum 121), and of Ryzen Linux says
 * that it malfunctions when executing from that page.
 */
#include "engine/persona.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/canonical.h"
#include "lib/pf_page.h"
#include "page.h"
#include "vectors.h"

#define NOP 0x90
#define MOV_EAX_IMM32 0xb8 /* five bytes, of which two are there */

RING3(edge_behind3, "", "nop", "");
RING0(edge_behind0, "", "nop", "");

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    if (persona.amd)
        return "AMD's processors may hang there: erratum 121, and Ryzen's";
    return 0;
}

static void map(struct trapframe *c, unsigned back)
{
    page_map(canonical_hole() - PAGE_SIZE,
             page_physical(pf_page) | PAGE_PRESENT | PAGE_USER);
    c->rip = canonical_hole() - back;
}

static void before_nop(struct trapframe *c)
{
    pf_page[PAGE_SIZE - 1] = NOP;
    map(c, 1);
}

static void before_across(struct trapframe *c)
{
    pf_page[PAGE_SIZE - 2] = MOV_EAX_IMM32;
    pf_page[PAGE_SIZE - 1] = 0;
    map(c, 2);
}

static void after(void)
{
    page_unmap(canonical_hole() - PAGE_SIZE);
    pf_page[PAGE_SIZE - 2] = 0xcd; /* INT VEC_gate, as pf_page.c has */
    pf_page[PAGE_SIZE - 1] = VEC_gate;
}

static void run(const char *id, enum origin from, uint64_t rip,
                void (*before)(struct trapframe *))
{
    const char *behind =
        from == FROM_RING0 ? edge_behind0_resume : edge_behind3_resume;
    struct stimulus s = {
        .id = id,
        .from = from,
        .start = from == FROM_RING0 ? edge_behind0 : edge_behind3,
        .at = (const char *)rip,
        .resume = behind,
        .vector = VEC_gp,
        .error_code = true,
        .saved = SAVED_AT,
        .confidence = CONFIDENCE_MEDIUM,
        .unfit = unfit,
        .before = before,
        .after = after,
        .facts = "EX11",
        .why =
            "a fetch beyond the lower half is #GP(0), RIP on the instruction "
            "that is not there, or that reaches over; SDM vol 3, Interrupt "
            "13",
    };

    check_run(&s);
}

void case_ex_edge(void)
{
    run("edge.behind.ring3", FROM_RING3, canonical_hole(), before_nop);
    run("edge.behind.ring0", FROM_RING0, canonical_hole(), before_nop);
    run("edge.across.ring3", FROM_RING3, canonical_hole() - 2, before_across);
    run("edge.across.ring0", FROM_RING0, canonical_hole() - 2, before_across);
}
