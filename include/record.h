/* SPDX-License-Identifier: MIT */
/*
 * What a run leaves behind: the records of the journal.  The core appends
 * them while it runs; the report is rendered from them and from nothing else,
 * by the core, by boot B and by the host program alike.
 *
 * Every struct is plain data of fixed size, so a record can be read where it
 * lies.  Strings are NUL-terminated ASCII.  Changing a struct changes
 * RECORD_VERSION.
 */
#ifndef RINGSIDE_RECORD_H
#define RINGSIDE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "trapframe.h"

#define RECORD_VERSION 7

/* The most that a run has, and that a report indexes. */
#define PATHS_MAX 1024
#define CHECKS_MAX 16384

enum record_type {
    RECORD_MACHINE = 1, /* struct record_machine, once, written by efi/ */
    RECORD_STEP,        /* struct record_step: what is about to happen */
    RECORD_CASE,        /* struct record_case: a case begins */
    RECORD_PATH,        /* struct record_path: one row of the path table */
    RECORD_CHECK,       /* struct record_check: one judged stimulus */
    RECORD_WINDOW,      /* struct record_window: one boundary of a stub */
    RECORD_SUBJECT,     /* struct record_subject: one subject of the window */
    RECORD_COST,        /* struct record_cost */
    RECORD_NOTE,        /* struct record_note: one sentence for the reader */
    RECORD_LAST_WORDS,  /* struct record_last_words: the core died */
    RECORD_END,         /* struct record_end: the run is complete */
    RECORD_PENDING,     /* struct record_check: of the step before, should it
                         * not come back */
    RECORD_REFUSED,     /* struct record_note: why no run was begun */
    RECORD_WATCHDOG,    /* struct record_watchdog: each boot, and at the end */
    RECORD_RESUME,      /* struct record_resume: a later boot goes on */
    RECORD_DEVIATION,   /* struct record_deviation: told once, from now on */
    RECORD_PROCESSOR,   /* struct record_processor: one of the machine's */
    RECORD_OTHERS,      /* struct record_others: a check came out otherwise on
                         * processors behind the first */
    RECORD_LATENCY,     /* struct record_latency: between two processors */
    RECORD_STORM,   /* struct record_storm: one specimen's, on all of them */
    RECORD_OUTCOME, /* struct record_outcome: what led to a violation */
};

/* What the verdict on a case that died outside its checks rests on. */
#define OUTSIDE_CHECKS_FACTS "RS1"

/* Verdicts, by how bad they are.  FAIL and worse are findings. */
enum verdict {
    VERDICT_NOTRUN,
    VERDICT_PASS,
    VERDICT_DIFFER,
    VERDICT_SKIP,
    VERDICT_FAIL,
    VERDICT_HANG,
    VERDICT_RESET,
    VERDICT_COUNT,
};

/* How an entry decides SWAPGS. */
enum gs_rule {
    RULE_NONE, /* no decision: the path was not taken */
#define RULE(id, name, about) RULE_##id,
#include "rules.def"
    RULE_COUNT,
};

/* Where an entry came from. */
enum origin {
    FROM_RING3,  /* 64-bit code, CPL 3 */
    FROM_COMPAT, /* 32-bit code, CPL 3 */
    FROM_RING0,  /* 64-bit code, CPL 0 */
    FROM_COUNT,
};

enum screen_kind { SCREEN_NONE, SCREEN_BLT_ONLY, SCREEN_LINEAR };

struct record_machine {
    char vendor[16]; /* CPUID leaf 0 */
    char brand[52];  /* CPUID 8000_0002..4, blanks trimmed */
    uint32_t family; /* with the extended parts added in */
    uint32_t model;
    uint32_t stepping;
    char hypervisor[16];  /* CPUID 4000_0000, "" when none announces itself */
    char accelerator[24]; /* "TCG", "KVM", "Bochs", "none", ... best known */
    char firmware[52];    /* vendor string of the EFI system table, as ASCII */
    uint32_t firmware_revision;
    uint32_t uefi_revision; /* major << 16 | minor */
    uint32_t processors;    /* enabled ones, from the MADT; 1 if unknown */
    uint32_t x2apic;        /* the mode that the core runs in */
    uint64_t fw_cr0, fw_cr4, fw_efer; /* at hand-over */
    uint64_t features;                /* a bit for each of features.def */
    uint64_t cpuid_1_cd;              /* leaf 1: ECX << 32 | EDX */
    uint64_t cpuid_7_bc;              /* leaf 7.0: EBX << 32 | ECX */
    uint64_t cpuid_7_d;               /* leaf 7.0: EDX */
    uint64_t tsc_hz;
    uint64_t memory_bytes; /* conventional memory seen by the firmware */
    uint32_t screen;       /* enum screen_kind */
    uint32_t width, height, stride; /* pixels */
    uint32_t serial_port;           /* I/O base of a probed UART, 0 for none */
    uint32_t secure_boot;
    uint32_t no_reboot; /* the core prints by itself: source "live" */
    char why_live[80];  /* the reason for it, "" when a second boot comes */
    char options[96];   /* the option line as given */
    char version[24];   /* of the image */
    uint32_t build;     /* a number that another build has not ... */
    uint32_t asked;     /* ... and other options have not: both CRCs */
};

enum step_kind {
    STEP_WORK,  /* the harness's own: the name says what */
    STEP_CASE,  /* the name is the id of a case that begins ... */
    STEP_CHECK, /* ... of one of its checks */
};

/* The name of the step of STEP_WORK that each boot of a run begins with. */
#define STEP_LEAVING "leaving the firmware's boot services"

struct record_step {
    char name[56];  /* "digest variable", "window_linux", "exc.de.ring3" */
    uint64_t tsc;   /* cycles since hand-over */
    uint32_t check; /* the case's number << 16 | the check's; 0: neither */
    uint32_t kind;  /* enum step_kind */
};

struct record_case {
    char id[24];
    char title[80];
};

/* One row of the path table: one path, entered from one place. */
struct record_path {
    char path[20];      /* the row's id: "syscall64", "irq.20", "exc.de" */
    uint8_t from;       /* enum origin */
    uint8_t rule;       /* enum gs_rule of the specimen's stub */
    uint8_t error_code; /* 1 if an error code was pushed */
    uint8_t pad;
    uint32_t entries; /* judged entries */
    uint32_t swapped; /* entries after which the GS base had been swapped */
    uint32_t right;   /* handler ran on this processor's kernel base */
    uint32_t wrong;
    char stack[16]; /* name of the stack landed on, "user" if it stayed */
    char note[64];  /* "#UD, as on AMD"; "" mostly */
    /* one example, of the last wrong entry or else of the last one */
    uint64_t gs_before, kernel_gs_before, gs_after, kernel_gs_after;
};

/* One judged stimulus, as it is filled in; handlers/record/packed.h has it as
 * it lies in the journal. */
struct record_check {
    char id[44]; /* stable, dotted, lower case */
    uint16_t cpu;
    uint8_t verdict; /* enum verdict */
    uint8_t pad;
    char expected[120]; /* fields that differ, or a sentence */
    char seen[120];
    char facts[32]; /* rows of tests/facts: "SC1 IV18" */
    char why[160];  /* the rule in one sentence; "" for plain passes */
};

/* Events that the window lets land at a boundary. */
enum window_event {
    WINDOW_DB,
    WINDOW_NMI,
    WINDOW_MC,
    WINDOW_IRQ,
    WINDOW_EVENTS,
};

/* Rules that are tried at every boundary, whatever the stub itself does. */
enum window_rule {
#define EVENT_RULE(id, name, column, limit, about) WINDOW_##id,
#include "rules.def"
    WINDOW_RULES,
};

/* The user's GS base: a bit for each in the fields called bases. */
enum window_base {
    WINDOW_ZERO,
    WINDOW_POSITIVE,
    WINDOW_NEGATIVE, /* looks like a kernel's */
    WINDOW_BASES,
};

enum window_flags {
    WINDOW_IN_RING0 = 1,
    WINDOW_IF = 2,     /* an interrupt can be taken here */
    WINDOW_SHADOW = 4, /* of STI or MOV SS: silicon may hold events off */
};

/* What came of the events of one kind at one boundary: bases. */
struct window_event_bases {
    uint8_t sent;
    uint8_t exact;       /* delivered once, just there, all state equal */
    uint8_t wrong;       /* its handler was not on the kernel's base */
    uint8_t damaged;     /* the interrupted code did not get all back */
    uint8_t overwritten; /* damaged, but that is the processor's doing: its
                          * frame came onto an IST stack in use */
};

/* One boundary of a subject: in front of one instruction of its stub. */
struct record_window {
    char specimen[16];
    char path[20];   /* the subject: how the stub was entered */
    char symbol[32]; /* the nearest label before it ... */
    uint16_t offset; /* ... and bytes past that label */
    uint16_t index;  /* in the order of execution, from 0 */
    uint16_t cs;
    uint8_t flags;    /* enum window_flags */
    uint8_t length;   /* of the instruction that comes next; 0: not known */
    uint8_t code[15]; /* its bytes */
    uint8_t bases;    /* with which it was reached */
    uint8_t users;    /* bases: the user's base is live */
    uint8_t rule_wrong[WINDOW_RULES]; /* bases: the rule would be wrong */
    struct window_event_bases event[WINDOW_EVENTS];
    /* Its stub gave all back, and called nobody: for each event, from bit 0
     * up, WINDOW_BASES bits. */
    uint16_t dropped;
    uint64_t rip;
};

/* One subject, all of its passes together. */
struct record_subject {
    char specimen[16];
    char path[20];
    char about[88]; /* the specimen, in one line */
    uint32_t boundaries;
    uint32_t instructions; /* counted undisturbed; 0: no such counter here */
    uint32_t planned, sent, delivered, exact; /* injections */
    uint32_t retries;
    uint32_t hash; /* CRC-32 of all verdicts */
};

struct record_cost {
    char specimen[16]; /* "": stubs made for the comparison */
    char path[16];
    uint8_t rule; /* enum gs_rule */
    uint8_t pad[3];
    uint32_t n;
    uint64_t min, median, p99; /* in unit */
    char unit[16];             /* "tsc cycles" */
    char what[48];             /* what the figure spans */
};

struct record_note {
    char text[152];
};

struct record_watchdog {
    char state[64]; /* "rtc", "rtc by I/O APIC", or "none: " and why */
    /* The RTC's status A and B, alarm seconds, minutes and hours: as its owner
     * had them, and as they were left; all 0: not yet. */
    uint8_t found[5], left[5];
    uint8_t pad[6];
};

/* What this machine does otherwise, and verdicts leave out from then on:
 * handlers/judge/deviation.h.  A later boot of the run must know it, too. */
struct record_deviation {
    char id[44];     /* of the check that has told it */
    uint32_t number; /* enum deviation */
};

/* Written by the boot that goes on. */
struct record_resume {
    uint32_t boots; /* which one it is; the first is 1 */
    uint32_t after; /* it runs what comes behind that: handoff.resume_after */
    uint32_t kills; /* from outside, of the case that it begins with */
    uint32_t pad;
};

enum processor_flags {
    PROCESSOR_LISTED_MADT = 1, /* enabled in the MADT */
    PROCESSOR_LISTED_MP = 2,   /* enabled in the MP Services protocol's list */
    PROCESSOR_CAME = 4,        /* started, and said so */
    PROCESSOR_RAN = 8,         /* was given checks to run, and came to an end */
    PROCESSOR_LOST = 16,       /* came, and then did not answer any more */
};

/* One of the machine's processors: once before it is given work, and again,
 * with all counts, when that is done.  The last one counts. */
struct record_processor {
    uint16_t number; /* 0: the one that the firmware has booted on */
    uint16_t flags;  /* enum processor_flags */
    uint32_t apic_id;
    uint32_t core_type; /* CPUID 1Ah EAX, bits 31..24: 20h, 40h; 0: none */
    uint32_t start_microseconds; /* from its SIPI (one is for all, if nobody
                                  * lists them) to its first word; 0: the first,
                                  * or it did not come */
    uint32_t memory_kib;         /* of its own */
    uint32_t checks;             /* that it ran */
    uint32_t others;             /* of these: not as on the first */
    uint32_t pad;
    uint64_t microseconds; /* that its checks took */
    uint64_t microcode;    /* IA32_BIOS_SIGN_ID; 0: none */
    char note[88];         /* "MTRR 2FFh: c00, 0 on the first"; "" mostly */
};

/*
 * One check's result where it is not the first processor's: all processors
 * with the very same result are one record.  The check, packed (packed.h, its
 * field cpu is the lowest of them), stands behind it.
 */
struct record_others {
    uint8_t cpus[32]; /* a bit for each processor's number */
};

enum latency_kind {
    LATENCY_FIXED,     /* an IPI's round trip from one processor to another */
    LATENCY_NMI,       /* the same by NMI */
    LATENCY_SHOOTDOWN, /* of one page, at so many processors */
    LATENCY_KINDS,
};

struct record_latency {
    uint16_t kind; /* enum latency_kind */
    uint16_t from; /* a processor's number */
    uint16_t to;   /* another's; LATENCY_SHOOTDOWN: how many others */
    uint16_t pad;
    uint32_t n;
    uint32_t pad2;
    uint64_t min, median, p99; /* TSC cycles */
};

enum storm_kind {
    STORM_CALLS,  /* that ring 3 has made */
    STORM_FAULTS, /* ring 3's, and those of an IRETQ to it */
    STORM_IRQS,
    STORM_NMIS,
    STORM_STEPS, /* #DBs */
    STORM_KINDS,
};

/* A storm: one specimen, on all processors that took part. */
struct record_storm {
    char specimen[16];
    uint32_t seed;
    uint16_t processors;
    uint16_t caught;            /* of them: ended by a violation, or hung */
    uint32_t slowest, fastest;  /* entries a second of one of them */
    uint64_t entries;           /* of all of them */
    uint64_t microseconds;      /* of the one that took longest */
    uint64_t kind[STORM_KINDS]; /* of the entries; some are of none */
    uint64_t caught_after; /* entries of the first one that was caught ... */
    uint16_t cpu;          /* ... whose number this is */
    uint16_t pad;
    uint32_t shootdowns; /* of the page that all of them read */
    char what[96];       /* was wrong there; "": nothing */
};

#define VECTOR_UNKNOWN 0xffff /* the stub shows no frame of its entry */
#define STORM_OUTCOMES 64     /* kept of a processor that was caught, at most */

enum base_owner {
    BASE_OTHERS,     /* nobody's that could be: another processor's, maybe */
    BASE_PROCESSORS, /* this processor's, as a handler must have it */
    BASE_USERS,
};

/* One entry of a storm, as its handler saw it; of the processor that was
 * caught, from the oldest on to the one that was wrong. */
struct record_outcome {
    char specimen[16];
    char event[12];  /* vectors.def's id; "?" for an unknown vector */
    char symbol[28]; /* of the specimen, the nearest before rip; "": none */
    uint16_t offset; /* from there */
    uint16_t cpu, vector, cs;
    uint16_t depth;                 /* handlers at work, with this one */
    uint8_t gs_owner, kernel_owner; /* enum base_owner */
    uint64_t entry;                 /* its number, from 1 */
    uint64_t rip, rflags, rsp;      /* interrupted; 0 with an unknown vector */
    uint64_t gs_base, kernel_gs_base; /* in the handler */
};

struct record_last_words {
    struct trapframe frame;
    uint64_t cr2, cr3, gs_base, kernel_gs_base;
    char step[56];
    char text[96];
};

struct record_end {
    uint32_t verdicts[VERDICT_COUNT];
    uint32_t lost;         /* records that the journal had no room for */
    uint64_t microseconds; /* guest time from hand-over to here */
};

const char *verdict_name(unsigned v);
const char *rule_name(unsigned r);
const char *rule_about(unsigned r);
const char *origin_name(unsigned o);       /* "ring 3", "compat", "ring 0" */
const char *window_event_name(unsigned e); /* "db", "nmi", "mc", "irq" */
const char *window_rule_name(unsigned r);  /* "by-cs", ..., "blind" */
/* The number of the same rule in the other enum; WINDOW_RULES: it has none. */
unsigned window_rule_of(unsigned r);
unsigned window_rule_limit(unsigned r);   /* bases with which it may be wrong */
const char *window_base_name(unsigned b); /* "zero", ... */
const char *latency_name(unsigned k);     /* "fixed", "nmi", "shootdown" */
const char *storm_kind_name(unsigned k);  /* "calls", "faults", ... */
const char *base_owner_name(unsigned o);  /* "other", "own", "user" */

/* "check exc.de.ring3", "case exc", "warm reset" */
void step_words(char *buf, size_t n, const struct record_step *s);
#define STEP_WORDS_MAX (sizeof(((struct record_step *)0)->name) + 8)

#endif
