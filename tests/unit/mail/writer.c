/* Writes the mail that each line of standard input describes as JSON, as a JSON string a line: for python_reads.py. */
#include "mail/message.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char *field(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static size_t read_attachments(
    const json_t *list, struct mail_attachment attachments[MAIL_ATTACHMENTS_MAX])
{
    size_t index;
    const json_t *item;
    json_array_foreach(list, index, item) attachments[index]
        = (struct mail_attachment){ field(item, "name"), field(item, "type"), field(item, "text"),
              json_string_length(json_object_get(item, "text")) };
    return json_array_size(list);
}

static json_t *write_one(const json_t *told)
{
    struct mail_attachment attachments[MAIL_ATTACHMENTS_MAX];
    const struct mail_sender sender = { .address = field(told, "from"),
        .name = field(told, "from_name"),
        .message_id = field(told, "id"),
        .date_ms = json_integer_value(json_object_get(told, "date_ms")) };
    const struct mail mail = { .to = field(told, "to"),
        .to_name = field(told, "to_name"),
        .subject = field(told, "subject"),
        .text = field(told, "text"),
        .attachments = attachments,
        .attachment_count = read_attachments(json_object_get(told, "attachments"), attachments) };
    struct problem problem = { 0 };
    struct text text;
    text_init(&text, MAIL_MESSAGE_BYTES_MAX);
    json_t *written
        = mail_write_message(&mail, &sender, &text, &problem)
              ? json_stringn(text.bytes, text.length)
              : json_pack("{s:s, s:s}", "field", problem.field, "detail", problem.detail);
    text_release(&text);
    return written;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        json_t *told = json_loads(line, 0, NULL), *written = write_one(told);
        (void)json_dumpf(written, stdout, JSON_ENCODE_ANY);
        (void)putchar('\n');
        json_decref(written);
        json_decref(told);
    }
    free(line);
    return 0;
}
