/* SPDX-License-Identifier: MIT */
/*
 * An NMI handler of the cases' own, for what happens while NMIs are blocked:
 * the harness's stubs end in an IRETQ each, which would unblock them.
 *
 * nmi_own_use() makes vector 2 lead to it.  It calls the hook, restores every
 * register and the flags, and leaves by one of the exits.  Each exit has a
 * name_at where it does what is special, and a name_resume behind that.
 */
#ifndef RINGSIDE_NMI_OWN_H
#define RINGSIDE_NMI_OWN_H

#include "judge/stimulus.h"

#ifndef __ASSEMBLER__

/* X(name): see nmi_own.S. */
#define NMI_OWN_EXITS(X)                                                       \
    X(iretq)                                                                   \
    X(int3)                                                                    \
    X(ud)                                                                      \
    X(pf)                                                                      \
    X(stepped)                                                                 \
    X(null_cs)                                                                 \
    X(nested_task)                                                             \
    X(no_frame)                                                                \
    X(lretq)                                                                   \
    X(jump)
#define EXIT(name)                                                             \
    extern const char nmi_exit_##name[], nmi_exit_##name##_at[],               \
        nmi_exit_##name##_resume[];
NMI_OWN_EXITS(EXIT)
#undef EXIT

/* Where the exits that must fault read from: nothing is mapped there. */
#define NMI_OWN_UNMAPPED 0x20000000

/*
 * From a before(): NMIs go to the own handler, on the given IST slot; the
 * first calls hook.  From the second on they go to the capture stub, on
 * ist_after (IST_nmi: where the first one's frame lies).
 */
void nmi_own_use(unsigned ist, void (*hook)(void), const char *exit,
                 unsigned ist_after);
/* In an after(): vector 2 as it was. */
void nmi_own_done(void);

/* Sends one to this processor, and gives it time to be latched. */
void nmi_own_send(void);

/* How often the own handler has run since nmi_own_use(). */
extern volatile unsigned nmi_own_entries;

/* What the processor had pushed for it. */
struct nmi_own_frame {
    uint64_t rip, cs, rflags, rsp, ss;
};
extern struct nmi_own_frame nmi_own_frame;

/* The handler's context when it leaves, for expectations: from is where the
 * NMI came from, ist as above. */
struct trapframe nmi_own_context(const struct trapframe *from, unsigned ist);

#endif
#endif
