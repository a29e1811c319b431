/* SPDX-License-Identifier: MIT */
/* Which processors there are, and what is like the first; see smp.h. */
#include "smp.h"

#include "alike.h"
#include "cpu.h"
#include "engine/engine.h"
#include "engine/processors.h"
#include "engine/start.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/finding.h"
#include "layout.h"
#include "macros.h"
#include "msr.h"
#include "record.h"
#include "record/result.h"
#include "shared.h"

#define MTRR_CAP 0xfe
#define MTRR_VARIABLE 0x200 /* base and mask, pair by pair */
#define MTRR_PAIRS_MAX 16
#define MICROCODE 0x8b
#define LEAF_CORE 0x1a
#define CORE_TYPE_SHIFT 24
#define FIXED 12

static const uint16_t fixed[FIXED] = {0xfe,  0x2ff, 0x250, 0x258, 0x259, 0x268,
                                      0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e};

/* Of one processor, as it says itself. */
static struct self {
    uint64_t fixed[FIXED], variable[2 * MTRR_PAIRS_MAX];
    uint64_t microcode, features, leaf1_cd, leaf7_bc;
    uint32_t core_type;
    char note[88];
} self[PROCESSORS_MAX] SHARED;

static struct smp_work work[PROCESSORS_MAX] SHARED;

struct smp_work *smp_work(unsigned n)
{
    return &work[n];
}

unsigned smp_start(void)
{
    processors_start();
    processors_wait(); /* what a check that died has left at work */
    return processors_running();
}

const char *smp_unfit(void)
{
    if (handoff.options.cpus.which == CPUS_FIRST)
        return "--cpus first";
    return processors_running() > 1 || processor_absent(1)
               ? 0
               : "one processor runs here";
}

const char *smp_unfit_together(void)
{
    static char words[112];
    const char *unfit = smp_unfit();

    for (unsigned n = 1; n < processors_running() && !unfit; n++)
        if (processor_lost(n)) {
            fmt(words, sizeof(words), "cpu %u %s", n, processor_words(n));
            unfit = words;
        }
    return unfit;
}

bool smp_runs_all(unsigned n)
{
    return options_cpu(&handoff.options, n) == CPU_ALL;
}

uint32_t smp_slice_size(unsigned n)
{
    return ((const struct handoff *)processor_sees(n, &handoff))->journal_size;
}

const void *smp_slice(unsigned n)
{
    return (const void *)(VA_WORLD(n) + WORLD_SIZE - smp_slice_size(n));
}

static uint64_t msr(uint32_t number)
{
    uint64_t v = 0;

    return msr_read(number, &v) ? v : 0;
}

static void ask(struct self *s)
{
    struct cpuid one = cpuid(1, 0), seven = cpuid_if_there(7, 0);
    unsigned pairs;

    for (unsigned i = 0; i < FIXED; i++)
        s->fixed[i] = msr(fixed[i]);
    pairs = s->fixed[0] & 0xff;
    for (unsigned i = 0; i < 2 * pairs && i < 2 * MTRR_PAIRS_MAX; i++)
        s->variable[i] = msr(MTRR_VARIABLE + i);
    /* The processor answers with its revision when 0 was written, then CPUID
     * executed: SDM vol 3, Microcode Update Facilities. */
    msr_write(MICROCODE, 0);
    cpuid(1, 0);
    s->microcode = msr(MICROCODE);
    for (unsigned f = 0; f < FEATURE_COUNT; f++)
        s->features |= (uint64_t)cpu_has(f) << f;
    s->leaf1_cd = (uint64_t)one.ecx << 32 | one.edx;
    s->leaf7_bc = (uint64_t)seven.ebx << 32 | seven.ecx;
    s->core_type = cpuid_if_there(LEAF_CORE, 0).eax >> CORE_TYPE_SHIFT;
}

static void differ(struct self *s, const char *what, unsigned number,
                   uint64_t mine, uint64_t firsts)
{
    char name[24];

    if (mine == firsts || s->note[0])
        return;
    fmt(name, sizeof(name), what, number);
    fmt(s->note, sizeof(s->note), "%s is %llx, on the first %llx", name,
        (unsigned long long)mine, (unsigned long long)firsts);
}

static void compare_self(uint64_t first)
{
    const struct self *f = &self[0];
    struct self *s = &self[processor_self()];

    (void)first;
    ask(s);
    for (unsigned i = 0; i < FIXED; i++)
        differ(s, "MTRR %xh", fixed[i], s->fixed[i], f->fixed[i]);
    for (unsigned i = 0; i < 2 * MTRR_PAIRS_MAX; i++)
        differ(s, "MTRR %xh", MTRR_VARIABLE + i, s->variable[i],
               f->variable[i]);
    differ(s, "microcode", 0, s->microcode, f->microcode);
    differ(s, "CPUID leaf %u, ECX:EDX", 1, s->leaf1_cd, f->leaf1_cd);
    differ(s, "CPUID leaf %u, EBX:ECX", 7, s->leaf7_bc, f->leaf7_bc);
    differ(s, "core type", 0, s->core_type, f->core_type);
}

static const char *note_of(unsigned n)
{
    return self[n].note;
}

void smp_alike(void)
{
    const struct finding f = {
        .id = "smp.start.alike",
        .facts = "MP3",
        .why = "the firmware sets MTRRs alike on every processor, before any "
               "other code runs there",
        .confidence = CONFIDENCE_MEDIUM,
        .unfit = smp_unfit(),
    };
    struct diff d = {"", ""};
    char seen[sizeof(d.seen)];
    unsigned n;

    if (!self[0].features)
        ask(&self[0]);
    for (n = 1; n < processors_running(); n++)
        processor_call(n, compare_self, 0);
    processors_wait();
    if (!finding_begin(&f))
        return;
    alike_words(seen, sizeof(seen), processors_running(), note_of);
    if (seen[0]) {
        fmt(d.expected, sizeof(d.expected), "all are as the first");
        fmt(d.seen, sizeof(d.seen), "%s", seen);
    }
    finding_end(&f, &d, 0);
}

static uint16_t flags(unsigned n)
{
    uint32_t from =
        n ? processor_start(n)->from : handoff.processors.place[0].from;

    return (uint16_t)(from | (processor_lost(n) ? PROCESSOR_LOST : 0) |
                      PROCESSOR_CAME | (work[n].ran ? PROCESSOR_RAN : 0));
}

void smp_record(unsigned n)
{
    struct record_processor r = {
        .number = (uint16_t)n,
        .flags = flags(n),
        .apic_id = processor_apic_id(n),
        .core_type = self[n].core_type,
        .start_microseconds = n ? processor_start(n)->microseconds : 0,
        .memory_kib = n ? WORLD_SIZE >> 10 : 0,
        .checks = work[n].checks,
        .others = work[n].others,
        .microseconds = work[n].microseconds,
        .microcode = self[n].microcode,
    };

    fmt(r.note, sizeof(r.note), "%s",
        processor_lost(n) ? processor_words(n) : self[n].note);
    result_append(RECORD_PROCESSOR, &r, sizeof(r));
}
