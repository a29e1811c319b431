/* SPDX-License-Identifier: MIT */
/* The core's last words; see fatal.h. */
#include "fatal.h"

#include "finish.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "record.h"
#include "record/result.h"
#include "runtime.h"
#include "screen/console.h"
#include "start.h"
#include "unwind.h"
#include "vectors.h"

static void print(const struct record_last_words *w)
{
    const struct trapframe *f = &w->frame;
    char text[768];

    fmt(text, sizeof(text),
        "ringside died at: %s\n%s (%s, error code %llx)\n"
        "rip %016llx cs %04llx rflags %08llx\n"
        "rsp %016llx ss %04llx cr2 %016llx\n"
        "rax %016llx rbx %016llx rcx %016llx\n"
        "rdx %016llx rsi %016llx rdi %016llx\n"
        "rbp %016llx r8  %016llx r9  %016llx\n"
        "gs  %016llx kgs %016llx cr3 %016llx\n",
        w->step, w->text, vector_info(f->vector)->mnemonic,
        (unsigned long long)f->error_code, (unsigned long long)f->rip,
        (unsigned long long)f->cs, (unsigned long long)f->rflags,
        (unsigned long long)f->rsp, (unsigned long long)f->ss,
        (unsigned long long)w->cr2, (unsigned long long)f->rax,
        (unsigned long long)f->rbx, (unsigned long long)f->rcx,
        (unsigned long long)f->rdx, (unsigned long long)f->rsi,
        (unsigned long long)f->rdi, (unsigned long long)f->rbp,
        (unsigned long long)f->r8, (unsigned long long)f->r9,
        (unsigned long long)w->gs_base, (unsigned long long)w->kernel_gs_base,
        (unsigned long long)w->cr3);
    console_last_words(text);
}

/* In one line: what, and where. */
static const char *in_short(const struct outcome *o, const char *text,
                            unsigned verdict)
{
    static char words[sizeof(((struct record_check *)0)->seen)];
    const struct trapframe *f = &o->frame;
    int n = fmt(words, sizeof(words), "%s, ", text);

    if (verdict == VERDICT_HANG || !f->cs)
        fmt(words + n, sizeof(words) - (size_t)n, "at %llx",
            (unsigned long long)f->rip);
    else
        fmt(words + n, sizeof(words) - (size_t)n,
            f->vector == VEC_pf ? "%s(%llx) at %llx, cr2 %llx"
                                : "%s(%llx) at %llx",
            vector_info((unsigned)f->vector)->mnemonic,
            (unsigned long long)f->error_code, (unsigned long long)f->rip,
            (unsigned long long)o->cr2);
    return words;
}

/* A case has died: in the journal, for the boot that comes if it cannot be
 * given up.  Nothing is printed from here, which may be a handler. */
static _Noreturn void give_up(const struct outcome *o, const char *text,
                              unsigned verdict)
{
    result_dying(verdict, in_short(o, text, verdict));
    unwind();
}

static enum { ALIVE, UNWINDING, LAST_WORDS } state;

void fatal_survived(void)
{
    state = ALIVE;
}

static _Noreturn void die(const struct outcome *o, const char *text,
                          unsigned verdict)
{
    struct record_last_words w = {
        .frame = o->frame,
        .cr2 = o->cr2,
        .cr3 = read_cr3(),
        .gs_base = o->gs_base,
        .kernel_gs_base = o->kernel_gs_base,
    };

    const char *service = runtime_faulted();

    if (service) { /* the run is over, and its results are as good as before */
        result_note("the firmware's %s faulted at run time: %s at %llx",
                    service, vector_info((unsigned)o->frame.vector)->mnemonic,
                    (unsigned long long)o->frame.rip);
        finish();
    }
    if (state == ALIVE && unwind_possible()) {
        state = UNWINDING;
        give_up(o, text, verdict);
    }
    /* The first goes on without it, and says so. */
    if (handoff.cpu)
        processor_die(in_short(o, text, verdict));
    /* The next boot goes on behind it; or the last words themselves faulted,
     * and the journal has some. */
    if ((state == UNWINDING && handoff.two_boots) || state == LAST_WORDS)
        finish_reset();
    state = LAST_WORDS;
    fmt(w.step, sizeof(w.step), "%s", result_step_name());
    fmt(w.text, sizeof(w.text), "%s", text);
    result_append(RECORD_LAST_WORDS, &w, sizeof(w));
    print(&w);
    finish();
}

_Noreturn void fatal(const struct outcome *o, const char *text)
{
    die(o, text, VERDICT_FAIL);
}

_Noreturn void fatal_hang(const struct outcome *o)
{
    die(o, "no end in sight after seconds, in the harness's own code",
        VERDICT_HANG);
}

_Noreturn void fatal_here(const char *text)
{
    struct outcome o = {.frame.rip = (uint64_t)__builtin_return_address(0)};

    fatal(&o, text);
}
