/*
 * Commands.  One command is one small file below commands/: why it is there, its entry, its function.
 * What it takes is data, so that parsing, --help and docs/commands.md say the same.
 *
 * Where       the same function runs in a server, called over the control socket, or in the command's
 *             own process, which has then locked and opened the store (house.h).  It never opens
 *             files itself: what a command reads comes as context->input_fd from the process of the
 *             person who typed it, and what it says goes through context->output.
 * Exit codes  0 done, 1 a problem (said on the error stream), 2 refused (lecture add), 64 wrong usage.
 */
#ifndef LECTERN_CLI_COMMAND_H
#define LECTERN_CLI_COMMAND_H

#include "access/media_token.h"
#include "base/settings.h"
#include "catalog/ingest.h"
#include "catalog/library.h"
#include "store/db.h"
#include "viewing/delivery_log.h"

enum { COMMAND_DONE = 0, COMMAND_FAILED = 1, COMMAND_REFUSED = 2, COMMAND_USAGE = 64 };

enum { COMMAND_OPTIONS_MAX = 12 };

struct command_option {
    const char *name;  /* without the dashes */
    const char *value; /* what stands for its value in the usage; NULL: a flag */
    const char *help;
    bool required;
};

enum command_place {
    COMMAND_ALONE,     /* in its own process, without the store */
    COMMAND_STORE,     /* in a running server, or with the store */
    COMMAND_INGEST,    /* the same, with the threads that prepare lectures */
    COMMAND_IF_OPENED, /* the same as STORE, but runs also when the store does not open */
};

/* What a server must refresh once the command has succeeded, before it answers. */
enum command_change {
    CHANGES_NOTHING = 0,
    CHANGES_LIBRARY = 1, /* which lectures there are, and who may see them */
    CHANGES_ACCESS = 2,  /* links, sessions, staff */
};

struct command_context;
struct command_line; /* command_line.h */

struct command {
    const char *name;      /* "program add" */
    const char *arguments; /* "PROGRAM LECTURE..." for the usage; "" for none */
    size_t arguments_least, arguments_most;
    size_t file_argument; /* which argument (from 1) is a file to read; 0: none */
    bool
        makes_folder; /* the file argument is a folder instead, empty, and made where it is missing */
    bool takes_password; /* asked for, or read from standard input with --password-stdin */
    const char *summary; /* one line, no full stop */
    const char *help;    /* sentences; NULL: the summary says it all */
    struct command_option options[COMMAND_OPTIONS_MAX]; /* ends with an empty one, or is full */
    enum command_place place;
    unsigned changes; /* enum command_change */
    int (*run)(struct command_context *context, const struct command_line *line);
};

/* Options that several commands share. */
#define JSON_OPTION                                                                                \
    {                                                                                              \
        "json", NULL, "Print JSON.", false                                                         \
    }
#define TITLES_OPTION                                                                              \
    {                                                                                              \
        "language", "TAG", "Language of the titles shown, such as vi.", false                      \
    }

enum command_stream { STREAM_OUT, STREAM_ERROR };

/* Where a command's words go: a terminal, or the control socket. */
struct command_output {
    void (*write)(void *data, enum command_stream stream, const char *bytes, size_t count);
    void (*progress)(void *data, int permille);
    bool (*abandoned)(void *data); /* nobody waits for the answer any more */
    void *data;
};

struct command_context {
    const struct settings *settings;
    struct db *db;
    const struct problem *store_problem; /* COMMAND_IF_OPENED: why db is NULL; else NULL */
    struct ingest *ingest;               /* COMMAND_INGEST, and in a server always */
    /* In a server only. */
    struct media_tokens *tokens;
    struct library *library;
    struct delivery_log *delivery_log;
    struct reloader *reloader; /* reload.h */

    const char *language; /* BCP 47, of the person who typed the command: picks titles */
    const char *password; /* NULL unless the command takes one */
    int input_fd;         /* the file argument, open for reading, or the folder; -1: none */
    const struct command_output *output;
};

/* Every command, in the order in which help lists them; ends with NULL. */
extern const struct command *const all_commands[];

#endif
