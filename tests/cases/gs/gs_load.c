/* SPDX-License-Identifier: MIT */
/* Loads of FS and GS; see gs_load.h. */
#include "gs_load.h"

#include "selectors.h"
#include "vectors.h"

#define FAR_OFFSET 0x600dcafeull /* what LGS loads into ECX */

/* The selector is in EAX, at the top of the stack, or behind an offset. */
#define LOADS_OF(reg)                                                          \
    RING3(load_mov_##reg##3, "", "mov %eax, %" #reg, "");                      \
    RING0(load_mov_##reg##0, "", "mov %eax, %" #reg, "");                      \
    COMPAT(load_mov_##reg##c, "", "mov %eax, %" #reg, "");                     \
    RING3(load_pop_##reg##3, "", "pop %" #reg, "");                            \
    RING0(load_pop_##reg##0, "", "pop %" #reg, "");                            \
    COMPAT(load_pop_##reg##c, "", "pop %" #reg, "");                           \
    RING3(load_far_##reg##3, "", "l" #reg " (%rsp), %ecx", "");                \
    RING0(load_far_##reg##0, "", "l" #reg " (%rsp), %ecx", "");                \
    COMPAT(load_far_##reg##c, "", "l" #reg " (%esp), %ecx", "")
LOADS_OF(fs);
LOADS_OF(gs);

#define CODE_OF(name)                                                          \
    {                                                                          \
        [FROM_RING3] = SNIPPET(name##3), [FROM_RING0] = SNIPPET(name##0),      \
        [FROM_COMPAT] = SNIPPET(name##c)                                       \
    }
static const struct snippet codes[GS_REGISTERS][GS_LOADS][FROM_COUNT] = {
    {CODE_OF(load_mov_fs), CODE_OF(load_pop_fs), CODE_OF(load_far_fs)},
    {CODE_OF(load_mov_gs), CODE_OF(load_pop_gs), CODE_OF(load_far_gs)},
};

const char *const gs_register_ids[GS_REGISTERS] = {"fs", "gs"};
const char *const gs_load_ids[GS_LOADS] = {"mov", "pop", "far"};

/* Neither selector is null, neither base the descriptor's. */
static const struct gs_state start = {SEL_USER_SS, SEL_USER_SS, FS_POSITIVE,
                                      GS_POSITIVE, GS_NEGATIVE};
static const struct gs_loading *now;

static void before(struct trapframe *c)
{
    c->rax = now->selector;
    *(uint64_t *)c->rsp = now->load == GS_FAR
                              ? FAR_OFFSET | (uint64_t)now->selector << 32
                              : now->selector;
    gs_set(&start);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct wanted *gate = &w->event[w->count - 1];
    struct gs_state end = start;

    (void)amd;
    if (s->vector == VEC_gate) {
        if (now->load == GS_POP)
            gate->o.frame.rsp += s->from == FROM_COMPAT ? 4 : 8;
        if (now->load == GS_FAR)
            gate->o.frame.rcx = FAR_OFFSET;
        if (now->reg == GS_FS) {
            end.fs = now->selector;
            end.fs_base = now->base;
        } else {
            end.gs = now->selector;
            end.gs_base = now->base;
        }
    }
    gs_want(w, 0, &end);
}

void gs_load_run(struct stimulus *s, const struct gs_loading *l)
{
    now = l;
    stimulus_code(s, &codes[l->reg][l->load][l->from]);
    s->from = l->from;
    s->vector = l->fault;
    s->error_code = l->fault != VEC_gate;
    s->error = l->error;
    s->saved = SAVED_AT;
    s->before = before;
    s->expect = expect;
    s->after = gs_after;
    check_run(s);
}
