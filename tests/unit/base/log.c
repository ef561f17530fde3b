#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What log_problem() writes for this detail, without time and newline. */
static void log_and_read(const char *detail, char *ret_line, size_t size)
{
    struct problem problem = { 0 };
    int ends[2], kept = dup(STDERR_FILENO);
    problem_set(&problem, PROBLEM_BAD_REQUEST, "%s", detail);
    assert_int_equal(pipe(ends), 0);
    assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
    log_problem(LOG_ERROR, "tested", &problem);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    char line[8000];
    ssize_t count = read(ends[0], line, sizeof line - 1);
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)close(kept);
    assert_true(count > 0 && line[count - 1] == '\n');
    line[count - 1] = '\0';
    (void)snprintf(ret_line, size, "%s", strchr(line, ' ') + 1);
}

static void a_value_cannot_forge_pairs_or_lines(void **state)
{
    (void)state;
    static const struct {
        const char *story, *detail, *logged;
    } cases[] = {
        { "plain", "what it was", "what it was" },
        { "quotes", "x\" code=fake detail=\"", "x\\\" code=fake detail=\\\"" },
        { "backslashes", "x\\\" code=fake", "x\\\\\\\" code=fake" },
        { "a backslash at the end", "x\\", "x\\\\" },
        { "a line", "x\nerror forged code=fake", "x\\x0aerror forged code=fake" },
        { "a line in words", "x\\x0ay", "x\\\\x0ay" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char line[2000], expected[2000];
        (void)snprintf(expected, sizeof expected, "error tested code=%s field=\"\" detail=\"%s\"",
            problem_faces[PROBLEM_BAD_REQUEST].code, cases[i].logged);
        log_and_read(cases[i].detail, line, sizeof line);
        if (strcmp(line, expected) != 0)
            fail_msg("%s: %s", cases[i].story, line);
    }
}

static void a_long_value_is_cut_between_its_quotes(void **state)
{
    (void)state;
    char value[2 * LOG_QUOTED_SIZE], quoted[LOG_QUOTED_SIZE];
    for (size_t shift = 0; shift < 2; shift++) {
        memset(value, '"', sizeof value - 1);
        value[sizeof value - 1] = '\0';
        memset(value, 'a', shift);
        assert_ptr_equal(log_quoted(quoted, value), quoted);
        size_t length = strlen(quoted);
        assert_true(length < LOG_QUOTED_SIZE && length >= LOG_QUOTED_SIZE - 4);
        /* Every quote but the first and the last has its backslash. */
        assert_true(quoted[0] == '"' && quoted[length - 1] == '"' && quoted[length - 2] == '"');
        for (size_t i = 1 + shift; i < length - 1; i += 2)
            assert_true(quoted[i] == '\\' && quoted[i + 1] == '"' && i + 1 < length - 1);
    }
    assert_string_equal(log_quoted(quoted, NULL), "\"\"");
    assert_string_equal(log_quoted(quoted, ""), "\"\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_cannot_forge_pairs_or_lines),
        cmocka_unit_test(a_long_value_is_cut_between_its_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
