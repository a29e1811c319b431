/* SPDX-License-Identifier: MIT */
/*
 * A few instructions to be run as a context of their own, written where they
 * are used: in ring 3, in compat code, or in ring 0.
 */
#ifndef RINGSIDE_SNIPPET_H
#define RINGSIDE_SNIPPET_H

/*
 * `insn' is the one that enters ring 0: a fault is taken at name_at, and what
 * comes after it stands at name_resume.  INT VEC_gate ends it.
 */
/* A line of this is a line of assembly. */
/* clang-format off */
#define SNIPPET_IN(section, bits, name, before, insn, after)                   \
    __asm__(".pushsection " section "\n.balign 16\n" bits "\n" #name ":\n"     \
            before "\n" #name "_at:\n" insn "\n" #name "_resume:\n" after      \
            "\nint $0xf0\nud2\n.code64\n.popsection");                         \
    extern const char name[], name##_at[], name##_resume[]
/* clang-format on */
#define RING3(name, before, insn, after)                                       \
    SNIPPET_IN(".user.text,\"ax\"", ".code64", name, before, insn, after)
#define COMPAT(name, before, insn, after)                                      \
    SNIPPET_IN(".user.text,\"ax\"", ".code32", name, before, insn, after)
#define RING0(name, before, insn, after)                                       \
    SNIPPET_IN(".text.under_test,\"ax\"", ".code64", name, before, insn, after)

/* Its three labels, for tables. */
struct snippet {
    const char *start, *at, *resume;
};
#define SNIPPET(name)                                                          \
    {                                                                          \
        name, name##_at, name##_resume                                         \
    }

#endif
