/* SPDX-License-Identifier: MIT */
/*
 * Single instructions that C has no word for: the only inline assembly of the
 * program.  Used by the core and, where it needs no privilege that the
 * firmware withholds, by efi/.  SWAPGS is not here: every one of those stands
 * in entry/gs.inc.
 */
#ifndef RINGSIDE_INSN_H
#define RINGSIDE_INSN_H

#include <stdint.h>

static inline uint8_t inb(uint16_t port)
{
    uint8_t v;

    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port));
    return v;
}

static inline void outb(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port));
}

static inline void outw(uint16_t port, uint16_t v)
{
    __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port));
}

static inline uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    __asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
    return (uint64_t)hi << 32 | lo;
}

/* Tells the processor that this is a wait: for loops, and hyperthreads. */
static inline void pause(void)
{
    __asm__ volatile("pause" : : : "memory");
}

/* Stores are done: before a WRMSR that counts on them. */
static inline void memory_fence(void)
{
    __asm__ volatile("mfence" : : : "memory");
}

static inline uint64_t rdmsr(uint32_t msr)
{
    uint32_t lo, hi;

    __asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
    return (uint64_t)hi << 32 | lo;
}

static inline void wrmsr(uint32_t msr, uint64_t v)
{
    __asm__ volatile("wrmsr"
                     :
                     : "c"(msr), "a"((uint32_t)v), "d"((uint32_t)(v >> 32))
                     : "memory");
}

/* The line of the caches that holds this address goes to memory, and out. */
static inline void flush_line(const void *at)
{
    __asm__ volatile("clflush (%0)" : : "r"(at) : "memory");
}

static inline void flush_line_optimized(const void *at)
{
    __asm__ volatile("clflushopt (%0)" : : "r"(at) : "memory");
}

/* All of the caches go to memory: what comes next may be a reset. */
static inline void write_back_caches(void)
{
    __asm__ volatile("wbinvd" : : : "memory");
}

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(subleaf));
    return r;
}

/* read_cr0(), write_cr0(v), ...: one pair for each control register. */
#define CONTROL_REGISTER(n)                                                    \
    static inline uint64_t read_cr##n(void)                                    \
    {                                                                          \
        uint64_t v;                                                            \
                                                                               \
        __asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory");         \
        return v;                                                              \
    }                                                                          \
    static inline void write_cr##n(uint64_t v)                                 \
    {                                                                          \
        __asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory");             \
    }
CONTROL_REGISTER(0)
CONTROL_REGISTER(2)
CONTROL_REGISTER(3)
CONTROL_REGISTER(4)
CONTROL_REGISTER(8)
#undef CONTROL_REGISTER

/* read_dr6(), write_dr7(v), ... */
#define DEBUG_REGISTER(n)                                                      \
    static inline uint64_t read_dr##n(void)                                    \
    {                                                                          \
        uint64_t v;                                                            \
                                                                               \
        __asm__ volatile("mov %%db" #n ", %0" : "=r"(v) : : "memory");         \
        return v;                                                              \
    }                                                                          \
    static inline void write_dr##n(uint64_t v)                                 \
    {                                                                          \
        __asm__ volatile("mov %0, %%db" #n : : "r"(v) : "memory");             \
    }
DEBUG_REGISTER(0)
DEBUG_REGISTER(1)
DEBUG_REGISTER(2)
DEBUG_REGISTER(3)
DEBUG_REGISTER(6)
DEBUG_REGISTER(7)
#undef DEBUG_REGISTER

/* read_cs(), read_ss(), ...: the selectors as they stand. */
#define SEGMENT_REGISTER(s)                                                    \
    static inline uint16_t read_##s(void)                                      \
    {                                                                          \
        uint16_t v;                                                            \
                                                                               \
        __asm__ volatile("mov %%" #s ", %0" : "=r"(v));                        \
        return v;                                                              \
    }
SEGMENT_REGISTER(cs)
SEGMENT_REGISTER(ss)
SEGMENT_REGISTER(ds)
SEGMENT_REGISTER(es)
SEGMENT_REGISTER(fs)
SEGMENT_REGISTER(gs)
#undef SEGMENT_REGISTER

/* write_ds(selector), ...: in FS and GS a selector brings its base along. */
#define DATA_SEGMENT(s)                                                        \
    static inline void write_##s(uint16_t v)                                   \
    {                                                                          \
        __asm__ volatile("mov %0, %%" #s : : "r"((uint32_t)v));                \
    }
DATA_SEGMENT(ds)
DATA_SEGMENT(es)
DATA_SEGMENT(fs)
DATA_SEGMENT(gs)
DATA_SEGMENT(ss)
#undef DATA_SEGMENT

static inline void write_cs(uint16_t v)
{
    __asm__ volatile("pushq %0\nleaq 1f(%%rip), %%rax\npushq %%rax\nlretq\n1:"
                     :
                     : "r"((uint64_t)v)
                     : "rax", "memory");
}

/* With CR4.FSGSBASE set, else #UD. */
static inline uint64_t rdgsbase(void)
{
    uint64_t v;

    __asm__ volatile("rdgsbase %0" : "=r"(v) : : "memory");
    return v;
}

static inline void wrgsbase(uint64_t v)
{
    __asm__ volatile("wrgsbase %0" : : "r"(v) : "memory");
}

/* The limit of a descriptor, in bytes; 0 where LSL may not look. */
static inline uint32_t lsl(uint16_t selector)
{
    uint32_t limit = 0;

    __asm__ volatile("lsl %1, %0"
                     : "+r"(limit)
                     : "r"((uint32_t)selector)
                     : "cc", "memory");
    return limit;
}

/* The operand of LGDT and LIDT in 64-bit mode. */
struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

static inline void lidt(const struct table_pointer *p)
{
    __asm__ volatile("lidt %0" : : "m"(*p));
}

/* The FPU as after reset, and MXCSR likewise: every exception masked. */
static inline void fpu_reset(void)
{
    static const uint32_t mxcsr = 0x1f80;

    __asm__ volatile("fninit\nldmxcsr %0" : : "m"(mxcsr));
}

/* With CR4.PKE. */
static inline void wrpkru(uint32_t v)
{
    __asm__ volatile("wrpkru" : : "a"(v), "c"(0), "d"(0) : "memory");
}

static inline void invlpg(uint64_t va)
{
    __asm__ volatile("invlpg (%0)" : : "r"(va) : "memory");
}

static inline _Noreturn void halt_for_good(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

/* With an empty IDT loaded: the triple fault that resets a machine. */
static inline _Noreturn void undefined_instruction(void)
{
    for (;;)
        __asm__ volatile("ud2");
}

static inline void lgdt(const struct table_pointer *p)
{
    __asm__ volatile("lgdt %0" : : "m"(*p) : "memory");
}

static inline void sidt(struct table_pointer *p)
{
    __asm__ volatile("sidt %0" : "=m"(*p));
}

static inline void sgdt(struct table_pointer *p)
{
    __asm__ volatile("sgdt %0" : "=m"(*p));
}

static inline uint16_t sldt(void)
{
    uint16_t v;

    __asm__ volatile("sldt %0" : "=r"(v));
    return v;
}

static inline uint16_t str(void)
{
    uint16_t v;

    __asm__ volatile("str %0" : "=r"(v));
    return v;
}

static inline void lldt(uint16_t selector)
{
    __asm__ volatile("lldt %0" : : "r"(selector) : "memory");
}

static inline void ltr(uint16_t selector)
{
    __asm__ volatile("ltr %0" : : "r"(selector) : "memory");
}

#endif
