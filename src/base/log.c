#include "base/log.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES_MAX = 2000 };

static const char *const names[] = { "debug", "info", "warning", "error" };
static _Atomic int least_level = LOG_INFO;

void log_set_level(enum log_level least)
{
    atomic_store(&least_level, (int)least);
}

bool log_writes(enum log_level level)
{
    return (int)level >= atomic_load_explicit(&least_level, memory_order_relaxed);
}

bool log_level_named(const char *name, enum log_level *ret_level)
{
    for (int i = 0; i < (int)(sizeof names / sizeof names[0]); i++)
        if (text_equal(name, names[i])) {
            *ret_level = (enum log_level)i;
            return true;
        }
    return false;
}

static void escape_controls(struct text *line, const char *pairs)
{
    for (const char *at = pairs; *at; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            text_printf(line, "\\x%02x", (unsigned)(unsigned char)*at);
        else
            text_append(line, at, 1);
    }
}

void log_event(enum log_level level, const char *event, const char *pairs_format, ...)
{
    if (!log_writes(level))
        return;
    char pairs[LINE_BYTES_MAX / 2];
    va_list arguments;
    va_start(arguments, pairs_format);
    (void)vsnprintf(pairs, sizeof pairs, pairs_format, arguments);
    va_end(arguments);

    char time[CLOCK_ISO_SIZE];
    clock_format_iso(clock_wall_ms(), time);
    struct text line;
    text_init(&line, (size_t)LINE_BYTES_MAX * 4);
    text_printf(&line, "%s %s %s", time, names[level], event);
    if (pairs[0] != '\0')
        text_append(&line, " ", 1);
    escape_controls(&line, pairs);
    text_append(&line, "\n", 1);
    /* A log that cannot be written must not stop the server. */
    ssize_t ignored = write(STDERR_FILENO, line.bytes, line.length);
    (void)ignored;
    text_release(&line);
}

const char *log_quoted(char buffer[LOG_QUOTED_SIZE], const char *value)
{
    size_t length = 0;
    buffer[length++] = '"';
    /* Room for an escaped byte, the quote that closes, and NUL. */
    for (const char *at = value ? value : ""; *at && length + 4 <= LOG_QUOTED_SIZE; at++) {
        if (*at == '"' || *at == '\\')
            buffer[length++] = '\\';
        buffer[length++] = *at;
    }
    buffer[length++] = '"';
    buffer[length] = '\0';
    return buffer;
}

void log_problem(enum log_level level, const char *event, const struct problem *problem)
{
    char field[LOG_QUOTED_SIZE], detail[LOG_QUOTED_SIZE];
    log_event(level, event, "code=%s field=%s detail=%s", problem_faces[problem->kind].code,
        log_quoted(field, problem->field), log_quoted(detail, problem->detail));
}
