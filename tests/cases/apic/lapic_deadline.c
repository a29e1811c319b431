/* SPDX-License-Identifier: MIT */
/*
 * The APIC timer against the TSC: one interrupt when the TSC has reached what
 * IA32_TSC_DEADLINE holds, which then reads 0; writing 0 disarms.  In this
 * mode the count registers are out of use, and in the others the MSR is: it
 * reads 0 and ignores writes.  A change of mode to or from this one disarms.
 *
 * (Some processors with old microcode have errata here, for which Linux does
 * without it.)
 */
#include "cpu.h"
#include "fmt.h"
#include "handoff.h"
#include "lapic_pic.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define NEAR 1000 /* of a second: one part in so many */
#define TRIES 8
#define SOME 1000 /* an initial count */
#define LONG 0x80000000u

/* NULL, or why there is none. */
static const char *none(void)
{
    uint64_t value;

    return !cpu_has(FEATURE_TSC_DEADLINE) ? "CPUID knows no TSC-deadline timer"
           : !msr_read(MSR_TSC_DEADLINE, &value)
               ? "CPUID lists a TSC-deadline timer, and its MSR faults"
               : 0;
}

static const char *unless(const struct stimulus *s)
{
    (void)s;
    return none();
}

/* In xAPIC mode the LVT is memory, and a WRMSR does not wait for it. */
static void mode(uint32_t lvt)
{
    apic_write(APIC_LVT_TIMER, lvt | VEC_timer);
    apic_read(APIC_LVT_TIMER);
    memory_fence();
}

static void past(struct trapframe *c)
{
    (void)c;
    mode(APIC_TIMER_DEADLINE);
    wrmsr(MSR_TSC_DEADLINE, 1);
}

static void near(struct trapframe *c)
{
    (void)c;
    mode(APIC_TIMER_DEADLINE);
    wrmsr(MSR_TSC_DEADLINE, rdtsc() + handoff.tsc_hz / NEAR);
}

static bool in_time;

/* Arms it, disarms it in time (a busy host may need more than one try, and is
 * given longer each time), and waits until it would have been due. */
static void disarmed(void (*undo)(void))
{
    uint64_t due = 0, near = handoff.tsc_hz / NEAR;

    in_time = false;
    for (unsigned i = 0; i < TRIES && !in_time; i++, near *= 2) {
        mode(APIC_TIMER_DEADLINE);
        due = rdtsc() + near;
        wrmsr(MSR_TSC_DEADLINE, due);
        undo();
        in_time = rdtsc() < due;
        if (!in_time) {
            lapic_open();
            apic_quiesce();
        }
    }
    while (rdtsc() < due)
        pause();
    timers_settle();
}

static const char *came_due(const struct stimulus *s)
{
    (void)s;
    return in_time ? 0 : "the host was away until the deadline was past";
}

static void write_0(void)
{
    wrmsr(MSR_TSC_DEADLINE, 0);
}

static void to_one_shot(void)
{
    mode(0);
}

static void to_one_shot_and_back(void)
{
    mode(0);
    mode(APIC_TIMER_DEADLINE);
}

static void written_0(struct trapframe *c)
{
    (void)c;
    disarmed(write_0);
}

static void another_mode(struct trapframe *c)
{
    (void)c;
    disarmed(to_one_shot);
}

static void mode_and_back(struct trapframe *c)
{
    (void)c;
    disarmed(to_one_shot_and_back);
}

static void out_of_mode(struct trapframe *c)
{
    (void)c;
    mode(0);
    wrmsr(MSR_TSC_DEADLINE, 1);
    timers_settle();
}

static void disarm(void)
{
    mode(APIC_TIMER_DEADLINE | APIC_LVT_MASKED);
    wrmsr(MSR_TSC_DEADLINE, 0);
    lapic_restore();
}

static const struct {
    const char *name;
    void (*before)(struct trapframe *c);
    bool comes;
    const char *why;
} rows[] = {
    {"past", past, true,
     "a TSC deadline in the past is due at once; SDM vol 3, TSC-Deadline Mode"},
    {"near", near, true,
     "one interrupt when the TSC reaches the deadline; SDM vol 3, TSC-Deadline "
     "Mode"},
    {"written-0", written_0, false,
     "a deadline of 0 disarms; SDM vol 3, TSC-Deadline Mode"},
    {"to-one-shot", another_mode, false,
     "a change from TSC-deadline mode disarms; SDM vol 3, TSC-Deadline Mode"},
    {"to-one-shot-and-back", mode_and_back, false,
     "a change from TSC-deadline mode disarms; SDM vol 3, TSC-Deadline Mode"},
    {"out-of-mode", out_of_mode, false,
     "out of TSC-deadline mode the MSR ignores writes; SDM vol 3, TSC-Deadline "
     "Mode"},
};

static void run(unsigned i, enum origin from)
{
    struct stimulus s =
        lapic_stimulus(from, rows[i].comes ? lapic_wait : lapic_spin,
                       rows[i].comes ? VEC_timer : VEC_gate);
    char id[44];

    s.id = id;
    s.unfit = unless;
    s.before = rows[i].before;
    in_time = true; /* where nothing is disarmed */
    s.missed = came_due;
    s.after = disarm;
    s.facts = "AP20 AP5 AP10";
    s.why = rows[i].why;
    fmt(id, sizeof(id), "lapic.deadline.%s.%s", rows[i].name, origin_ids[from]);
    check_run(&s);
}

static void reads_0(struct diff *d)
{
    uint64_t far = rdtsc() + handoff.tsc_hz * 1000;

    mode(APIC_TIMER_DEADLINE);
    wrmsr(MSR_TSC_DEADLINE, far);
    diff_hex(d, "armed", far, rdmsr(MSR_TSC_DEADLINE));
    wrmsr(MSR_TSC_DEADLINE, 1);
    WAIT_UNTIL(lapic_soon(), apic_requested(VEC_timer));
    diff_text(d, "due", "fires",
              apic_requested(VEC_timer) ? "fires" : "does not fire");
    diff_hex(d, "after it has fired", 0, rdmsr(MSR_TSC_DEADLINE));
    disarm();
}

static void reads_0_out_of_mode(struct diff *d)
{
    mode(0);
    wrmsr(MSR_TSC_DEADLINE, rdtsc() + handoff.tsc_hz * 1000);
    diff_hex(d, "one-shot", 0, rdmsr(MSR_TSC_DEADLINE));
    mode(APIC_TIMER_PERIODIC);
    wrmsr(MSR_TSC_DEADLINE, rdtsc() + handoff.tsc_hz * 1000);
    diff_hex(d, "periodic", 0, rdmsr(MSR_TSC_DEADLINE));
    disarm();
}

static void disarmed_reads_0(struct diff *d)
{
    mode(APIC_TIMER_DEADLINE);
    wrmsr(MSR_TSC_DEADLINE, rdtsc() + handoff.tsc_hz * 1000);
    mode(0);
    mode(APIC_TIMER_DEADLINE);
    diff_text(d, "disarmed by the change", "0",
              rdmsr(MSR_TSC_DEADLINE) ? "as it was" : "0");
    disarm();
}

static void from_one_shot(struct diff *d)
{
    uint32_t back;

    mode(0);
    apic_write(APIC_TIMER_INITIAL, LONG);
    mode(APIC_TIMER_DEADLINE);
    diff_hex(d, "current count", 0, apic_read(APIC_TIMER_CURRENT));
    mode(0);
    back = apic_read(APIC_TIMER_CURRENT);
    WAIT_UNTIL(lapic_a_moment(), apic_read(APIC_TIMER_CURRENT) != back);
    diff_text(d, "and back", "stands",
              apic_read(APIC_TIMER_CURRENT) == back ? "stands" : "counts");
    disarm();
}

static void back_at_0(struct diff *d)
{
    mode(0);
    apic_write(APIC_TIMER_INITIAL, LONG);
    mode(APIC_TIMER_DEADLINE);
    mode(0);
    diff_text(d, "current count", "0",
              apic_read(APIC_TIMER_CURRENT) ? "as it was" : "0");
    disarm();
}

static void counts_not(struct diff *d)
{
    mode(APIC_TIMER_DEADLINE);
    apic_write(APIC_TIMER_INITIAL, SOME);
    diff_hex(d, "current count", 0, apic_read(APIC_TIMER_CURRENT));
    timers_settle();
    diff_text(d, "IRR", "clear", apic_requested(VEC_timer) ? "set" : "clear");
    disarm();
}

static const struct {
    struct finding f;
    void (*body)(struct diff *d);
} register_rows[] = {
    {{.id = "lapic.deadline.reads-0",
      .facts = "AP20",
      .why = "the MSR reads as written while armed and 0 once it has "
             "fired; SDM vol 3, TSC-Deadline Mode"},
     reads_0},
    {{.id = "lapic.deadline.reads-0-out-of-mode",
      .facts = "AP20",
      .why = "out of TSC-deadline mode the MSR reads 0; SDM vol 3, "
             "TSC-Deadline Mode"},
     reads_0_out_of_mode},
    {{.id = "lapic.deadline.disarmed-reads-0",
      .facts = "AP20 AP5 AP10",
      .why = "a change from TSC-deadline mode disarms; SDM vol 3, "
             "TSC-Deadline Mode",
      .confidence = CONFIDENCE_MEDIUM},
     disarmed_reads_0},
    {{.id = "lapic.deadline.from-one-shot",
      .facts = "AP20 AP10",
      .why = "a change to TSC-deadline mode disarms, and the current "
             "count is 0; SDM vol 3, TSC-Deadline Mode"},
     from_one_shot},
    {{.id = "lapic.deadline.back-at-0",
      .facts = "AP20 AP10",
      .why = "a change to TSC-deadline mode and back disarms: the current "
             "count is 0; SDM vol 3, TSC-Deadline Mode",
      .confidence = CONFIDENCE_MEDIUM},
     back_at_0},
    {{.id = "lapic.deadline.count-ignored",
      .facts = "AP20",
      .why = "in TSC-deadline mode writes of the initial count are "
             "ignored; SDM vol 3, TSC-Deadline Mode"},
     counts_not},
};

void case_lapic_deadline(void)
{
    lapic_begin();
    (void)unless_pit(0); /* once, before anything is set up */
    for (enum origin from = 0; from < FROM_COUNT; from++)
        for (unsigned i = 0; i < COUNT(rows); i++)
            run(i, from);
    for (unsigned i = 0; i < COUNT(register_rows); i++)
        if (!none())
            lapic_finding(&register_rows[i].f, register_rows[i].body);
        else
            finding_skip(&register_rows[i].f, none());
}
