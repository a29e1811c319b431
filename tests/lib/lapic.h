/* SPDX-License-Identifier: MIT */
/*
 * What the cases about the local APIC have in common: code to be interrupted,
 * stimuli that watch the ISR at each entry, and a way to let an interrupt in
 * and leave it in service, for rows about registers alone.
 *
 * Every wait is bounded by the TSC: under an emulator a timer can be late by
 * as much as its host is busy.
 */
#ifndef RINGSIDE_LAPIC_H
#define RINGSIDE_LAPIC_H

#include "apic.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/stimulus.h"
#include "patience.h"

/* The same text in all three; RING3, RING0 and COMPAT each by its own name. */
#define EVERYWHERE(name, before, insn, after)                                  \
    RING3(name##3, before, insn, after);                                       \
    RING0(name##0, before, insn, after);                                       \
    COMPAT(name##32, before, insn, after)
/* ... and in compat code, where DS is null. */
#define SPIN32(count)                                                          \
    "mov $" #count ", %ecx\n"                                                  \
    "1: cmpl $0, %ss:stimulus_stop\njne 2f\ndec %ecx\njnz 1b\n2:"
#define WAIT_OR32(again)                                                       \
    "cmpl $0, %ss:stimulus_stop\njne 2f\nrdtsc\ndecl %ss:stimulus_looks\n"     \
    "cmp %ss:stimulus_deadline+4, %edx\nja 9f\njb " again "\n"                 \
    "cmp %ss:stimulus_deadline, %eax\njb " again "\n"                          \
    "9: cmpl $0, %ss:stimulus_looks\njg " again "\n2:"
#define WAIT32 "1: " WAIT_OR32("1b")

/* By enum origin. */
#define LAPIC_CODES(name)                                                      \
    {                                                                          \
        [FROM_RING3] = SNIPPET(name##3), [FROM_RING0] = SNIPPET(name##0),      \
        [FROM_COMPAT] = SNIPPET(name##32),                                     \
    }
extern const struct snippet lapic_spin[FROM_COUNT]; /* for what is pending */
extern const struct snippet lapic_wait[FROM_COUNT]; /* for what will come */

/* Why what x2APIC mode alone has cannot be shown. */
extern const char lapic_no_x2apic[];

/* First thing in a case: what lapic_restore() goes back to. */
void lapic_begin(void);

/*
 * A stimulus that is entered by an APIC interrupt at `vector', anywhere in
 * code (VEC_gate: by nothing).  Its hooks: lapic_stop() ends the code at the
 * last entry, lapic_mend() ends the interrupt's service and remembers what
 * it saw, lapic_also() compares that, lapic_restore() goes last.
 */
struct stimulus lapic_stimulus(enum origin from,
                               const struct snippet code[FROM_COUNT],
                               unsigned vector);
void lapic_stop(unsigned nth);
void lapic_mend(unsigned nth, const struct outcome *o, struct trapframe *f);
void lapic_also(const struct stimulus *s, struct diff *d);
void lapic_expect(const struct stimulus *s, struct want *w, bool amd);
/* The registers as a case finds them; lets in what is still pending, and
 * counts it in lapic_left: with lapic_also(), .argument (LAPIC_HELD) of them
 * are demanded. */
void lapic_restore(void);
extern unsigned lapic_left;
#define LAPIC_HELD(n) ((uint64_t)(n) << 32) /* bits 31:0: the case's own */

/* What the APIC was like at each entry of the last run. */
extern struct lapic_seen {
    uint64_t rip;
    uint8_t vector;
    bool in_service, after_eoi; /* its ISR bit, before and after the EOI */
} lapic_seen[WANT_MAX];

/* Sends this processor a fixed interrupt and waits until the IRR shows it. */
bool lapic_request(uint8_t vector);

/* Ring 0 with IF=1 for a moment: the vector that came in, in service still if
 * it is an APIC's; -1 when none did.  Not from an after(): the run that is
 * being looked at would be this one. */
int lapic_open(void);

/* Does RDMSR or WRMSR, code in ring 0, raise #GP for that MSR? */
bool lapic_faults(const char *code, uint32_t msr, uint64_t v);

/* So that a gate switches stacks, until lapic_restore(). */
void lapic_lend_ist(uint8_t vector);

/* For WAIT_UNTIL: three seconds, for what must come, and half a millisecond,
 * for what must not. */
uint64_t lapic_soon(void);
uint64_t lapic_a_moment(void);

/* A row that is no entry: body compares; the machine is put back, and what
 * had to be is a difference too.  Where a body sets lapic_missed, the reason
 * why it has shown nothing, it is called again, some times. */
void lapic_finding(const struct finding *f, void (*body)(struct diff *d));
extern const char *lapic_missed;

#endif
