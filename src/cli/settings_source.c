#include "cli/settings_source.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char usual_config[] = "/etc/lectern/lectern.conf";

bool settings_gather(
    struct settings *settings, const struct command_line *line, struct problem *problem)
{
    const char *config = line->config;
    bool makes_config = text_equal(line->command->name, "init");
    if (!config && access(usual_config, R_OK) == 0)
        config = usual_config;
    if (config && !(makes_config && access(config, F_OK) != 0)
        && !settings_load_file(settings, config, problem))
        return false;
    if (!settings_load_environment(settings, environ, problem))
        return false;
    for (size_t i = 0; i < line->set_count; i++) {
        char name[64];
        size_t length = strcspn(line->sets[i], "=");
        if (line->sets[i][length] != '=' || length >= sizeof name)
            return problem_set(
                problem, PROBLEM_SETTING, "--set takes NAME=VALUE, not '%.60s'.", line->sets[i]);
        (void)snprintf(name, sizeof name, "%.*s", (int)length, line->sets[i]);
        if (!settings_set(settings, name, line->sets[i] + length + 1, problem))
            return false;
    }
    return true;
}
