#include "../unit.h"
#include "base/settings.h"

#include "base/files.h"

#include <stdlib.h>

static void the_example_file_is_what_the_program_prints(void **state)
{
    (void)state;
    char *printed = NULL, *kept = NULL;
    size_t printed_length = 0, kept_length = 0;
    struct problem problem = { 0 };
    FILE *stream = open_memstream(&printed, &printed_length);
    settings_print_example(stream);
    assert_int_equal(fclose(stream), 0);
    assert_true(file_read_whole(
        LECTERN_SOURCE_DIR "/config/lectern.conf.example", 1 << 20, &kept, &kept_length, &problem));
    /* When this fails: build/release/lectern settings > config/lectern.conf.example */
    assert_string_equal(kept, printed);
    free(printed);
    free(kept);
}

static void the_effective_settings_can_be_loaded_again(void **state)
{
    (void)state;
    char path[] = "/tmp/lectern-effective-XXXXXX";
    int fd = mkstemp(path);
    FILE *stream = fdopen(fd, "w");
    struct settings before, after;
    struct problem problem = { 0 };
    settings_init(&before);
    settings_init(&after);
    assert_true(settings_set(&before, "port", "4711", &problem));
    assert_true(settings_set(&before, "public-url", "https://lectures.example.org", &problem));
    settings_print_effective(&before, stream);
    assert_int_equal(fclose(stream), 0);
    if (!settings_load_file(&after, path, &problem))
        fail_msg("%s", problem.detail);
    assert_int_equal(after.port, 4711);
    assert_string_equal(after.public_url, "https://lectures.example.org");
    assert_int_equal(remove(path), 0);
    settings_release(&before);
    settings_release(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_file_is_what_the_program_prints),
        cmocka_unit_test(the_effective_settings_can_be_loaded_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
