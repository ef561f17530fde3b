/*
 * The words on the control socket (control.h): one JSON object a line, each bounded.  Pure, but for
 * the line reader, which reads a descriptor.
 *
 *   request  {"argv":["program","list","--json"],"language":"ja","password":"..."?}
 *            and with its first byte the descriptor of the file argument, if there is one
 *   answers  {"out":text} {"bytes":base64url} {"err":text} {"progress":permille} ... and last {"exit":code}
 *
 * Ownership  a request and a frame hold what was read; end them with their _release.
 * Errors     PROBLEM_BAD_REQUEST.
 */
#ifndef LECTERN_CLI_CONTROL_FRAME_H
#define LECTERN_CLI_CONTROL_FRAME_H

#include "base/problem.h"
#include "base/text.h"

#include <jansson.h>
#include <stddef.h>

enum {
    CONTROL_WORDS_MAX = 256,
    CONTROL_REQUEST_BYTES_MAX = 65536,
    CONTROL_FRAME_BYTES_MAX = 131072,
    CONTROL_PIECE_BYTES_MAX = 16384, /* of text in a frame: six bytes of JSON a byte fit */
    CONTROL_PASSWORD_BYTES_MAX = 1024,
    CONTROL_LANGUAGE_BYTES_MAX = 35,
};

struct control_request {
    size_t argc;
    char *argv[CONTROL_WORDS_MAX]; /* lent by json */
    const char *language;          /* lent; "en" when it was not told */
    const char *password;          /* lent; NULL when there is none */
    json_t *json;
};

/* Appends a line.  false: too long, or not UTF-8. */
bool control_request_write(size_t argc, const char *const *argv, const char *language,
    const char *password, struct text *line, struct problem *problem);
/* Strict: unknown members, wrong types, too much of anything are refused. */
bool control_request_read(
    const char *line, size_t length, struct control_request *ret_request, struct problem *problem);
void control_request_release(struct control_request *request);

enum control_frame_kind { FRAME_OUT, FRAME_ERROR, FRAME_PROGRESS, FRAME_EXIT };

struct control_frame {
    enum control_frame_kind kind;
    const char *bytes; /* FRAME_OUT, FRAME_ERROR; lent by json or decoded */
    size_t count;
    int number; /* FRAME_PROGRESS 0 to 1000, FRAME_EXIT 0 to 255 */
    json_t *json;
    char *decoded; /* of a frame of bytes; NULL: none */
};

/* Appends as many frames as the bytes need.  What is not UTF-8, as files are that
 * a command prints, goes as bytes; on the error stream it becomes '?'. */
void control_frame_write_text(
    enum control_frame_kind kind, const char *bytes, size_t count, struct text *lines);
void control_frame_write_number(enum control_frame_kind kind, int number, struct text *lines);
bool control_frame_read(
    const char *line, size_t length, struct control_frame *ret_frame, struct problem *problem);
void control_frame_release(struct control_frame *frame);

/* Lines from a descriptor, none longer than bytes_max. */
struct line_reader {
    int fd;
    char *bytes;
    size_t bytes_max, start, end;
};
void line_reader_init(struct line_reader *reader, int fd, size_t bytes_max);
void line_reader_release(struct line_reader *reader); /* does not close fd */
enum line_outcome {
    LINE_READ,
    LINE_END,      /* the peer has ended, after a whole line */
    LINE_CUT,      /* the peer has ended, or the descriptor failed, within a line */
    LINE_TOO_LONG, /* nothing more can be read from here */
    LINE_TIMED_OUT /* SO_RCVTIMEO has passed without a byte */
};
/* *ret_line lies in the reader until the next call, without its newline.  Where ret_fd is not NULL, a
 * descriptor that came along (SCM_RIGHTS) replaces a -1 in it; any further one is closed. */
enum line_outcome line_reader_next(
    struct line_reader *reader, const char **ret_line, size_t *ret_length, int *ret_fd);

#endif
