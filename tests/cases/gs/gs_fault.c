/* SPDX-License-Identifier: MIT */
/*
 * Faults in ring 0 while the user's GS base is live: the two places where a
 * kernel's own instruction can bring one about.
 *
 * IRETQ, behind the exit's SWAPGS: a frame that ring 3 could spoil (ptrace, an
 * LDT, a signal frame) makes it fault.  The fault's frame says "ring 0", so a
 * stub that goes by CS does not swap, and runs on the user's base: this was
 * CVE-2014-9322.  The cure is to know the address of each such IRETQ.
 *
 * A load of GS between two SWAPGS, which is how a kernel sets the user's
 * selector: the selector is the user's choice, and may fault.
 *
 * Each stimulus does its own SWAPGS (the subject, hence not from
 * entry/gs.inc), from the kernel's base to the user's; the fault must say ring
 * 0, the exact instruction and an unread frame, and have both bases swapped.
 */
#include "engine/payload.h"
#include "engine/persona.h"
#include "fmt.h"
#include "gdt.h"
#include "lib/gs.h"
#include "macros.h"
#include "vectors.h"

RING0(fault_iretq, "swapgs", "iretq", "");
RING0(fault_mov, "swapgs", "mov %eax, %gs", "swapgs");
RING0(fault_pop, "swapgs", "pop %gs", "swapgs");
RING0(fault_lgs, "swapgs", "lgs (%rsp), %ecx", "swapgs");
RING3(fault_target, "", "nop", "");

#define SEL_ABSENT_CS (SEL_SPARE | 3) /* a user's CS, but P=0 */
#define FAR_OFFSET 0x600dcafeull

static const struct gs_state kernel_live = {0, SEL_USER_SS, FS_POSITIVE,
                                            GS_NEGATIVE, GS_POSITIVE};
static const struct gs_state user_live = {0, SEL_USER_SS, FS_POSITIVE,
                                          GS_POSITIVE, GS_NEGATIVE};
/* A user's base that looks like a kernel's: only by-sign is fooled. */
static const struct gs_state kernel_live2 = {0, 0, FS_POSITIVE, GS_POSITIVE,
                                             GS_NEGATIVE};
static const struct gs_state user_live2 = {0, 0, FS_POSITIVE, GS_NEGATIVE,
                                           GS_POSITIVE};

/* A frame with one defect each: values are put over those of a good one. */
static const struct defect {
    const char *name;
    uint64_t rip, cs, ss; /* 0: as it should be */
    bool null_cs, null_ss;
    unsigned vector;
    uint16_t error;
    bool open_error; /* the manuals disagree about the error code */
} defects[] = {
    {.name = "cs-null", .null_cs = true, .vector = VEC_gp},
    {.name = "cs-data",
     .cs = SEL_USER_SS,
     .vector = VEC_gp,
     .error = SEL_USER_SS & ~3},
    {.name = "cs-absent",
     .cs = SEL_ABSENT_CS,
     .vector = VEC_np,
     .error = SEL_ABSENT_CS & ~3},
    {.name = "ss-null", .null_ss = true, .vector = VEC_gp},
    {.name = "ss-rpl",
     .ss = SEL_USER_SS & ~3,
     .vector = VEC_gp,
     .error = SEL_USER_SS & ~3},
    {.name = "ss-absent",
     .ss = SEL_NOT_PRESENT,
     .vector = VEC_ss,
     .error = SEL_NOT_PRESENT & ~3,
     .open_error = true},
    {.name = "rip", .rip = GS_NONCANONICAL, .vector = VEC_gp},
};

static struct {
    const struct defect *defect;
    uint16_t selector;
    bool far, looks_like_kernel;
} now;

static const struct gs_state *at_start(void)
{
    return now.looks_like_kernel ? &kernel_live2 : &kernel_live;
}

static const struct gs_state *at_fault(void)
{
    return now.looks_like_kernel ? &user_live2 : &user_live;
}

static void spoilt_frame(struct trapframe *c)
{
    const struct defect *d = now.defect;
    uint64_t *frame = (uint64_t *)c->rsp;
    struct trapframe t = payload_context(FROM_RING3, fault_target);

    gdt[SEL_SPARE / 8] = descriptor_flat(DESCRIPTOR_DPL(3) | DESCRIPTOR_CODE,
                                         DESCRIPTOR_G | DESCRIPTOR_L);
    frame[0] = d->rip ? d->rip : t.rip;
    frame[1] = d->null_cs ? 0 : d->cs ? d->cs : t.cs;
    frame[2] = t.rflags;
    frame[3] = t.rsp;
    frame[4] = d->null_ss ? 0 : d->ss ? d->ss : t.ss;
    gs_set(at_start());
}

static void at_iretq(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    gs_want(w, 0, at_fault());
    if (now.defect->open_error)
        w->event[0].any |= ANY(error);
}

static void iretq(const struct defect *d, bool looks_like_kernel)
{
    char id[44];
    /* Intel's manual alone says in which ring a bad RIP faults. */
    bool open = !persona.intel && d->rip;
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        CODE(fault_iretq),
        .vector = d->vector,
        .error_code = true,
        .error = d->error,
        .saved = SAVED_AT,
        .confidence = open ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
        .before = spoilt_frame,
        .expect = at_iretq,
        .after = gs_after,
        .facts = "GS16 IR3 IR2",
        .why = "an IRETQ that faults does so in ring 0 on the user's GS base, "
               "its frame unread; SDM vol 2 IRET; by-cs stubs run on it: "
               "CVE-2014-9322",
    };

    now.defect = d;
    now.looks_like_kernel = looks_like_kernel;
    fmt(id, sizeof(id), "gs-fault.iretq.%s%s", d->name,
        looks_like_kernel ? ".negative" : "");
    check_run(&s);
}

static void selector(struct trapframe *c)
{
    c->rax = now.selector;
    *(uint64_t *)c->rsp =
        now.far ? FAR_OFFSET | (uint64_t)now.selector << 32 : now.selector;
    gs_set(at_start());
}

static void at_load(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    gs_want(w, 0, at_fault());
    gs_want(w, 1, at_start()); /* the second SWAPGS */
}

static void load(unsigned way, uint16_t bad, bool looks_like_kernel)
{
    static const struct {
        const char *name;
        struct snippet code;
    } ways[] = {
        {"mov", SNIPPET(fault_mov)},
        {"pop", SNIPPET(fault_pop)},
        {"lgs", SNIPPET(fault_lgs)},
    };
    bool absent = bad == SEL_NOT_PRESENT;
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        .vector = absent ? VEC_np : VEC_gp,
        .error_code = true,
        .error = bad & ~3,
        .saved = SAVED_AT,
        .before = selector,
        .expect = at_load,
        .after = gs_after,
        .facts = "GS17 GS20",
        .why = "a load of GS that faults between two SWAPGS does so in ring 0 "
               "on the user's base, and changes neither base nor selector; SDM "
               "vol 2 MOV",
    };

    now.selector = bad;
    now.far = way == 2;
    now.looks_like_kernel = looks_like_kernel;
    fmt(id, sizeof(id), "gs-fault.%s.%s%s", ways[way].name,
        absent ? "absent" : "dpl-0", looks_like_kernel ? ".negative" : "");
    stimulus_code(&s, &ways[way].code);
    check_run(&s);
}

/* The same without a fault: how a kernel sets the user's selector. */
static void loaded(const struct stimulus *s, struct want *w, bool amd)
{
    struct gs_state end = *at_start();

    (void)s, (void)amd;
    end.gs = now.selector;
    end.kernel_gs_base = 0; /* the flat descriptor's */
    gs_want(w, 0, &end);
}

static void load_works(void)
{
    struct stimulus s = {
        .id = "gs-fault.mov.none",
        .from = FROM_RING0,
        CODE(fault_mov),
        .vector = VEC_gate,
        .before = selector,
        .expect = loaded,
        .after = gs_after,
        .facts = "GS17 GS6",
        .why =
            "a load of GS between two SWAPGS sets the user's base alone; SDM "
            "vol 2 MOV, SWAPGS",
    };

    now.selector = SEL_USER_SS;
    now.far = now.looks_like_kernel = false;
    check_run(&s);
}

void case_gs_fault(void)
{
    static const uint16_t bad[] = {SEL_NOT_PRESENT, SEL_KERNEL_SS | 3};

    for (unsigned negative = 0; negative <= 1; negative++) {
        for (unsigned i = 0; i < COUNT(defects); i++)
            iretq(&defects[i], negative);
        for (unsigned way = 0; way < 3; way++)
            for (unsigned i = 0; i < 2; i++)
                load(way, bad[i], negative);
    }
    load_works();
}
