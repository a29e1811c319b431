/* SPDX-License-Identifier: MIT */
/* The MSRs of SYSCALL and SYSENTER; see syscall.h. */
#include "syscall.h"

#include "insn.h"
#include "macros.h"
#include "selectors.h"
#include "stacks.h"

const struct call_msrs syscall_ours = {(uint64_t)SEL_USER_CS32 << 48 |
                                           (uint64_t)SEL_KERNEL_CS << 32,
                                       SYSCALL_FMASK, SEL_KERNEL_CS};

const char *syscall_point(const void *syscall64, const void *syscall32,
                          const void *sysenter)
{
    return syscall_point_as(syscall64, syscall32, sysenter, &syscall_ours);
}

const char *syscall_point_as(const void *syscall64, const void *syscall32,
                             const void *sysenter, const struct call_msrs *m)
{
    const struct {
        const char *name;
        uint32_t msr;
        uint64_t value, compare; /* AMD keeps 32 bits of SYSENTER_ESP/EIP */
    } table[] = {
        {"STAR", MSR_STAR, m->star, 0xffffffff00000000},
        {"LSTAR", MSR_LSTAR, (uint64_t)syscall64, ~0ull},
        {"CSTAR", MSR_CSTAR, (uint64_t)syscall32, ~0ull},
        {"FMASK", MSR_FMASK, m->fmask, 0xffffffff},
        {"SYSENTER_CS", MSR_SYSENTER_CS, m->sysenter_cs, 0xffff},
        {"SYSENTER_ESP", MSR_SYSENTER_ESP, STACK_TOP(STACK_rsp0), 0xffffffff},
        {"SYSENTER_EIP", MSR_SYSENTER_EIP, (uint64_t)sysenter, 0xffffffff},
    };
    const char *bad = 0;

    for (unsigned i = 0; i < COUNT(table); i++) {
        wrmsr(table[i].msr, table[i].value);
        if (!bad && ((rdmsr(table[i].msr) ^ table[i].value) & table[i].compare))
            bad = table[i].name;
    }
    return bad;
}
