/* SPDX-License-Identifier: MIT */
/*
 * cxx: handlers as C++ has them, and as Rust's x86-interrupt makes them: the
 * compiler writes the prologue and the IRETQ, the author a SWAPGS or none.
 * Names are mangled.  What a compiler calls is called from here.
 */
using u64 = unsigned long;
using u32 = unsigned int;

struct Frame {
    u64 rip, cs, rflags, rsp, ss;
};

struct Cpu {
    u64 kernel_rsp, user_rsp;
};

namespace kernel
{
alignas(16) u64 stack[512];
alignas(16) u64 ist[2][512];
Cpu cpu;

struct Scheduler {
    static u64 call(u64 number);
    void interrupted(Frame &f);
};

Scheduler scheduler;

/* Whose base is live is not asked: it is set, and put back. */
class Base
{
    static constexpr u32 GS_BASE = 0xc0000101;
    u32 low, high;

  public:
    inline __attribute__((always_inline)) Base()
    {
        u64 ours = reinterpret_cast<u64>(&cpu);

        asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(GS_BASE));
        asm volatile("wrmsr" ::"a"(static_cast<u32>(ours)),
                     "d"(static_cast<u32>(ours >> 32)), "c"(GS_BASE));
    }
    inline __attribute__((always_inline)) ~Base()
    {
        asm volatile("wrmsr" ::"a"(low), "d"(high), "c"(GS_BASE));
    }
};

namespace traps
{
/* Entered on the frame's word alone. */
template <int vector> __attribute__((interrupt)) void gate(Frame *f)
{
    bool user = f->cs & 3;

    if (user)
        asm volatile("swapgs" ::: "memory");
    scheduler.interrupted(*f);
    if (user)
        asm volatile("swapgs" ::: "memory");
}

template <int vector> __attribute__((interrupt)) void anywhere(Frame *f)
{
    Base base;

    scheduler.interrupted(*f);
}

template void gate<0x06>(Frame *);
template void gate<0x41>(Frame *);
template void gate<0x80>(Frame *);
template void anywhere<1>(Frame *);
template void anywhere<2>(Frame *);

__attribute__((naked)) void syscall()
{
    asm volatile("swapgs\n"
                 "mov %rsp, %gs:8\n"
                 "mov %gs:0, %rsp\n"
                 "pushq $0x23\n"
                 "pushq %gs:8\n"
                 "push %r11\n"
                 "pushq $0x2b\n"
                 "push %rcx\n"
                 "push %rdx; push %rsi; push %rdi\n"
                 "push %r8; push %r9; push %r10\n"
                 "mov %rax, %rdi\n"
                 "call _ZN6kernel9Scheduler4callEm\n"
                 "pop %r10; pop %r9; pop %r8\n"
                 "pop %rdi; pop %rsi; pop %rdx\n"
                 "swapgs\n"
                 "iretq\n");
}
} // namespace traps
} // namespace kernel
