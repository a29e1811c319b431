/* SPDX-License-Identifier: MIT */
/* A journal that a script gives back: whose it must be, and what it must look
 * like.  test_resume.py holds the script's file to the one left here. */
#include "after/resume_file.h"
#include "host.h"

extern const char *output_folder; /* main.c */

static const struct record_machine here = {
    .vendor = "GenuineIntel",
    .family = 6,
    .model = 60,
    .features = 5,
    .build = 77,
    .asked = 99,
};

static struct journal j;
static struct resume_file *file;
static uint64_t length;

static void seal(void)
{
    uint32_t crc = crc32(0, file, offsetof(struct resume_file, crc));

    file->crc = crc32(crc, file + 1, file->size);
}

static void build(const struct record_machine *m)
{
    sample_begin(&j);
    if (m)
        assert_true(journal_append(&j, RECORD_MACHINE, m, sizeof(*m)));
    sample_check(&j, "exc.de", VERDICT_PASS);
    length = sizeof(*file) + j.used;
    file = malloc(length);
    assert_non_null(file);
    memset(file, 0, sizeof(*file));
    file->magic = RESUME_FILE_MAGIC;
    file->version = RECORD_VERSION;
    file->down = DOWN_HANG;
    file->boots = 3;
    file->size = j.used;
    snprintf(file->words, sizeof(file->words), "how it ended");
    memcpy(file + 1, j.base, j.used);
    seal();
}

static int begin(void **state)
{
    build(&here);
    return 0;
}

static int end(void **state)
{
    free(file);
    sample_close(&j);
    return 0;
}

static void expect(const char *bad)
{
    const char *got = resume_file_bad(file, length, &here);

    if (!bad)
        assert_null(got);
    else
        assert_string_equal(got ? got : "", bad);
}

static void is_taken(void **state)
{
    char name[200];
    FILE *f;

    expect(NULL);
    snprintf(name, sizeof(name), "%s/RESUME.BIN", output_folder);
    f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(file, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

/* Whatever byte of it is another. */
static void a_flipped_bit(void **state)
{
    for (uint64_t i = 0; i < length; i++) {
        ((uint8_t *)file)[i] ^= 0x20;
        assert_non_null(resume_file_bad(file, length, &here));
        ((uint8_t *)file)[i] ^= 0x20;
    }
    expect(NULL);
}

static void cut_short(void **state)
{
    for (uint64_t n = 0; n < length; n++)
        assert_non_null(resume_file_bad(file, n, &here));
    length--;
    expect("it was cut short");
    length = sizeof(*file) - 1;
    expect("it is none of ours");
}

static void odd_numbers(void **state)
{
    file->version++;
    seal();
    expect("it is of another version");
    file->version--;
    file->down = DOWN_COUNT;
    seal();
    expect("it is damaged");
    file->down = DOWN_RESET;
    memset(file->words, 'x', sizeof(file->words));
    seal();
    expect("it is damaged");
}

static void no_journal(void **state)
{
    memset(file + 1, 0, 8);
    seal();
    expect("there is no journal in it");
    end(state);
    build(NULL);
    expect("its journal has lost the machine's record");
}

static void somebody_elses(void **state)
{
    static const struct {
        size_t offset;
        const char *bad;
    } fields[] = {
        {offsetof(struct record_machine, build),
         "it is of another build of this image"},
        {offsetof(struct record_machine, asked),
         "it is of a run with other options"},
        {offsetof(struct record_machine, vendor), "it is of another machine"},
        {offsetof(struct record_machine, model), "it is of another machine"},
        {offsetof(struct record_machine, stepping), "it is of another machine"},
        {offsetof(struct record_machine, features), "it is of another machine"},
    };

    for (unsigned i = 0; i < COUNT(fields); i++) {
        struct record_machine other = here;

        ((uint8_t *)&other)[fields[i].offset]++;
        end(state);
        build(&other);
        expect(fields[i].bad);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

TEST_LIST(resume_file, TEST(is_taken), TEST(a_flipped_bit), TEST(cut_short),
          TEST(odd_numbers), TEST(no_journal), TEST(somebody_elses));
