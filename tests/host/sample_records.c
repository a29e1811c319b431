/* SPDX-License-Identifier: MIT */
/* Single records with everything filled in, for the sample journals. */
#include "cpu.h"
#include "host.h"

#define HAS(id) (1ull << FEATURE_##id)

void sample_machine(struct journal *j)
{
    struct record_machine m = {
        .vendor = "GenuineIntel",
        .brand = "Intel Core Processor (Haswell)",
        .family = 6,
        .model = 60,
        .stepping = 4,
        .hypervisor = "TCGTCGTCGTCG",
        .accelerator = "TCG",
        .firmware = "EDK II",
        .firmware_revision = 0x10000,
        .uefi_revision = 2 << 16 | 70,
        .processors = 1,
        .fw_cr0 = 0x80010033,
        .fw_cr4 = 0x668,
        .fw_efer = 0xd00,
        .features = HAS(APIC) | HAS(SEP) | HAS(HYPERVISOR) | HAS(FSGSBASE),
        .cpuid_1_cd = 1ull << 63 | 1 << 9 | 1 << 11,
        .cpuid_7_bc = 1ull << 32,
        .tsc_hz = 2611123456,
        .memory_bytes = 241ull << 20,
        .screen = SCREEN_LINEAR,
        .width = 1280,
        .height = 800,
        .stride = 1280,
        .serial_port = 0x3f8,
        .options = "--only \"exc*\"",
        .version = "0.1",
    };

    assert_true(journal_append(j, RECORD_MACHINE, &m, sizeof(m)));
}

void sample_path(struct journal *j, const char *path, unsigned from,
                 unsigned entries, unsigned wrong)
{
    struct record_path p = {
        .from = (uint8_t)from,
        .rule = RULE_BY_CS,
        .entries = entries,
        .swapped = from == FROM_RING0 ? 0 : entries,
        .right = entries - wrong,
        .wrong = wrong,
        .gs_before = 0x5000,
        .kernel_gs_before = 0xffffffffc0012000,
        .gs_after = 0xffffffffc0012000,
        .kernel_gs_after = 0x5000,
    };

    snprintf(p.path, sizeof(p.path), "%s", path);
    snprintf(p.stack, sizeof(p.stack), "%s",
             from == FROM_RING0 ? "ring0" : "rsp0");
    assert_true(journal_append(j, RECORD_PATH, &p, sizeof(p)));
}

void sample_check(struct journal *j, const char *id, unsigned verdict)
{
    struct record_check c = {
        .verdict = (uint8_t)verdict,
        .expected = "RFLAGS 0x2, #UD",
        .seen = "RFLAGS 0x102",
        .facts = "SC6 SC1",
        .why = "SYSCALL clears each RFLAGS bit that IA32_FMASK names, so a "
               "handler never begins with the caller's TF",
    };

    snprintf(c.id, sizeof(c.id), "%s", id);
    assert_true(journal_check(j, &c));
}

void sample_step(struct journal *j, unsigned kind, const char *name)
{
    struct record_step s = {.tsc = 12345, .kind = kind};

    snprintf(s.name, sizeof(s.name), "%s", name);
    assert_true(journal_append(j, RECORD_STEP, &s, sizeof(s)));
}

/* Longer than 32 bits of microseconds, 71 minutes. */
#define SAMPLE_MICROSECONDS 4999812345

#define ALL_BASES 7
#define NEGATIVE_BASE (1 << WINDOW_NEGATIVE)

void sample_window(struct journal *j, const char *specimen, const char *path,
                   const char *live, const char *stub)
{
    struct record_subject l = {.hash = 0x1234abcd};

    for (unsigned i = 0; live[i] != '\0'; i++) {
        bool user = live[i] == 'u', sent = stub[i] != ' ';
        struct record_window w = {
            .offset = (uint16_t)(3 * i),
            .index = (uint16_t)i,
            .cs = 0x10,
            .flags = WINDOW_IN_RING0,
            .length = 3,
            .code = {0x0f, 0x01, 0xf8},
            .bases = ALL_BASES,
            .users = user ? ALL_BASES : 0,
            .rule_wrong = {[WINDOW_BY_CS] = user ? ALL_BASES : 0,
                           [WINDOW_BY_SIGN] = user ? NEGATIVE_BASE : 0,
                           [WINDOW_BLIND] = user ? 0 : ALL_BASES},
            .event = {[WINDOW_NMI] =
                          {.sent = sent ? ALL_BASES : 0,
                           .exact = sent && stub[i] != 'M' ? ALL_BASES : 0,
                           .wrong = stub[i] == 'W'   ? ALL_BASES
                                    : stub[i] == 'n' ? NEGATIVE_BASE
                                                     : 0,
                           .damaged = stub[i] == 'D' ? ALL_BASES : 0,
                           .overwritten = stub[i] == 'o' ? ALL_BASES : 0}},
            .rip = 0xffffffffc0003000 + 3 * i,
        };

        snprintf(w.specimen, sizeof(w.specimen), "%s", specimen);
        snprintf(w.path, sizeof(w.path), "%s", path);
        snprintf(w.symbol, sizeof(w.symbol), "%s_%s", specimen, path);
        assert_true(journal_append(j, RECORD_WINDOW, &w, sizeof(w)));
        l.boundaries++;
        l.sent += sent ? WINDOW_BASES : 0;
        l.exact += sent && stub[i] != 'M' ? WINDOW_BASES : 0;
    }
    l.planned = l.sent;
    l.delivered = l.exact;
    snprintf(l.specimen, sizeof(l.specimen), "%s", specimen);
    snprintf(l.path, sizeof(l.path), "%s", path);
    snprintf(l.about, sizeof(l.about), "for the tests alone");
    assert_true(journal_append(j, RECORD_SUBJECT, &l, sizeof(l)));
}

void sample_cost(struct journal *j, unsigned rule, uint64_t median)
{
    struct record_cost c = {
        .specimen = "linux",
        .path = "exc.bp",
        .rule = (uint8_t)rule,
        .n = 10000,
        .min = median / 2,
        .median = median,
        .p99 = median * 2,
        .unit = "tsc cycles",
        .what = "INT3 from ring 3 and back",
    };

    assert_true(journal_append(j, RECORD_COST, &c, sizeof(c)));
}

void sample_storm(struct journal *j, const char *specimen, unsigned caught)
{
    struct record_storm s = {
        .seed = 4711,
        .processors = 2,
        .caught = caught != 0,
        .slowest = 200000,
        .fastest = 250000,
        .entries = 100123,
        .microseconds = 400000,
        .kind = {50000, 20000, 10000, 5000, 15000},
        .caught_after = caught,
        .cpu = caught != 0,
        .shootdowns = 77,
    };

    snprintf(s.specimen, sizeof(s.specimen), "%s", specimen);
    if (caught)
        snprintf(s.what, sizeof(s.what), "GS base 0 in the handler");
    assert_true(journal_append(j, RECORD_STORM, &s, sizeof(s)));
    for (unsigned i = 1; i <= caught && i <= STORM_OUTCOMES; i++) {
        struct record_outcome o = {
            .event = "nmi",
            .symbol = "linux_syscall64",
            .offset = 3,
            .cpu = 1,
            .vector = 2,
            .cs = 8,
            .depth = 1,
            .gs_owner = i == caught ? BASE_OTHERS : BASE_PROCESSORS,
            .kernel_owner = BASE_USERS,
            .entry = i,
            .rip = 0xffffffffc0003003,
            .rflags = 0x46,
            .rsp = 0x10801ff8,
            .gs_base = i == caught ? 0xffffffffc0a00000 : 0xffffffffc0a00018,
        };

        snprintf(o.specimen, sizeof(o.specimen), "%s", specimen);
        if (i == 1) { /* a stub that shows nothing */
            snprintf(o.event, sizeof(o.event), "?");
            o.symbol[0] = '\0';
            o.vector = VECTOR_UNKNOWN;
            o.rip = o.rflags = o.rsp = o.cs = 0;
        }
        assert_true(journal_append(j, RECORD_OUTCOME, &o, sizeof(o)));
    }
}

void sample_note(struct journal *j, const char *text)
{
    struct record_note n;

    memset(&n, 0, sizeof(n));
    snprintf(n.text, sizeof(n.text), "%s", text);
    assert_true(journal_append(j, RECORD_NOTE, &n, sizeof(n)));
}

/* Number 3 did not come, 4 is of another kind, 5 was lost. */
void sample_processor(struct journal *j, unsigned number, unsigned checks,
                      unsigned others)
{
    struct record_processor p = {
        .number = (uint16_t)number,
        .flags = PROCESSOR_LISTED_MADT | PROCESSOR_LISTED_MP | PROCESSOR_CAME |
                 (checks > 0 ? PROCESSOR_RAN : 0),
        .apic_id = 2 * number,
        .start_microseconds = number == 0 ? 0 : 185 + number,
        .memory_kib = number == 0 ? 0 : 4096,
        .checks = checks,
        .others = others,
        .microseconds = 1000ull * checks,
        .microcode = 0x100000000,
    };

    if (number == 3) {
        p = (struct record_processor){
            .number = 3, .flags = PROCESSOR_LISTED_MADT, .apic_id = 6};
    } else if (number == 4) {
        p.core_type = 0x20;
        p.microcode++;
        snprintf(p.note, sizeof(p.note), "MTRR 2FFh: c00, 0 on the first");
    } else if (number == 5 && checks > 0) {
        p.flags |= PROCESSOR_LOST;
        p.flags &= ~PROCESSOR_RAN;
        p.checks = 12;
    }
    assert_true(journal_append(j, RECORD_PROCESSOR, &p, sizeof(p)));
}

void sample_others(struct journal *j, const char *id, unsigned verdict,
                   const uint8_t cpus[32])
{
    struct {
        struct record_others on;
        char packed[CHECK_PACKED_MAX];
    } o;
    struct record_check c = {
        .cpu = 1,
        .verdict = (uint8_t)verdict,
        .facts = "EX1",
        .why = "an exception has its own vector",
    };

    if (verdict != VERDICT_PASS) {
        snprintf(c.expected, sizeof(c.expected), "#DE");
        snprintf(c.seen, sizeof(c.seen), "#UD");
    }
    memcpy(o.on.cpus, cpus, sizeof(o.on.cpus));
    snprintf(c.id, sizeof(c.id), "%s", id);
    assert_true(
        journal_append(j, RECORD_OTHERS, &o,
                       (unsigned)sizeof(o.on) + check_pack(o.packed, &c)));
}

void sample_latency(struct journal *j, unsigned kind, unsigned from,
                    unsigned to, uint64_t median)
{
    struct record_latency l = {
        .kind = (uint16_t)kind,
        .from = (uint16_t)from,
        .to = (uint16_t)to,
        .n = 1000,
        .min = median / 2,
        .median = median,
        .p99 = 3 * median,
    };

    assert_true(journal_append(j, RECORD_LATENCY, &l, sizeof(l)));
}

void sample_end(struct journal *j)
{
    const struct record_watchdog w = {.state = "rtc",
                                      .found = {0x26, 0x02, 0, 0, 0x12},
                                      .left = {0x26, 0x02, 0, 0, 0x12}};
    struct record_end e = {.microseconds = SAMPLE_MICROSECONDS};
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;
    struct check check;

    assert_int_equal(journal_open(&c, j->base, j->size, j->nonce), JOURNAL_OK);
    while ((h = journal_next(&c, &payload)) != NULL) {
        if (h->type == RECORD_CHECK && check_view(&check, payload, h->length))
            e.verdicts[check.verdict]++;
    }
    assert_true(journal_append(j, RECORD_WATCHDOG, &w, sizeof(w)));
    assert_true(journal_append(j, RECORD_END, &e, sizeof(e)));
}
