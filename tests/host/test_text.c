/* SPDX-License-Identifier: MIT */
/* The text report: fits its columns whatever the records hold, and says it. */
#include "host.h"
#include "report/render.h"

static struct journal j;
static struct report r;

/* Renders a sample; the caller frees. */
static struct text render(const char *name)
{
    struct text t = {NULL, 0};

    sample_open(sample_named(name), &j, &r);
    render_text(&r, text_put, &t);
    sample_close(&j);
    assert_non_null(t.s);
    return t;
}

/* Column widths are not what is tested: runs of blanks become one. */
static void squeeze(struct text *t)
{
    char *to = t->s;

    for (const char *s = t->s; *s != '\0'; s++) {
        if (*s != ' ' || to == t->s || to[-1] != ' ')
            *to++ = *s;
    }
    *to = '\0';
}

/* The report of this sample has each of these strings, "!x": not x. */
static void says(const char *name, ...)
{
    struct text t = render(name);
    const char *s;
    va_list ap;

    squeeze(&t);
    va_start(ap, name);
    while ((s = va_arg(ap, const char *)) != NULL) {
        if (s[0] == '!' ? strstr(t.s, s + 1) == NULL : strstr(t.s, s) != NULL)
            continue;
        fputs(t.s, stderr);
        text_free(&t);
        fail_msg("%s: \"%s\"", name, s);
    }
    va_end(ap);
    text_free(&t);
}

static void columns(void **state)
{
    for (size_t i = 0; i < sample_count; i++) {
        struct text t = render(samples[i].name);

        assert_int_equal(t.s[t.n - 1], '\n');
        for (const char *s = t.s; *s != '\0';) {
            size_t n = strcspn(s, "\n");

            if (n > 79)
                fail_msg("%s: %zu columns: %.*s", samples[i].name, n, (int)n,
                         s);
            for (size_t k = 0; k < n; k++)
                assert_true(s[k] >= ' ' && s[k] <= '~');
            assert_false(n > 0 && s[n - 1] == ' ');
            s += n + 1;
        }
        text_free(&t);
    }
}

/* Items of every length, where the last of them just fits or just does not. */
static void lists_fit(void **state)
{
    static const char item[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    for (unsigned first = 0; first < 40; first++) {
        for (unsigned second = 1; second < 45; second++) {
            struct text t = {NULL, 0};
            struct list list;
            struct out o;
            size_t n;

            out_start(&o, text_put, &t);
            out_list_begin(&o, &list, "fail: ");
            out_list_item(&o, &list, item + first);
            out_list_item(&o, &list, item + 45 - second);
            out_list_item(&o, &list, "x");
            out_flush(&o);
            n = strcspn(t.s, "\n");
            assert_true(n <= 79);
            /* a break only where the item and its comma found no room */
            if (t.s[n] == '\n' && t.s[n + 5] == 'a')
                assert_true(n + 1 + second + 1 > 79);
            text_free(&t);
        }
    }
}

static void verdict_first(void **state)
{
    struct text t = render("complete");
    static const char first[] =
        "ringside: complete; 6 checks, 1 finding; 454 SWAPGS decisions, "
        "1 wrong\n";

    assert_memory_equal(t.s, first, sizeof(first) - 1);
    text_free(&t);
    says("complete",
         "\n3 pass, 1 differ, 1 skip, 1 fail, 0 hang, 0 reset, "
         "0 notrun\n",
         "ringside 0.1 ran 4999.812 s; read from memory, after 2 boots.\n",
         "\nEnd of the ringside report.\n", NULL);
}

static void machine(void **state)
{
    says("complete",
         "GenuineIntel family 6 model 60 stepping 4, Intel Core Processor",
         "TCGTCGTCGTCG, accelerator TCG", "EDK II, revision 0x10000, UEFI 2.7",
         "241 MiB; 1 processor; xAPIC; TSC 2611.123 MHz",
         "CR0 80010033 (PE MP ET NE WP PG)",
         "CR4 668 (DE PAE MCE OSFXSR OSXMM)", "EFER d00 (LME LMA NXE)",
         "APIC SEP hypervisor FSGSBASE", "1280x800, 1280 pixels a line",
         "port 0x3f8", "--only \"exc*\"", NULL);
}

/* Alike irq rows are one line; the wrong one keeps its own. */
static void irq_rows_fold(void **state)
{
    says("complete", "\n irq.20-ff (224) ring 3 224 rsp0 no by-cs 224 224 0\n",
         "\n irq.20-98 (121) ring 0 121 ring0 no by-cs 0 121 0\n",
         "\n irq.99 ring 0 1 ring0 no by-cs 0 0 1 WRONG\n",
         "\n irq.9a-ff (102) ring 0 102 ring0 no by-cs 0 102 0\n", "!irq.21",
         "!irq.9a ", "irq.99 from ring 0, rule by-cs: 1 of 1 wrong",
         "before GS 0000000000005000 kernel GS ffffffffc0012000", NULL);
}

/* A line a path; by name only what is wrong, neighbours as one. */
static void window(void **state)
{
    says("window", "\nlinux: for the tests alone\n",
         "\n path n sent db nmi mc irq cs sign save stored blind\n",
         "\n syscall64 5 15 0/2 2 0/2 0 0 3\n",
         "\n int80 5 12 0/2 2 0/2 0 0 3\n", "!linux_syscall64",
         "\nbad: for the tests alone\n", "\n nmi 10 24 of 27 5/6 5 0/5 0 0 5\n",
         "\n nmi-ring0 10 27 3o2 5 0/5 0 0 5\n", "\n nmi: bad_nmi+0x0..0x6 N\n",
         "\n nmi damaged: bad_nmi+0xf..0x12 N\n",
         "\n nmi missed: bad_nmi+0x15 N\n", "!bad_nmi+0x1b", NULL);
}

/* One specimen alone: what is wrong with a negative base has its name, too. */
static void window_alone(void **state)
{
    says("own",
         "\n syscall64 (negative base): linux_syscall64+0x0 N, "
         "linux_syscall64+0xc N\n",
         NULL);
}

static void costs(void **state)
{
    says("complete", "\nCosts in tsc cycles, on TCG\n",
         "\n linux exc.bp by-sign 10000 725 1450 2900 INT3 from ring 3",
         "INT3 from ring 3 and back", NULL);
}

static void storms(void **state)
{
    says("complete", "\nThe storm: all ways in and all events at once ",
         "(--seed 4711)\n",
         "\n linux 2 100123 200000 50000 20000 10000 5000 15000 77\n",
         "\n 1 caught; cpu 1, entry 12: GS base 0 in the handler\n",
         "\nforgetful on processor 1: the last entries\n",
         "\n 1 1 ? 0 0 0 own user\n",
         "\n 2 1 nmi linux_syscall64+0x3 8 46 own user\n",
         "\n 12 1 nmi linux_syscall64+0x3 8 46 ffffffffc0a00000 user\n", NULL);
}

static void findings(void **state)
{
    says("complete", "\nfail: syscall64.fmask.tf\n",
         "\n expected RFLAGS 0x2, #UD\n", "\n seen RFLAGS 0x102\n",
         "\n facts SC6 SC1\n", "\n exc.ac.raised: RFLAGS 0x102\n",
         "\nSkipped\n mc.delivery: SYSCALL clears each",
         "\nNotes\n The #MC was injected", "!syscall64.gs", NULL);
}

/* One cause is one block, and each check in it is named. */
static void what_is_alike_is_one(void **state)
{
    says("alike",
         "ringside: complete; 24 checks, 16 findings; 4 SWAPGS decisions, 2 "
         "wrong",
         "!fail: exc.gp", " irq.30 ring 3 1 ", " irq.31 ring 3 1 ",
         " irq.40 ring 3 1 ", " irq.41 compat 1 ",
         "\nfail: exc.ss.ring0.rflags, exc.gp.ring0.rflags, "
         "exc.ss.ring0.rflags (cpu 1),\n exc.gp.ring0.rflags (cpu 1), "
         "exc.ss.ring0.rflags (cpu 2),\n",
         "exc.gp.ring0.rflags (cpu 7)\n expected 1\n seen 0\n why "
         "Because.\n facts IV1\n\nSkipped\n mc.one, mc.one, ",
         "mc.one:\n SYSCALL clears each",
         " exc.ss ring 3 0 ring0 no none 0 0 0\n #GP instead of #SS, as else",
         NULL);
}

static void one_check(const char *id, const char *seen)
{
    struct record_check c = {
        .verdict = VERDICT_FAIL,
        .expected = "1",
        .facts = "IV1",
        .why = "Because.",
    };

    snprintf(c.id, sizeof(c.id), "%s", id);
    snprintf(c.seen, sizeof(c.seen), "%s", seen);
    assert_true(journal_check(&j, &c));
}

/* One rule, and each saying of it once, under its own ids. */
static void seen_otherwise(void **state)
{
    struct text t = {NULL, 0};

    sample_begin(&j);
    one_check("a.one", "2");
    one_check("a.two", "3");
    one_check("a.three", "2");
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    render_text(&r, text_put, &t);
    squeeze(&t);
    assert_non_null(
        strstr(t.s, "fail: a.one, a.three\n expected 1\n seen 2\n"));
    assert_non_null(strstr(t.s, "fail: a.two\n expected 1\n seen 3\n"));
    text_free(&t);
    sample_close(&j);
}

/* On a screen some stand for all that are alike; none is left uncounted. */
static void brief(void **state)
{
    struct text t = {NULL, 0};

    sample_open(sample_named("alike"), &j, &r);
    r.brief = true;
    render_text(&r, text_put, &t);
    assert_non_null(strstr(t.s, "\nfail: exc.ss.ring0.rflags, "
                                "exc.gp.ring0.rflags, "
                                "exc.ss.ring0.rflags (cpu 1),\n"
                                "    and 13 more\n"));
    assert_non_null(strstr(t.s, "  why       Because.\n"));
    text_free(&t);
    sample_close(&j);
}

static void degraded(void **state)
{
    says("live",
         "read from the run itself: the firmware has no\n runtime variables.",
         "no linear framebuffer", "none answered",
         "Costs in tsc cycles, on Bochs", NULL);
    says("no-machine", "ringside: complete;", "record of the machine is lost",
         "!\nMachine\n", "Findings", NULL);
    says("empty", "ringside: died before its first step; 0 checks", "!\nPaths",
         "!\nFindings", NULL);
    says("no-end", "ringside: died at \"case df\"; 9 checks, 3 findings",
         "\nreset: df.stack\n", "\nhang: df.cr4\n",
         "\nNot run\n df.rest:", NULL);
    says("no-end-damaged", "died at \"case df\"",
         "\n1 record is lost to damaged memory.\n", NULL);
    says("last-words", "ringside: died at \"case irq\"; 6 checks",
         "Last words of the core: #PF in the core: write to an unmapped page",
         "vector 14", "RIP ffffffffc0001234", "CR2 ffffffffe1000000", NULL);
    says("damaged", "ringside: ran to its end, but 1 record is lost to damage",
         "!lost to damaged memory", "Findings", NULL);
    says("absent",
         "ringside: results lost: the journal did not survive the reset",
         "220 pass, 3 differ, 5 skip, 1 fail\n or worse; 1 path row with",
         "\nIt says as well: 2 findings of other processors that", "read-only",
         "!0 checks", NULL);
    says("bad-header", "results lost: the journal's header is damaged",
         "!digest", NULL);
    says("other-run", "the journal in memory is another run's", "220 pass",
         NULL);
    says("overflow", "ringside: ran to its end, but 1 record found no room;",
         NULL);
}

TEST_LIST(text, cmocka_unit_test(columns), cmocka_unit_test(lists_fit),
          cmocka_unit_test(verdict_first), cmocka_unit_test(machine),
          cmocka_unit_test(irq_rows_fold), cmocka_unit_test(window),
          cmocka_unit_test(window_alone), cmocka_unit_test(costs),
          cmocka_unit_test(storms), cmocka_unit_test(findings),
          cmocka_unit_test(what_is_alike_is_one),
          cmocka_unit_test(seen_otherwise), cmocka_unit_test(brief),
          cmocka_unit_test(degraded));
