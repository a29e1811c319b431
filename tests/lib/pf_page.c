/* SPDX-License-Identifier: MIT */
/* One access to one page; see pf_page.h. */
#include "pf_page.h"

#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "msr.h"
#include "origin.h"
#include "page.h"
#include "vectors.h"

/* Full of INT VEC_gate: what a fetch that works meets. */
__asm__(".pushsection .user.data,\"aw\"\n.balign 4096\n.globl pf_page\n"
        "pf_page: .fill 2048, 2, 0xf0cd\n.popsection");

#define PKRU_AD1 (1u << 2)
#define PKRU_WD1 (1u << 3)
#define WIDEST_ADDRESS 52 /* of 52 physical bits none is reserved */

RING3(pf_read3, "", "mov (%rbx), %eax", "");
RING3(pf_write3, "", "mov %eax, (%rbx)", "");
RING3(pf_fetch3, "", "jmp *%rbx", "");
RING0(pf_read0, "", "mov (%rbx), %eax", "");
RING0(pf_write0, "", "mov %eax, (%rbx)", "");
RING0(pf_fetch0, "", "jmp *%rbx", "");
COMPAT(pf_read32, "", "mov %ss:(%ebx), %eax", "");
COMPAT(pf_write32, "", "mov %eax, %ss:(%ebx)", "");
COMPAT(pf_fetch32, "", "jmp *%ebx", "");

static struct {
    struct pf pf;
    uint64_t address, former, cr0, cr4;
    bool nxe; /* outside the runs */
} now;

unsigned pf_mode_now(void)
{
    return PF_WP | (rdmsr(MSR_EFER) & EFER_NXE ? PF_NXE : 0);
}

int pf_error(const struct pf *p)
{
    bool user = p->from != FROM_RING0, write = p->access == PF_WRITE,
         fetch = p->access == PF_FETCH;
    bool smap = p->mode & PF_SMAP && !(p->mode & PF_AC);
    /* Told of whenever the key forbids it, whatever else does. */
    bool key = p->mode & PF_PKE && !fetch && p->rights & PAGE_USER &&
               (p->mode & PF_KEY_AD ||
                (p->mode & PF_KEY_WD && write && (user || p->mode & PF_WP)));
    int error = (write ? PF_W : 0) | (user ? PF_U : 0) |
                (fetch && p->mode & (PF_NXE | PF_SMEP) ? PF_I : 0);

    if (!(p->rights & PAGE_PRESENT))
        return error;
    if (p->rights & PAGE_RESERVED ||
        (p->rights & PAGE_NX && !(p->mode & PF_NXE)))
        return error | PF_P | PF_RSVD;
    error |= key ? PF_PK : 0;
    if ((fetch && p->rights & PAGE_NX) || key ||
        (user && !(p->rights & PAGE_USER)) ||
        (write && !(p->rights & PAGE_WRITE) && (user || p->mode & PF_WP)) ||
        (!user && p->rights & PAGE_USER &&
         (fetch ? !!(p->mode & PF_SMEP) : smap)))
        return error | PF_P;
    return PF_ALLOWED;
}

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    if (now.pf.mode & PF_SMEP && !cpu_has(FEATURE_SMEP))
        return "this processor has no SMEP";
    if (now.pf.mode & PF_SMAP && !cpu_has(FEATURE_SMAP))
        return "this processor has no SMAP";
    if (now.pf.mode & PF_PKE && !cpu_has(FEATURE_PKU))
        return "this processor has no protection keys";
    if (now.pf.rights & PAGE_NX && !(pf_mode_now() & PF_NXE))
        return "this processor has no NX";
    if (now.pf.rights & PAGE_RESERVED && cpu_physical_bits() >= WIDEST_ADDRESS)
        return "no bit of a physical address is reserved here";
    return 0;
}

static void before(struct trapframe *c)
{
    uint64_t page = (uint64_t)pf_page, cr4 = 0;

    c->rbx = now.address;
    if (now.pf.mode & PF_AC)
        c->rflags |= FLAG_AC;
    now.nxe = pf_mode_now() & PF_NXE;
    if (now.nxe && !(now.pf.mode & PF_NXE))
        pf_nxe_off();
    now.former = page_set(page, page_physical(pf_page) | now.pf.rights |
                                    (now.pf.mode & PF_PKE ? PAGE_KEY(1) : 0));
    now.cr0 = read_cr0();
    now.cr4 = read_cr4();
    if (!(now.pf.mode & PF_WP))
        write_cr0(now.cr0 & ~(uint64_t)CR0_WP);
    if (now.pf.mode & PF_SMEP)
        cr4 |= CR4_SMEP;
    if (now.pf.mode & PF_SMAP)
        cr4 |= CR4_SMAP;
    if (now.pf.mode & PF_PKE)
        cr4 |= CR4_PKE;
    write_cr4(now.cr4 | cr4);
    if (now.pf.mode & PF_PKE)
        wrpkru((now.pf.mode & PF_KEY_AD ? PKRU_AD1 : 0) |
               (now.pf.mode & PF_KEY_WD ? PKRU_WD1 : 0));
}

static void after(void)
{
    if (now.pf.mode & PF_PKE)
        wrpkru(0);
    write_cr4(now.cr4);
    write_cr0(now.cr0);
    page_set((uint64_t)pf_page, now.former);
    if (now.nxe && !(now.pf.mode & PF_NXE))
        pf_nxe_on();
}

void pf_run(const char *prefix, const struct pf *p)
{
    static const struct snippet code[FROM_COUNT][PF_ACCESSES] = {
        {SNIPPET(pf_read3), SNIPPET(pf_write3), SNIPPET(pf_fetch3)},
        {SNIPPET(pf_read32), SNIPPET(pf_write32), SNIPPET(pf_fetch32)},
        {SNIPPET(pf_read0), SNIPPET(pf_write0), SNIPPET(pf_fetch0)},
    };
    static const char *const access[] = {"read", "write", "fetch"};
    bool fetch = p->access == PF_FETCH;
    int error = pf_error(p);
    struct stimulus s = {
        .from = p->from,
        .start = code[p->from][p->access].start,
        .at = code[p->from][p->access].at,
        .resume = code[p->from][p->access].resume,
        .vector = error == PF_ALLOWED ? VEC_gate : VEC_pf,
        .error_code = true,
        .error = (uint64_t)error,
        .saved = SAVED_AT,
        .clobbers = REG_RAX | REG_RBX,
        .unfit = unfit,
        .before = before,
        .after = after,
        .facts = "EX6 EX16",
        .why = "which accesses a page allows, and P, W, U, RSVD and I of the "
               "others' error code, with CR2 to the byte; SDM vol 3, 4.6, 4.7",
    };
    char id[44];

    now.pf = *p;
    now.address = (uint64_t)pf_page + (fetch ? PF_OFFSET_CODE : PF_OFFSET_DATA);
    s.address = now.address;
    if (fetch) /* the branch is over: the fault is the target's */
        s.at = (const char *)now.address;
    fmt(id, sizeof(id), "%s.%s.%s.%s%s%s%s%s", prefix, origin_ids[p->from],
        access[p->access], p->rights & PAGE_PRESENT ? "p" : "absent",
        p->rights & PAGE_WRITE ? "w" : "", p->rights & PAGE_USER ? "u" : "",
        p->rights & PAGE_NX ? "n" : "",
        p->rights & PAGE_RESERVED ? "-reserved" : "");
    s.id = id;
    check_run(&s);
}
