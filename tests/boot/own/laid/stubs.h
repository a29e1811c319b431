/* SPDX-License-Identifier: MIT */
#include "place.h"
#include "shared.h"
#include "specimen.h"
#include "vectors.h"

extern const char laid_text[], laid_text_end[], laid_data[], laid_data_end[];
extern const char laid_text_size[], laid_data_size[];
extern const char va_laid_syscall[], va_laid_again[], va_laid_int80[],
    va_laid_nmi[], va_laid_work[], va_laid_keeps[];

static uint8_t laid_text_live[0x1000] FIRST_ONLY __attribute__((aligned(4096)));
static uint8_t laid_data_live[0x2000] FIRST_ONLY __attribute__((aligned(4096)));

static const struct specimen_segment laid_segments[] = {
    {LAID_TEXT, laid_text, (uint64_t)laid_text_size, 0x1000, false, true,
     laid_text_live},
    {LAID_DATA, laid_data, (uint64_t)laid_data_size, 0x2000, true, false,
     laid_data_live}};

static const struct specimen_function laid_functions[] = {
    {(uint64_t)va_laid_work, 16, false, 0x5eed},
    {(uint64_t)va_laid_keeps, 16, true, 0}};

static const struct specimen_symbol laid_symbols[] = {
    {(uint64_t)va_laid_syscall, "laid_syscall"},
    {(uint64_t)va_laid_again, "laid_again"},
    {(uint64_t)va_laid_int80, "laid_int80"},
    {(uint64_t)va_laid_nmi, "laid_nmi"},
    {(uint64_t)va_laid_work, "laid_work"},
    {(uint64_t)va_laid_keeps, "laid_keeps"}};

static const struct specimen_kernel laid_kernel = {
    laid_segments, laid_functions, laid_symbols, 2, 2, 6};

static const struct specimen_stub laid_stubs[] = {
    {VEC_SYSCALL64, va_laid_syscall, RULE_ALWAYS, false},
    {VEC_int80, va_laid_int80, RULE_BY_CS, false},
    {VEC_nmi, va_laid_nmi, RULE_SAVE_SET, false}};

const struct specimen specimen_laid = {
    .name = "laid",
    .about = "of the tests: linked by its author",
    .stubs = laid_stubs,
    .count = 3,
    .gs_base = (void *)LAID_DATA,
    .stack_top = (void *)LAID_TOP,
    .kernel = &laid_kernel,
};
