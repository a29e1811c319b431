/* SPDX-License-Identifier: MIT */
/*
 * A specimen: a set of entry and exit stubs, as the C side knows it.
 *
 * It is a folder with .S files (code in section .text.under_test, data in
 * .data) and one header, stubs.h, that declares their symbols and defines
 *
 *	const struct specimen specimen_NAME = { ... };
 *
 * where NAME is the folder's, with '_' for '-'.  The build finds the folders
 * in entry/specimens/; nothing lists them by hand.  For a folder anywhere else
 * there is make window SPECIMEN=path/to/dir; tests/examples/tinyos is one.
 *
 * What a stub finds is what the processor leaves: GS_BASE is the user's if it
 * came from ring 3, KERNEL_GS_BASE is gs_base; gates are interrupt gates, on
 * RSP0, or for #DB, NMI, #MC and #DF each on an IST stack of the harness's;
 * SYSCALL comes on the user's stack with IF, TF, DF, IOPL, NT and AC clear,
 * SYSENTER on the harness's.  CR4.FSGSBASE is on where there is one.  What it
 * must give back is every register (a call: those that C's functions keep, and
 * RSP), flags, segments, both GS bases, and the stack it came on.  Any set of
 *stubs will do; an event that has none lands nowhere.
 *
 * A stub calls one of the harness's two routines where a kernel would do its
 * work: specimen_handle(frame) with RDI pointing to a struct trapframe, which
 * answers how to leave (entry/leave.h) and may change the frame; or
 * specimen_body, which needs nothing but a stack, and changes nothing.
 */
#ifndef RINGSIDE_SPECIMEN_H
#define RINGSIDE_SPECIMEN_H

#include <stdbool.h>

#include "record.h"

/* One way in: a vector, or one of vectors.h's numbers above them. */
struct specimen_stub {
    uint16_t vector;   /* VEC_ud, VEC_SYSCALL64, VEC_CALLGATE ... */
    const void *stub;  /* its first instruction */
    enum gs_rule rule; /* RULE_NONE: none is declared */
    bool nests;        /* survives a second event on its own IST stack */
    uint8_t ist;       /* 1 to 7: the author's; or enum specimen_ist */
    bool trap_gate;    /* leaves IF as it is */
    bool ring3;        /* ring 3 may call it by INT */
};

enum specimen_ist {
    SPECIMEN_IST_OURS = 0, /* an IST stack where vectors.def has one */
    SPECIMEN_IST_NONE = 8, /* the author has chosen none */
};

/*
 * An instruction of the specimen's that may touch ring 3's stack; or one at
 * which ring 0 has the user's base, and which its by-cs gates know by address.
 * If it may fault: where the kernel's exception table sends it; to NULL: the
 * gate itself has seen to that.
 */
struct specimen_fixup {
    const void *at, *to;
};

/* The machine that its stubs are written for, where that is not the harness's.
 * A selector of 0: it has no such segment. */
struct specimen_machine {
    uint16_t kernel_cs, kernel_ss, user_cs32, user_ss, user_cs64;
    uint64_t star, fmask; /* the MSRs */
    bool no_fsgsbase;     /* it never turns CR4.FSGSBASE on */
    uint64_t rax;         /* of ring 3's calls: a number that it knows */
    uint64_t ist_top[8];  /* by its own numbers; 0: a stack of ours */
    void *tss;            /* its own, to be filled; NULL: none */
    uint64_t *kernel_cr3, *user_cr3; /* where its stubs look for them */
};

/* A loadable segment of a kernel that was linked by its author. */
struct specimen_segment {
    uint64_t va;       /* on a page's first byte */
    const void *bytes; /* as linked: file_size of them, zeroes behind */
    uint64_t file_size, memory_size;
    bool write, execute;
    void *live; /* whole pages, to be mapped at va */
};

/* A function of the kernel's that stands for its work: its first bytes become
 * a jump to the harness, which does to the registers what C may, or keeps all.
 */
struct specimen_function {
    uint64_t at;
    uint32_t room; /* bytes that may be overwritten */
    bool keeps;
    uint64_t returns; /* RAX */
    bool any_gs;      /* it sees to the GS base itself */
};

struct specimen_symbol {
    uint64_t at;
    const char *name;
};

struct specimen_kernel {
    const struct specimen_segment *segments;
    const struct specimen_function *functions;
    const struct specimen_symbol *symbols; /* of its code, sorted by at */
    unsigned segments_count, functions_count, symbols_count;
};

struct specimen {
    const char *name;
    const char *about; /* one line, with its published limits */
    const struct specimen_stub *stubs;
    unsigned count;
    /* GS_BASE in its handlers; NULL: the harness's percpu, or, with kernel,
     * that keeps nothing by GS, any. */
    void *gs_base;
    void *stack_top; /* RSP0; NULL: the harness's */
    /* Its stubs find gs_base right above each IST stack's top, as `stored'
     * wants it: specimen_install() lowers the tops and puts it there. */
    bool stored;
    const struct specimen_fixup *fixups; /* NULL: no exit of its may fault */
    unsigned fixups_count;
    bool unaware; /* wrong: its gates do not know those instructions */
    bool wrong;   /* on purpose: it must be found where its rules say */
    /* A published limit: its SYSRETQ takes any address, for what changes the
     * frame has it left by IRETQ, and no page of ring 3's borders on the
     * addresses that are none. */
    bool sysret_unchecked;
    /* Complete ones: a stub for each vector, in the IDT's order, and the last
     * instruction of the SYSCALL path.  NULL: stubs is all there is. */
    const void *const *gates;
    const void *sysretq;
    const struct specimen_machine *machine; /* NULL: the harness's */
    const struct specimen_kernel *kernel;   /* NULL: linked with the core */
};

/* Every specimen that was built in: from the Makefile, in the folders' order.
 */
extern const struct specimen *const specimens[];
extern const unsigned specimens_count;
/* The one that `make window` has brought along, or NULL.  It may be broken in
 * any way: what it does is announced, and written down before it does it. */
extern const struct specimen *const specimen_own;

extern const struct specimen specimen_linux;
/* Wrong on purpose, for --self-test. */
extern const struct specimen specimen_twice, specimen_never, specimen_forgetful;

/* While it is not 0, specimen_handle and specimen_body do nothing. */
extern volatile uint8_t specimen_quiet;

/* Points the IDT and the MSRs to its stubs (what it has none for goes to the
 * capture stubs), or all of it back to the capture stubs. */
void specimen_install(const struct specimen *s);
void specimen_remove(void);
const struct specimen *specimen_installed(void); /* or NULL */

/* All memory that specimen_own's author may have written is as it was before
 * anything of its ran, the first time that this was called.  Costs little where
 * nothing has been written; does nothing if there is none. */
void specimen_put_back(void);

/* The stub for a vector or another number of vectors.h's; NULL: none. */
const struct specimen_stub *specimen_stub(const struct specimen *s,
                                          unsigned vector);
/* Its rule; the interrupt array's have that of VEC_window_irq. */
enum gs_rule specimen_rule(const struct specimen *s, unsigned vector);

#endif
