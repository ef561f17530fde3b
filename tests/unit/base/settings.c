#include "base/settings.h"
#include "../unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool load(struct settings *settings, const char *content, struct problem *problem)
{
    char path[] = "/tmp/lectern-settings-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    (void)close(fd);
    bool loaded = settings_load_file(settings, path, problem);
    (void)unlink(path);
    return loaded;
}

static void presets_pass_their_own_parser(void **state)
{
    (void)state;
    struct settings settings;
    settings_init(&settings);
    assert_int_equal(settings.port, 8443);
    assert_string_equal(settings.log_level, "info");
    settings_release(&settings);
}

static void the_printed_example_can_be_loaded_with_every_line_in_force(void **state)
{
    (void)state;
    char *example = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&example, &length);
    settings_print_example(out);
    (void)fclose(out);
    /* "#name = value" becomes "name = value"; "# sentence" stays a comment */
    for (char *line = example; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (line[0] == '#' && line[1] >= 'a' && line[1] <= 'z')
            line[0] = ' ';
    }
    struct settings settings;
    struct problem problem = { 0 };
    settings_init(&settings);
    if (!load(&settings, example, &problem))
        fail_msg("%s", problem.detail);
    settings_release(&settings);
    free(example);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    char long_line[400];
    memset(long_line, 'x', sizeof long_line);
    memcpy(long_line, "data = /", 8);
    long_line[sizeof long_line - 1] = '\0';
    const struct {
        const char *story, *content, *expected;
    } cases[] = {
        { "an unknown name", "colour = red\n", "colour" },
        { "no number", "port = eighty\n", "port" },
        { "out of range", "port = 70000\n", "65535" },
        { "an empty value", "data =\n", "line of text" },
        { "no origin but a host", "cors-origins = www.example.org\n", "such as https" },
        { "an origin with a path", "cors-origins = https://www.example.org/\n", "such as https" },
        { "any origin", "cors-origins = *\n", "such as https" },
        { "origins parted by commas", "cors-origins = https://a.example, https://b.example\n",
            "such as" },
        { "a section", "[http]\nport = 80\n", "[http]" },
        { "no equals sign", "port\n", "line 1" },
        { "a comment that inih would cut off", "data = /srv ;x\n", "' ;'" },
        { "a line that inih would cut", long_line, "shorter" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct settings settings;
        struct problem problem = { 0 };
        settings_init(&settings);
        bool loaded = load(&settings, cases[i].content, &problem);
        if (loaded || problem.kind != PROBLEM_SETTING || !strstr(problem.detail, cases[i].expected))
            fail_msg("%s: %s", cases[i].story, problem.detail);
        settings_release(&settings);
    }
}

static void the_environment_is_stronger_than_the_file(void **state)
{
    (void)state;
    struct settings settings;
    struct problem problem = { 0 };
    char port[] = "LECTERN_PORT=4433", url[] = "LECTERN_PUBLIC_URL=https://learn.example.org";
    char other[] = "PATH=/bin";
    char *environment[] = { other, port, url, NULL };
    settings_init(&settings);
    assert_true(load(&settings, "# a comment\nport = 443\nloops = 2\n", &problem));
    assert_true(settings_load_environment(&settings, environment, &problem));
    assert_int_equal(settings.port, 4433);
    assert_int_equal(settings.loops, 2);
    assert_string_equal(settings.public_url, "https://learn.example.org");
    settings_release(&settings);
}

struct differences {
    char taken_up[100], left[100];
};

static void note_difference(void *data, const char *name, bool taken_up)
{
    struct differences *found = data;
    char *names = taken_up ? found->taken_up : found->left;
    (void)snprintf(names + strlen(names), sizeof found->left - strlen(names), "%s ", name);
}

static void a_running_server_takes_up_what_it_can(void **state)
{
    (void)state;
    struct settings running, copy, loaded;
    struct problem problem = { 0 };
    struct differences found = { "", "" };
    settings_init(&running);
    settings_init(&loaded);
    assert_true(load(&loaded,
        "log-level = debug\nport = 443\nlisten = 127.0.0.1\nidle-deadline-ms = 5000\n"
        "tls-staple = here\n",
        &problem));
    settings_copy(&running, &copy);
    settings_take_up(&copy, &loaded, note_difference, &found);
    assert_string_equal(found.taken_up, "log-level tls-staple idle-deadline-ms ");
    assert_string_equal(found.left, "listen port ");
    assert_string_equal(copy.log_level, "debug");
    assert_string_equal(copy.tls_staple, "here");
    assert_int_equal(copy.idle_deadline_ms, 5000);
    assert_string_equal(copy.listen, running.listen);
    assert_int_equal(copy.port, 8443);
    assert_string_equal(running.log_level, "info"); /* the copy is its own */
    found = (struct differences){ "", "" };
    settings_take_up(&copy, &loaded, note_difference, &found);
    assert_string_equal(found.taken_up, "");
    settings_release(&running);
    settings_release(&loaded);
    settings_release(&copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_pass_their_own_parser),
        cmocka_unit_test(the_printed_example_can_be_loaded_with_every_line_in_force),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(the_environment_is_stronger_than_the_file),
        cmocka_unit_test(a_running_server_takes_up_what_it_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
