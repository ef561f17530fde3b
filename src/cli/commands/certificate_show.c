/* One certificate: what it says, or the paper and the badge themselves. */
#include "certificate/badge.h"
#include "certificate/paper.h"
#include "cli/output.h"
#include "cli/transaction.h"

static bool find(struct db_connection *connection, void *data, struct problem *problem)
{
    struct certificate *certificate = data;
    char id[CERTIFICATE_ID_SIZE];
    (void)snprintf(id, sizeof id, "%s", certificate->id);
    return certificate_find(connection, id, certificate, problem);
}

static bool write_paper(struct command_context *context, const struct certificate *certificate,
    struct text *text, struct problem *problem)
{
    int missing = 0;
    if (!paper_draw(certificate, context->settings, text, &missing, problem))
        return false;
    if (missing > 0)
        command_say(context,
            "No font here has %d of the letters: install fonts-noto-core and fonts-noto-cjk.",
            missing);
    return true;
}

static bool write_jwt(struct command_context *context, const struct certificate *certificate,
    struct text *text, struct problem *problem)
{
    return badge_jwt(context->db, context->settings, certificate, text, problem);
}

static bool write_badge(struct command_context *context, const struct certificate *certificate,
    struct text *text, struct problem *problem)
{
    struct text jwt;
    text_init(&jwt, BADGE_JWT_BYTES_MAX);
    bool written = write_jwt(context, certificate, &jwt, problem)
                   && badge_picture(certificate, jwt.bytes, text, problem);
    text_release(&jwt);
    return written;
}

static const struct form {
    const char *option;
    bool (*write)(struct command_context *context, const struct certificate *certificate,
        struct text *text, struct problem *problem);
} forms[] = { { "pdf", write_paper }, { "badge", write_badge }, { "jwt", write_jwt } };

static int print_file(
    struct command_context *context, const struct certificate *certificate, const struct form *form)
{
    struct problem problem = { 0 };
    struct text text;
    text_init(&text, PAPER_BYTES_MAX);
    bool written = certificate_in_force(certificate, &problem)
                   && form->write(context, certificate, &text, &problem);
    if (written)
        command_print_bytes(context, text.bytes, text.length);
    text_release(&text);
    return written ? COMMAND_DONE : command_problem(context, &problem);
}

static void print_facts(struct command_context *context, const json_t *facts)
{
    struct arena arena;
    const char *name;
    json_t *value;
    arena_init(&arena);
    json_object_foreach((json_t *)(uintptr_t)facts, name, value)
    {
        if (json_is_string(value))
            command_print(context, "%-14s %s\n", name, printable(&arena, json_string_value(value)));
        else if (json_is_integer(value))
            command_print(context, "%-14s %lld\n", name, json_integer_value(value));
    }
    arena_release(&arena);
}

static int run(struct command_context *context, const struct command_line *line)
{
    struct problem problem = { 0 };
    struct certificate certificate = { 0 };
    if (!certificate_id_read(command_argument(line, 0), certificate.id))
        problem_set(&problem, PROBLEM_NOT_FOUND, "That is no certificate's number.");
    if (problem_is_set(&problem) || !db_read(context->db, find, &certificate, &problem))
        return command_problem(context, &problem);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (command_flag(line, forms[i].option))
            return print_file(context, &certificate, &forms[i]);
    json_t *facts = certificate_json(&certificate);
    if (certificate.reason[0] != '\0')
        (void)json_object_set_new(facts, "reason", json_string(certificate.reason));
    if (command_flag(line, "json"))
        command_print_json(context, json_incref(facts));
    else
        print_facts(context, facts);
    json_decref(facts);
    return COMMAND_DONE;
}

const struct command command_certificate_show = {
    .name = "certificate show",
    .arguments = "CERTIFICATE",
    .arguments_least = 1,
    .arguments_most = 1,
    .summary = "Show what a certificate says, or print it",
    .options = {
        { "pdf", NULL, "The paper, on standard output.", false },
        { "badge", NULL, "The badge, a picture (PNG) with the credential in it, on standard output.", false },
        { "jwt", NULL, "The badge's credential alone.", false },
        JSON_OPTION,
    },
    .place = COMMAND_STORE,
    .run = run,
};
