/* SPDX-License-Identifier: MIT */
/* The option parser, the splitter and the pattern matcher. */
#include "host.h"
#include "options.h"

#define WHY_SIZE 80 /* an error line must fit a console's line */
#define WORDS_MAX 8

static struct options o;
static char why[WHY_SIZE];

/* Parses a line from scratch, as the Shell would hand it over. */
static bool parse(const char *text)
{
    const char *argv[WORDS_MAX];
    char line[2 * OPTIONS_TEXT_MAX];
    int argc;

    memset(&o, 0, sizeof(o));
    memset(why, 0, sizeof(why));
    snprintf(line, sizeof(line), "%s", text);
    argc = options_split(line, argv, WORDS_MAX);
    assert_true(argc >= 0);
    return options_parse(&o, argc, argv, why, sizeof(why));
}

static void refused(const char *text, const char *line)
{
    assert_false(parse(text));
    assert_string_equal(why, line);
}

static void nothing_given(void **state)
{
    static const struct options none;

    assert_true(parse(""));
    assert_memory_equal(&o, &none, sizeof(o));
}

static void each_flag(void **state)
{
    assert_true(parse("-h") && o.help);
    assert_true(parse("--help") && o.help);
    assert_true(parse("--list") && o.list);
    assert_true(parse("--no-reboot") && o.no_reboot);
    assert_true(parse("--batch") && o.batch);
    assert_true(parse("--inject") && o.inject);
    assert_true(parse("--self-test") && o.self_test);
    assert_false(o.help || o.list || o.no_reboot || o.batch || o.inject);
}

static void soak(void **state)
{
    assert_true(parse("--soak 1000000"));
    assert_int_equal(o.soak, 1000000);
    assert_true(parse("--soak=999999999"));
    assert_int_equal(o.soak, 999999999);
    refused("--soak", "--soak needs a value");
    refused("--soak 0", "--soak: not a count: \"0\"");
    refused("--soak 1000000000", "--soak: not a count: \"1000000000\"");
    refused("--soak 5x", "--soak: not a count: \"5x\"");
}

static void storm(void **state)
{
    assert_true(parse("--storm 30"));
    assert_int_equal(o.storm, 30);
    assert_int_equal(o.storm_entries, 0);
    assert_true(parse("--storm-entries 10000000"));
    assert_int_equal(o.storm_entries, 10000000);
    assert_int_equal(o.storm, 0);
    assert_true(parse("--storm-entries=7 --storm 5 --only x --seed 9"));
    assert_true(parse("--storm=5 --storm-entries 7 --seed 9"));
    assert_int_equal(o.storm, 5);
    assert_int_equal(o.storm_entries, 7);
    assert_int_equal(o.seed, 9);
    refused("--storm", "--storm needs a value");
    refused("--storm long", "--storm: not a count: \"long\"");
    refused("--storm-entries 0", "--storm-entries: not a count: \"0\"");
    refused("--seed 0x5", "--seed: not a count: \"0x5\"");
}

/* The numbers to which the short set, everything and nothing is left. */
static void assert_share(enum cpu_share others, const char *all)
{
    unsigned first, last, n = 0;

    for (; sscanf(all, "%u-%u", &first, &last) == 2; all += strcspn(all, " ")) {
        for (; n < first; n++)
            assert_int_equal(options_cpu(&o, n), others);
        for (; n <= last; n++)
            assert_int_equal(options_cpu(&o, n), CPU_ALL);
        all += strspn(all, " ");
    }
    for (; n < PROCESSORS_MAX; n++)
        assert_int_equal(options_cpu(&o, n), others);
}

static void cpus(void **state)
{
    assert_true(parse(""));
    assert_share(CPU_SHORT, "0-0");
    assert_true(parse("--cpus all"));
    assert_share(CPU_NOTHING, "0-255");
    assert_true(parse("--cpus first"));
    assert_share(CPU_NOTHING, "0-0");
    assert_true(parse("--cpus 0"));
    assert_share(CPU_NOTHING, "0-0");
    assert_true(parse("--cpus=1,3-5"));
    assert_share(CPU_NOTHING, "0-1 3-5");
    assert_true(parse("--cpus 7,9-9,254-255,007,8"));
    assert_share(CPU_NOTHING, "0-0 7-9 254-255");
    assert_true(parse("--cpus 0-255"));
    assert_share(CPU_NOTHING, "0-255");
    assert_true(parse("--cpus 1-9 --cpus 3")); /* the last one, as elsewhere */
    assert_share(CPU_NOTHING, "0-0 3-3");
    assert_true(parse("--cpus 3 --cpus all --cpus first"));
    assert_share(CPU_NOTHING, "0-0");
}

static void no_such_cpus(void **state)
{
    static const char *const odd[] = {"none", "All",   "allx",   "firs",
                                      "-1",   "1-",    "1--2",   "1,x,2",
                                      "1;2",  "1-2-3", "1,first"};
    char line[32], beyond[64] = "--cpus ";

    for (unsigned i = 0; i < COUNT(odd); i++) {
        snprintf(line, sizeof(line), "--cpus %s", odd[i]);
        assert_false(parse(line));
        assert_ptr_equal(why, strstr(why, "--cpus: not all, first or like "));
        assert_int_equal(o.cpus.which, CPUS_NOT_GIVEN);
    }
    refused("--cpus", "--cpus needs a value");
    refused("--cpus=", "--cpus needs a value");
    refused("--cpus 1,x,2", "--cpus: not all, first or like 1,3-5: \"x,2\"");
    refused("--cpus 1,,2", "--cpus: not all, first or like 1,3-5: \",2\"");
    refused("--cpus 1,", "--cpus: not all, first or like 1,3-5: \",\"");
    refused("--cpus 1,256", "--cpus: the numbers end at 255: \"256\"");
    refused("--cpus 0-256", "--cpus: the numbers end at 255: \"0-256\"");
    refused("--cpus 4,5-3", "--cpus: a range ends before it begins: \"5-3\"");
    /* 2^32 + 1, and more digits than any number has */
    refused("--cpus 4294967297",
            "--cpus: the numbers end at 255: \"4294967297\"");
    memset(beyond + 7, '9', 40);
    refused(beyond, "--cpus: the numbers end at 255: "
                    "\"99999999999999999999999999999999...\"");
    memset(beyond + 7, 'x', 40);
    refused(beyond, "--cpus: not all, first or like 1,3-5: "
                    "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...\"");
}

/* Named, and beyond those that the machine has. */
static void absent_cpus(void **state)
{
    assert_true(parse("--cpus 2,5-7"));
    assert_int_equal(options_cpu_absent(&o, 8), 0);
    assert_int_equal(options_cpu_absent(&o, 7), 7);
    assert_int_equal(options_cpu_absent(&o, 6), 6);
    assert_int_equal(options_cpu_absent(&o, 4), 5);
    assert_int_equal(options_cpu_absent(&o, 1), 2);
    assert_true(parse("--cpus all"));
    assert_int_equal(options_cpu_absent(&o, 1), 0);
    assert_true(parse("--cpus 255"));
    assert_int_equal(options_cpu_absent(&o, 255), 255);
    assert_int_equal(options_cpu_absent(&o, PROCESSORS_MAX), 0);
}

/* A seed that was printed can be given. */
static void seeds(void **state)
{
    static const uint64_t nonces[] = {0,
                                      1,
                                      OPTIONS_NUMBER_MAX - 1,
                                      OPTIONS_NUMBER_MAX,
                                      0x123456789abcdef,
                                      UINT64_MAX};

    assert_true(parse("--seed 77"));
    assert_int_equal(options_seed(&o, 5), 77);
    for (unsigned i = 0; i < COUNT(nonces); i++) {
        char line[32];
        uint32_t seed;

        assert_true(parse(""));
        seed = options_seed(&o, nonces[i]);
        snprintf(line, sizeof(line), "--seed %u", seed);
        assert_true(parse(line));
        assert_int_equal(options_seed(&o, 1), seed);
    }
    assert_true(parse("") && options_seed(&o, 5) != options_seed(&o, 6));
}

static void each_provocation(void **state)
{
    static const struct {
        const char *name;
        enum provocation p;
    } all[] = {
#define PROVOCATION(word, constant) {word, constant},
#include "options.def"
#undef PROVOCATION
    };

    for (size_t i = 0; i < COUNT(all); i++) {
        char line[64];

        snprintf(line, sizeof(line), "--provoke %s", all[i].name);
        assert_true(parse(line));
        assert_int_equal(o.provoke, all[i].p);
        assert_int_equal(o.provoke, i + 1);
        assert_non_null(strstr(options_usage(), all[i].name));
    }
}

/* What each row of the list says, seen from outside. */
static void each_row(void **state)
{
    enum { FLAG, TEXT, NUMBER, CPUS, PROVOKE };
    static const struct {
        const char *word, *argument, *help;
        int kind;
    } rows[] = {
#define OPTION(word, kind, field, group, argument, help)                       \
    {word, argument, help, kind},
#include "options.def"
#undef OPTION
    };
    static const char *const values[] = {[FLAG] = "",
                                         [TEXT] = "x",
                                         [NUMBER] = "7",
                                         [CPUS] = "2",
                                         [PROVOKE] = "stale-key"};

    for (size_t i = 0; i < COUNT(rows); i++) {
        char line[64], head[64];

        snprintf(line, sizeof(line), "%s %s", rows[i].word,
                 values[rows[i].kind]);
        assert_true(parse(line));
        assert_int_equal(*rows[i].argument == '\0', rows[i].kind == FLAG);
        snprintf(line, sizeof(line), "%s=x", rows[i].word);
        if (rows[i].kind == FLAG)
            assert_false(parse(line));
        snprintf(head, sizeof(head), "\n  %s %s", rows[i].word,
                 rows[i].argument);
        assert_non_null(strstr(options_usage(), head));
        assert_non_null(strstr(options_usage(), rows[i].help));
    }
}

/* Two things that a run could be, in one line or one after the other. */
static void conflicts(void **state)
{
    static const char *const argv[] = {"--soak", "5"};

    refused("--mutants --self-test",
            "--mutants and --self-test do not go together");
    refused("--soak 5 --list", "--soak and --list do not go together");
    refused("--list-checks --explain exc",
            "--list-checks and --explain do not go together");
    refused("--storm 5 --soak 5", "--storm and --soak do not go together");
    refused("--list --storm-entries 5",
            "--list and --storm-entries do not go together");
    refused("--storm-entries 5 --self-test",
            "--storm-entries and --self-test do not go together");
    assert_true(parse("--storm 5 --storm-entries 9 --storm 6 --cpus all"));
    assert_true(parse("--mutants --only exc --batch --mutants"));
    assert_true(parse("--list --list -h"));
    assert_true(parse("--mutants"));
    assert_false(options_parse(&o, 2, argv, why, sizeof(why)));
    assert_string_equal(why, "--mutants and --soak do not go together");
}

static void only(void **state)
{
    assert_true(parse("--only exc.*"));
    assert_string_equal(o.only, "exc.*");
    assert_true(parse("--only=irq.2?"));
    assert_string_equal(o.only, "irq.2?");
    assert_true(parse("--only a --only b"));
    assert_string_equal(o.only, "b");
    assert_true(parse("--only \"two words\""));
    assert_string_equal(o.only, "two words");
}

static void on_top_of_what_is_there(void **state)
{
    static const char *const argv[] = {"--list"};

    assert_true(parse("--batch --only x"));
    assert_true(options_parse(&o, 1, argv, why, sizeof(why)));
    assert_true(o.batch && o.list);
    assert_string_equal(o.only, "x");
}

static void malformed(void **state)
{
    refused("--frob", "unknown option \"--frob\"");
    refused("run", "unknown option \"run\"");
    refused("--onl x", "unknown option \"--onl\"");
    refused("--only2 x", "unknown option \"--only2\"");
    refused("-help", "unknown option \"-help\"");
    refused("--list=yes", "--list takes no value");
    refused("--list=", "--list takes no value");
    refused("--only", "--only needs a value");
    refused("--only=", "--only needs a value");
    refused("--provoke", "--provoke needs a value");
    refused("--provoke chaos", "--provoke: nothing is called \"chaos\"");
    refused("--batch --list --frob --only", "unknown option \"--frob\"");
    refused("--fr\x01\xc3\xa4", "unknown option \"--fr???\"");
}

static void pattern_too_long(void **state)
{
    char line[OPTIONS_TEXT_MAX + 16] = "--only ";

    assert_int_equal(OPTIONS_TEXT_MAX, 1024);
    memset(line + 7, 'a', OPTIONS_TEXT_MAX - 1);
    assert_true(parse(line));
    assert_int_equal(strlen(o.only), OPTIONS_TEXT_MAX - 1);
    line[7 + OPTIONS_TEXT_MAX - 1] = 'a';
    refused(line, "a value too long: "
                  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...\"");
}

static void split(void **state)
{
    char line[] = " \t one  \"two words\" th\"r e\"e \"\"\r\n";
    char open[] = "one \"two", many[] = "a b c", exact[] = "a b";
    const char *argv[4];

    assert_int_equal(options_split(line, argv, 4), 4);
    assert_string_equal(argv[0], "one");
    assert_string_equal(argv[1], "two words");
    assert_string_equal(argv[2], "thr ee");
    assert_string_equal(argv[3], "");
    assert_int_equal(options_split(open, argv, 4), -1 - 1);
    assert_string_equal(argv[0], "one");
    assert_int_equal(options_split(many, argv, 2), -1 - 2);
    assert_int_equal(options_split(exact, argv, 2), 2);
}

static void match(void **state)
{
    assert_true(options_match("", "anything"));
    assert_true(options_match("exc.de", "exc.de"));
    assert_false(options_match("exc.de", "exc.db"));
    assert_false(options_match("exc", "exc.de"));
    assert_false(options_match("exc.de", "exc"));
    assert_true(options_match("exc*", "exc"));
    assert_true(options_match("*", ""));
    assert_true(options_match("irq.?f", "irq.2f"));
    assert_false(options_match("irq.?", "irq.2f"));
    assert_true(options_match("*.db*x", "a.db.b.db.x"));
    assert_false(options_match("*.db*x", "a.db.b.db.y"));
    assert_true(options_match("a*b*c", "aXXbYYbZZc"));
    assert_false(options_match("?", ""));
    assert_false(options_match("*abc", "abxc"));
    assert_true(options_match("*ab", "aab"));
    assert_true(options_match("nmi,exc*", "exc_de"));
    assert_true(options_match("nmi,exc*", "nmi"));
    assert_false(options_match("nmi,exc*", "nmi,exc"));
    assert_false(options_match("nmi,exc?", "exc"));
    assert_true(options_match("x*,*y,z", "aby"));
    assert_false(options_match("a,,b", "c"));
}

static void usage_fits(void **state)
{
    const char *s = options_usage();

    assert_non_null(strstr(s, "--only"));
    while (*s != '\0') {
        size_t n = strcspn(s, "\n");

        assert_true(n <= 79);
        assert_int_equal(s[n], '\n');
        s += n + 1;
    }
}

/* Whatever the words are: no crash, and a refusal is one printable line. */
static void random_lines(void **state)
{
    static const char *const pieces[] = {
        "--only", "--only=", "--provoke", "=",       "\"",        " ",
        "*",      "-h",      "--",        "--batch", "stale-key", "\x7f",
        "\xff",   "\t",      "a",         "%s%n",    "--cpus=",   "1-3",
        ",",      "300",     "--storm",   "--soak",
    };
    uint64_t seed = 0xa4093822299f31d0;

    for (unsigned round = 0; round < 5000; round++) {
        char *line = calloc(1, 128);
        const char *argv[WORDS_MAX];
        int argc;

        for (unsigned i = next_random(&seed) % 12; i > 0; i--)
            strcat(line, pieces[next_random(&seed) % COUNT(pieces)]);
        argc = options_split(line, argv, WORDS_MAX);
        memset(&o, 0, sizeof(o));
        memset(why, 0, sizeof(why));
        if (argc >= 0 && !options_parse(&o, argc, argv, why, sizeof(why))) {
            assert_true(why[0] != '\0');
            for (const char *s = why; *s != '\0'; s++)
                assert_true(*s >= ' ' && *s <= '~');
        }
        free(line);
    }
}

TEST_LIST(options, cmocka_unit_test(nothing_given), cmocka_unit_test(each_flag),
          cmocka_unit_test(soak), cmocka_unit_test(storm),
          cmocka_unit_test(cpus), cmocka_unit_test(no_such_cpus),
          cmocka_unit_test(absent_cpus), cmocka_unit_test(seeds),
          cmocka_unit_test(each_provocation), cmocka_unit_test(each_row),
          cmocka_unit_test(conflicts), cmocka_unit_test(only),
          cmocka_unit_test(on_top_of_what_is_there),
          cmocka_unit_test(malformed), cmocka_unit_test(pattern_too_long),
          cmocka_unit_test(split), cmocka_unit_test(match),
          cmocka_unit_test(usage_fits), cmocka_unit_test(random_lines));
