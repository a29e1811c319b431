/* SPDX-License-Identifier: MIT */
/*
 * A data breakpoint on MOV SS (or POP SS), and what the matrix in shadow.c has
 * no cell for.
 *
 * Behind it INT 1: the handler is entered twice, by INT 1 and, at its own first
 * instruction, by the breakpoint.  Behind it another MOV SS: a shadow is not
 * made longer by a second one.  Behind it a fault: Linux's authors saw the
 * breakpoint dropped; no manual says so, so a difference is only reported.
 * Loads of DS and ES cast no shadow, nor does LSS, which was made for this; but
 * of that the manuals say less than one would like.
 */
#include "engine/persona.h"
#include "idt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

#define NOP 1 /* its length in bytes */
#define UNMAPPED 0x20000000

__attribute__((section(".user.data"), used)) volatile struct {
    uint32_t offset; /* for LSS */
    uint16_t selector;
} mov_ss_from;

#define LOAD64 "mov mov_ss_from+4, %ss"
#define LOAD32 "mov %cs:mov_ss_from+4, %ss"
#define EVERYWHERE(name, insn)                                                 \
    RING3(mov_ss_##name##3, LOAD64, insn, "nop\nnop");                         \
    COMPAT(mov_ss_##name##c, LOAD32, insn, "nop\nnop");                        \
    COMPAT(mov_ss_##name##p, "pop %ss", insn, "nop\nnop");                     \
    RING0(mov_ss_##name##0, LOAD64, insn, "nop\nnop")

EVERYWHERE(int1, "int $1");
EVERYWHERE(again, "mov %ecx, %ss");
EVERYWHERE(pf, "mov %ss:(%ebx), %eax");
EVERYWHERE(de, "div %edx");
EVERYWHERE(np, "mov %ebx, %es");
RING3(mov_ss_hlt3, LOAD64, "hlt", "nop");
COMPAT(mov_ss_hltc, LOAD32, "hlt", "nop");
COMPAT(mov_ss_hltp, "pop %ss", "hlt", "nop");
RING3(mov_ss_ds3, "", "mov mov_ss_from, %ds", "nop");
RING0(mov_ss_ds0, "", "mov mov_ss_from, %ds", "nop");
COMPAT(mov_ss_dsc, "", "mov %cs:mov_ss_from, %ds", "nop");
RING3(mov_ss_es3, "", "mov mov_ss_from, %es", "nop");
RING3(mov_ss_lss3, "", "lss mov_ss_from, %ebx", "nop\nnop");
RING0(mov_ss_lss0, "", "lss mov_ss_from, %ebx", "nop\nnop");
COMPAT(mov_ss_lssc, "", "lss %cs:mov_ss_from, %ebx", "nop\nnop");

enum what { INT1, AGAIN, DROPPED, NO_SHADOW, LSS, POPS = 16 };

static enum what what(const struct stimulus *s)
{
    return s->argument & 15;
}

static void before(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();
    uint64_t watched = (uint64_t)&mov_ss_from;

    mov_ss_from.offset = 0;
    mov_ss_from.selector = (uint16_t)c->ss;
    if (what(s) != NO_SHADOW && what(s) != LSS)
        watched += 4; /* the selector alone */
    if (s->argument & POPS) {
        c->rsp -= 4;
        watched = c->rsp;
        *(volatile uint32_t *)watched = SEL_USER_SS;
    }
    if (what(s) == INT1) /* no IST: it comes twice */
        idt[VEC_db] = gate_make(capture_stubs[VEC_db], GATE_INTERRUPT, 0, 3);
    c->rcx = c->ss;
    c->rbx = s->vector == VEC_np ? SEL_NOT_PRESENT : UNMAPPED;
    c->rdx = 0;
    debug_arm(0, watched, DEBUG_ACCESS, 2);
}

static void after(void)
{
    debug_off();
    idt[VEC_db] = gate_make(capture_stubs[VEC_db], GATE_INTERRUPT, IST_db, 0);
}

/* amd: where there are two ways, the other. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    if (s->argument & POPS)
        q.c.rsp += 4;
    switch (what(s)) {
    case INT1:
        sequence_db(&q, s->resume, 0);
        sequence_in_handler(&q, VEC_db, DR6_B(0));
        break;
    case DROPPED:
        sequence_event(&q, s->vector, s->at);
        break;
    case LSS:
        q.c.rbx = 0;
        sequence_db(&q, s->resume + (amd ? NOP : 0), DR6_B(0));
        break;
    case AGAIN:
    default:
        sequence_db(&q, s->resume, DR6_B(0));
        break;
    }
    sequence_end(&q);
}

static const char why_twice[] = "INT 1 behind a MOV SS that hit a data "
                                "breakpoint: #DB's handler is entered "
                                "twice (CVE-2018-8897); SDM vol 3, Masking "
                                "Exceptions when Switching Stacks";
static const char why_again[] =
    "of several MOV SS in a row the first alone is sure to hold anything off; "
    "SDM "
    "vol 3, Masking Exceptions and Interrupts When Switching Stacks";
static const char why_dropped[] = "a data breakpoint that waits behind MOV SS "
                                  "is lost when the next instruction "
                                  "faults: seen on processors, in no manual";
static const char why_none[] =
    "only MOV SS and POP SS hold debug exceptions off, not the other segment "
    "loads; SDM vol 3, Masking Exceptions When Switching Stacks";

#define LOAD(name, ring, origin, code, kind, ...)                              \
    {                                                                          \
        .id = "mov-ss." name "." ring, .from = origin, CODE(mov_ss_##code),    \
        .argument = kind, .before = before, .after = after, .expect = expect,  \
        .mend = sequence_mend, __VA_ARGS__                                     \
    }
#define IN_COMPAT(name, code, kind, ...)                                       \
    LOAD(name, "compat", FROM_COMPAT, code##c, kind, __VA_ARGS__),             \
        LOAD(name, "pop-ss", FROM_COMPAT, code##p, (kind) | POPS, __VA_ARGS__)
#define IN_USER(name, code, kind, ...)                                         \
    LOAD(name, "ring3", FROM_RING3, code##3, kind, __VA_ARGS__),               \
        IN_COMPAT(name, code, kind, __VA_ARGS__)
#define IN_ALL(name, code, kind, ...)                                          \
    IN_USER(name, code, kind, __VA_ARGS__),                                    \
        LOAD(name, "ring0", FROM_RING0, code##0, kind, __VA_ARGS__)
#define FAULT_BEHIND                                                           \
    .confidence = CONFIDENCE_MEDIUM, .facts = "DB2", .why = why_dropped

static const struct stimulus stimuli[] = {
    IN_ALL("int1", int1, INT1, .vector = VEC_db, .facts = "DB1 DB3",
           .why = why_twice),
    IN_ALL("again", again, AGAIN, .vector = VEC_db, .facts = "DB1 SH3",
           .confidence = CONFIDENCE_MEDIUM, .why = why_again),
    IN_USER("pf", pf, DROPPED, .vector = VEC_pf, .error = 4,
            .address = UNMAPPED, FAULT_BEHIND),
    LOAD("pf", "ring0", FROM_RING0, pf0, DROPPED, .vector = VEC_pf,
         .address = UNMAPPED, FAULT_BEHIND),
    IN_ALL("de", de, DROPPED, .vector = VEC_de,
           .flags_changed = ARITHMETIC_FLAGS, FAULT_BEHIND),
    IN_ALL("np", np, DROPPED, .vector = VEC_np, .error = SEL_NOT_PRESENT & ~3,
           FAULT_BEHIND),
    IN_USER("gp", hlt, DROPPED, .vector = VEC_gp, FAULT_BEHIND),
    LOAD("ds", "ring3", FROM_RING3, ds3, NO_SHADOW, .vector = VEC_db,
         .facts = "DB1 SH2", .why = why_none),
    LOAD("ds", "compat", FROM_COMPAT, dsc, NO_SHADOW, .vector = VEC_db,
         .facts = "DB1 SH2", .why = why_none),
    LOAD("ds", "ring0", FROM_RING0, ds0, NO_SHADOW, .vector = VEC_db,
         .facts = "DB1 SH2", .why = why_none),
    LOAD("es", "ring3", FROM_RING3, es3, NO_SHADOW, .vector = VEC_db,
         .facts = "DB1 SH2", .why = why_none),
    LOAD("lss", "ring3", FROM_RING3, lss3, LSS, .vector = VEC_db,
         .facts = "DB23 SH2", .why = why_none, .by_vendor = true,
         .confidence = CONFIDENCE_VALUE),
    LOAD("lss", "compat", FROM_COMPAT, lssc, LSS, .vector = VEC_db,
         .facts = "DB23 SH2", .why = why_none, .by_vendor = true,
         .confidence = CONFIDENCE_VALUE),
    LOAD("lss", "ring0", FROM_RING0, lss0, LSS, .vector = VEC_db,
         .facts = "DB23 SH2", .why = why_none, .by_vendor = true,
         .confidence = CONFIDENCE_VALUE),
};

void case_db_mov_ss(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++) {
        struct stimulus s = stimuli[i];

        if (what(&s) == DROPPED && !persona.intel)
            s.confidence = CONFIDENCE_VALUE;
        check_run(&s);
    }
}
