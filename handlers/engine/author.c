/* SPDX-License-Identifier: MIT */
/*
 * The author's machine; see author.h.
 *
 * An IST number is the author's, a slot of the TSS ours: the harness needs two
 * of the seven for itself.  A number gets the slot of the first vector that has
 * it, as vectors.def gives them out, and what the author shares between vectors
 * stays shared.
 *
 *	author's gate: #NMI, IST 1 ---> slot IST_nmi ---> the top of IST 1
 *	author's gate: #PF,  IST 5 ---> IST_spare    ---> the top of IST 5
 *
 * Its selectors are laid over the harness's descriptors, and the harness itself
 * runs on them meanwhile.  Its two page tables are copies of the harness's top
 * level, side by side, so that one bit of CR3 tells them apart, as Linux has
 * it: what both map is the same.
 */
#include "author.h"

#include "fmt.h"
#include "gdt.h"
#include "handoff.h"
#include "insn.h"
#include "kernel.h"
#include "macros.h"
#include "page.h"
#include "shared.h"
#include "stacks.h"
#include "vectors.h"

/* From here up the GDT has what stimuli need. */
#define SEL_FIRST_OURS (SEL_NOT_PRESENT & ~7u)

/* Three, of which two lie side by side in a piece of 8 KiB. */
static uint64_t tops[3][512] FIRST_ONLY __attribute__((aligned(4096)));
static uint64_t cr3_kernel; /* 0: there is one page table */
static bool laid;
static struct gate gates[VECTORS];
static const struct specimen *made; /* whose gates these are */

/* --- which slot of the TSS ------------------------------------------------ */

static const uint8_t *slots_of(const struct specimen *s)
{
    static uint8_t slot[IST_NUMBERS];
    static const struct specimen *found;

    if (found != s)
        author_slots(s->stubs, s->count, slot);
    found = s;
    return slot;
}

unsigned author_ist(const struct specimen *s, unsigned vector)
{
    const struct specimen_stub *stub = specimen_stub(s, vector);

    if (!stub || stub->ist == SPECIMEN_IST_OURS)
        return vector_info(vector)->ist;
    return stub->ist < IST_NUMBERS ? slots_of(s)[stub->ist] : NO_IST;
}

/* The top of the author's IST stack n. */
static uint64_t top_of(const struct specimen *s, unsigned n)
{
    uint64_t own = s->machine ? s->machine->ist_top[n] : 0;
    unsigned slot = slots_of(s)[n];

    return own ? own : slot ? STACK_TOP(stack_of_ist(slot)) : 0;
}

/* --- gates ---------------------------------------------------------------- */

struct gate author_gate(const struct specimen *s, unsigned vector)
{
    const struct specimen_stub *stub = specimen_stub(s, vector);
    bool called = vector == VEC_bp || vector == VEC_of || vector == VEC_int80;

    if (vector == VEC_gate)
        return gate_make(capture_stubs[vector], GATE_INTERRUPT, IST_gate, 3);
    return gate_make(stub ? stub->stub : capture_stubs[vector],
                     stub && stub->trap_gate ? GATE_TRAP : GATE_INTERRUPT,
                     author_ist(s, vector),
                     called || (stub && stub->ring3) ? 3 : 0);
}

bool author_plain(const struct specimen *s)
{
    if (s->machine)
        return false;
    for (unsigned i = 0; i < s->count; i++)
        if (s->stubs[i].ist || s->stubs[i].trap_gate || s->stubs[i].ring3)
            return false;
    return true;
}

static void put_gates(const struct specimen *s)
{
    for (unsigned v = 0; made != s && v < VECTORS; v++)
        gates[v] = author_gate(s, v);
    made = s;
    __builtin_memcpy(idt, gates, sizeof(idt));
}

/* --- what it cannot have -------------------------------------------------- */

static bool selectors_given(const struct specimen_machine *m)
{
    return m && (m->kernel_cs | m->kernel_ss | m->user_cs32 | m->user_ss |
                 m->user_cs64);
}

const char *author_unfit(const struct specimen *s)
{
    static char why[160];
    const struct specimen_machine *m = s->machine;

    for (unsigned i = 0; i < s->count; i++) {
        const struct specimen_stub *stub = &s->stubs[i];
        unsigned n = stub->ist;

        if (n > SPECIMEN_IST_NONE ||
            (n && n < IST_NUMBERS && !slots_of(s)[n])) {
            fmt(why, sizeof(why),
                n < IST_NUMBERS
                    ? "the stack of IST %u has no place here: there are five"
                    : "there is no IST %u",
                n);
            return why;
        }
    }
    if (!selectors_given(m))
        return 0;
    for (unsigned i = 0; i < 5; i++) {
        unsigned selector =
            (const uint16_t[]){m->kernel_cs, m->kernel_ss, m->user_cs32,
                               m->user_ss, m->user_cs64}[i];

        if (selector >= SEL_FIRST_OURS || selector & 4) {
            fmt(why, sizeof(why),
                "its selector %x cannot be had: it must be one of the GDT's, "
                "below %x",
                selector, SEL_FIRST_OURS);
            return why;
        }
    }
    return m->kernel_cs ? 0 : "its kernel has no code segment";
}

/* --- in place, and away again --------------------------------------------- */

/* From here on until all gates are made anew, an NMI comes through this one. */
static void begin_between(void)
{
    gdt_between();
    idt[VEC_nmi] =
        gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, IST_nmi, 0);
}

static void lay_selectors(const struct specimen_machine *m)
{
    const struct selectors its = {
        .kernel_cs = m->kernel_cs & ~3u,
        .kernel_ss = m->kernel_ss & ~3u,
        .user_cs32 = m->user_cs32 ? m->user_cs32 | 3 : 0,
        .user_ss = m->user_ss ? m->user_ss | 3 : 0,
        .user_cs64 = m->user_cs64 ? m->user_cs64 | 3 : 0,
    };

    begin_between();
    gdt_lay(&its);
    laid = true;
}

static void lay_tables(void)
{
    const uint64_t *top = page_table(handoff.cr3_test);
    unsigned even = page_physical(tops) & PAGE_SIZE ? 1 : 0;

    __builtin_memcpy(tops[even], top, sizeof(tops[0]));
    __builtin_memcpy(tops[even + 1], top, sizeof(tops[0]));
    cr3_kernel = page_physical(tops[even]);
    write_cr3(cr3_kernel);
}

/* In its memory, and in what looks like it. */
static void put(uint64_t *at, uint64_t value)
{
    uint64_t *const alias[] = {kernel_alias(at), kernel_decoy_alias(at, false),
                               kernel_decoy_alias(at, true)};

    for (unsigned i = 0; i < COUNT(alias); i++)
        if (alias[i])
            *alias[i] = value;
    if (!alias[0])
        *at = value;
}

void author_fill(const struct specimen *s)
{
    const struct specimen_machine *m = s->machine;
    struct tss *its;

    if (!m)
        return;
    its = kernel_alias(m->tss);
    its = its ? its : m->tss;
    if (its) {
        its->rsp[0] =
            s->stack_top ? (uint64_t)s->stack_top : STACK_TOP(STACK_rsp0);
        for (unsigned n = 1; n < IST_NUMBERS; n++)
            if (top_of(s, n))
                its->ist[n - 1] = top_of(s, n);
    }
    for (unsigned ring3 = 0; ring3 < 2; ring3++) {
        uint64_t *place = ring3 ? m->user_cr3 : m->kernel_cr3;

        if (place)
            put(place, author_cr3(ring3));
    }
}

void author_install(const struct specimen *s)
{
    const struct specimen_machine *m = s->machine;

    if (selectors_given(m))
        lay_selectors(m);
    if (m && (m->kernel_cr3 || m->user_cr3) && !handoff.cpu)
        lay_tables();
    for (unsigned n = 1; n < IST_NUMBERS; n++)
        if (slots_of(s)[n])
            tss.ist[slots_of(s)[n] - 1] = top_of(s, n);
    put_gates(s);
    author_fill(s);
}

void author_remove(void)
{
    if (laid) {
        begin_between();
        gdt_lay_off();
        idt_point(capture_stubs);
        gdt[SEL_BETWEEN / 8] = 0;
    }
    laid = false;
    if (cr3_kernel)
        write_cr3(handoff.cr3_test);
    cr3_kernel = 0;
    for (unsigned slot = 1; slot <= COUNT(tss.ist); slot++)
        tss.ist[slot - 1] = STACK_TOP(stack_of_ist(slot));
}

struct call_msrs author_msrs(const struct specimen *s)
{
    const struct specimen_machine *m = s->machine;

    /* SYSRETQ adds 16 to what SYSRETL takes as it is. */
    uint64_t back = selectors.user_cs64   ? selectors.user_cs64 - 16u
                    : selectors.user_cs32 ? selectors.user_cs32
                                          : SEL_USER_CS32;

    if (!m)
        return syscall_ours;
    return (struct call_msrs){
        .star = m->star ? m->star
                        : back << 48 | (uint64_t)selectors.kernel_cs << 32,
        .fmask = m->fmask,
        .sysenter_cs = selectors.kernel_cs,
    };
}

uint64_t author_cr3(bool ring3)
{
    return cr3_kernel ? cr3_kernel + (ring3 ? PAGE_SIZE : 0) : handoff.cr3_test;
}
