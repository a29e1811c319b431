/* SPDX-License-Identifier: MIT */
#include "place.h"
#include "shared.h"
#include "specimen.h"
#include "vectors.h"

extern const char machine_text[], machine_data[];
extern const char machine_text_size[], machine_data_size[];
extern const char va_machine_syscall[], va_machine_int80[], va_machine_nmi[],
    va_machine_work[], va_machine_keeps[];

static uint8_t machine_text_live[0x1000] FIRST_ONLY
    __attribute__((aligned(4096)));
static uint8_t machine_data_live[0x3000] FIRST_ONLY
    __attribute__((aligned(4096)));

static const struct specimen_segment machine_segments[] = {
    {OWN_TEXT, machine_text, (uint64_t)machine_text_size, 0x1000, false, true,
     machine_text_live},
    {OWN_DATA, machine_data, (uint64_t)machine_data_size, 0x3000, true, false,
     machine_data_live}};

static const struct specimen_function machine_functions[] = {
    {(uint64_t)va_machine_work, 16, false, 0},
    {(uint64_t)va_machine_keeps, 16, true, 0}};

static const struct specimen_symbol machine_symbols[] = {
    {(uint64_t)va_machine_syscall, "machine_syscall"},
    {(uint64_t)va_machine_int80, "machine_int80"},
    {(uint64_t)va_machine_nmi, "machine_nmi"},
    {(uint64_t)va_machine_work, "machine_work"},
    {(uint64_t)va_machine_keeps, "machine_keeps"}};

static const struct specimen_kernel machine_kernel = {
    machine_segments, machine_functions, machine_symbols, 2, 2, 5};

static const struct specimen_machine machine_machine = {
    .kernel_cs = OWN_KERNEL_CS,
    .kernel_ss = OWN_KERNEL_SS,
    .user_cs32 = OWN_USER_CS32,
    .user_ss = OWN_USER_SS,
    .user_cs64 = OWN_USER_CS64,
    .fmask = 0x200,
    .no_fsgsbase = true,
    .ist_top = {[1] = OWN_IST1},
    .tss = (void *)OWN_TSS,
    .kernel_cr3 = (uint64_t *)(OWN_DATA + 16),
    .user_cr3 = (uint64_t *)(OWN_DATA + 24),
};

static const struct specimen_stub machine_stubs[] = {
    {VEC_SYSCALL64, va_machine_syscall, RULE_ALWAYS, false},
    {VEC_int80, va_machine_int80, RULE_BY_CS, false},
    {VEC_nmi, va_machine_nmi, RULE_BY_SIGN, false, .ist = 1}};

const struct specimen specimen_machine = {
    .name = "machine",
    .about = "of the tests: on a machine of its author's",
    .stubs = machine_stubs,
    .count = 3,
    .gs_base = (void *)OWN_DATA,
    .stack_top = (void *)OWN_RSP0,
    .machine = &machine_machine,
    .kernel = &machine_kernel,
};
