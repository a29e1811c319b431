/* SPDX-License-Identifier: MIT */
/* What more than one processor leaves behind, indexed and in words. */
#include "host.h"

static struct journal j;
static struct report r;

static void indexed(void **state)
{
    sample_open(sample_named("processors"), &j, &r);
    assert_true(report_complete(&r));
    assert_int_equal(r.processors, 6);
    assert_int_equal(r.processor[1]->checks, 1542); /* the last one counts */
    assert_int_equal(r.processor[3]->flags, PROCESSOR_LISTED_MADT);
    assert_int_equal(r.others, 3);
    assert_string_equal(r.other[0].check.id, "exc.de.ring3");
    assert_int_equal(r.other[1].on->cpus[0], 6);
    assert_int_equal(r.latencies, 14);
    assert_int_equal(r.checks, 4); /* the first's alone */
    sample_close(&j);
}

static void gaps(void **state)
{
    sample_begin(&j);
    sample_processor(&j, 7, 0, 0);
    sample_processor(&j, 2, 0, 0);
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    assert_int_equal(r.processors, 8);
    for (unsigned n = 0; n < 8; n++)
        assert_int_equal(r.processor[n] != NULL, n == 2 || n == 7);
    sample_close(&j);
}

/* Numbers, and records, that there is no room for are counted. */
static void beyond_the_room(void **state)
{
    static const uint8_t first[32] = {1};
    static const unsigned more = 3;

    sample_open(sample_named("too-many"), &j, &r);
    assert_int_equal(r.processors, PROCESSORS_MAX);
    assert_int_equal(r.overflow, 1);
    sample_close(&j);
    sample_begin(&j);
    for (unsigned i = 0; i < REPORT_OTHERS + more; i++)
        sample_others(&j, "a.b", VERDICT_FAIL, first);
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    assert_int_equal(r.others, REPORT_OTHERS);
    assert_int_equal(r.overflow, more);
    sample_close(&j);
}

/* Cut anywhere it is damage, and nothing is read beyond it. */
static void others_cut(void **state)
{
    struct {
        struct record_others on;
        char packed[CHECK_PACKED_MAX];
    } whole = {.on = {{1}}};
    const struct record_check c = {.id = "a.b", .verdict = VERDICT_FAIL};
    unsigned n = (unsigned)sizeof(whole.on) + check_pack(whole.packed, &c);
    struct others o;

    for (unsigned length = 0; length <= n + 4; length++) {
        char *copy = calloc(1, length + 1);

        memcpy(copy, &whole, length < n ? length : n);
        assert_int_equal(others_view(&o, copy, length), length == n);
        if (length == n)
            assert_string_equal(o.check.id, "a.b");
        free(copy);
    }
    sample_begin(&j);
    journal_append(&j, RECORD_OTHERS, &whole, n - 1);
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    assert_int_equal(r.damaged, 1);
    assert_int_equal(r.others, 0);
    sample_close(&j);
}

static struct text text_of(const char *name, bool brief)
{
    struct text t = {NULL, 0};

    sample_open(sample_named(name), &j, &r);
    r.brief = brief;
    render_text(&r, text_put, &t);
    sample_close(&j);
    return t;
}

static void has(const struct text *t, const char *s)
{
    if (strstr(t->s, s) == NULL) {
        fputs(t->s, stderr);
        fail_msg("not there: \"%s\"", s);
    }
}

static void block(void **state)
{
    struct text t = text_of("processors", false);

    has(&t,
        "\nProcessors\n"
        "  cpu 0          APIC id 0, the first, which all others are held "
        "against\n"
        "  cpu 1          APIC id 2, came in 186 us, 1542 checks, 3 otherwise "
        "than on\n"
        "                 the first, 4096 KiB\n"
        "  cpu 2          APIC id 4, came in 187 us, 1542 checks, 2 otherwise "
        "than on\n"
        "                 the first, 4096 KiB\n"
        "  cpu 3          APIC id 6, did not come, though the MADT lists it\n"
        "  cpu 4          APIC id 8, came in 189 us, core type 20h (Atom), "
        "1542 checks,\n"
        "                 all as on the first, 4096 KiB, microcode 100000001, "
        "MTRR 2FFh:\n"
        "                 c00, 0 on the first\n"
        "  cpu 5          APIC id 10, came in 190 us, then lost, 12 checks, "
        "all as on\n"
        "                 the first, not to the end, 4096 KiB\n");
    text_free(&t);
    t = text_of("too-many", false);
    has(&t, "\n  cpus 1-2,5-255 came in 186 to 440 us, 4096 KiB each\n");
    text_free(&t);
}

static void otherwise(void **state)
{
    struct text t = text_of("processors", false);

    has(&t, "ringside: complete; 4 checks, 1 finding;");
    has(&t, "\nOther processors have 3 results otherwise than the first, 2 of "
            "them findings.\n");
    has(&t, "\nfail: exc.de.ring3 (cpu 1), mc.delivery (cpus 1-2)\n"
            "  expected  #DE\n");
    has(&t, "\nOtherwise on other processors\n"
            "  exc.de.ring3:\n    cpus 0,2,4 pass, cpu 1 fail\n"
            "  exc.bp.ring3:\n    cpus 0,4 fail, cpus 1-2 pass\n"
            "  mc.delivery:\n    cpu 0 skip, cpus 1-2 fail\n");
    text_free(&t);
}

/* With the same on the same processors they are one entry. */
static void otherwise_alike(void **state)
{
    static const uint8_t both[32] = {6};
    struct text t = {NULL, 0};

    sample_begin(&j);
    for (unsigned i = 0; i < 5; i++) {
        char id[8];

        snprintf(id, sizeof(id), "a.%u", i);
        sample_check(&j, id, VERDICT_PASS);
        sample_others(&j, id, VERDICT_DIFFER, both);
    }
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    render_text(&r, text_put, &t);
    has(&t, "  a.0, a.1, a.2, a.3, a.4:\n    cpu 0 pass, cpus 1-2 differ\n");
    has(&t, "  a.0 (cpus 1-2), a.1 (cpus 1-2), a.2 (cpus 1-2), a.3 (cpus 1-2),"
            "\n    a.4 (cpus 1-2):\n    #UD\n");
    text_free(&t);
    r.brief = true;
    render_text(&r, text_put, &t);
    has(&t, "  a.0, a.1, a.2, and 2 more:\n    cpu 0 pass");
    text_free(&t);
    sample_close(&j);
}

static void latency(void **state)
{
    struct text t = text_of("processors", false);

    has(&t, "\nBetween processors, in TSC cycles\n"
            "                             n  min median   p99\n"
            " IPI and back, 6 pairs    6000  500   1100  3603\n"
            " NMI and back, 6 pairs    6000  750   1600  5103\n"
            " shootdown of a page at 1 1000 1500   3000  9000\n"
            " shootdown of a page at 2 1000 2250   4500 13500\n"
            "IPI and back, the median of each pair:\n"
            " from to 0    1    2\n"
            "    0    - 1001 1002\n"
            "    1 1100    - 1102\n");
    text_free(&t);
    t = text_of("many", false);
    has(&t, "\n NMI and back, 255 pairs ");
    has(&t, "shootdown of a page at 128 ");
    has(&t, "shootdown of a page at 255 ");
    assert_null(strstr(t.s, "at 127 "));
    assert_null(strstr(t.s, "of each pair"));
    text_free(&t);
}

/* Of one id two results that are otherwise are one entry, told once. */
static void otherwise_twice(void **state)
{
    static const uint8_t second[32] = {2}, fourth[32] = {8};
    struct text t = {NULL, 0};
    const char *found;

    sample_begin(&j);
    sample_check(&j, "a.b", VERDICT_PASS);
    sample_others(&j, "a.b", VERDICT_FAIL, second);
    sample_others(&j, "a.b", VERDICT_HANG, fourth);
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    render_text(&r, text_put, &t);
    found = strstr(t.s, "  a.b:\n    cpu 0 pass, cpu 1 fail, cpu 3 hang\n");
    assert_non_null(found);
    assert_null(strstr(found + 1, "  a.b"));
    text_free(&t);
    sample_close(&j);
}

/* Whoever did not come to its end may not have run it: it is not as the first.
 */
static void unfinished(void **state)
{
    static const uint8_t second[32] = {2};
    struct text t = {NULL, 0};

    sample_begin(&j);
    sample_check(&j, "a.b", VERDICT_PASS);
    sample_others(&j, "a.b", VERDICT_FAIL, second);
    for (unsigned n = 0; n < 4; n++) {
        struct record_processor p = {
            .number = (uint16_t)n,
            .flags = n == 3 ? PROCESSOR_CAME : PROCESSOR_CAME | PROCESSOR_RAN,
            .checks = 5};

        journal_append(&j, RECORD_PROCESSOR, &p, sizeof(p));
    }
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    render_text(&r, text_put, &t);
    has(&t, "  a.b:\n    cpus 0,2 pass, cpu 1 fail\n");
    text_free(&t);
    sample_close(&j);
}

static void change(struct record_processor *p, unsigned what)
{
    switch (what) {
    case 0:
        p->flags &= (uint16_t)~PROCESSOR_LISTED_MP;
        break;
    case 1:
        p->core_type++;
        break;
    case 2:
        p->memory_kib++;
        break;
    case 3:
        p->checks++;
        break;
    case 4:
        p->others++;
        break;
    case 5:
        p->microcode++;
        break;
    case 6:
        p->note[0] = 'x';
        break;
    }
}

/* Whatever one has otherwise, it has a line of its own. */
static void alike_in_all(void **state)
{
    for (unsigned what = 0; what <= 7; what++) {
        struct text t = {NULL, 0};

        sample_begin(&j);
        for (unsigned n = 0; n < 4; n++) {
            struct record_processor p = {.number = (uint16_t)n,
                                         .flags = PROCESSOR_CAME |
                                                  PROCESSOR_LISTED_MP};

            if (n == 2)
                change(&p, what);
            journal_append(&j, RECORD_PROCESSOR, &p, sizeof(p));
        }
        report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
        render_text(&r, text_put, &t);
        has(&t, what < 7 ? "\n  cpus 1,3 " : "\n  cpus 1-3 ");
        text_free(&t);
        sample_close(&j);
    }
}

/* Nothing of all this where one processor is. */
static void alone(void **state)
{
    struct text t = {NULL, 0}, with = {NULL, 0};

    sample_begin(&j);
    sample_machine(&j);
    sample_check(&j, "a.b", VERDICT_PASS);
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    render_text(&r, text_put, &t);
    sample_processor(&j, 0, 0, 0);
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    render_text(&r, text_put, &with);
    assert_int_equal(r.processors, 1);
    assert_string_equal(t.s, with.s);
    text_free(&t);
    text_free(&with);
    sample_close(&j);
}

TEST_LIST(processors, cmocka_unit_test(indexed), cmocka_unit_test(gaps),
          cmocka_unit_test(beyond_the_room), cmocka_unit_test(others_cut),
          cmocka_unit_test(block), cmocka_unit_test(otherwise),
          cmocka_unit_test(otherwise_alike), cmocka_unit_test(latency),
          cmocka_unit_test(otherwise_twice), cmocka_unit_test(unfinished),
          cmocka_unit_test(alike_in_all), cmocka_unit_test(alone));
