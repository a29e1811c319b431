/* SPDX-License-Identifier: MIT */
/* How a processor drops what it keeps of the page tables; see drop.h. */
#include "drop.h"

#include "cpu.h"
#include "insn.h"
#include "msr.h"

#define PCID 1ull /* the one in use with KEEP_PCID */
#define OTHER_PCID 2ull
#define CR3_PCID 0xfffull
#define CR3_KEEP (1ull << 63)
#define LEAF_INVLPGB 0x80000008u /* EBX, bit 3 */
#define EBX_INVLPGB (1u << 3)
#define INVLPGB_VA 1ull     /* RAX: the address is given ... */
#define INVLPGB_GLOBAL 8ull /* ... and global translations go, too */

static void invpcid(uint64_t type, uint64_t pcid, uint64_t va)
{
    const uint64_t descriptor[2] = {pcid, va};

    __asm__ volatile("invpcid %1, %0"
                     :
                     : "r"(type), "m"(descriptor)
                     : "memory");
}

static uint64_t pcid_now(void)
{
    return read_cr4() & CR4_PCIDE ? read_cr3() & CR3_PCID : 0;
}

static void change_pge(void)
{
    uint64_t cr4 = read_cr4();

    write_cr4(cr4 ^ CR4_PGE);
    write_cr4(cr4);
}

/* The tables are the same ones under either PCID. */
static void drop_under_another(uint64_t va)
{
    uint64_t cr3 = read_cr3();

    write_cr3((cr3 & ~CR3_PCID) | OTHER_PCID | CR3_KEEP);
    invlpg(va);
    write_cr3(cr3 | CR3_KEEP);
}

void drop(enum drop how, uint64_t va)
{
    switch (how) {
    case DROP_CR3:
        write_cr3(read_cr3());
        break;
    case DROP_PGE:
        change_pge();
        break;
    case DROP_INVPCID_PAGE:
    case DROP_INVPCID_ONE:
    case DROP_INVPCID_GLOBAL:
    case DROP_INVPCID_ALL:
        invpcid(how - DROP_INVPCID_PAGE, pcid_now(), va);
        break;
    case DROP_NOTHING:
        write_cr3(read_cr3() | CR3_KEEP);
        break;
    case DROP_ELSEWHERE_PAGE:
        drop_under_another(va);
        break;
    case DROP_ELSEWHERE_INVPCID:
        invpcid(DROP_INVPCID_ONE - DROP_INVPCID_PAGE, OTHER_PCID, va);
        break;
    default:
        invlpg(va);
        break;
    }
}

/* PCIDE can be set under PCID 0 alone, and CR3 be read under PCIDE only. */
void keep_begin(enum keep k)
{
    if (k == KEEP_GLOBAL)
        write_cr4(read_cr4() | CR4_PGE);
    if (k != KEEP_PCID)
        return;
    write_cr4(read_cr4() | CR4_PCIDE);
    write_cr3(read_cr3() | PCID);
}

/* Either bit's change drops all that was kept. */
void keep_end(enum keep k)
{
    if (k == KEEP_GLOBAL)
        write_cr4(read_cr4() & ~(uint64_t)CR4_PGE);
    if (k != KEEP_PCID)
        return;
    write_cr3(read_cr3() & ~CR3_PCID);
    write_cr4(read_cr4() & ~(uint64_t)CR4_PCIDE);
}

const char *drop_unfit(enum drop how, enum keep k)
{
    bool type = how >= DROP_INVPCID_PAGE && how <= DROP_INVPCID_ALL;

    if ((type || how == DROP_ELSEWHERE_INVPCID) && !cpu_has(FEATURE_INVPCID))
        return "this processor has no INVPCID";
    if (k == KEEP_PCID && !cpu_has(FEATURE_PCID))
        return "this processor has no PCIDs";
    if ((k == KEEP_GLOBAL || how == DROP_PGE) && !cpu_has(FEATURE_PGE))
        return "this processor has no global pages";
    return 0;
}

/* AMD APM vol 3, INVLPGB and TLBSYNC; by their bytes, which not every assembler
 * knows.  ECX: no further page; EDX: no PCID or ASID is given. */
void drop_everywhere(uint64_t va)
{
    __asm__ volatile(".byte 0x0f, 0x01, 0xfe\n" /* invlpgb */
                     ".byte 0x0f, 0x01, 0xff"   /* tlbsync */
                     :
                     : "a"(va | INVLPGB_VA | INVLPGB_GLOBAL), "c"(0), "d"(0)
                     : "memory");
}

const char *drop_everywhere_unfit(void)
{
    return cpuid_if_there(LEAF_INVLPGB, 0).ebx & EBX_INVLPGB
               ? 0
               : "this processor has no INVLPGB";
}
