/* SPDX-License-Identifier: MIT */
/*
 * Canaries of --self-test: what goes wrong here goes wrong on purpose, one
 * thing at a time, and each must end up as a finding that names it.
 *
 * A detector that nobody has seen fail may be switched off, or may never have
 * worked.  tests/boot/test_selftest.py has the words that each finding must
 * have; switch a detector off, and its canary turns that test red.
 */
#include "apic.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "msr.h"
#include "selftest.h"
#include "specimen.h"
#include "vectors.h"

/* --- stubs: entry/specimens/self-test/canaries ---------------------------- */

/* Behind a short jump to the end there is another one: who returns past the
 * jump arrives there. */
RING3(selftest_int80, "", "int $0x80", "jmp 1f\nint $0xf0\n1:");
RING0(selftest_int80_0, "", "int $0x80", "");
RING0(selftest_nmi_0, "", "nop", "");

static const struct stimulus int80 = {
    .id = "int80",
    .path = "int",
    .from = FROM_RING3,
    CODE(selftest_int80),
    .vector = VEC_int80,
    .saved = SAVED_RESUME,
    .facts = "RS3",
    .why = "a stub gives back all but what it was asked to change",
};

static void run_stub(const struct specimen *specimen, unsigned vector,
                     enum origin from)
{
    struct stimulus s = int80;

    if (from == FROM_RING0) {
        s.from = from;
        s.start = selftest_int80_0;
        s.at = selftest_int80_0_at;
        s.resume = selftest_int80_0_resume;
    }
    if (vector == VEC_nmi) {
        s.path = "nmi";
        s.id = "nmi";
        s.start = selftest_nmi_0;
        s.at = selftest_nmi_0_at;
        s.resume = selftest_nmi_0_resume;
        s.vector = vector;
        s.saved = SAVED_AT;
        s.nmi = true;
    }
    stimulus_use(specimen);
    stimulus_run(&s);
}

#define CANARY(id, name, vector, from, wrong)                                  \
    extern const struct specimen specimen_canary_##id;
#include "specimens/self-test/canaries/canaries.def"
#undef CANARY

void selftest_stubs(void)
{
#define CANARY(id, name, vector, from, wrong)                                  \
    run_stub(&specimen_canary_##id, vector, from);
#include "specimens/self-test/canaries/canaries.def"
#undef CANARY
}

/* --- cases that leave something changed ----------------------------------- */

#define STRAY 0x99 /* a vector of the interrupt array */

RING0(selftest_nothing, "", "nop", "");
RING3(selftest_spin, "", SPIN(1000), "");

static const struct stimulus left = {
    .from = FROM_RING0,
    CODE(selftest_nothing),
    .vector = VEC_gate,
    .facts = "RS4",
    .why = "a case leaves the machine as it found it",
};

static void msr_xor(uint32_t msr, uint64_t bits)
{
    wrmsr(msr, rdmsr(msr) ^ bits);
}

static void apic_xor(enum apic_register r, uint32_t bits)
{
    apic_write(r, apic_read(r) ^ bits);
}

static void load_ldt(void)
{
    descriptor_system(&gdt[SEL_SPARE / 8], DESCRIPTOR_PRESENT | DESCRIPTOR_LDT,
                      (uint64_t)gdt, 7);
    lldt(SEL_SPARE);
    gdt_clear_spare(); /* or that would be found */
}

static void shorten_gdt(void)
{
    const struct table_pointer p = {sizeof(gdt) - 9, (uint64_t)gdt};

    lgdt(&p);
}

/* LEFT(id, statement), in place of the after() that puts it right. */
#define LEFTS                                                                  \
    LEFT(nothing, )                                                            \
    LEFT(cr0, write_cr0(read_cr0() ^ CR0_AM))                                  \
    LEFT(cr3, write_cr3(read_cr3() ^ CR3_PWT))                                 \
    LEFT(cr4, write_cr4(read_cr4() ^ CR4_TSD))                                 \
    LEFT(dr0, write_dr0(8))                                                    \
    LEFT(dr3, write_dr3(8))                                                    \
    LEFT(dr7, write_dr7(DR7_CLEAR | DR7_G0))                                   \
    LEFT(idt, idt[STRAY].low ^= GATE_PRESENT)                                  \
    LEFT(gdt, gdt[SEL_SPARE / 8] = 1)                                          \
    LEFT(tss, tss.ist[6] -= 16)                                                \
    LEFT(idtr, idt_load(sizeof(idt) - 17))                                     \
    LEFT(gdtr, shorten_gdt())                                                  \
    LEFT(ldtr, load_ldt())                                                     \
    LEFT(efer, msr_xor(MSR_EFER, EFER_SCE))                                    \
    LEFT(star, msr_xor(MSR_STAR, 8ull << 48))                                  \
    LEFT(lstar, msr_xor(MSR_LSTAR, 16))                                        \
    LEFT(cstar, msr_xor(MSR_CSTAR, 16))                                        \
    LEFT(fmask, msr_xor(MSR_FMASK, FLAG_IF))                                   \
    LEFT(sysenter_cs, msr_xor(MSR_SYSENTER_CS, 8))                             \
    LEFT(sysenter_esp, msr_xor(MSR_SYSENTER_ESP, 16))                          \
    LEFT(sysenter_eip, msr_xor(MSR_SYSENTER_EIP, 16))                          \
    LEFT(fs_base, wrmsr(MSR_FS_BASE, 0x1000))                                  \
    LEFT(pat, msr_xor(MSR_PAT, 1ull << 56))                                    \
    LEFT(tpr, apic_write(APIC_TPR, 0x10))                                      \
    LEFT(svr, apic_xor(APIC_SVR, 0x10))                                        \
    LEFT(lvt_timer, apic_xor(APIC_LVT_TIMER, STRAY))                           \
    LEFT(lvt_lint0, apic_xor(APIC_LVT_LINT0, STRAY))                           \
    LEFT(lvt_lint1, apic_xor(APIC_LVT_LINT1, STRAY))                           \
    LEFT(lvt_error, apic_xor(APIC_LVT_ERROR, STRAY))                           \
    LEFT(divider, apic_xor(APIC_TIMER_DIVIDE, 1))                              \
    LEFT(count, apic_write(APIC_TIMER_INITIAL, 0x7fffffff))                    \
    LEFT(pending, apic_request(STRAY))

#define LEFT(id, statement)                                                    \
    static void leave_##id(void)                                               \
    {                                                                          \
        statement;                                                             \
    }
LEFTS
#undef LEFT

static void request(struct trapframe *c)
{
    (void)c;
    apic_request(STRAY);
}

/* An interrupt whose handler forgets the EOI. */
static void run_in_service(void)
{
    struct stimulus s = left;

    s.id = "left.in_service";
    s.from = FROM_RING3;
    s.start = selftest_spin;
    s.at = selftest_spin_at;
    s.resume = selftest_spin_resume;
    s.vector = STRAY;
    s.saved = SAVED_WITHIN;
    s.clobbers = REG_RCX;
    s.flags_changed = ARITHMETIC_FLAGS;
    s.before = request;
    s.no_eoi = true;
    s.in_handler = stimulus_stop_spinning;
    check_run(&s);
}

void selftest_leftovers(void)
{
    static const struct {
        const char *id;
        void (*leave)(void);
    } lefts[] = {
#define LEFT(id, statement) {"left." #id, leave_##id},
        LEFTS
#undef LEFT
    };

    for (unsigned i = 0; i < COUNT(lefts); i++) {
        struct stimulus s = left;

        s.id = lefts[i].id;
        s.after = lefts[i].leave;
        check_run(&s);
    }
    run_in_service();
}
