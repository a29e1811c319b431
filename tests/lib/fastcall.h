/* SPDX-License-Identifier: MIT */
/*
 * What the cases about SYSCALL, SYSRET, SYSENTER and SYSEXIT have in common:
 * the four instructions as the manuals' pseudo-code has them, the wants that
 * follow from it, and the MSRs, gates and pages that a row may change.
 *
 * A row sets the machine up in its before() with the lend functions, and says
 * in its expect() what the instruction makes of the context that it started
 * with.  After a fault or a call the run goes on in that first context, right
 * behind the instruction: mend() sees to that wherever the fault was.
 */
#ifndef RINGSIDE_FASTCALL_H
#define RINGSIDE_FASTCALL_H

#include "judge/stimulus.h"
#include "pte.h"

/* check_run(), with fastcall_restore() and fastcall_mend() unless the row has
 * hooks of its own. */
void fastcall_run(const struct stimulus *s);
void fastcall_restore(void); /* an after(): undoes all that was lent */
void fastcall_mend(unsigned nth, const struct outcome *o, struct trapframe *f);

/* For before(): the MSR's value is what the model goes by, not its read-back.
 */
void lend_msr(uint32_t msr, uint64_t value);
void lend_ist(unsigned vector, unsigned ist); /* an interrupt gate, DPL 0 */
void lend_page(uint64_t va, uint64_t entry);  /* page_set(), at most four */

/* The instructions.  Each turns the context in which it is executed into the
 * one that it leads to; vector: VEC_SYSCALL64 or VEC_SYSCALL32; wide: REX.W. */
void do_syscall(struct trapframe *c, unsigned vector);
void do_sysret(struct trapframe *c, bool wide, bool amd);
void do_sysenter(struct trapframe *c);
void do_sysexit(struct trapframe *c, bool wide);

/* For expect(), event i of w: an exception or interrupt taken in context c;
 * the harness's entry point, reached in context c; the gate, from where the
 * run goes on after a fault or a call, with c's general registers. */
void want_event(struct want *w, unsigned i, unsigned vector, uint64_t error,
                uint64_t address, const struct trapframe *c);
void want_call(struct want *w, unsigned i, unsigned vector,
               const struct trapframe *c);
void want_back(struct want *w, unsigned i, const struct trapframe *c);

/* An expect() for calls: s->vector is entered; with TF left set in the
 * handler, the single step comes first. */
void expect_call(const struct stimulus *s, struct want *w, bool amd);

/*
 * Where ring 3 is reached: a NOP and the gate, in 64-bit and in compat code.
 * want_landed(): the arrival at the gate from there, in context c.  wide: by
 * SYSRETQ or SYSEXITQ, in 64-bit code.
 */
const char *landing(bool wide);
void want_landed(struct want *w, unsigned i, const struct trapframe *c,
                 bool wide);
/* The same from other code, whose gate stands at `gate'. */
void want_gate(struct want *w, unsigned i, const struct trapframe *c, bool wide,
               const char *gate);
uint64_t user_stack_top(void); /* an RSP for ring 3, below 4 GiB */

/* An unfit(): tries in a plain context whether s->vector is entered at all,
 * whatever the vendor string says; one more row asks whether that is right. */
const char *unless_entered(const struct stimulus *s);
/* ... and whether SYSEXIT returns to ring 3. */
const char *unless_sysexit(const struct stimulus *s);
/* RDX and RCX for a SYSEXIT to the landing, on ring 3's stack. */
void sysexit_to_landing(struct trapframe *c, bool wide);
/* An expect() for what AMD's processors do not know: as stated, or #UD. */
void expect_or_ud(const struct stimulus *s, struct want *w, bool amd);

/* A page of ring 3's own, for what must not be present, executable, ... */
extern char user_page[PAGE_SIZE];

#define FASTCALL_FLAGS 22            /* RFLAGS bits with a meaning: 0 to 21 */
const char *flag_name(unsigned bit); /* "df"; "bit3" for one without a name */
/* All that ring 3 can have set, but TF, VIF and VIP. */
#define EVERY_FLAG                                                             \
    (FLAG_ONE | ARITHMETIC_FLAGS | FLAG_IF | FLAG_DF | FLAG_IOPL | FLAG_NT |   \
     FLAG_AC | FLAG_ID)
#define SYSRET_FLAGS 0x3c7fd7u /* what SYSRET takes from R11 */

/* Canonical for no processor: for MSRs, which go by its width, not CR4's. */
#define BAD_EVERYWHERE 0xaaaaaaaaaaaaaaaaull

/* I of a #PF error code for a fetch: only where there are rights to fetch. */
unsigned fetch_bit(void);
#define PF_PRESENT 1u
#define PF_USER 4u
#define PF_FETCH 16u

#endif
