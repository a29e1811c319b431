/* SPDX-License-Identifier: MIT */
/*
 * Loads of segment registers: DS, ES, SS, FS and GS by MOV, POP and LDS and
 * its like, from ring 3, compat code and ring 0, with every kind of selector.
 *
 * A kernel loads selectors that ring 3 chose (thread switch, signal return),
 * so what faults, as what, and with which error code is in its exception
 * table.  Absent is #NP, but #SS for SS; a bad type, DPL, RPL or index is
 * #GP(selector).  A null SS is #GP(0) in ring 3 and in compat code, but legal
 * in 64-bit code below ring 3 where its RPL is the CPL (no emulator asks).
 * After a fault nothing has changed; after a load the selector is there.
 */
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "selectors.h"
#include "vectors.h"

/* S and type; all accessed, so that nothing is written. */
#define TYPE_DATA 0x13
#define TYPE_READ_ONLY 0x11
#define TYPE_CODE 0x1b
#define TYPE_EXECUTE_ONLY 0x19
#define TYPE_CONFORMING 0x1f
#define TYPE_LDT 0x02
#define TYPE_TSS 0x09
#define TYPE_CALL_GATE 0x0c
#define TYPE_S 0x10
#define TYPE_IS_CODE 0x08
#define TYPE_CODE_CONFORMING 0x04
#define TYPE_WRITE_OR_READ 0x02
#define PRESENT 0x80
#define FLAGS_32 0xc

#define BEYOND_GDT (GDT_SLOTS * 8)
#define IN_LDT 0x14 /* TI set, and LDTR is null */
#define FAR_OFFSET 0x600dcafe

enum kind { A_NULL, A_SELECTOR, A_DESCRIPTOR };

/* Each has at most one defect for each register. */
static const struct choice {
    const char *name;
    enum kind kind;
    uint16_t value;   /* A_SELECTOR: it; A_DESCRIPTOR: S and type */
    uint8_t dpl, rpl; /* the CPL, exclusive or this */
    bool absent;
} choices[] = {
    {"null", A_NULL, 0, 0, 0, false},
    {"null-rpl", A_NULL, 0, 0, 3, false},
    {"beyond-gdt", A_SELECTOR, BEYOND_GDT, 0, 0, false},
    {"no-ldt", A_SELECTOR, IN_LDT, 0, 0, false},
    {"good", A_DESCRIPTOR, TYPE_DATA, 0, 0, false},
    {"read-only", A_DESCRIPTOR, TYPE_READ_ONLY, 0, 0, false},
    {"code", A_DESCRIPTOR, TYPE_CODE, 0, 0, false},
    {"execute-only", A_DESCRIPTOR, TYPE_EXECUTE_ONLY, 0, 0, false},
    {"conforming", A_DESCRIPTOR, TYPE_CONFORMING, 3, 0, false},
    {"ldt", A_DESCRIPTOR, TYPE_LDT, 0, 0, false},
    {"tss", A_DESCRIPTOR, TYPE_TSS, 0, 0, false},
    {"gate", A_DESCRIPTOR, TYPE_CALL_GATE, 0, 0, false},
    {"absent", A_DESCRIPTOR, TYPE_DATA, 0, 0, true},
    {"dpl", A_DESCRIPTOR, TYPE_DATA, 3, 0, false},
    {"dpl-between", A_DESCRIPTOR, TYPE_DATA, 2, 0, false},
    {"rpl", A_DESCRIPTOR, TYPE_DATA, 0, 3, false},
    {"rpl-between", A_DESCRIPTOR, TYPE_DATA, 0, 2, false},
};

enum reg { DS, ES, FS, GS, SS };
enum load { BY_MOV, BY_POP, BY_FAR };

#define MOV_64(reg)                                                            \
    RING3(seg_mov_##reg##3, "", "mov %eax, %" #reg, "");                       \
    RING0(seg_mov_##reg##0, "", "mov %eax, %" #reg, "")
#define POP_64(reg)                                                            \
    RING3(seg_pop_##reg##3, "", "pop %" #reg, "");                             \
    RING0(seg_pop_##reg##0, "", "pop %" #reg, "")
#define FAR_64(reg)                                                            \
    RING3(seg_far_##reg##3, "", "l" #reg " (%rsp), %ecx", "");                 \
    RING0(seg_far_##reg##0, "", "l" #reg " (%rsp), %ecx", "")
#define ALL_32(reg)                                                            \
    COMPAT(seg_mov_##reg##32, "", "mov %eax, %" #reg, "");                     \
    COMPAT(seg_pop_##reg##32, "", "pop %" #reg, "");                           \
    COMPAT(seg_far_##reg##32, "", "l" #reg " (%esp), %ecx", "")
MOV_64(ds);
MOV_64(es);
MOV_64(fs);
MOV_64(gs);
MOV_64(ss);
POP_64(fs);
POP_64(gs);
FAR_64(fs);
FAR_64(gs);
FAR_64(ss);
ALL_32(ds);
ALL_32(es);
ALL_32(fs);
ALL_32(gs);
ALL_32(ss);

static const struct row {
    const char *id;
    enum origin from;
    enum reg reg;
    enum load load;
    const char *start, *at, *resume;
} rows[] = {
#define ROW(id, from, reg, load, code)                                         \
    {                                                                          \
        id, from, reg, load, code, code##_at, code##_resume                    \
    }
#define ROWS_64(by, load, reg, REG)                                            \
    ROW("seg." #by "-" #reg ".ring3", FROM_RING3, REG, load,                   \
        seg_##by##_##reg##3),                                                  \
        ROW("seg." #by "-" #reg ".ring0", FROM_RING0, REG, load,               \
            seg_##by##_##reg##0)
#define ROWS_32(reg, REG)                                                      \
    ROW("seg.mov-" #reg ".compat", FROM_COMPAT, REG, BY_MOV,                   \
        seg_mov_##reg##32),                                                    \
        ROW("seg.pop-" #reg ".compat", FROM_COMPAT, REG, BY_POP,               \
            seg_pop_##reg##32),                                                \
        ROW("seg.far-" #reg ".compat", FROM_COMPAT, REG, BY_FAR,               \
            seg_far_##reg##32)
    ROWS_64(mov, BY_MOV, ds, DS),
    ROWS_64(mov, BY_MOV, es, ES),
    ROWS_64(mov, BY_MOV, fs, FS),
    ROWS_64(mov, BY_MOV, gs, GS),
    ROWS_64(mov, BY_MOV, ss, SS),
    ROWS_64(pop, BY_POP, fs, FS),
    ROWS_64(pop, BY_POP, gs, GS),
    ROWS_64(far, BY_FAR, fs, FS),
    ROWS_64(far, BY_FAR, gs, GS),
    ROWS_64(far, BY_FAR, ss, SS),
    ROWS_32(ds, DS),
    ROWS_32(es, ES),
    ROWS_32(fs, FS),
    ROWS_32(gs, GS),
    ROWS_32(ss, SS),
};

static struct {
    const struct row *row;
    const struct choice *choice;
    unsigned cpl, rpl, dpl;
    uint16_t selector;
} now;

/* What the manuals say of SS: VEC_gate when it is loaded. */
static unsigned refuse_ss(const struct choice *c)
{
    if (c->kind == A_NULL)
        return now.row->from != FROM_RING0 || now.rpl != now.cpl ? VEC_gp
                                                                 : VEC_gate;
    if (c->kind == A_SELECTOR || now.rpl != now.cpl || now.dpl != now.cpl ||
        !(c->value & TYPE_S) || c->value & TYPE_IS_CODE ||
        !(c->value & TYPE_WRITE_OR_READ))
        return VEC_gp;
    return c->absent ? VEC_ss : VEC_gate;
}

/* ... and of the others. */
static unsigned refuse_data(const struct choice *c)
{
    bool code = c->value & TYPE_IS_CODE;

    if (c->kind == A_NULL)
        return VEC_gate;
    if (c->kind == A_SELECTOR || !(c->value & TYPE_S) ||
        (code && !(c->value & TYPE_WRITE_OR_READ)))
        return VEC_gp;
    if (!(code && c->value & TYPE_CODE_CONFORMING) &&
        (now.rpl > now.dpl || now.cpl > now.dpl))
        return VEC_gp;
    return c->absent ? VEC_np : VEC_gate;
}

static void before(struct trapframe *c)
{
    const struct choice *choice = now.choice;
    uint32_t *stack = (uint32_t *)c->rsp;

    if (choice->kind == A_DESCRIPTOR)
        gdt[SEL_SPARE / 8] = descriptor_flat(choice->value | now.dpl << 5 |
                                                 (choice->absent ? 0 : PRESENT),
                                             FLAGS_32);
    c->rax = now.selector;
    stack[0] = now.row->load == BY_FAR ? FAR_OFFSET : now.selector;
    stack[1] = now.row->load == BY_FAR ? now.selector : 0;
}

static void after(void)
{
    gdt[SEL_SPARE / 8] = 0;
    write_ds(0);
    write_es(0);
    write_fs(0);
    write_gs(0); /* and its base with it, which trial_run() sets */
}

/* Loaded: the selector is there, and what else the instruction does. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct wanted *e = &w->event[0];
    struct outcome *o = &e->o;

    (void)amd;
    o->frame.rax = now.selector;
    if (s->vector != VEC_gate)
        return;
    switch (now.row->reg) {
    case DS:
        o->ds = now.selector;
        break;
    case ES:
        o->es = now.selector;
        break;
    case FS: /* the base: gs_load.c */
        o->fs = now.selector;
        e->any |= ANY(fs_base);
        break;
    case GS:
        o->gs = now.selector;
        e->any |= ANY(gs_base);
        break;
    case SS:
        o->frame.ss = now.selector;
        break;
    }
    if (now.row->load == BY_POP)
        o->frame.rsp += now.row->from == FROM_COMPAT ? 4 : 8;
    if (now.row->load == BY_FAR)
        o->frame.rcx = FAR_OFFSET;
}

static void run(void)
{
    const struct choice *c = now.choice;
    unsigned vector = now.row->reg == SS ? refuse_ss(c) : refuse_data(c);
    bool null_ss0 = now.row->reg == SS && c->kind == A_NULL &&
                    now.row->from == FROM_RING0 && vector == VEC_gp;
    struct stimulus s = {
        .from = now.row->from,
        .start = now.row->start,
        .at = now.row->at,
        .resume = now.row->resume,
        .vector = vector,
        .error_code = vector != VEC_gate,
        .error = now.selector & ~3u,
        .saved = SAVED_AT,
        .confidence = null_ss0 ? CONFIDENCE_VALUE : CONFIDENCE_HIGH,
        .before = before,
        .after = after,
        .expect = expect,
        .facts = "EX7",
        .why = "a segment load is #NP(sel), for SS #SS(sel), where P=0; "
               "#GP(sel) for type, DPL, RPL or limit; null is #GP(0) for SS "
               "alone; SDM vol 2 MOV",
    };
    char id[44];

    fmt(id, sizeof(id), "%s.%s", now.row->id, c->name);
    s.id = id;
    check_run(&s);
}

void case_seg_load(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++)
        for (unsigned j = 0; j < COUNT(choices); j++) {
            const struct choice *c = &choices[j];

            now.row = &rows[i];
            now.choice = c;
            now.cpl = rows[i].from == FROM_RING0 ? 0 : 3;
            now.dpl = now.cpl ^ c->dpl;
            now.rpl = now.cpl ^ c->rpl;
            now.selector = (uint16_t)((c->kind == A_DESCRIPTOR ? SEL_SPARE
                                       : c->kind == A_NULL     ? 0
                                                               : c->value) |
                                      now.rpl);
            run();
        }
}
