/*
 * HTTP/2 by a client that knows the protocol and misuses it: the input is a list of steps (open a
 * stream, send DATA, reset, change windows, stop reading, ...), each of which makes a well-formed
 * frame.  So the states behind the framing are reached, which random bytes seldom do.
 */
#include "http_connection.h"

enum { STEPS_MAX = 400, STREAMS_MAX = 64, FRAME_BYTES = 4096 };

struct input {
    const uint8_t *at;
    size_t left;
};

static uint8_t next(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

struct frame {
    size_t length;
    uint8_t bytes[9 + FRAME_BYTES];
};

static void put(struct frame *frame, const void *bytes, size_t count)
{
    if (count > sizeof frame->bytes - frame->length)
        count = sizeof frame->bytes - frame->length;
    memcpy(frame->bytes + frame->length, bytes, count);
    frame->length += count;
}

static void put_number(struct frame *frame, uint32_t number, size_t bytes)
{
    for (size_t i = bytes; i-- > 0;) {
        uint8_t byte = (uint8_t)(number >> (8 * i));
        put(frame, &byte, 1);
    }
}

static void begin(struct frame *frame, uint8_t type, uint8_t flags, uint32_t stream)
{
    frame->length = 3;
    put_number(frame, type, 1);
    put_number(frame, flags, 1);
    put_number(frame, stream, 4);
}

static void send_frame(const struct fuzz_peer *peer, struct frame *frame)
{
    size_t payload = frame->length - 9;
    for (size_t i = 0; i < 3; i++)
        frame->bytes[i] = (uint8_t)(payload >> (8 * (2 - i)));
    fuzz_send(peer, frame->bytes, frame->length);
}

/* A literal field that enters no table (RFC 7541 section 6.2.2). */
static void put_field(struct frame *frame, const char *name, const char *value, size_t value_length)
{
    put_number(frame, 0, 1);
    put_number(frame, (uint32_t)strlen(name), 1);
    put(frame, name, strlen(name));
    put_number(frame, (uint32_t)value_length, 1);
    put(frame, value, value_length);
}

static const struct {
    const char *name, *value;
} fields[] = {
    { "range", "bytes=0-99" },
    { "range", "bytes=1-1,5-8000,39999-" },
    { "if-none-match", "\"v1\"" },
    { "content-length", "3" },
    { "content-length", "70000" },
    { "expect", "100-continue" },
    { "cookie", "a=b" },
    { "te", "trailers" },
    { "priority", "u=1, i" },
    { "x-long", "0123456789012345678901234567890123456789" },
};

/* HEADERS, whole or cut into CONTINUATION; END_STREAM or not; sometimes with a field of the
 * input's own. */
static void open_stream(const struct fuzz_peer *peer, struct input *input, uint32_t stream)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "HEAD", "OPTIONS", "BREW" };
    static const char *const paths[] = { "/", "/?a=1", "/nowhere", "*" };
    struct frame frame;
    uint8_t how = next(input), what = next(input);
    begin(&frame, 1, (how & 1) | (how & 2 ? 0 : 4), stream);
    const char *method = methods[what % 6], *path = paths[what / 6 % 4];
    put_field(&frame, ":method", method, strlen(method));
    put_field(&frame, ":path", path, strlen(path));
    put_field(&frame, ":scheme", "https", 5);
    put_field(&frame, ":authority", "a", 1);
    for (int i = 0; i < (how >> 4); i++) {
        size_t field = next(input) % (sizeof fields / sizeof fields[0]);
        put_field(&frame, fields[field].name, fields[field].value, strlen(fields[field].value));
    }
    if (how & 8) {
        size_t length = next(input) % 100;
        length = length < input->left ? length : input->left;
        put_field(&frame, "x-own", (const char *)input->at, length);
        input->at += length;
        input->left -= length;
    }
    send_frame(peer, &frame);
    if (how & 2) {
        begin(&frame, 9, 4, stream);
        put_field(&frame, "x-late", "1", 1);
        send_frame(peer, &frame);
    }
}

static void send_data(const struct fuzz_peer *peer, struct input *input, uint32_t stream)
{
    static const uint8_t zeros[FRAME_BYTES];
    struct frame frame;
    uint8_t how = next(input);
    begin(&frame, 0, how & 1, stream);
    put(&frame, zeros, (size_t)(how >> 1) * 32);
    send_frame(peer, &frame);
}

static void send_settings(const struct fuzz_peer *peer, struct input *input)
{
    struct frame frame;
    begin(&frame, 4, next(input) & 1, 0);
    for (size_t i = next(input) % 4; i > 0; i--) {
        put_number(&frame, next(input) % 10, 2);
        put_number(&frame, (uint32_t)next(input) << (next(input) % 24), 4);
    }
    send_frame(peer, &frame);
}

/* RST_STREAM, PRIORITY, PING, GOAWAY, WINDOW_UPDATE, or whatever the input says. */
static void send_other(const struct fuzz_peer *peer, struct input *input, uint32_t stream)
{
    static const uint8_t sizes[] = { 5, 4, 8, 8, 4, 0 };
    static const uint8_t types[] = { 2, 3, 6, 7, 8, 0 };
    struct frame frame;
    uint8_t kind = next(input) % 6;
    uint8_t type = kind < 5 ? types[kind] : next(input);
    uint8_t flags = kind < 5 && type != 6 ? 0 : next(input);
    bool of_connection = type == 6 || type == 7 || (type == 8 && next(input) & 1);
    begin(&frame, type, flags, of_connection ? 0 : stream);
    size_t size = kind < 5 ? sizes[kind] : next(input) % 40;
    for (size_t i = 0; i < size; i++)
        put_number(&frame, next(input), 1);
    send_frame(peer, &frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";
    struct input input = { data, size };
    struct fuzz_peer peer;
    uint32_t opened = 0;
    bool reads = true;
    if (!fuzz_connect(&peer, &http2_protocol))
        return 0;
    fuzz_send(&peer, preface, sizeof preface);
    for (int i = 0; i < STEPS_MAX && input.left > 0; i++) {
        uint8_t step = next(&input);
        uint32_t stream = opened > 0 ? 2 * ((step >> 3) % opened) + 1 : 1;
        switch (step & 7) {
        case 0:
        case 1:
            if (opened < STREAMS_MAX)
                open_stream(&peer, &input, 2 * opened++ + 1);
            break;
        case 2:
        case 3:
            send_data(&peer, &input, stream);
            break;
        case 4:
            send_other(&peer, &input, stream);
            break;
        case 5:
            send_settings(&peer, &input);
            break;
        case 6:
            reads = step & 8;
            break;
        default:
            fuzz_run(&peer);
            break;
        }
        if (reads)
            fuzz_drain(&peer);
    }
    fuzz_run(&peer);
    fuzz_drain(&peer);
    fuzz_run(&peer);
    fuzz_disconnect(&peer);
    return 0;
}
