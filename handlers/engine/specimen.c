/* SPDX-License-Identifier: MIT */
/*
 * How a specimen is installed; see specimen.h.
 *
 * Its stubs go where a kernel's would: into the IDT and the MSRs.  Whatever it
 * has no stub for stays with the capture stubs, and so does the gate that ends
 * a run.  idt_point() keeps a ready IDT for each array of stubs, as this is
 * done around every run.
 */
#include "specimen.h"

#include "author.h"
#include "fatal.h"
#include "gdt.h"
#include "idt.h"
#include "kernel.h"
#include "macros.h"
#include "percpu.h"
#include "stacks.h"
#include "syscall.h"
#include "vectors.h"

static const struct specimen *installed;
static bool authors; /* on a machine of its author's */

static void point_msrs(const void *a, const void *b, const void *c)
{
    const struct call_msrs m = authors ? author_msrs(installed) : syscall_ours;
    const char *bad = syscall_point_as(a, b, c, &m);

    if (bad)
        fatal_here(bad);
}

const struct specimen_stub *specimen_stub(const struct specimen *s,
                                          unsigned vector)
{
    for (unsigned i = 0; i < s->count; i++)
        if (s->stubs[i].vector == vector)
            return &s->stubs[i];
    return 0;
}

static const void *stub_or(const struct specimen *s, unsigned vector,
                           const void *otherwise)
{
    const struct specimen_stub *stub = specimen_stub(s, vector);

    return stub ? stub->stub : otherwise;
}

/* The gates of one that has no stub for every vector. */
static const void *const *partial_gates(const struct specimen *s)
{
    static const void *gates[VECTORS];
    static const struct specimen *made;

    if (made == s)
        return gates;
    made = s;
    for (unsigned v = 0; v < VECTORS; v++)
        gates[v] = stub_or(s, v, capture_stubs[v]);
    idt_forget(gates);
    return gates;
}

/* A kernel that keeps its base on the IST stacks writes it there once, when it
 * starts, and lowers the tops in the TSS: the frame comes below it. */
#define STORED_BYTES 16 /* of an IST stack: the base, and alignment */

static void make_ist(unsigned reserved, uint64_t base)
{
    for (unsigned slot = 1; slot <= COUNT(tss.ist); slot++) {
        uint64_t top = STACK_TOP(stack_of_ist(slot)) - reserved;

        if (reserved)
            *(uint64_t *)top = base;
        tss.ist[slot - 1] = top;
    }
}

void specimen_install(const struct specimen *s)
{
    const char *unmapped = kernel_map(s);

    if (unmapped)
        fatal_here(unmapped);
    installed = s;
    authors = s == specimen_own && !author_plain(s);
    if (authors)
        author_install(s);
    else
        idt_point(s->gates ? s->gates : partial_gates(s));
    if (s->stored)
        make_ist(STORED_BYTES,
                 (uint64_t)(s->gs_base ? s->gs_base : (void *)percpu));
    point_msrs(stub_or(s, VEC_SYSCALL64, capture_syscall64),
               stub_or(s, VEC_SYSCALL32, capture_syscall32),
               stub_or(s, VEC_SYSENTER, capture_sysenter));
}

const struct specimen *specimen_installed(void)
{
    return installed;
}

void specimen_remove(void)
{
    if (installed && installed->stored)
        make_ist(0, 0);
    if (authors)
        author_remove();
    authors = false;
    installed = 0;
    idt_point(capture_stubs);
    point_msrs(capture_syscall64, capture_syscall32, capture_sysenter);
}

enum gs_rule specimen_rule(const struct specimen *s, unsigned vector)
{
    const struct specimen_stub *stub = specimen_stub(
        s,
        vector < VECTORS && vector_in_array(vector) ? VEC_WINDOW_IRQ : vector);

    return stub ? stub->rule : RULE_NONE;
}
