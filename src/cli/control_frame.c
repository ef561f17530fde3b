#include "cli/control_frame.h"

#include "base/json.h"
#include "base/memory.h"
#include "base/secure.h"
#include "cli/control_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

bool control_request_write(size_t argc, const char *const *argv, const char *language,
    const char *password, struct text *line, struct problem *problem)
{
    json_t *words = json_array(), *request = json_object();
    bool fits = argc <= CONTROL_WORDS_MAX;
    for (size_t i = 0; fits && i < argc; i++)
        fits = json_array_append_new(words, json_string(argv[i])) == 0;
    fits = json_object_set_new(request, "argv", words) == 0 && fits;
    fits = fits && json_object_set_new(request, "language", json_string(language)) == 0;
    if (fits && password)
        fits = json_object_set_new(request, "password", json_string(password)) == 0;
    struct text draft;
    text_init(&draft, CONTROL_REQUEST_BYTES_MAX - 1);
    if (fits)
        json_write(request, &draft);
    fits = fits && !draft.overflowed;
    if (fits) {
        text_append(line, draft.bytes, draft.length);
        text_append_string(line, "\n");
    }
    text_release(&draft);
    json_decref(request);
    return fits
           || problem_set(problem, PROBLEM_SETTING,
               "What was typed is too long for the running server, or not UTF-8.");
}

static bool read_words(
    const json_t *words, struct control_request *request, struct problem *problem)
{
    size_t count = json_array_size(words);
    if (!json_is_array(words) || count == 0 || count > CONTROL_WORDS_MAX)
        return problem_set(
            problem, PROBLEM_BAD_REQUEST, "'argv' must be 1 to %d words", CONTROL_WORDS_MAX);
    for (size_t i = 0; i < count; i++) {
        json_t *word = json_array_get(words, i);
        if (!json_is_string(word))
            return problem_set(problem, PROBLEM_BAD_REQUEST, "'argv' must hold words only");
        /* main() has its words unqualified, and so has the parser; nobody writes to them. */
        request->argv[i] = (char *)(uintptr_t)json_string_value(word);
    }
    request->argc = count;
    return true;
}

static bool read_request(struct control_request *request, struct problem *problem)
{
    static const char *const known[] = { "argv", "language", "password" };
    const char *key;
    json_t *value;
    json_object_foreach(request->json, key, value)
    {
        bool expected = false;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            expected = expected || strcmp(key, known[i]) == 0;
        if (!expected)
            return problem_set(problem, PROBLEM_BAD_REQUEST, "a member is not known");
    }
    request->language = "en";
    json_t *password = json_object_get(request->json, "password");
    if (password && json_string_length(password) > CONTROL_PASSWORD_BYTES_MAX)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "'password' is too long");
    if (password && !json_is_string(password))
        return problem_set(problem, PROBLEM_BAD_REQUEST, "'password' must be text");
    request->password = json_string_value(password);
    return json_may_get_line(
               request->json, "language", CONTROL_LANGUAGE_BYTES_MAX, &request->language, problem)
           && read_words(json_object_get(request->json, "argv"), request, problem);
}

bool control_request_read(
    const char *line, size_t length, struct control_request *ret_request, struct problem *problem)
{
    struct control_request request = { .json = json_read_object(line, length, problem) };
    if (!request.json)
        return false;
    if (!read_request(&request, problem)) {
        control_request_release(&request);
        return false;
    }
    *ret_request = request;
    return true;
}

void control_request_release(struct control_request *request)
{
    if (request->password)
        secure_wipe((char *)(uintptr_t)request->password, strlen(request->password));
    json_decref(request->json);
    *request = (struct control_request){ 0 };
}

static void write_frame(json_t *frame, struct text *lines)
{
    json_write(frame, lines);
    json_decref(frame);
    text_append_string(lines, "\n");
}

static json_t *text_or_questions(const char *bytes, size_t count)
{
    if (text_is_utf8(bytes, count))
        return json_stringn(bytes, count);
    char *copy = memory_alloc(count + 1);
    for (size_t i = 0; i < count; i++)
        copy[i] = (unsigned char)bytes[i] >= 0x80 || bytes[i] == '\0' ? '?' : bytes[i];
    json_t *value = json_stringn(copy, count);
    free(copy);
    return value;
}

static json_t *encoded(const char *bytes, size_t count)
{
    char *text = memory_alloc((count * 4 + 2) / 3 + 1);
    text_base64url_encode((const uint8_t *)bytes, count, text);
    json_t *value = json_string(text);
    free(text);
    return value;
}

/* A piece never ends within a character. */
static size_t piece_length(const char *bytes, size_t count)
{
    if (count <= CONTROL_PIECE_BYTES_MAX)
        return count;
    size_t length = CONTROL_PIECE_BYTES_MAX;
    for (int i = 0; i < 3 && ((unsigned char)bytes[length] & 0xC0) == 0x80; i++)
        length--;
    return length;
}

void control_frame_write_text(
    enum control_frame_kind kind, const char *bytes, size_t count, struct text *lines)
{
    while (count > 0) {
        size_t length = piece_length(bytes, count);
        json_t *frame = json_object();
        if (kind == FRAME_OUT && !text_is_utf8(bytes, length))
            (void)json_object_set_new(frame, "bytes", encoded(bytes, length));
        else
            (void)json_object_set_new(
                frame, kind == FRAME_OUT ? "out" : "err", text_or_questions(bytes, length));
        write_frame(frame, lines);
        bytes += length;
        count -= length;
    }
}

void control_frame_write_number(enum control_frame_kind kind, int number, struct text *lines)
{
    text_printf(lines, "{\"%s\":%d}\n", kind == FRAME_EXIT ? "exit" : "progress", number);
}

static bool read_bytes(struct control_frame *frame, const json_t *text, struct problem *problem)
{
    frame->kind = FRAME_OUT;
    frame->decoded = memory_alloc(CONTROL_PIECE_BYTES_MAX);
    frame->bytes = frame->decoded;
    return text_base64url_decode(json_string_value(text), json_string_length(text),
               (uint8_t *)frame->decoded, CONTROL_PIECE_BYTES_MAX, &frame->count)
           || problem_set(problem, PROBLEM_BAD_REQUEST, "'bytes' is no base64url");
}

static bool read_frame(struct control_frame *frame, struct problem *problem)
{
    int64_t number = 0;
    const json_t *out = json_object_get(frame->json, "out"),
                 *error = json_object_get(frame->json, "err");
    if (json_object_size(frame->json) != 1)
        return problem_set(problem, PROBLEM_BAD_REQUEST, "a frame has one member");
    if (json_is_string(out) || json_is_string(error)) {
        frame->kind = out ? FRAME_OUT : FRAME_ERROR;
        frame->bytes = json_string_value(out ? out : error);
        frame->count = json_string_length(out ? out : error);
        return true;
    }
    const json_t *bytes = json_object_get(frame->json, "bytes");
    if (json_is_string(bytes))
        return read_bytes(frame, bytes, problem);
    bool exits = json_object_get(frame->json, "exit");
    if (!json_get_int64(
            frame->json, exits ? "exit" : "progress", 0, exits ? 255 : 1000, &number, problem))
        return false;
    frame->kind = exits ? FRAME_EXIT : FRAME_PROGRESS;
    frame->number = (int)number;
    return true;
}

bool control_frame_read(
    const char *line, size_t length, struct control_frame *ret_frame, struct problem *problem)
{
    struct control_frame frame = { .json = json_read_object(line, length, problem) };
    if (!frame.json)
        return false;
    if (!read_frame(&frame, problem)) {
        control_frame_release(&frame);
        return false;
    }
    *ret_frame = frame;
    return true;
}

void control_frame_release(struct control_frame *frame)
{
    json_decref(frame->json);
    free(frame->decoded);
    *frame = (struct control_frame){ 0 };
}

void line_reader_init(struct line_reader *reader, int fd, size_t bytes_max)
{
    *reader = (struct line_reader){
        .fd = fd, .bytes = memory_alloc(bytes_max), .bytes_max = bytes_max
    };
}

void line_reader_release(struct line_reader *reader)
{
    free(reader->bytes);
    *reader = (struct line_reader){ .fd = -1 };
}

enum { DESCRIPTORS_MAX = 8 };

static ssize_t receive(struct line_reader *reader, int *ret_fd)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
    } control = { 0 };
    struct iovec piece
        = { .iov_base = reader->bytes + reader->end, .iov_len = reader->bytes_max - reader->end };
    struct msghdr message = { .msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes };
    ssize_t count;
    do
        count = recvmsg(reader->fd, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    size_t held = ret_fd && *ret_fd < 0 ? 0 : 1;
    if (count >= 0)
        control_take_descriptors(&message, ret_fd, 1, &held);
    return count;
}

enum line_outcome line_reader_next(
    struct line_reader *reader, const char **ret_line, size_t *ret_length, int *ret_fd)
{
    for (size_t looked = reader->start;;) {
        char *start = reader->bytes + reader->start;
        char *newline = memchr(reader->bytes + looked, '\n', reader->end - looked);
        if (newline) {
            *ret_line = start;
            *ret_length = (size_t)(newline - start);
            reader->start += *ret_length + 1;
            return LINE_READ;
        }
        memmove(reader->bytes, start, reader->end - reader->start);
        reader->end -= reader->start;
        reader->start = 0;
        looked = reader->end;
        if (reader->end == reader->bytes_max)
            return LINE_TOO_LONG;
        ssize_t count = receive(reader, ret_fd);
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return LINE_TIMED_OUT;
        if (count <= 0)
            return count == 0 && reader->end == 0 ? LINE_END : LINE_CUT;
        reader->end += (size_t)count;
    }
}
