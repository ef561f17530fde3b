#include "api/access_line.h"

#include "base/clock.h"
#include "http/request_builder.h"
#include "http/router.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* The {names} of routes whose values tell of no person. */
static bool is_told(const char *name, size_t length)
{
    static const char *const told[] = { "lecture", "version", "file...", "file", "language" };
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++)
        if (strlen(told[i]) == length && memcmp(told[i], name, length) == 0)
            return true;
    return false;
}

struct path_writer {
    char *text;
    size_t length;
};

static void put(struct path_writer *writer, char character)
{
    if (writer->length + 1 < ACCESS_PATH_SIZE)
        writer->text[writer->length++] = character;
}

/* RFC 3986: what may stand in a path stays as it is, and nothing else does. */
static void put_encoded(struct path_writer *writer, const char *value)
{
    static const char digits[] = "0123456789ABCDEF";
    static const char plain[] = "-._~!$&'()*+,;=:@/";
    for (const char *at = value; *at; at++) {
        unsigned char byte = (unsigned char)*at;
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
                      || (byte >= '0' && byte <= '9');
        if (letter || strchr(plain, byte)) {
            put(writer, *at);
        } else if (writer->length + 3 < ACCESS_PATH_SIZE) {
            put(writer, '%');
            put(writer, digits[byte >> 4]);
            put(writer, digits[byte & 15]);
        }
    }
}

static void write_path(const struct exchange *exchange, char ret_path[ACCESS_PATH_SIZE])
{
    struct path_writer writer = { ret_path, 0 };
    const char *at = exchange->route ? exchange->route->pattern : "-";
    for (size_t parameter = 0; *at;) {
        if (*at != '{') {
            put(&writer, *at++);
            continue;
        }
        size_t length = strcspn(at, "}");
        const char *value = exchange->parameters[parameter++];
        if (value && is_told(at + 1, length - 1))
            put_encoded(&writer, value);
        else
            for (size_t i = 0; i <= length; i++)
                put(&writer, at[i]);
        at += length + 1;
    }
    ret_path[writer.length] = '\0';
}

void access_record_fill(struct access_record *record, const struct exchange *exchange,
    const struct exchange_outcome *outcome)
{
    const struct http_request *request = &exchange->request;
    record->ended_at_ms = outcome->last_byte_ms;
    record->outcome = *outcome;
    record->method = request->method;
    record->problem = exchange->problem;
    (void)snprintf(record->protocol, sizeof record->protocol, "%s", request->protocol);
    (void)snprintf(record->peer, sizeof record->peer, "%s", request->peer);
    memcpy(record->request_id, exchange->request_id, sizeof record->request_id);
    write_path(exchange, record->path);
}

void access_mask_peer(
    const char *peer, enum access_addresses addresses, char ret_text[ACCESS_PEER_SIZE])
{
    unsigned char bytes[16];
    int family = strchr(peer, ':') ? AF_INET6 : AF_INET;
    (void)snprintf(ret_text, ACCESS_PEER_SIZE, "-");
    if (addresses == ACCESS_ADDRESS_NONE || inet_pton(family, peer, bytes) != 1)
        return;
    if (addresses == ACCESS_ADDRESS_NETWORK && family == AF_INET)
        bytes[3] = 0;
    else if (addresses == ACCESS_ADDRESS_NETWORK)
        memset(bytes + 6, 0, 10);
    (void)inet_ntop(family, bytes, ret_text, ACCESS_PEER_SIZE);
}

/* "22/Nov/2026:11:55:51 +0000" out of "Sun, 22 Nov 2026 11:55:51 GMT". */
static void append_common_time(struct text *line, int64_t instant_ms)
{
    char date[CLOCK_HTTP_SIZE];
    clock_format_http(instant_ms, date);
    text_printf(line, "[%.2s/%.3s/%.4s:%.8s +0000]", date + 5, date + 8, date + 12, date + 17);
}

void access_line_common(
    const struct access_record *record, enum access_addresses addresses, struct text *line)
{
    char peer[ACCESS_PEER_SIZE];
    access_mask_peer(record->peer, addresses, peer);
    text_printf(line, "%s - - ", peer);
    append_common_time(line, record->ended_at_ms);
    if (record->protocol[0] == '\0')
        text_append_string(line, " \"-\"");
    else
        text_printf(line, " \"%s %s %s%s\"", http_method_name(record->method), record->path,
            record->protocol, strcmp(record->protocol, "HTTP/2") == 0 ? ".0" : "");
    text_printf(line, " %03d ", record->outcome.status);
    if (record->outcome.body_bytes_sent == 0)
        text_append_string(line, "-\n");
    else
        text_printf(line, "%llu\n", (unsigned long long)record->outcome.body_bytes_sent);
}

void access_line_json(
    const struct access_record *record, enum access_addresses addresses, struct text *line)
{
    char time[CLOCK_ISO_SIZE], peer[ACCESS_PEER_SIZE];
    const struct exchange_outcome *outcome = &record->outcome;
    clock_format_iso(record->ended_at_ms, time);
    access_mask_peer(record->peer, addresses, peer);
    text_printf(line, "{\"time\":\"%s\",\"request_id\":\"%s\"", time, record->request_id);
    if (addresses != ACCESS_ADDRESS_NONE)
        text_printf(line, ",\"peer\":\"%s\"", peer);
    if (record->protocol[0] != '\0')
        text_printf(line, ",\"method\":\"%s\",\"path\":\"%s\",\"protocol\":\"%s\"",
            http_method_name(record->method), record->path, record->protocol);
    text_printf(line,
        ",\"status\":%d,\"bytes\":%llu,\"first_byte_ms\":%lld,\"last_byte_ms\":%lld,\"whole\":%s",
        outcome->status, (unsigned long long)outcome->body_bytes_sent,
        (long long)(outcome->first_byte_us / 1000), (long long)(outcome->last_byte_us / 1000),
        outcome->complete ? "true" : "false");
    if (problem_is_set(&record->problem))
        text_printf(line, ",\"code\":\"%s\"", problem_faces[record->problem.kind].code);
    text_append_string(line, "}\n");
}
