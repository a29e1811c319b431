/* SPDX-License-Identifier: MIT */
/*
 * SWAPGS itself: who may, and what exactly it exchanges.
 *
 * The instruction was made for one place, a kernel's entry, and only ring 0
 * in 64-bit mode may use it: anyone else gets #GP, and outside 64-bit mode it
 * does not exist, which is tested before the privilege.  It exchanges two
 * 64-bit numbers and looks at neither: no canonical check, no selector, no
 * limit, no memory.  An emulator that lets ring 3 swap hands a kernel's data
 * to a user; one that reloads something on the way breaks every kernel.
 *
 * The instructions here are the subject itself, hence outside entry/gs.inc.
 */
#include "lib/gs.h"
#include "fmt.h"
#include "gdt.h"
#include "macros.h"
#include "vectors.h"

#define SWAPGS_BYTES ".byte 0x0f, 0x01, 0xf8" /* for where gas refuses it */

RING3(swapgs_ring3, "", "swapgs", "");
COMPAT(swapgs_compat, "", SWAPGS_BYTES, "");
RING0(swapgs_once, "", "swapgs", "");
RING0(swapgs_twice, "swapgs", "swapgs", "");
RING0(swapgs_thrice, "swapgs\nswapgs", "swapgs", "");

static const char why_refused[] =
    "SWAPGS is #UD outside 64-bit mode and #GP(0) at CPL 1 to 3; SDM vol 2 "
    "SWAPGS; a user who may swap reads the kernel's per-CPU data";
static const char why_swaps[] =
    "SWAPGS exchanges GS_BASE and KERNEL_GS_BASE and nothing else: no "
    "selector, flag or register, and no canonical check; SDM vol 2 SWAPGS";

static const struct gs_state user = {0, SEL_USER_SS, FS_POSITIVE, GS_POSITIVE,
                                     GS_NEGATIVE};

static void before(struct trapframe *c)
{
    (void)c;
    gs_set(&user);
}

static void unchanged(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    gs_want(w, 0, &user);
}

/* Rings 1 and 2, in segments of their own. */
static void in_ring(struct trapframe *c)
{
    unsigned dpl = (unsigned)stimulus_now()->argument;

    gdt[SEL_SPARE / 8] = descriptor_flat(
        DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(dpl) | DESCRIPTOR_CODE,
        DESCRIPTOR_G | DESCRIPTOR_L);
    gdt[SEL_SPARE / 8 + 1] = descriptor_flat(
        DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(dpl) | DESCRIPTOR_DATA,
        DESCRIPTOR_G | DESCRIPTOR_DB);
    c->cs = SEL_SPARE | dpl;
    c->ss = (SEL_SPARE + 8) | dpl;
    gs_set(&user);
}

/* Compatibility mode in ring 0: 32-bit code of DPL 0. */
static void in_compat_ring0(struct trapframe *c)
{
    gdt[SEL_SPARE / 8] = descriptor_flat(DESCRIPTOR_PRESENT | DESCRIPTOR_CODE,
                                         DESCRIPTOR_G | DESCRIPTOR_DB);
    c->cs = SEL_SPARE;
    c->ss = SEL_KERNEL_SS;
    gs_set(&user);
}

/* No change of privilege: the frame goes on the stack that was in use. */
static void on_own_stack(const struct stimulus *s, struct want *w, bool amd)
{
    struct outcome *o = &w->event[0].o;

    unchanged(s, w, amd);
    o->rsp = (o->frame.rsp & ~15ull) - 40;
    o->ss = SEL_KERNEL_SS;
}

static const struct stimulus refused[] = {
    {.id = "swapgs.ring3",
     .from = FROM_RING3,
     CODE(swapgs_ring3),
     .vector = VEC_gp,
     .error_code = true,
     .before = before,
     .expect = unchanged,
     .facts = "GS1"},
    {.id = "swapgs.compat",
     .from = FROM_COMPAT,
     CODE(swapgs_compat),
     .vector = VEC_ud,
     .before = before,
     .expect = unchanged,
     .facts = "GS2"},
    {.id = "swapgs.compat-ring0",
     .from = FROM_COMPAT,
     CODE(swapgs_compat),
     .vector = VEC_ud,
     .before = in_compat_ring0,
     .expect = on_own_stack,
     .facts = "GS2"},
    {.id = "swapgs.ring1",
     .from = FROM_RING3,
     CODE(swapgs_ring3),
     .vector = VEC_gp,
     .error_code = true,
     .before = in_ring,
     .argument = 1,
     .expect = unchanged,
     .facts = "GS25"},
    {.id = "swapgs.ring2",
     .from = FROM_RING3,
     CODE(swapgs_ring3),
     .vector = VEC_gp,
     .error_code = true,
     .before = in_ring,
     .argument = 2,
     .expect = unchanged,
     .facts = "GS25"},
};

/* Bases before; afterwards exchanged when the code swaps an odd number. */
static const struct pattern {
    const char *name;
    struct gs_state g;
} patterns[] = {
    {"kernel-live", {0, 0, FS_POSITIVE, GS_NEGATIVE, GS_POSITIVE}},
    {"user-live", {0, 0, FS_POSITIVE, GS_POSITIVE, GS_NEGATIVE}},
    {"both-negative", {0, 0, 0, GS_NEGATIVE, ~0ull}},
    {"zero", {0, 0, 0, 0, GS_NEGATIVE}},
    {"equal", {0, 0, 0, GS_NEGATIVE, GS_NEGATIVE}},
    {"selector",
     {SEL_USER_SS, SEL_USER_SS, FS_POSITIVE, GS_POSITIVE, GS_NEGATIVE}},
};
static const struct {
    const char *name;
    struct snippet code;
    bool odd;
} swaps[] = {
    {"once", SNIPPET(swapgs_once), true},
    {"twice", SNIPPET(swapgs_twice), false},
    {"thrice", SNIPPET(swapgs_thrice), true},
};
static struct gs_state start, end;

static void before_swap(struct trapframe *c)
{
    (void)c;
    gs_set(&start);
}

static void swapped(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    gs_want(w, 0, &end);
}

static void swap(unsigned how, const struct pattern *p)
{
    char id[44];
    struct stimulus s = {.id = id,
                         .from = FROM_RING0,
                         .vector = VEC_gate,
                         .before = before_swap,
                         .after = gs_after,
                         .expect = swapped,
                         .facts = "GS3",
                         .why = why_swaps};

    fmt(id, sizeof(id), "swapgs.%s.%s", swaps[how].name, p->name);
    stimulus_code(&s, &swaps[how].code);
    start = end = p->g;
    if (swaps[how].odd) {
        end.gs_base = start.kernel_gs_base;
        end.kernel_gs_base = start.gs_base;
    }
    check_run(&s);
}

void case_gs_swapgs(void)
{
    for (unsigned i = 0; i < COUNT(refused); i++) {
        struct stimulus s = refused[i];

        s.after = gs_after;
        s.why = why_refused;
        check_run(&s);
    }
    for (unsigned how = 0; how < COUNT(swaps); how++)
        for (unsigned i = 0; i < COUNT(patterns); i++)
            swap(how, &patterns[i]);
}
