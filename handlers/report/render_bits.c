/* SPDX-License-Identifier: MIT */
/*
 * Names of the bits that the report decodes: what the firmware left in the
 * control registers, and the CPUID features that change how entries behave.
 */
#include "macros.h"
#include "render.h"

const struct bit_name cr0_bits[] = {
    {0, "PE"},  {1, "MP"},  {2, "EM"},  {3, "TS"},  {4, "ET"},  {5, "NE"},
    {16, "WP"}, {18, "AM"}, {29, "NW"}, {30, "CD"}, {31, "PG"}, {0, ""},
};

const struct bit_name cr4_bits[] = {
    {0, "VME"},    {1, "PVI"},      {2, "TSD"},      {3, "DE"},
    {4, "PSE"},    {5, "PAE"},      {6, "MCE"},      {7, "PGE"},
    {8, "PCE"},    {9, "OSFXSR"},   {10, "OSXMM"},   {11, "UMIP"},
    {12, "LA57"},  {13, "VMXE"},    {14, "SMXE"},    {16, "FSGSBASE"},
    {17, "PCID"},  {18, "OSXSAVE"}, {19, "KL"},      {20, "SMEP"},
    {21, "SMAP"},  {22, "PKE"},     {23, "CET"},     {24, "PKS"},
    {25, "UINTR"}, {27, "LASS"},    {28, "LAM_SUP"}, {0, ""},
};

const struct bit_name efer_bits[] = {
    {0, "SCE"},    {8, "LME"},    {10, "LMA"}, {11, "NXE"},    {12, "SVME"},
    {13, "LMSLE"}, {14, "FFXSR"}, {15, "TCE"}, {21, "AIBRSE"}, {0, ""},
};

/* Which of struct record_machine's words a feature's bit stands in. */
enum leaf { LEAF_1, LEAF_7_BC, LEAF_7_D };

static const struct feature {
    unsigned char leaf, bit;
    char name[14];
} features[] = {
    /* leaf 1: EDX from bit 0, ECX from bit 32 */
    {LEAF_1, 7, "MCE"},
    {LEAF_1, 9, "APIC"},
    {LEAF_1, 11, "SEP"},
    {LEAF_1, 14, "MCA"},
    {LEAF_1, 32 + 17, "PCID"},
    {LEAF_1, 32 + 21, "x2APIC"},
    {LEAF_1, 32 + 24, "TSC-deadline"},
    {LEAF_1, 32 + 26, "XSAVE"},
    {LEAF_1, 32 + 31, "hypervisor"},
    /* leaf 7: ECX from bit 0, EBX from bit 32 */
    {LEAF_7_BC, 32 + 0, "FSGSBASE"},
    {LEAF_7_BC, 32 + 7, "SMEP"},
    {LEAF_7_BC, 32 + 20, "SMAP"},
    {LEAF_7_BC, 2, "UMIP"},
    {LEAF_7_BC, 3, "PKU"},
    {LEAF_7_BC, 7, "CET-SS"},
    {LEAF_7_BC, 16, "LA57"},
    {LEAF_7_BC, 22, "RDPID"},
    {LEAF_7_D, 20, "CET-IBT"},
};

const char *next_feature(const struct record_machine *m, unsigned *at)
{
    while (*at < COUNT(features)) {
        const struct feature *f = &features[(*at)++];
        uint64_t word = f->leaf == LEAF_1      ? m->cpuid_1_cd
                        : f->leaf == LEAF_7_BC ? m->cpuid_7_bc
                                               : m->cpuid_7_d;

        if (word >> f->bit & 1)
            return f->name;
    }
    return NULL;
}
