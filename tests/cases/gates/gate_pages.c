/* SPDX-License-Identifier: MIT */
/*
 * Tables of which a part is not mapped, when an event needs just that part:
 * the gate in the IDT, the handler's descriptor in the GDT, the stack in the
 * TSS.
 *
 * Each is read by the processor itself, as a supervisor whatever the CPL: so
 * #PF comes in the old context with U, W and P clear even from ring 3, and
 * CR2 within what was read.  Kernels that map these tables lazily (or hide
 * them from ring 3 as a defence against Meltdown) must get that right.  Where
 * #PF's own gate is missing too, the answer is #DF.
 *
 * Copies of the three are laid across the border of two pages, of which one
 * is then taken away.
 */
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "page.h"
#include "stacks.h"
#include "vectors.h"

static uint8_t pages[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static uint8_t *const border = pages + PAGE_SIZE;

static enum table { IDT_GATE, IDT_GATES, GDT_CS, TSS_RSP0, TSS_IST } table;
static const struct trigger *trigger;
static uint64_t wanted_cr2, seen_cr2; /* the first of `bytes' that are read */
static unsigned bytes;
static uint64_t *gone, entry; /* the page that was taken away */

static void copy(void *to, const void *from, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

static void take_away(uint8_t *page)
{
    gone = (uint64_t *)page;
    entry = page_set((uint64_t)page, 0);
}

/* Gates 0 to first - 1 stay. */
static void split_idt(unsigned first)
{
    struct gate *g = (struct gate *)border - first;
    struct table_pointer p = {sizeof(idt) - 1, (uint64_t)g};

    copy(g, idt, sizeof(idt));
    lidt(&p);
    wanted_cr2 = (uint64_t)&g[trigger->vector];
    bytes = sizeof(struct gate);
    take_away(border);
}

static void split_gdt(void)
{
    uint64_t *d = (uint64_t *)border - SEL_SPARE / 8;
    struct table_pointer p = {sizeof(gdt) - 1, (uint64_t)d};
    struct gate g = idt[trigger->vector];

    gate_descriptors();
    g.low = (g.low & ~GATE_SELECTOR(0xffff)) | GATE_SELECTOR(SEL_CODE_ALIAS);
    gate_lend(trigger->vector, g);
    copy(d, gdt, sizeof(gdt));
    lgdt(&p);
    wanted_cr2 = (uint64_t)&d[SEL_CODE_ALIAS / 8];
    bytes = sizeof(*d);
    take_away(border);
}

/* The byte at `first' and those behind it are on the second page. */
static void split_tss(unsigned first, unsigned slot, uint8_t *page)
{
    uint8_t *t = border - first;

    copy(t, &tss, sizeof(tss));
    descriptor_tss(&gdt[SEL_TSS / 8], (uint64_t)t, sizeof(tss) - 1);
    ltr(SEL_TSS);
    wanted_cr2 = (uint64_t)t + slot;
    bytes = sizeof(uint64_t);
    take_away(page);
}

static void prepare(struct trapframe *c)
{
    unsigned ist = offsetof(struct tss, ist);

    trigger_start(trigger, c);
    switch (table) {
    case IDT_GATE:
        split_idt(VEC_FIRST_IRQ);
        break;
    case IDT_GATES: /* #PF's as well, but not #DF's */
        split_idt(VEC_pf);
        break;
    case GDT_CS:
        split_gdt();
        break;
    case TSS_RSP0:
        gate_lend_ist(VEC_pf, IST_spare);
        split_tss(ist, offsetof(struct tss, rsp), pages);
        break;
    case TSS_IST:
        gate_lend_ist(trigger->vector, IST_spare);
        ist = offsetof(struct tss, ist[IST_spare - 1]);
        split_tss(ist, ist, border);
        break;
    }
}

/* All tables are what and where they were. */
static void put_back(void)
{
    if (gone)
        page_set((uint64_t)gone, entry);
    gone = 0;
    idt_load(sizeof(idt) - 1);
    gdt_load();
    gdt_clear_spare();
    tss_load(sizeof(tss) - 1);
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)f;
    put_back();
    if (nth == 0)
        seen_cr2 = o->cr2;
}

static void undo(void)
{
    trigger_stop(trigger);
    put_back();
}

static void where_it_was_read(const struct stimulus *s, struct want *w,
                              bool amd)
{
    (void)amd;
    if (s->vector == VEC_pf)
        w->event[0].o.cr2 =
            seen_cr2 - wanted_cr2 < bytes ? seen_cr2 : wanted_cr2;
}

static const char *large_page(const struct stimulus *s)
{
    (void)s;
    return page_entry((uint64_t)pages) && page_entry((uint64_t)border)
               ? 0
               : "the core is mapped by large pages";
}

static void run(const struct trigger *w, enum origin from)
{
    static const char *const names[] = {"idt", "idt-with-pf", "gdt", "tss-rsp0",
                                        "tss-ist"};
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = prepare,
        .after = undo,
        .mend = mend,
        .unfit = large_page,
        .expect = where_it_was_read,
        .confidence = table <= IDT_GATES ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
        .facts = table <= IDT_GATES ? "IV24" : "IV25",
        .why = "IDT, GDT and TSS are read as by a supervisor: #PF with U=0, in "
               "the old context; SDM vol 3, Access Rights",
    };

    trigger = w;
    trigger_fails(&s, w, from, VEC_pf, 0);
    if (table == IDT_GATES) {
        s.vector = VEC_df;
        s.saved = SAVED_ANY;
    }
    fmt(id, sizeof(id), "absent.%s.%s.%s", names[table], origin_ids[from],
        w->name);
    check_run(&s);
}

void case_gate_pages(void)
{
    for (table = IDT_GATE; table <= TSS_IST; table++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            if (table == TSS_RSP0 && from == FROM_RING0)
                continue; /* RSP0 is not read then */
            run(&triggers[TRIGGER_INT], from);
            run(&triggers[TRIGGER_IRQ], from);
            if (table >= GDT_CS) /* its gate is a low one */
                run(&triggers[TRIGGER_UD], from);
        }
}
