#include "mail/message.h"

#include "base/clock.h"
#include "base/secure.h"
#include "mail/mime_text.h"

#include <stdio.h>
#include <string.h>

bool mail_address_is_sound(const char *address)
{
    size_t length = strlen(address);
    const char *at = strchr(address, '@');
    if (length > MAIL_ADDRESS_MAX || !at || at == address || at - address > 64 || at[1] == '\0'
        || address[0] == '-' || strchr(at + 1, '@'))
        return false;
    for (const char *c = address; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("\"(),:;<>[\\]", *c))
            return false;
    return true;
}

static bool check_line(const char *value, const char *field, struct problem *problem)
{
    return !value || value[0] == '\0' || text_is_line(value, MAIL_LINE_MAX)
           || problem_set_field(
               problem, field, "one line of text, %d bytes at most", MAIL_LINE_MAX);
}

/* Line ends are LF or CRLF, and of the other control characters only the tab stands for something. */
static bool is_text(const char *bytes, size_t count)
{
    if (!text_is_utf8(bytes, count))
        return false;
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char)bytes[i];
        bool line_end = c == '\n' || (c == '\r' && i + 1 < count && bytes[i + 1] == '\n');
        if ((c < ' ' && c != '\t' && !line_end) || c == 0x7F)
            return false;
    }
    return true;
}

static bool is_type(const char *type)
{
    const char *slash = strchr(type, '/');
    return slash && slash != type && slash[1] != '\0'
           && type[strspn(type, "abcdefghijklmnopqrstuvwxyz0123456789-+./")] == '\0';
}

static bool check_attachments(const struct mail *mail, size_t bytes, struct problem *problem)
{
    if (mail->attachment_count > MAIL_ATTACHMENTS_MAX)
        return problem_set_field(problem, "attachments", "%d at most", MAIL_ATTACHMENTS_MAX);
    for (size_t i = 0; i < mail->attachment_count; i++) {
        const struct mail_attachment *attachment = &mail->attachments[i];
        if (!attachment->name || !text_is_line(attachment->name, MAIL_LINE_MAX))
            return problem_set_field(problem, "attachments", "each with a name of one line");
        if (!attachment->type || !is_type(attachment->type))
            return problem_set_field(problem, "attachments", "each with a type such as text/plain");
        bytes += attachment->count;
    }
    return bytes <= MAIL_BYTES_MAX
           || problem_set_field(
               problem, "text", "with the attachments %d bytes at most", MAIL_BYTES_MAX);
}

static bool check(
    const struct mail *mail, const struct mail_sender *sender, struct problem *problem)
{
    if (!mail->to || !mail_address_is_sound(mail->to))
        return problem_set_field(problem, "to", "a mail address, such as person@example.org");
    if (!sender->address || !mail_address_is_sound(sender->address))
        return problem_set_field(problem, "from", "a mail address (setting mail-from)");
    if (!mail->subject || !text_is_line(mail->subject, MAIL_LINE_MAX))
        return problem_set_field(
            problem, "subject", "one line of text, %d bytes at most", MAIL_LINE_MAX);
    size_t length = mail->text ? strlen(mail->text) : 0;
    if (length > MAIL_BYTES_MAX || !mail->text || !is_text(mail->text, length))
        return problem_set_field(
            problem, "text", "lines of text in UTF-8, %d bytes at most", MAIL_BYTES_MAX);
    return check_line(mail->to_name, "to_name", problem)
           && check_line(sender->name, "from_name", problem)
           && check_attachments(mail, length, problem);
}

/* RFC 5322 section 3.3: as HTTP's form, but for the zone. */
static void add_date(struct text *text, int64_t date_ms)
{
    char http[CLOCK_HTTP_SIZE];
    clock_format_http(date_ms, http);
    text_printf(text, "Date: %.*s +0000\r\n", (int)strlen(http) - 4, http);
}

enum encoding { ENCODING_7BIT, ENCODING_QUOTED_PRINTABLE, ENCODING_BASE64 };

static enum encoding choose_encoding(const char *bytes, size_t count)
{
    size_t strange = 0, column = 0;
    bool plain = true;
    for (size_t i = 0; i < count; i++) {
        strange += (unsigned char)bytes[i] > '~';
        column = bytes[i] == '\n' ? 0 : column + 1;
        bool first = i == 0 || bytes[i - 1] == '\n';
        bool last = i + 1 == count || bytes[i + 1] == '\n' || bytes[i + 1] == '\r';
        if (column > MIME_LINE_MAX || (first && (bytes[i] == '.' || bytes[i] == 'F'))
            || (last && (bytes[i] == ' ' || bytes[i] == '\t')))
            plain = false;
    }
    if (strange == 0 && plain)
        return ENCODING_7BIT;
    return strange * 4 > count ? ENCODING_BASE64 : ENCODING_QUOTED_PRINTABLE;
}

static void add_lines(struct text *text, const char *bytes)
{
    while (*bytes) {
        size_t length = strcspn(bytes, "\r\n");
        text_append(text, bytes, length);
        text_append_string(text, "\r\n");
        bytes += length;
        bytes += *bytes == '\r';
        bytes += *bytes == '\n';
    }
}

/* Text lines end with CRLF before base64 too (RFC 2046 section 4.1.1). */
static void add_text_as_base64(struct text *text, const char *bytes)
{
    struct text lines;
    text_init(&lines, 2 * MAIL_BYTES_MAX);
    add_lines(&lines, bytes);
    mime_add_base64(text, lines.bytes, lines.length);
    text_release(&lines);
}

static void add_text_part(struct text *text, const char *bytes)
{
    static const char *const names[] = { "7bit", "quoted-printable", "base64" };
    enum encoding encoding = choose_encoding(bytes, strlen(bytes));
    text_printf(text,
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n",
        names[encoding]);
    if (encoding == ENCODING_7BIT)
        add_lines(text, bytes);
    else if (encoding == ENCODING_QUOTED_PRINTABLE)
        mime_add_quoted_printable(text, bytes, strlen(bytes));
    else
        add_text_as_base64(text, bytes);
}

static void add_attachment(struct text *text, const struct mail_attachment *attachment)
{
    text_printf(
        text, "Content-Type: %s\r\nContent-Transfer-Encoding: base64\r\n", attachment->type);
    text_append_string(text, "Content-Disposition: attachment");
    mime_add_parameter(text, "filename", attachment->name);
    text_append_string(text, "\r\n\r\n");
    mime_add_base64(text, attachment->bytes, attachment->count);
}

static void add_parts(struct text *text, const struct mail *mail)
{
    /* No line of quoted-printable or base64 begins with "--=_": no part can hold it. */
    char secret[SECRET_TEXT_SIZE];
    secure_make_secret(secret);
    text_printf(text,
        "Content-Type: multipart/mixed;\r\n boundary=\"=_%.24s\"\r\n\r\n--=_%.24s\r\n", secret,
        secret);
    add_text_part(text, mail->text);
    for (size_t i = 0; i < mail->attachment_count; i++) {
        text_printf(text, "--=_%.24s\r\n", secret);
        add_attachment(text, &mail->attachments[i]);
    }
    text_printf(text, "--=_%.24s--\r\n", secret);
}

bool mail_write_message(const struct mail *mail, const struct mail_sender *sender,
    struct text *text, struct problem *problem)
{
    if (!check(mail, sender, problem))
        return false;
    add_date(text, sender->date_ms);
    mime_add_mailbox(text, "From", sender->name, sender->address);
    mime_add_mailbox(text, "To", mail->to_name, mail->to);
    mime_add_header(text, "Subject", mail->subject);
    text_printf(text, "Message-ID: <%s>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n",
        sender->message_id);
    if (mail->attachment_count > 0)
        add_parts(text, mail);
    else
        add_text_part(text, mail->text);
    return !text->overflowed || problem_set_field(problem, "text", "fewer bytes");
}
