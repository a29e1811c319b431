/* SPDX-License-Identifier: MIT */
/*
 * Names of the bits that the report decodes: what the firmware left in the
 * control registers, and what the processor has (features.def).
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

static const char *const features[] = {
#define FEATURE(id, name, leaf, subleaf, reg, bit) name,
#include "features.def"
};
_Static_assert(COUNT(features) <= 64, "record_machine.features");

const char *next_feature(const struct record_machine *m, unsigned *at)
{
    while (*at < COUNT(features)) {
        unsigned i = (*at)++;

        if (m->features >> i & 1)
            return features[i];
    }
    return NULL;
}
