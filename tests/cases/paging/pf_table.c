/* SPDX-License-Identifier: MIT */
/*
 * Descriptors on a page of ring 3's, with SMAP on.
 *
 * The processor's own reads of the GDT are the kernel's accesses whoever
 * causes them, and SMAP forbids those on a user page whatever AC says: #PF
 * with U clear, from ring 3 too, CR2 in the descriptor.  (On such a GDT no
 * interrupt could be delivered either, so the kernel's own descriptors stay on
 * a page of its own here: the table lies across two.)  Without SMAP the loads
 * just work.  On AMD's it is a value.
 */
#include "cpu.h"
#include "engine/persona.h"
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "lib/ret.h"
#include "macros.h"
#include "msr.h"
#include "page.h"
#include "vectors.h"

#define SEL_DATA                                                               \
    (GDT_SLOTS * 8 | 3) /* the first two slots on the second page */
#define SEL_CODE (GDT_SLOTS * 8 + 8)

static uint8_t pages[2 * PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
#define TABLE ((uint64_t *)(pages + PAGE_SIZE) - GDT_SLOTS)

RING3(table_ds3, "", "mov %eax, %ds", "");
RING3(table_fs3, "", "mov %eax, %fs", "");
RING3(table_lar3, "", "lar %eax, %ecx", "");
RING3(table_verr3, "", "verr %ax", "");
COMPAT(table_es32, "", "mov %eax, %es", "");
COMPAT(table_ss32, "", "mov %eax, %ss", "");
RING0(table_ds0, "", "mov %eax, %ds", "");

static const struct row {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
} rows[] = {
#define ROW(id, from, code)                                                    \
    {                                                                          \
        id, from, code, code##_at, code##_resume                               \
    }
    ROW("mov-ds.ring3", FROM_RING3, table_ds3),
    ROW("mov-fs.ring3", FROM_RING3, table_fs3),
    ROW("lar.ring3", FROM_RING3, table_lar3),
    ROW("verr.ring3", FROM_RING3, table_verr3),
    ROW("mov-es.compat", FROM_COMPAT, table_es32),
    ROW("mov-ss.compat", FROM_COMPAT, table_ss32),
    ROW("mov-ds.ring0", FROM_RING0, table_ds0),
};

static struct {
    bool smap, ac;
    uint64_t former;
} now;

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_SMAP) ? 0 : "this processor has no SMAP";
}

static void lend_table(struct trapframe *c)
{
    const struct table_pointer p = {SEL_CODE + 7, (uint64_t)TABLE};
    uint64_t page = (uint64_t)pages + PAGE_SIZE;

    for (unsigned i = 0; i < GDT_SLOTS; i++)
        TABLE[i] = gdt[i];
    TABLE[SEL_DATA / 8] = gdt[SEL_USER_SS / 8];
    TABLE[SEL_CODE / 8] = gdt[SEL_USER_CS64 / 8];
    lgdt(&p);
    now.former = page_set(page, *page_entry(page) | PAGE_USER);
    if (now.ac)
        c->rflags |= FLAG_AC;
    if (now.smap)
        write_cr4(read_cr4() | CR4_SMAP);
}

static void take_table(void)
{
    const struct table_pointer p = {sizeof(gdt) - 1, (uint64_t)gdt};

    write_cr4(read_cr4() & ~(uint64_t)CR4_SMAP);
    page_set((uint64_t)pages + PAGE_SIZE, now.former);
    lgdt(&p);
    write_ds(0);
    write_es(0);
    write_fs(0);
}

static void before(struct trapframe *c)
{
    c->rax = SEL_DATA;
    lend_table(c);
}

/* Loaded: where it was loaded to, and what else the instruction writes. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct outcome *o = &w->event[0].o;

    (void)amd;
    if (s->vector != VEC_gate)
        return;
    if (s->start == table_ds3 || s->start == table_ds0)
        o->ds = SEL_DATA;
    if (s->start == table_fs3)
        o->fs = SEL_DATA;
    if (s->start == table_es32)
        o->es = SEL_DATA;
    if (s->start == table_ss32)
        o->frame.ss = SEL_DATA;
}

static void judge(struct stimulus *s, const char *what)
{
    char id[44];

    fmt(id, sizeof(id), "gdt-on-user-page.%s%s", what,
        !now.smap ? ""
        : now.ac  ? ".smap-ac"
                  : ".smap");
    s->id = id;
    s->unfit = unfit;
    if (now.smap) {
        s->vector = VEC_pf;
        s->error_code = true;
        s->error = 1; /* present, read, by the kernel */
        s->confidence = persona.intel ? CONFIDENCE_HIGH : CONFIDENCE_VALUE;
    }
    s->facts = "EX17 IR7";
    s->why = "the processor's reads of the GDT are the kernel's, whatever CPL "
             "and AC: SMAP forbids them on a user page; SDM vol 3, 4.6.1";
    check_run(s);
}

static void before_ret(struct trapframe *c)
{
    ret_before(c);
    lend_table(c);
}

static void after_ret(void)
{
    take_table();
    ret_after();
}

static void run_ret(enum ret_by by, const char *id)
{
    struct ret r = {
        .from = FROM_RING3, .by = by, .frame = ret_frame_to(FROM_RING3)};
    struct stimulus s = ret_stimulus(&r);

    r.frame.cs = SEL_CODE | 3;
    s.before = before_ret;
    s.after = after_ret;
    s.address = (uint64_t)&TABLE[SEL_CODE / 8];
    judge(&s, id);
}

static void run_all(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];
        struct stimulus s = {
            .from = r->from,
            .start = r->start,
            .at = r->at,
            .resume = r->resume,
            .vector = VEC_gate,
            .saved = SAVED_AT,
            .address = (uint64_t)&TABLE[SEL_DATA / 8],
            .clobbers = REG_RAX | (r->start == table_lar3 ? REG_RCX : 0),
            .flags_changed = ARITHMETIC_FLAGS,
            .before = before,
            .after = take_table,
            .expect = expect,
        };

        judge(&s, r->id);
    }
    run_ret(BY_IRETQ, "iretq.ring3");
    run_ret(BY_LRETQ, "lretq.ring3");
}

void case_pf_table(void)
{
    now.smap = now.ac = false;
    run_all();
    now.smap = true;
    run_all();
    now.ac = true;
    run_all();
}
