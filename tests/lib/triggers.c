/* SPDX-License-Identifier: MIT */
/* The list; see triggers.h. */
#include "triggers.h"

#include "apic.h"
#include "engine/fatal.h"
#include "exc.h"
#include "macros.h"
#include "selectors.h"
#include "vectors.h"

#define UNMAPPED 0x20000000
#define FRAME_MAX 48 /* bytes: with an error code */

/* name3, namec and name0: one text that is right in all three. */
#define ALL(name, before, insn)                                                \
    RING3(name##3, before, insn, "");                                          \
    COMPAT(name##c, before, insn, "");                                         \
    RING0(name##0, before, insn, "")
#define LOAD(selector, segment)                                                \
    "mov $" STRING(selector) ", %eax", "mov %eax, %" #segment

ALL(trigger_int, "", "int $" STRING(TRIGGER_VECTOR));
ALL(trigger_int3, "", "int3");
ALL(trigger_int1, "", ".byte 0xf1");
COMPAT(trigger_intoc, "mov $0x7fffffff, %eax\nadd $1, %eax", "into", "");
ALL(trigger_ud, "", "ud2");
ALL(trigger_nmi, "", "nop");
ALL(trigger_de, "xor %ecx, %ecx", "div %ecx");
ALL(trigger_ts, "", "int $" STRING(EXC_TS_VECTOR));
ALL(trigger_np, "mov $" STRING(SEL_NOT_PRESENT) ", %eax", "mov %eax, %es");
RING3(trigger_ss3, "mov $" STRING(SEL_NOT_PRESENT) ", %eax", "mov %eax, %ss",
      "");
COMPAT(trigger_ssc, "mov $" STRING(SEL_NOT_PRESENT) ", %eax", "mov %eax, %ss",
       "");
RING0(trigger_ss0, "mov $" STRING(SEL_NOT_PRESENT_R0) ", %eax", "mov %eax, %ss",
      "");
RING3(trigger_gp3, "", "hlt", "");
COMPAT(trigger_gpc, "", "hlt", "");
RING0(trigger_gp0, "movabs $0xaaaaaaaaaaaaaaaa, %rbx", "mov (%rbx), %eax", "");
/* %ss: because compat code's DS is NULL. */
ALL(trigger_pf, "mov $" STRING(UNMAPPED) ", %ebx", "mov %ss:(%ebx), %eax");
RING3(trigger_irq3, "", SPIN(10000), "");
RING0(trigger_irq0, "", SPIN(10000), "");
COMPAT(trigger_irqc, "",
       "mov $10000, %ecx\n"
       "1: cmpl $0, %cs:stimulus_stop\njne 2f\ndec %ecx\njnz 1b\n2:",
       "");

#define IN_ALL(name)                                                           \
    {                                                                          \
        [FROM_RING3] = SNIPPET(name##3), [FROM_COMPAT] = SNIPPET(name##c),     \
        [FROM_RING0] = SNIPPET(name##0)                                        \
    }
#define SAME(error)                                                            \
    {                                                                          \
        error, error, error                                                    \
    }

static void request_irq(struct trapframe *c)
{
    (void)c;
    apic_request(TRIGGER_VECTOR);
}

const struct trigger triggers[TRIGGER_COUNT] = {
    [TRIGGER_INT] = {.name = "int",
                     .vector = TRIGGER_VECTOR,
                     .software = true,
                     .saved = SAVED_RESUME,
                     .code = IN_ALL(trigger_int)},
    [TRIGGER_INT3] = {.name = "int3",
                      .vector = VEC_bp,
                      .software = true,
                      .saved = SAVED_RESUME,
                      .code = IN_ALL(trigger_int3)},
    [TRIGGER_INT1] = {.name = "int1",
                      .vector = VEC_db,
                      .saved = SAVED_RESUME,
                      .code = IN_ALL(trigger_int1)},
    [TRIGGER_INTO] = {.name = "into",
                      .vector = VEC_of,
                      .software = true,
                      .saved = SAVED_RESUME,
                      .clobbers = REG_RAX,
                      .flags_changed = ARITHMETIC_FLAGS,
                      .code = {[FROM_COMPAT] = SNIPPET(trigger_intoc)}},
    [TRIGGER_UD] = {.name = "ud",
                    .vector = VEC_ud,
                    .saved = SAVED_AT,
                    .code = IN_ALL(trigger_ud)},
    [TRIGGER_IRQ] = {.name = "irq",
                     .vector = TRIGGER_VECTOR,
                     .saved = SAVED_WITHIN,
                     .clobbers = REG_RCX,
                     .flags_changed = ARITHMETIC_FLAGS,
                     .start = request_irq,
                     .code = IN_ALL(trigger_irq)},
    [TRIGGER_NMI] = {.name = "nmi",
                     .vector = VEC_nmi,
                     .saved = SAVED_AT,
                     .nmi = true,
                     .code = IN_ALL(trigger_nmi)},
    [TRIGGER_DE] = {.name = "de",
                    .vector = VEC_de,
                    .class = CONTRIBUTORY,
                    .saved = SAVED_AT,
                    .clobbers = REG_RCX,
                    .flags_changed = ARITHMETIC_FLAGS,
                    .code = IN_ALL(trigger_de)},
    [TRIGGER_TS] = {.name = "ts",
                    .vector = VEC_ts,
                    .class = CONTRIBUTORY,
                    .saved = SAVED_AT,
                    .error_code = true,
                    .error = SAME(SEL_TSS),
                    .start = exc_short_tss,
                    .stop = exc_restore,
                    .code = IN_ALL(trigger_ts)},
    [TRIGGER_NP] = {.name = "np",
                    .vector = VEC_np,
                    .class = CONTRIBUTORY,
                    .saved = SAVED_AT,
                    .error_code = true,
                    .error = SAME(SEL_NOT_PRESENT & ~3),
                    .clobbers = REG_RAX,
                    .code = IN_ALL(trigger_np)},
    [TRIGGER_SS] = {.name = "ss",
                    .vector = VEC_ss,
                    .class = CONTRIBUTORY,
                    .saved = SAVED_AT,
                    .error_code = true,
                    .error = {[FROM_RING3] = SEL_NOT_PRESENT & ~3,
                              [FROM_COMPAT] = SEL_NOT_PRESENT & ~3,
                              [FROM_RING0] = SEL_NOT_PRESENT_R0},
                    .clobbers = REG_RAX,
                    .code = IN_ALL(trigger_ss)},
    [TRIGGER_GP] = {.name = "gp",
                    .vector = VEC_gp,
                    .class = CONTRIBUTORY,
                    .saved = SAVED_AT,
                    .error_code = true,
                    .clobbers = REG_RBX,
                    .code = IN_ALL(trigger_gp)},
    [TRIGGER_PF] = {.name = "pf",
                    .vector = VEC_pf,
                    .class = PAGE_FAULT,
                    .saved = SAVED_AT,
                    .error_code = true,
                    .error = {[FROM_RING3] = PF_USER, [FROM_COMPAT] = PF_USER},
                    .address = UNMAPPED,
                    .clobbers = REG_RBX,
                    .code = IN_ALL(trigger_pf)},
};

static const char *without_int1(const struct stimulus *s)
{
    (void)s;
    return deviation_reported(DEVIATION_INT1)
               ? "INT1 raises no #DB here, see int1.db"
               : 0;
}

void trigger_fill(struct stimulus *s, const struct trigger *w, enum origin from)
{
    const struct snippet *c = &w->code[from];

    s->from = from;
    s->start = c->start;
    s->at = c->at;
    s->resume = c->resume;
    s->vector = w->vector;
    s->software = w->software;
    s->saved = w->saved;
    s->error_code = w->error_code;
    s->error = w->error[from];
    s->address = w->address;
    s->clobbers = w->clobbers;
    s->flags_changed = w->flags_changed;
    s->nmi = w->nmi;
    s->skipped_after =
        w == &triggers[TRIGGER_INT1] ? DEVIATION_INT1 : DEVIATION_NONE;
    s->in_handler = stimulus_stop_spinning;
    if (w == &triggers[TRIGGER_INT1])
        s->unfit = without_int1;
}

void trigger_fails(struct stimulus *s, const struct trigger *w,
                   enum origin from, unsigned vector, uint64_t error)
{
    trigger_fill(s, w, from);
    s->vector = vector;
    s->software = false;
    s->leaves_in_service =
        w == &triggers[TRIGGER_IRQ]; /* acknowledged, then lost */
    s->error_code = true;
    s->error = error;
    if (s->saved == SAVED_RESUME)
        s->saved = SAVED_AT;
}

void trigger_start(const struct trigger *w, struct trapframe *c)
{
    if (w->software)
        gate_lend(w->vector,
                  gate_make(capture_stubs[w->vector], GATE_INTERRUPT, 0, 3));
    if (w->start)
        w->start(c);
}

void trigger_stop(const struct trigger *w)
{
    if (w->stop)
        w->stop();
    gates_back();
}

#define LENT_MAX 4

static struct {
    unsigned vector;
    struct gate gate;
} lent[LENT_MAX];
static unsigned lents;

void gate_lend(unsigned vector, struct gate g)
{
    if (lents == LENT_MAX)
        fatal_here("a case lends more gates than there is room for");
    lent[lents].vector = vector;
    lent[lents++].gate = idt[vector];
    idt[vector] = g;
}

void gate_lend_ist(unsigned vector, unsigned slot)
{
    struct gate g = idt[vector];

    g.low = (g.low & ~GATE_IST_BITS) | (uint64_t)slot << 32;
    gate_lend(vector, g);
}

static uint64_t seen_cr2;

void push_note_cr2(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)f;
    if (nth == 0)
        seen_cr2 = o->cr2;
}

void push_want(const struct stimulus *s, struct want *w, uint64_t top)
{
    struct wanted *e = &w->event[0];
    bool within = seen_cr2 >= top - FRAME_MAX && seen_cr2 < top;

    if (s->vector == VEC_ss)
        e->any |= ANY(error);
    if (s->vector == VEC_pf)
        e->o.cr2 = within ? seen_cr2 : top - 8;
}

void gates_back(void)
{
    while (lents) {
        lents--;
        idt[lent[lents].vector] = lent[lents].gate;
    }
}
