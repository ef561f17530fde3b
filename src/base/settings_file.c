/* Where settings come from: a file, the environment. */
#include "base/settings.h"
#include "base/text.h"

#include <errno.h>
#include <ini.h>
#include <string.h>

struct file_reader {
    struct settings *settings;
    struct problem *problem;
};

static int take_pair(void *data, const char *section, const char *name, const char *value)
{
    struct file_reader *reader = data;
    if (section[0] != '\0')
        return problem_set(
            reader->problem, PROBLEM_SETTING, "Sections such as [%s] are not used.", section);
    return settings_set(reader->settings, name, value, reader->problem);
}

/* inih cuts values at " ;" and lines at 200 bytes without a word. */
static bool refuse_cut_lines(FILE *file, const char *path, struct problem *problem)
{
    char line[4096];
    int number = 0;
    while (fgets(line, sizeof line, file)) {
        number++;
        size_t length = strcspn(line, "\n");
        bool comment = line[strspn(line, " \t")] == '#' || line[strspn(line, " \t")] == ';';
        if (!comment && (length > INI_MAX_LINE - 3 || strstr(line, " ;")))
            return problem_set(problem, PROBLEM_SETTING,
                "%s, line %d: a line must be shorter than %d bytes and hold no ' ;'.", path, number,
                INI_MAX_LINE - 2);
    }
    return true;
}

bool settings_load_file(struct settings *settings, const char *path, struct problem *problem)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return problem_set(problem, PROBLEM_SETTING, "The settings file '%s' cannot be read: %s.",
            path, strerror(errno));
    bool done = refuse_cut_lines(file, path, problem);
    if (done) {
        rewind(file);
        struct file_reader reader = { settings, problem };
        int line = ini_parse_file(file, take_pair, &reader);
        done = line == 0
               || problem_set(
                   problem, PROBLEM_SETTING, "%s, line %d: expected 'name = value'.", path, line);
    }
    (void)fclose(file);
    return done;
}

/* LECTERN_PUBLIC_URL names "public-url". */
static char name_character(char c)
{
    if (c == '_')
        return '-';
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool settings_load_environment(
    struct settings *settings, char **environment, struct problem *problem)
{
    static const char prefix[] = "LECTERN_";
    for (; *environment; environment++) {
        if (!text_starts_with(*environment, prefix))
            continue;
        char name[64];
        const char *at = *environment + strlen(prefix);
        size_t length = strcspn(at, "=");
        if (length >= sizeof name || at[length] != '=')
            continue;
        for (size_t i = 0; i < length; i++)
            name[i] = name_character(at[i]);
        name[length] = '\0';
        if (!settings_set(settings, name, at + length + 1, problem))
            return false;
    }
    return true;
}
