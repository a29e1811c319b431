/* SPDX-License-Identifier: MIT */
/*
 * Writes every sample in every form to the output folder; test_formats.py
 * parses them, with the JSON Schema and a KTAP reader of its own.
 */
#include "host.h"

extern const char *output_folder;

typedef void render(const struct report *r, report_put *put, void *context);

static void put_file(void *context, const char *s, size_t n)
{
    assert_int_equal(fwrite(s, 1, n, context), n);
}

static void write_form(const char *sample, const char *suffix, render *how,
                       const struct report *r)
{
    char name[512];
    FILE *f;

    snprintf(name, sizeof(name), "%s/%s.%s", output_folder, sample, suffix);
    f = fopen(name, "w");
    if (f == NULL)
        fail_msg("cannot write %s", name);
    how(r, put_file, f);
    assert_int_equal(fclose(f), 0);
}

static void write_all(void **state)
{
    static struct report r;
    struct journal j;

    for (size_t i = 0; i < sample_count; i++) {
        sample_open(&samples[i], &j, &r);
        write_form(samples[i].name, "json", render_json, &r);
        write_form(samples[i].name, "ktap", render_ktap, &r);
        write_form(samples[i].name, "txt", render_text, &r);
        sample_close(&j);
    }
}

static void quotes(void **state)
{
    static struct report r;
    struct record_check c = {.id = "a.quote", .why = "a \"word\" and a \\"};
    struct text t = {NULL, 0};
    struct journal j;

    sample_begin(&j);
    assert_true(journal_check(&j, &c));
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    render_json(&r, text_put, &t);
    assert_non_null(strstr(t.s, "\"why\": \"a \\\"word\\\" and a \\\\\""));
    text_free(&t);
    sample_close(&j);
}

TEST_LIST(json, cmocka_unit_test(write_all), cmocka_unit_test(quotes));
