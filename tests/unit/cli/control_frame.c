#include "cli/control_frame.h"
#include "../unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void a_request_arrives_as_it_was_sent(void **state)
{
    (void)state;
    static const char *const words[] = { "thing", "add",
        "--title=Quan h\xe1\xbb\x87 \"lao\n\xc4\x91\xe1\xbb\x99ng\"", "--", "" };
    struct text line;
    struct control_request request;
    struct problem problem = { 0 };
    text_init(&line, CONTROL_REQUEST_BYTES_MAX);
    assert_true(control_request_write(COUNT_OF(words), words, "vi", "pass\\word", &line, &problem));
    assert_int_equal(line.bytes[line.length - 1], '\n');
    assert_ptr_equal(strchr(line.bytes, '\n'), line.bytes + line.length - 1);
    assert_true(control_request_read(line.bytes, line.length - 1, &request, &problem));
    assert_int_equal(request.argc, COUNT_OF(words));
    for (size_t i = 0; i < COUNT_OF(words); i++)
        assert_string_equal(request.argv[i], words[i]);
    assert_string_equal(request.language, "vi");
    assert_string_equal(request.password, "pass\\word");
    control_request_release(&request);
    text_release(&line);
}

static void what_cannot_be_sent_is_refused_before(void **state)
{
    (void)state;
    static char long_word[CONTROL_REQUEST_BYTES_MAX];
    memset(long_word, 'x', sizeof long_word - 1);
    const char *const too_long[] = { long_word };
    const char *const not_utf8[] = { "a\xff" };
    const char *words[CONTROL_WORDS_MAX + 1];
    for (size_t i = 0; i < COUNT_OF(words); i++)
        words[i] = "w";
    struct text line;
    struct problem problem = { 0 };
    text_init(&line, CONTROL_REQUEST_BYTES_MAX);
    assert_false(control_request_write(1, too_long, "en", NULL, &line, &problem));
    assert_false(control_request_write(1, not_utf8, "en", NULL, &line, &problem));
    assert_false(control_request_write(COUNT_OF(words), words, "en", NULL, &line, &problem));
    assert_int_equal(line.length, 0);
    text_release(&line);
}

static void hostile_requests_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *story, *line;
    } cases[] = {
        { "nothing", "" },
        { "no JSON", "program list" },
        { "no object", "[\"program\"]" },
        { "no words", "{\"language\":\"en\"}" },
        { "empty words", "{\"argv\":[]}" },
        { "a number among the words", "{\"argv\":[\"a\",1]}" },
        { "words that are text", "{\"argv\":\"program list\"}" },
        { "a NUL in a word", "{\"argv\":[\"a\\u0000b\"]}" },
        { "broken UTF-8", "{\"argv\":[\"\xc3\x28\"]}" },
        { "half a surrogate", "{\"argv\":[\"\\ud800\"]}" },
        { "unknown member", "{\"argv\":[\"a\"],\"uid\":0}" },
        { "the same member twice", "{\"argv\":[\"a\"],\"argv\":[\"b\"]}" },
        { "password is no text", "{\"argv\":[\"a\"],\"password\":{}}" },
        { "language is no line", "{\"argv\":[\"a\"],\"language\":\"e\\nn\"}" },
        { "language is too long",
            "{\"argv\":[\"a\"],\"language\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}" },
        { "more after it", "{\"argv\":[\"a\"]} {\"argv\":[\"b\"]}" },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct control_request request = { 0 };
        struct problem problem = { 0 };
        if (control_request_read(cases[i].line, strlen(cases[i].line), &request, &problem))
            fail_msg("taken: %s", cases[i].story);
        assert_true(problem_is_set(&problem));
        assert_null(request.json);
    }
}

static void too_many_words_and_too_deep_objects_are_refused(void **state)
{
    (void)state;
    struct text line;
    struct control_request request;
    struct problem problem = { 0 };
    text_init(&line, CONTROL_REQUEST_BYTES_MAX);
    text_append_string(&line, "{\"argv\":[");
    for (int i = 0; i <= CONTROL_WORDS_MAX; i++)
        text_append_string(&line, i > 0 ? ",\"w\"" : "\"w\"");
    text_append_string(&line, "]}");
    assert_false(control_request_read(line.bytes, line.length, &request, &problem));
    text_clear(&line);
    text_append_string(&line, "{\"argv\":");
    for (int i = 0; i < 5000; i++)
        text_append_string(&line, "[");
    assert_false(control_request_read(line.bytes, line.length, &request, &problem));
    text_release(&line);
}

/* Joins what the frames carry, and counts them. */
static size_t join_frames(
    const struct text *lines, enum control_frame_kind kind, struct text *joined)
{
    size_t count = 0;
    for (const char *at = lines->bytes; at < lines->bytes + lines->length; count++) {
        const char *end = strchr(at, '\n');
        struct control_frame frame;
        struct problem problem = { 0 };
        assert_non_null(end);
        assert_true(end - at < CONTROL_FRAME_BYTES_MAX);
        assert_true(control_frame_read(at, (size_t)(end - at), &frame, &problem));
        assert_int_equal(frame.kind, kind);
        text_append(joined, frame.bytes, frame.count);
        control_frame_release(&frame);
        at = end + 1;
    }
    return count;
}

static void long_text_comes_whole_in_bounded_frames(void **state)
{
    (void)state;
    static const struct {
        const char *story, *unit;
    } cases[] = { { "ASCII", "a" }, { "two bytes", "\xd0\xb9" }, { "three bytes", "\xe3\x81\x82" },
        { "four bytes", "\xf0\x9f\x8e\x93" }, { "escaped sixfold", "\x01" }, { "newlines", "\n" } };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text sent, lines, joined;
        text_init(&sent, 1 << 20);
        text_init(&lines, 1 << 20);
        text_init(&joined, 1 << 20);
        text_append_string(&sent, "x"); /* so that pieces would end within characters */
        while (sent.length < 3 * CONTROL_PIECE_BYTES_MAX)
            text_append_string(&sent, cases[i].unit);
        control_frame_write_text(FRAME_OUT, sent.bytes, sent.length, &lines);
        assert_true(join_frames(&lines, FRAME_OUT, &joined) >= 3);
        assert_int_equal(joined.length, sent.length);
        assert_memory_equal(joined.bytes, sent.bytes, sent.length);
        text_release(&sent);
        text_release(&lines);
        text_release(&joined);
    }
}

static void on_the_error_stream_what_is_no_text_becomes_questions(void **state)
{
    (void)state;
    struct text lines, joined;
    text_init(&lines, 1000);
    text_init(&joined, 1000);
    control_frame_write_text(FRAME_ERROR, "a\xff\x80z", 4, &lines);
    assert_int_equal(join_frames(&lines, FRAME_ERROR, &joined), 1);
    assert_string_equal(joined.bytes, "a??z");
    text_release(&lines);
    text_release(&joined);
}

static void a_file_comes_as_it_is(void **state)
{
    (void)state;
    struct text sent, lines, joined;
    text_init(&sent, 1 << 20);
    text_init(&lines, 1 << 20);
    text_init(&joined, 1 << 20);
    while (sent.length < 3 * CONTROL_PIECE_BYTES_MAX) {
        const char byte = (char)(sent.length * 7);
        text_append(&sent, &byte, 1);
    }
    control_frame_write_text(FRAME_OUT, sent.bytes, sent.length, &lines);
    assert_true(join_frames(&lines, FRAME_OUT, &joined) >= 3);
    assert_int_equal(joined.length, sent.length);
    assert_memory_equal(joined.bytes, sent.bytes, sent.length);
    text_release(&sent);
    text_release(&lines);
    text_release(&joined);
}

static void numbers_arrive_and_wild_ones_do_not(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        bool taken;
        enum control_frame_kind kind;
        int number;
    } cases[] = {
        { "{\"exit\":0}", true, FRAME_EXIT, 0 },
        { "{\"exit\":255}", true, FRAME_EXIT, 255 },
        { "{\"progress\":1000}", true, FRAME_PROGRESS, 1000 },
        { "{\"exit\":256}", false, 0, 0 },
        { "{\"exit\":-1}", false, 0, 0 },
        { "{\"exit\":\"0\"}", false, 0, 0 },
        { "{\"exit\":0.0}", false, 0, 0 },
        { "{\"exit\":99999999999999999999}", false, 0, 0 },
        { "{\"progress\":1001}", false, 0, 0 },
        { "{\"progress\":1,\"exit\":0}", false, 0, 0 },
        { "{\"out\":1}", false, 0, 0 },
        { "{\"bytes\":1}", false, 0, 0 },
        { "{\"bytes\":\"a\"}", false, 0, 0 },
        { "{\"bytes\":\"a+b=\"}", false, 0, 0 },
        { "{}", false, 0, 0 },
        { "{\"other\":1}", false, 0, 0 },
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct control_frame frame = { 0 };
        struct problem problem = { 0 };
        if (control_frame_read(cases[i].line, strlen(cases[i].line), &frame, &problem)
            != cases[i].taken)
            fail_msg("%s", cases[i].line);
        if (cases[i].taken) {
            assert_int_equal(frame.kind, cases[i].kind);
            assert_int_equal(frame.number, cases[i].number);
            control_frame_release(&frame);
        }
    }
}

static void lines_are_read_however_they_are_cut(void **state)
{
    (void)state;
    static const char sent[] = "one\n\ntwo\nthree";
    for (size_t piece = 1; piece < sizeof sent; piece++) {
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        struct line_reader reader;
        const char *line;
        size_t length;
        line_reader_init(&reader, pair[0], 8);
        for (size_t at = 0; at < sizeof sent - 1; at += piece) {
            size_t count = sizeof sent - 1 - at < piece ? sizeof sent - 1 - at : piece;
            assert_int_equal(write(pair[1], sent + at, count), (ssize_t)count);
        }
        assert_int_equal(close(pair[1]), 0);
        static const char *const expected[] = { "one", "", "two" };
        for (size_t i = 0; i < COUNT_OF(expected); i++) {
            assert_int_equal(line_reader_next(&reader, &line, &length, NULL), LINE_READ);
            assert_int_equal(length, strlen(expected[i]));
            assert_memory_equal(line, expected[i], length);
        }
        assert_int_equal(line_reader_next(&reader, &line, &length, NULL), LINE_CUT);
        line_reader_release(&reader);
        assert_int_equal(close(pair[0]), 0);
    }
}

static void a_line_without_end_is_given_up(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct line_reader reader;
    const char *line;
    size_t length;
    line_reader_init(&reader, pair[0], 8);
    assert_int_equal(write(pair[1], "123456789", 9), 9);
    assert_int_equal(line_reader_next(&reader, &line, &length, NULL), LINE_TOO_LONG);
    assert_int_equal(line_reader_next(&reader, &line, &length, NULL), LINE_TOO_LONG);
    line_reader_release(&reader);
    assert_int_equal(close(pair[0]) | close(pair[1]), 0);
}

static void a_silent_peer_and_one_that_ends_are_told_apart(void **state)
{
    (void)state;
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    struct timeval wait = { .tv_usec = 20000 };
    assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait), 0);
    struct line_reader reader;
    const char *line;
    size_t length;
    line_reader_init(&reader, pair[0], 100);
    assert_int_equal(line_reader_next(&reader, &line, &length, NULL), LINE_TIMED_OUT);
    assert_int_equal(close(pair[1]), 0);
    assert_int_equal(line_reader_next(&reader, &line, &length, NULL), LINE_END);
    line_reader_release(&reader);
    assert_int_equal(close(pair[0]), 0);
}

static void send_descriptors(int fd, const int *sent, size_t count)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(int) * 16)];
    } control = { 0 };
    struct iovec piece = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = CMSG_SPACE(sizeof(int) * count) };
    struct cmsghdr *part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof(int) * count);
    memcpy(CMSG_DATA(part), sent, sizeof(int) * count);
    assert_int_equal(sendmsg(fd, &message, 0), 1);
}

/* The next free number: leaks show as holes that do not close. */
static int next_descriptor(void)
{
    int fd = dup(0);
    assert_int_equal(close(fd), 0);
    return fd;
}

static void one_descriptor_is_kept_and_all_others_are_closed(void **state)
{
    (void)state;
    int pair[2], pipes[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(pipe(pipes), 0);
    int before = next_descriptor(), received = -1;
    const int many[12] = { pipes[0], pipes[0], pipes[0], pipes[0], pipes[0], pipes[0], pipes[0],
        pipes[0], pipes[0], pipes[0], pipes[0], pipes[0] };
    struct line_reader reader;
    const char *line;
    size_t length;
    line_reader_init(&reader, pair[0], 100);
    send_descriptors(pair[1], many, 3);
    send_descriptors(pair[1], many, COUNT_OF(many)); /* more than there is room for */
    assert_int_equal(write(pair[1], "\n", 1), 1);
    assert_int_equal(line_reader_next(&reader, &line, &length, &received), LINE_READ);
    assert_int_equal(received, before);
    assert_int_equal(close(received), 0);
    assert_int_equal(next_descriptor(), before);
    line_reader_release(&reader);
    assert_int_equal(close(pair[0]) | close(pair[1]) | close(pipes[0]) | close(pipes[1]), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_arrives_as_it_was_sent),
        cmocka_unit_test(what_cannot_be_sent_is_refused_before),
        cmocka_unit_test(hostile_requests_are_refused),
        cmocka_unit_test(too_many_words_and_too_deep_objects_are_refused),
        cmocka_unit_test(long_text_comes_whole_in_bounded_frames),
        cmocka_unit_test(on_the_error_stream_what_is_no_text_becomes_questions),
        cmocka_unit_test(a_file_comes_as_it_is),
        cmocka_unit_test(numbers_arrive_and_wild_ones_do_not),
        cmocka_unit_test(lines_are_read_however_they_are_cut),
        cmocka_unit_test(a_line_without_end_is_given_up),
        cmocka_unit_test(a_silent_peer_and_one_that_ends_are_told_apart),
        cmocka_unit_test(one_descriptor_is_kept_and_all_others_are_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
