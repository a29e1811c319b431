/* SPDX-License-Identifier: MIT */
/*
 * Runs every list of host tests; `make host-test` builds this twice, plain
 * and with the sanitizers.  argv[1] is where the rendered samples go, which
 * test_formats.py then reads.
 */
#include "host.h"

const char *output_folder;

#define LISTS                                                                  \
    LIST(alike)                                                                \
    LIST(storm)                                                                \
    LIST(together)                                                             \
    LIST(decisions)                                                            \
    LIST(fmt)                                                                  \
    LIST(crc32)                                                                \
    LIST(inflate)                                                              \
    LIST(journal)                                                              \
    LIST(mem)                                                                  \
    LIST(firmware)                                                             \
    LIST(exit)                                                                 \
    LIST(listed)                                                               \
    LIST(low)                                                                  \
    LIST(mp)                                                                   \
    LIST(unfit)                                                                \
    LIST(only)                                                                 \
    LIST(durable)                                                              \
    LIST(last)                                                                 \
    LIST(packed)                                                               \
    LIST(damage)                                                               \
    LIST(options)                                                              \
    LIST(cpuset)                                                               \
    LIST(processors)                                                           \
    LIST(report)                                                               \
    LIST(text)                                                                 \
    LIST(json)                                                                 \
    LIST(ktap)                                                                 \
    LIST(resume_file)                                                          \
    LIST(serial_journal)                                                       \
    LIST(space)                                                                \
    LIST(descriptors)                                                          \
    LIST(cpu)                                                                  \
    LIST(patch)                                                                \
    LIST(author)                                                               \
    LIST(destination)                                                          \
    LIST(fallen)                                                               \
    LIST(finding)                                                              \
    LIST(window)                                                               \
    LIST(given_back)                                                           \
    LIST(hostile)                                                              \
    LIST(serial)                                                               \
    LIST(font)                                                                 \
    LIST(screen)                                                               \
    LIST(console)

#define LIST(name)                                                             \
    extern const struct CMUnitTest name##_tests[];                             \
    extern const size_t name##_test_count;
LISTS
#undef LIST

int main(int argc, char **argv)
{
    int failed = 0;

    if (argc != 2) {
        fprintf(stderr, "Usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    output_folder = argv[1];
#define LIST(name)                                                             \
    failed += _cmocka_run_group_tests(#name, name##_tests, name##_test_count,  \
                                      NULL, NULL);
    LISTS
#undef LIST
    return failed != 0;
}
