/* SPDX-License-Identifier: MIT */
/*
 * The list of the window's paths: every way into ring 0 that a specimen may
 * have a stub for, from everywhere, and every way out.
 *
 * A subject is a stimulus (a few instructions, of which one enters) and what
 * is done about it: PATH where that instruction enters the stub that is
 * walked, FIRST where an event comes first and its stub is walked.  The
 * -syscall ones are the document's case: a #DB, NMI or #MC that has landed on
 * SYSCALL's first instruction.  Its stub is walked with the user's base live
 * and CS of ring 0 on the frame, and further events land in that.
 *
 * Those with a fault are ways out that fail: the frame that the stub leaves
 * by is spoilt.
 */
#include "subjects.h"

#include "bench.h"
#include "engine/persona.h"
#include "insn.h"
#include "lib/callgate.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "vectors.h"

#define UNMAPPED "0x20000000"

RING3(window_syscall, "", "syscall", "");
COMPAT(window_syscallc, "", "syscall", "");
RING3(window_sysenter, "mov %rsp, %rcx\nlea window_sysenter_resume(%rip), %rdx",
      "sysenter", "");
COMPAT(window_sysenterc, "mov %esp, %ecx\nmov $window_sysenterc_resume, %edx",
       "sysenter", "");
RING3(window_int80, "", "int $0x80", "");
COMPAT(window_int80c, "", "int $0x80", "");
RING0(window_int800, "", "int $0x80", "");
RING3(window_ud, "", "ud2", "");
RING3(window_bp, "", "int3", "");
COMPAT(window_udc, "", "ud2", "");
RING0(window_ud0, "", "ud2", "");
RING3(window_gp, "", "hlt", "");
RING0(window_gp0, "movabs $0xaaaaaaaaaaaaaaaa, %rbx", "mov (%rbx), %eax", "");
RING3(window_np, "mov $" STRING(SEL_NOT_PRESENT) ", %eax", "mov %eax, %es", "");
RING3(window_ss, "mov $" STRING(SEL_NOT_PRESENT) ", %eax", "mov %eax, %ss", "");
RING3(window_pf, "", "mov " UNMAPPED ", %eax", "");
RING0(window_pf0, "", "mov " UNMAPPED ", %eax", "");
RING3(window_call, "", "lcall *(%rsp)", "");
COMPAT(window_callc, "", "lcall *(%esp)", "");
RING3(window_spin, "", SPIN(10000), "");
RING0(window_spin0, "", SPIN(10000), "");
RING3(window_nop, "", "nop", "");
RING0(window_nop0, "", "nop", "");
RING0(window_load, "", "call *%rbx", "");

/* A code segment that is not present, for CS. */
#define SEL_ABSENT_CS SEL_SPARE
/* With it an address is none, whether they have 48 bits or 57; a stub that
 * makes one of it again, by its lower bits, goes on where it should. */
#define NONCANONICAL 0x4000000000000000ull

static void request(struct trapframe *c)
{
    (void)c;
    bench_request_irq();
}

static void spoil_cs(struct trapframe *f)
{
    f->cs = SEL_ABSENT_CS | 3;
}

static void spoil_ss(struct trapframe *f)
{
    f->ss = SEL_NOT_PRESENT;
}

static void spoil_rip(struct trapframe *f)
{
    f->rip |= NONCANONICAL;
}

static void put_absent_cs(struct trapframe *c)
{
    (void)c;
    gdt[SEL_ABSENT_CS / 8] =
        descriptor_flat((DESCRIPTOR_DPL(3) | DESCRIPTOR_CODE), DESCRIPTOR_L);
}

/* Where SYSENTER is there by mistake, SYSEXIT is not. */
static const char *unless_sysenter(const struct stimulus *s)
{
    const char *not = persona.amd
                          ? "AMD's processors have no SYSENTER in long mode"
                          : unless_entered(s);

    return not ? not : unless_sysexit(s);
}

#define PATH(title, origin, code, number, ...)                                 \
    .name = title, .first = NO_EVENT,                                          \
    .s = {.id = title,                                                         \
          .from = origin,                                                      \
          CODE(code),                                                          \
          .vector = number,                                                    \
          __VA_ARGS__}
#define FIRST(title, origin, code, event, ...)                                 \
    .name = title, .first = event,                                             \
    .s = {.id = title, .from = origin, CODE(code), __VA_ARGS__}

/* Of a specimen that has no gate in front of this one. */
#define BAD_IRET(code, gate)                                                   \
    {PATH("iret-bad-cs", FROM_RING3, code, gate, .before = put_absent_cs),     \
     .fault = VEC_np, .spoil = spoil_cs},                                      \
        {PATH("iret-bad-ss", FROM_RING3, code, gate), .fault = VEC_ss,         \
         .spoil = spoil_ss},                                                   \
    {                                                                          \
        PATH("iret-bad-rip", FROM_RING3, code, gate), .fault = VEC_gp,         \
                                                      .spoil = spoil_rip       \
    }
static const uint16_t exit_gates[] = {VEC_int80, VEC_bp, VEC_ud, VEC_gp,
                                      VEC_pf};

const struct subject subjects[] = {
    /* Calls: the instruction is ring 3's, so the stub need not ask.  SYSCALL
     * brings no stack; its way out by IRETQ restores what SYSRETQ cannot. */
    {PATH("syscall64", FROM_RING3, window_syscall, VEC_SYSCALL64)},
    {PATH("syscall64-iretq", FROM_RING3, window_syscall, VEC_SYSCALL64,
          .leave_by = LEAVE_BY_IRETQ)},
    {PATH("syscall32", FROM_COMPAT, window_syscallc, VEC_SYSCALL32,
          .unfit = unless_entered)},
    {PATH("sysenter", FROM_RING3, window_sysenter, VEC_SYSENTER,
          .leave_by = LEAVE_64, .unfit = unless_sysenter),
     .lead = 2},
    {PATH("sysenter-compat", FROM_COMPAT, window_sysenterc, VEC_SYSENTER,
          .unfit = unless_sysenter),
     .lead = 2},
    /* Gates without an IST stack, with and without an error code.  Coming
     * from ring 0 nothing may be swapped, and no stack is switched. */
    {PATH("int80", FROM_RING3, window_int80, VEC_int80)},
    {PATH("int80-compat", FROM_COMPAT, window_int80c, VEC_int80)},
    {PATH("int80-ring0", FROM_RING0, window_int800, VEC_int80)},
    {PATH("ud", FROM_RING3, window_ud, VEC_ud)},
    {PATH("ud-compat", FROM_COMPAT, window_udc, VEC_ud)},
    {PATH("ud-ring0", FROM_RING0, window_ud0, VEC_ud)},
    {PATH("gp", FROM_RING3, window_gp, VEC_gp)},
    {PATH("gp-ring0", FROM_RING0, window_gp0, VEC_gp), .lead = 1},
    {PATH("np", FROM_RING3, window_np, VEC_np), .lead = 1},
    {PATH("ss", FROM_RING3, window_ss, VEC_ss), .lead = 1},
    {PATH("pf", FROM_RING3, window_pf, VEC_pf)},
    {PATH("pf-ring0", FROM_RING0, window_pf0, VEC_pf)},
    /* An interrupt comes on its own: the code that it interrupts spins. */
    {PATH("irq", FROM_RING3, window_spin, VEC_WINDOW_IRQ, .before = request,
          .in_handler = stimulus_stop_spinning),
     .asynchronous = true},
    {PATH("irq-ring0", FROM_RING0, window_spin0, VEC_WINDOW_IRQ,
          .before = request, .in_handler = stimulus_stop_spinning),
     .asynchronous = true},
    /* The one way in that leaves IF and the other flags as ring 3 had them. */
    {PATH("callgate", FROM_RING3, window_call, VEC_CALLGATE)},
    {PATH("callgate-compat", FROM_COMPAT, window_callc, VEC_CALLGATE)},

    /* Events on their own IST stacks: from ring 3, from ring 0 with the
     * kernel's base, and from ring 0 with the user's. */
    {FIRST("db", FROM_RING3, window_nop, WINDOW_DB)},
    {FIRST("db-ring0", FROM_RING0, window_nop0, WINDOW_DB)},
    {FIRST("db-syscall", FROM_RING3, window_syscall, WINDOW_DB,
           .vector = VEC_SYSCALL64),
     .in_call = true},
    {FIRST("nmi", FROM_RING3, window_nop, WINDOW_NMI)},
    {FIRST("nmi-ring0", FROM_RING0, window_nop0, WINDOW_NMI)},
    {FIRST("nmi-syscall", FROM_RING3, window_syscall, WINDOW_NMI,
           .vector = VEC_SYSCALL64),
     .in_call = true},
    {FIRST("mc", FROM_RING3, window_nop, WINDOW_MC)},
    {FIRST("mc-ring0", FROM_RING0, window_nop0, WINDOW_MC)},
    {FIRST("mc-syscall", FROM_RING3, window_syscall, WINDOW_MC,
           .vector = VEC_SYSCALL64),
     .in_call = true},

    /* Exits that fault, on the user's base: a frame that IRETQ does not take,
     * an address that SYSRETQ does not, a selector that GS does not. */
    BAD_IRET(window_int80, VEC_int80),
    BAD_IRET(window_bp, VEC_bp),
    BAD_IRET(window_ud, VEC_ud),
    BAD_IRET(window_gp, VEC_gp),
    BAD_IRET(window_pf, VEC_pf),
    {PATH("sysret-bad-rip", FROM_RING3, window_syscall, VEC_SYSCALL64),
     .fault = VEC_gp, .spoil = spoil_rip, .on_harness = true},
    {PATH("load-gs", FROM_RING0, window_load, VEC_LOAD_GS), .fault = VEC_np},
};
const unsigned subjects_count = COUNT(subjects);

static const uint16_t event_vectors[WINDOW_EVENTS] = {
    [WINDOW_DB] = VEC_db,
    [WINDOW_NMI] = VEC_nmi,
    [WINDOW_MC] = VEC_mc,
    [WINDOW_IRQ] = VEC_WINDOW_IRQ,
};

unsigned event_vector(enum window_event e)
{
    return event_vectors[e];
}

enum window_event event_of(unsigned vector)
{
    unsigned e = 0;

    while (e < WINDOW_EVENTS && event_vectors[e] != vector)
        e++;
    return (enum window_event)e;
}

unsigned subject_vector(const struct subject *p)
{
    return p->first != NO_EVENT ? event_vector(p->first) : p->s.vector;
}

static bool has_compat(const struct specimen *s)
{
    const struct specimen_machine *m = s->machine;

    return !m || m->user_cs32 || !m->kernel_cs; /* 0: the harness's are used */
}

static bool is_exit_gate(const struct specimen *s, unsigned vector)
{
    unsigned i = 0;

    while (i + 1 < COUNT(exit_gates) && !specimen_stub(s, exit_gates[i]))
        i++;
    return exit_gates[i] == vector;
}

bool subject_fits(const struct subject *p, const struct specimen *s)
{
    bool fixed = p->fault && !p->on_harness;

    if ((p->s.from == FROM_COMPAT && !has_compat(s)) ||
        (fixed && p->spoil && !is_exit_gate(s, p->s.vector)))
        return false;
    return specimen_stub(s, subject_vector(p)) &&
           (!p->in_call || specimen_stub(s, p->s.vector)) &&
           (!fixed || specimen_stub(s, p->fault));
}
