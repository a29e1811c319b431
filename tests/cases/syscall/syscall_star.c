/* SPDX-License-Identifier: MIT */
/*
 * STAR's selectors: SYSCALL and SYSRET load them, and fixed flat attributes
 * with them, without a look at the GDT.
 *
 * So selectors whose descriptors are not present, or not there at all, work
 * as well as any, up to the next IRET or far transfer, which reads the GDT and
 * faults.  That a GDT disagrees with STAR is thus found late, and far away.
 *
 * SYSCALL's CS is STAR[47:32] with its RPL cleared.  Both manuals write the SS
 * as STAR[47:32] + 8 with nothing cleared, emulators clear it: with an RPL in
 * STAR that is reported, not judged.
 */
#include "fmt.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

RING3(star_syscall3, "", "syscall", "");
RING0(star_syscall0, "", "syscall", "");
COMPAT(star_syscall32, "", "syscall", "");
RING0(star_iretq, "push %r9\npush %rsp\npushfq\npush %r8\npush %rcx", "iretq",
      "");

#define BEYOND 0x400 /* the GDT ends long before */

static const struct {
    const char *name;
    uint16_t selector;
    enum confidence trust;
    unsigned vector; /* of an IRETQ to it */
} kernel[] = {
    {"not-present", SEL_NOT_PRESENT_R0, CONFIDENCE_HIGH, VEC_gp},
    {"no-descriptor", SEL_SPARE, CONFIDENCE_HIGH, VEC_gp},
    {"beyond-gdt", BEYOND, CONFIDENCE_HIGH, VEC_gp},
    {"user", SEL_USER_CS64 & ~3, CONFIDENCE_HIGH, VEC_gp},
    {"tss", SEL_TSS, CONFIDENCE_HIGH, VEC_gp},
    {"null", 0, CONFIDENCE_MEDIUM, VEC_gp},
    {"ldt", SEL_KERNEL_CS | 4, CONFIDENCE_MEDIUM, VEC_gp},
    {"last", 0xfff0, CONFIDENCE_MEDIUM, VEC_gp},
    {"wraps", 0xfff8, CONFIDENCE_VALUE, VEC_gp},
    {"rpl1", SEL_KERNEL_CS | 1, CONFIDENCE_VALUE, 0},
    {"rpl2", SEL_KERNEL_CS | 2, CONFIDENCE_VALUE, 0},
    {"rpl3", SEL_KERNEL_CS | 3, CONFIDENCE_VALUE, 0},
};

static const struct {
    const char *name;
    struct stimulus s;
} callers[] = {
    {"ring3",
     {.from = FROM_RING3, CODE(star_syscall3), .vector = VEC_SYSCALL64}},
    {"ring0",
     {.from = FROM_RING0, CODE(star_syscall0), .vector = VEC_SYSCALL64}},
    {"compat",
     {.from = FROM_COMPAT,
      CODE(star_syscall32),
      .vector = VEC_SYSCALL32,
      .unfit = unless_entered}},
};

static void set_kernel(struct trapframe *c)
{
    (void)c;
    lend_msr(MSR_STAR,
             (uint64_t)SEL_USER_CS32 << 48 | stimulus_now()->argument << 32);
}

static void to_selector(struct trapframe *c)
{
    c->rcx = (uint64_t)star_iretq_resume;
    c->r8 = stimulus_now()->argument;
    c->r9 = SEL_KERNEL_SS;
}

static void fault_at_iretq(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();

    (void)amd;
    c.rip = (uint64_t)star_iretq_at;
    c.rsp -= 5 * 8;
    want_event(w, 0, VEC_gp, s->argument & 0xfffc, 0, &c);
    want_back(w, 1, &c);
}

/* Their descriptors are bad for code: IRETQ, which reads them, must say so. */
static void iretq_to(const char *name, uint16_t selector)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        CODE(star_iretq),
        .vector = VEC_gp,
        .error_code = true,
        .argument = selector,
        .before = to_selector,
        .expect = fault_at_iretq,
        .facts = "SC18 IR3",
        .why = "a selector that SYSCALL loads unseen is #GP(selector) for "
               "IRETQ, which reads the descriptor; SDM vol 2 IRET",
    };

    fmt(id, sizeof(id), "iretq.star-selector.%s", name);
    fastcall_run(&s);
}

void case_syscall_star(void)
{
    char id[44];

    for (unsigned i = 0; i < COUNT(kernel); i++) {
        bool rpl = !kernel[i].vector;

        for (unsigned k = 0; k < COUNT(callers); k++) {
            struct stimulus s = callers[k].s;

            s.id = id;
            s.argument = kernel[i].selector;
            s.before = set_kernel;
            s.expect = expect_call;
            s.confidence = kernel[i].trust;
            s.facts = rpl ? "SC1 SC34" : "SC18";
            s.why = rpl ? "with an RPL in STAR[47:32] CS has it cleared; "
                          "whether SS has is not agreed; SDM vol 2 SYSCALL"
                        : "SYSCALL loads STAR's selectors and flat attributes, "
                          "and reads no descriptor; SDM vol 2 SYSCALL";
            fmt(id, sizeof(id), "syscall%s.star.%s.%s",
                s.vector == VEC_SYSCALL64 ? "64" : "32", kernel[i].name,
                callers[k].name);
            fastcall_run(&s);
        }
        if (kernel[i].trust == CONFIDENCE_HIGH)
            iretq_to(kernel[i].name, kernel[i].selector);
    }
}
