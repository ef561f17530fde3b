/* All that a server needs to go on, as of one moment, while it runs. */
#include "cli/backup.h"
#include "cli/output.h"
#include "cli/transaction.h"

#include "base/text.h"

#include <limits.h>
#include <string.h>

static bool choose(struct command_context *context, const struct command_line *line,
    const char *target, enum backup_media *ret_media, struct problem *problem)
{
    const char *asked = command_option(line, "media");
    *ret_media = backup_media_for(context->settings, target);
    if (!asked)
        return true;
    if (text_equal(asked, "link"))
        *ret_media = BACKUP_MEDIA_LINK;
    else if (text_equal(asked, "copy"))
        *ret_media = BACKUP_MEDIA_COPY;
    else if (text_equal(asked, "none"))
        *ret_media = BACKUP_MEDIA_NONE;
    else
        return problem_set(problem, PROBLEM_SETTING, "--media is link, copy or none.");
    return true;
}

static void print(
    struct command_context *context, const char *target, const struct backup_facts *facts)
{
    command_print(context, "%s: %lld files, %lld bytes", target, (long long)facts->file_count,
        (long long)facts->bytes);
    if (facts->media == BACKUP_MEDIA_LINK)
        command_print(context,
            ", %lld of them media by hard link, on the same disk: bring the folder elsewhere",
            (long long)facts->linked_count);
    if (facts->media == BACKUP_MEDIA_NONE)
        command_print(context, ", without the lectures themselves");
    command_print(context, ".\n");
}

static int run(struct command_context *context, const struct command_line *line)
{
    static const char *const names[] = { "link", "copy", "none" };
    struct problem problem = { 0 };
    struct backup_facts facts;
    enum backup_media media;
    char target[PATH_MAX];
    const char *named = command_argument(line, 0);
    size_t length = strlen(named);
    while (length > 1 && named[length - 1] == '/')
        length--;
    if (length >= sizeof target - 64) {
        problem_set(&problem, PROBLEM_SETTING, "The folder's name is too long.");
        return command_problem(context, &problem);
    }
    (void)snprintf(target, sizeof target, "%.*s", (int)length, named);
    if (!choose(context, line, target, &media, &problem)
        || !backup_make(context->settings, target, media, &facts, &problem))
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(
            context, json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "folder", target, "media",
                         names[media], "files", (json_int_t)facts.file_count, "bytes",
                         (json_int_t)facts.bytes, "linked_files", (json_int_t)facts.linked_count,
                         "linked_bytes", (json_int_t)facts.linked_bytes));
    else
        print(context, target, &facts);
    return COMMAND_DONE;
}

const struct command command_backup = {
    .name = "backup",
    .arguments = "FOLDER",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Make a backup, also while the server runs",
    .help = "The folder must not be there yet. It holds the data folder as of one moment with keys and passwords' "
            "hashes, the settings, and digests for 'sha256sum --check': keep it as safe as the server. Uploads "
            "under way are left out. A kill leaves a folder named .draft, which is of no use.",
    .options = {
        { "media", "WAY", "Lectures, originals and handouts: link (hard links), copy or none; without it, links "
                          "on the data folder's own disk, and copies elsewhere.", false },
        JSON_OPTION,
    },
    .place = COMMAND_ALONE,
    .run = run,
};
