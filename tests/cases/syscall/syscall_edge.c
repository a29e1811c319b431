/* SPDX-License-Identifier: MIT */
/*
 * SYSCALL as the last two bytes of the lower canonical half.
 *
 * The entry is as any other, but the next instruction's address, which RCX
 * gets, is the first that is not canonical.  A kernel that goes back there by
 * SYSRET falls into sysret_target.c's trap on Intel's processors: Linux keeps
 * the last page from its users for that reason (its test: sysret_rip).
 *
 * AMD's are not asked: K8 hangs on it (erratum 121), and of Ryzen Linux says
 * that it malfunctions when executing from that page.
 */
#include "engine/persona.h"
#include "lib/canonical.h"
#include "lib/fastcall.h"
#include "page.h"
#include "vectors.h"

static const uint8_t syscall_bytes[] = {0x0f, 0x05};

static uint64_t last_page(void)
{
    return canonical_hole() - PAGE_SIZE;
}

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    if (persona.amd)
        return "AMD's processors may hang there: erratum 121, and Ryzen's";
    if (!page_physical(user_page))
        return "ring 3's page has no page-table entry of its own";
    return 0;
}

static void set(struct trapframe *c)
{
    for (unsigned i = 0; i < sizeof(syscall_bytes); i++)
        user_page[PAGE_SIZE - sizeof(syscall_bytes) + i] =
            (char)syscall_bytes[i];
    page_map(last_page(), page_physical(user_page) | PAGE_PRESENT | PAGE_USER);
    c->rip = canonical_hole() - sizeof(syscall_bytes);
}

static void after(void)
{
    page_unmap(last_page());
    fastcall_restore();
}

/* The row's resume is the landing: nothing can follow the SYSCALL. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context(), back;

    (void)amd;
    do_syscall(&c, s->vector);
    c.rcx = canonical_hole();
    want_call(w, 0, s->vector, &c);
    back = *stimulus_context();
    back.rcx = c.rcx;
    back.r11 = c.r11;
    want_landed(w, 1, &back, true);
}

void case_syscall_edge(void)
{
    const struct stimulus s = {
        .id = "syscall64.at-hole",
        .from = FROM_RING3,
        .start = landing(true), /* and set() puts RIP elsewhere */
        .at = landing(true),
        .resume = landing(true),
        .vector = VEC_SYSCALL64,
        .before = set,
        .after = after,
        .expect = expect,
        .unfit = unfit,
        .facts = "SC13 EX21",
        .why = "SYSCALL right before the canonical hole enters as any other, "
               "with RCX not canonical; SDM vol 2 SYSCALL (Linux: sysret_rip)",
    };

    fastcall_run(&s);
}
