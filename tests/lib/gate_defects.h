/* SPDX-License-Identifier: MIT */
/* What can be wrong with a gate of the IDT, as data. */
#ifndef RINGSIDE_GATE_DEFECTS_H
#define RINGSIDE_GATE_DEFECTS_H

#include "idt.h"
#include "selectors.h"
#include "triggers.h"

/* What names the culprit in the error code. */
enum culprit {
    CULPRIT_GATE,     /* vector * 8 + 2 */
    CULPRIT_SELECTOR, /* the gate's selector, RPL dropped */
    CULPRIT_NONE,     /* 0; EXT is or-ed to each of the three */
};

struct defect {
    const char *name;
    struct gate clear, set; /* bits of a good gate */
    uint8_t vector;         /* of the fault; 0: no defect, it is delivered */
    enum culprit culprit;
    bool ring0_only; /* no defect for ring 3 */
    bool either;     /* or `other': the manuals disagree */
    enum culprit other;
    uint16_t cs; /* in the handler, where it is not the kernel's */
    enum confidence confidence, on_amd;
    void (*lend)(bool lent); /* NULL, or what the gate needs, then not */
    uint64_t any_on_amd;     /* fields that AMD's manual leaves open */
    const char *facts, *why;
};

/* GDT entries that defects point to; gdt_clear_spare() takes them away. */
#define SEL_CODE32 (SEL_SPARE)
#define SEL_CODE_ABSENT (SEL_SPARE + 0x08)
#define SEL_CODE_L_AND_D (SEL_SPARE + 0x10)
#define SEL_CODE_DPL1 (SEL_SPARE + 0x18)
#define SEL_CODE_DPL2 (SEL_SPARE + 0x20)
#define SEL_CODE_CONFORMING (SEL_SPARE + 0x28)
#define SEL_CODE_ALIAS (SEL_SPARE + 0x30) /* as good as the kernel's */
#define SEL_BEYOND (GDT_SLOTS * 8)
void gate_descriptors(void);

/* Runs way w from there with its gate so spoilt.  name: in the check's id. */
void gate_run(const struct defect *d, const struct trigger *w, enum origin from,
              const char *name);

#endif
