/* Whether mails can be sent as things are set: one now, past the outbox, and what the server said. */
#include "base/memory.h"
#include "base/secure.h"
#include "cli/output.h"
#include "cli/transaction.h"
#include "mail/outbox.h"
#include "mail/smtp.h"

#include <stdlib.h>

static struct mail test_mail(const char *key, const char *address)
{
    return (struct mail){
        .key = key,
        .to = address,
        .subject = "A test of Lectern's mails",
        .text = "This mail was sent to see whether mails of Lectern arrive. They do.\n",
    };
}

static bool send_now(const struct settings *settings, const struct mail *mail,
    struct courier_item *item, struct problem *problem)
{
    struct text text;
    text_init(&text, MAIL_MESSAGE_BYTES_MAX);
    struct smtp *smtp = smtp_open(settings, problem);
    bool composed = smtp && mail_compose(settings, mail, &text, problem);
    if (composed) {
        item->body = text.bytes;
        item->body_count = text.length;
        smtp_send(smtp, NULL, item, 1);
    }
    smtp_close(smtp);
    text_release(&text);
    return composed;
}

static const char *outcome_word(enum courier_outcome outcome)
{
    static const char *const words[] = { "line-down", "put-off", "refused", "taken" };
    return words[outcome];
}

static void say(struct command_context *context, const struct courier_item *item)
{
    struct arena arena;
    arena_init(&arena);
    const char *answer = printable(&arena, item->answer);
    if (item->outcome == COURIER_TAKEN)
        command_print(context, "The server took the mail: %s\n", answer);
    else if (item->outcome == COURIER_LINE_DOWN)
        command_say(context, "The server could not be used: %s", answer);
    else
        command_say(context, "The server refused the mail: %s", answer);
    arena_release(&arena);
}

static json_t *queue(struct db_connection *connection, struct command_context *context,
    const struct command_line *line, struct problem *problem)
{
    char id[UUID_TEXT_SIZE];
    secure_make_uuid(id);
    const struct mail mail = test_mail(id, command_argument(line, 0));
    return mail_queue(connection, context->settings, &mail, problem)
               ? json_pack("{s:s}", "outcome", "queued")
               : NULL;
}

static int try_now(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    char *address = memory_strdup(command_argument(line, 0));
    const struct mail mail = test_mail("", address);
    struct courier_item item = { .recipient = address };
    bool tried = send_now(context->settings, &mail, &item, &problem);
    free(address);
    if (!tried)
        return command_problem(context, &problem);
    if (command_flag(line, "json"))
        command_print_json(context,
            json_pack("{s:s, s:s}", "outcome", outcome_word(item.outcome), "answer", item.answer));
    else
        say(context, &item);
    return item.outcome == COURIER_TAKEN ? COMMAND_DONE : COMMAND_FAILED;
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    if (!mail_is_set_up(context->settings)) {
        problem_set(&problem, PROBLEM_SETTING,
            "No mail can be sent: the settings smtp-url and mail-from are needed.");
        return command_problem(context, &problem);
    }
    return command_flag(line, "queued") ? command_change(
               context, line, queue, "The mail is in the outbox: 'lectern mail list'.")
                                        : try_now(context, line);
}

const struct command command_mail_test = {
    .name = "mail test",
    .arguments = "ADDRESS",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Send a mail now, and show what the server says",
    .help = "With the settings of the process that runs the command: a running server's, else those of the file.",
    .options = {
        { "queued", NULL, "Through the outbox, as all other mails go; a running server sends it.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
