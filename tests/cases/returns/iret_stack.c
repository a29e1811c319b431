/* SPDX-License-Identifier: MIT */
/*
 * Far returns from a stack that cannot be read.
 *
 * The pops are data reads of the ring that the instruction runs in: #PF where
 * nothing is mapped (or not for ring 3), #SS(0) at a non-canonical RSP, with
 * RIP on the return and nothing loaded, wherever in the frame the bad page
 * begins.  In ring 0 the handlers are on an IST here: on the bad stack there
 * would be a double fault.  Which element is read first is not fixed, so CR2
 * may be the address of any that lies on the bad page.
 */
#include "fmt.h"
#include "idt.h"
#include "lib/exc.h"
#include "lib/ret.h"
#include "stacks.h"
#include "vectors.h"

#define NONCANONICAL 0xaaaaaaaaaaaaaaaa
#define FRAME_MAX 40
#define GUARDED (STACK_BOTTOM(STACK_ring0) - 0x100)
#define UNMAPPED 0x20000000 /* for ring 3, which no guard is worth it */

static uint64_t bad_from; /* the first address that cannot be read */

/* #GP is what some raise instead of #SS: that it be seen, and no #DF. */
static void before(struct trapframe *c)
{
    ret_before(c);
    idt[VEC_gp].low |= (uint64_t)IST_spare << 32;
}

static void after(void)
{
    idt[VEC_gp].low &= ~(7ull << 32);
    ret_after();
}

static void expect_fault(const struct stimulus *s, struct want *w, bool amd)
{
    (void)amd;
    if (s->vector == VEC_pf)
        w->event[0].any |= ANY(cr2);
}

/* CR2 is told of by a field that is compared: within the frame, or not. */
static void note_address(unsigned nth, const struct outcome *o,
                         struct trapframe *f)
{
    (void)f;
    if (nth || o->frame.vector != VEC_pf)
        return;
    if (o->cr2 < bad_from || o->cr2 >= bad_from + FRAME_MAX)
        engine_abandon("#PF with CR2 %llx, which is not on the bad page",
                       (unsigned long long)o->cr2);
}

static void run(const struct ret_form *way, const char *what, uint64_t rsp,
                uint64_t bad, unsigned vector, uint64_t error)
{
    struct ret r = {
        .from = way->from,
        .by = way->by,
        .frame = ret_frame_to(way->to),
        .rsp = rsp,
        .no_frame = true,
        .ist = way->from == FROM_RING0 ? IST_spare : 0,
    };
    struct stimulus s = ret_stimulus(&r);
    char id[44];

    bad_from = bad;
    fmt(id, sizeof(id), "%s.%s.stack.%s", way->name, ret_way(&r, way->to),
        what);
    s.id = id;
    s.vector = vector;
    s.error_code = true;
    s.error = error;
    s.expect = expect_fault;
    if (vector == VEC_ss) {
        s.before = before;
        s.after = after;
    }
    s.mend = note_address;
    s.facts = "IR15";
    s.why = "a far return whose frame cannot be read is #PF or #SS(0) where it "
            "stands, with nothing loaded; SDM vol 2 IRET, RET";
    check_run(&s);
}

void case_iret_stack(void)
{
    for (unsigned i = 0; i < RET_FORMS; i++) {
        const struct ret_form *w = &ret_forms[i];
        uint64_t end = STACK_TOP(STACK_ring0);

        if (w->from == FROM_RING0) {
            run(w, "unmapped", GUARDED, GUARDED, VEC_pf, 0);
            run(w, "page-end", end - 8, end, VEC_pf, 0);
        } else {
            run(w, "unmapped", UNMAPPED, UNMAPPED, VEC_pf, PF_USER);
            if (w->from != FROM_COMPAT) /* the kernel's is out of its reach */
                run(w, "supervisor", end - 0x100, end - 0x100, VEC_pf,
                    PF_USER | 1);
        }
        if (w->from != FROM_COMPAT)
            run(w, "non-canonical", NONCANONICAL, 0, VEC_ss, 0);
    }
}
