/* SPDX-License-Identifier: MIT */
/*
 * Two blocks of the text report that are facts, not judgements: the machine,
 * and the last words of a core that died.
 */
#include "fmt.h"
#include "render.h"

#define HANG 14 /* where the values stand, behind their labels */
#define MIB (1u << 20)
#define KHZ 1000u
#define LIST_MAX 384

static const char *or_unknown(const char *s)
{
    return s[0] != '\0' ? s : "unknown";
}

static void line(struct out *o, const char *label, const char *value)
{
    out_line(o, HANG, "  %-11s %s", label, value);
}

/* "80010033 (PE MP ET NE WP PG)" */
static void bits(char *buf, size_t n, uint64_t v, const struct bit_name *b)
{
    size_t len = (size_t)fmt(buf, n, "%lx", v);
    const char *lead = " (";

    for (; b->name[0] != '\0' && len < n; b++) {
        if (v >> b->bit & 1) {
            len += (size_t)fmt(buf + len, n - len, "%s%s", lead, b->name);
            lead = " ";
        }
    }
    if (*lead != '\0' && lead[1] == '\0' && len < n)
        fmt(buf + len, n - len, ")");
}

static void registers(struct out *o, const struct record_machine *m)
{
    char buf[LIST_MAX];

    bits(buf, sizeof(buf), m->fw_cr0, cr0_bits);
    out_line(o, HANG, "  %-11s CR0  %s", "handed over", buf);
    bits(buf, sizeof(buf), m->fw_cr4, cr4_bits);
    out_line(o, HANG + 5, "  %-11s CR4  %s", "", buf);
    bits(buf, sizeof(buf), m->fw_efer, efer_bits);
    out_line(o, HANG, "  %-11s EFER %s", "", buf);
}

static void features(struct out *o, const struct record_machine *m)
{
    char buf[LIST_MAX];
    size_t len = 0;
    unsigned at = 0;
    const char *f;

    fmt(buf, sizeof(buf), "none of those that were asked for");
    while ((f = next_feature(m, &at)) != NULL && len < sizeof(buf))
        len += (size_t)fmt(buf + len, sizeof(buf) - len, "%s%s",
                           len > 0 ? " " : "", f);
    line(o, "features", buf);
}

static void screen(struct out *o, const struct record_machine *m)
{
    char buf[LIST_MAX];

    fmt(buf, sizeof(buf), "none");
    if (m->screen == SCREEN_LINEAR)
        fmt(buf, sizeof(buf), "%ux%u, %u pixels a line", m->width, m->height,
            m->stride);
    else if (m->screen == SCREEN_BLT_ONLY)
        fmt(buf, sizeof(buf), "no linear framebuffer (Blt only)");
    line(o, "screen", buf);
    fmt(buf, sizeof(buf), "none answered");
    if (m->serial_port != 0)
        fmt(buf, sizeof(buf), "port 0x%x", m->serial_port);
    line(o, "serial", buf);
}

void text_machine(struct out *o, const struct record_machine *m)
{
    char buf[LIST_MAX];
    unsigned minor = m->uefi_revision & 0xffff;

    out_text(o, "\nMachine\n");
    fmt(buf, sizeof(buf), "%s family %u model %u stepping %u%s%s",
        or_unknown(m->vendor), m->family, m->model, m->stepping,
        m->brand[0] != '\0' ? ", " : "", m->brand);
    line(o, "processor", buf);
    features(o, m);
    fmt(buf, sizeof(buf), "%s, accelerator %s",
        m->hypervisor[0] != '\0' ? m->hypervisor : "none announced",
        or_unknown(m->accelerator));
    line(o, "hypervisor", buf);
    fmt(buf, sizeof(buf), "%s, revision 0x%x, UEFI %u.%u, Secure Boot %s",
        or_unknown(m->firmware), m->firmware_revision, m->uefi_revision >> 16,
        minor / 10, m->secure_boot ? "on" : "off");
    line(o, "firmware", buf);
    fmt(buf, sizeof(buf), "%lu MiB; %u processor%s; %s; TSC %lu.%03lu MHz",
        m->memory_bytes / MIB, m->processors, m->processors == 1 ? "" : "s",
        m->x2apic ? "x2APIC" : "xAPIC", m->tsc_hz / KHZ / KHZ,
        m->tsc_hz / KHZ % KHZ);
    line(o, "memory", buf);
    registers(o, m);
    screen(o, m);
    if (m->options[0] != '\0')
        line(o, "options", m->options);
}

void text_last_words(struct out *o, const struct record_last_words *w)
{
    const struct trapframe *f = &w->frame;

    out_char(o, '\n');
    out_line(o, 2, "Last words of the core: %s", w->text);
    out_line(o, 2, "  vector %lu  error code %lx  at step \"%s\"", f->vector,
             f->error_code, w->step);
    out_line(o, 2, "  RIP %016lx  CS %04lx  RFLAGS %08lx", f->rip, f->cs,
             f->rflags);
    out_line(o, 2, "  RSP %016lx  SS %04lx  CR2 %016lx", f->rsp, f->ss, w->cr2);
    out_line(o, 2, "  RAX %016lx  RBX %016lx  RCX %016lx", f->rax, f->rbx,
             f->rcx);
    out_line(o, 2, "  RDX %016lx  RSI %016lx  RDI %016lx", f->rdx, f->rsi,
             f->rdi);
    out_line(o, 2, "  RBP %016lx  R8  %016lx  R9  %016lx", f->rbp, f->r8,
             f->r9);
    out_line(o, 2, "  R10 %016lx  R11 %016lx  R12 %016lx", f->r10, f->r11,
             f->r12);
    out_line(o, 2, "  R13 %016lx  R14 %016lx  R15 %016lx", f->r13, f->r14,
             f->r15);
    out_line(o, 2, "  GS  %016lx  KGS %016lx  CR3 %016lx", w->gs_base,
             w->kernel_gs_base, w->cr3);
}
