#include "viewing/xapi_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct writing {
    const struct xapi_export *export;
    FILE *out;
    size_t statements, bytes;
};

static bool write_statement(
    void *data, const struct xapi_statement *statement, struct problem *problem)
{
    struct writing *writing = data;
    writing->bytes += statement->length + 2;
    if (writing->bytes > XAPI_FILE_BYTES_MAX)
        return problem_set(problem, PROBLEM_CONFLICT,
            "There are more than %zu MB of statements. Ask for those from a later day on.",
            XAPI_FILE_BYTES_MAX >> 20);
    const char *before = writing->statements++ > 0 ? ",\n" : "\n";
    if (fputs(before, writing->out) >= 0
        && fwrite(statement->body, 1, statement->length, writing->out) == statement->length)
        return true;
    return problem_set_errno(problem, errno, "write statements");
}

static bool write_all(struct db_connection *connection, void *data, struct problem *problem)
{
    struct writing *writing = data;
    const struct xapi_listener listener = { write_statement, writing };
    return xapi_export(connection, writing->export, &listener, problem);
}

static FILE *make_file(const char *folder, struct problem *problem)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/statements-XXXXXX", folder);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    FILE *file = fd >= 0 ? fdopen(fd, "w+") : NULL;
    if (file)
        return file;
    problem_set_errno(problem, errno, "make a file for statements");
    if (fd >= 0)
        (void)close(fd);
    return NULL;
}

bool xapi_file_make(struct db *db, const struct xapi_export *export, const char *folder,
    struct xapi_file *ret_file, struct problem *problem)
{
    struct writing writing = { .export = export, .out = make_file(folder, problem) };
    struct xapi_file file = { .fd = -1 };
    if (!writing.out)
        return false;
    bool good = fputs("[", writing.out) >= 0 || problem_set_errno(problem, errno, "write");
    good = good && db_read(db, write_all, &writing, problem);
    if (good && (fputs("\n]\n", writing.out) < 0 || fflush(writing.out) != 0))
        good = problem_set_errno(problem, errno, "write statements");
    long length = good ? ftell(writing.out) : -1;
    if (good && (length < 0 || (file.fd = fcntl(fileno(writing.out), F_DUPFD_CLOEXEC, 3)) < 0))
        good = problem_set_errno(problem, errno, "keep the file of statements");
    (void)fclose(writing.out);
    if (!good)
        return false;
    (void)lseek(file.fd, 0, SEEK_SET);
    file.bytes = (size_t)length;
    file.statements = writing.statements;
    *ret_file = file;
    return true;
}

void xapi_file_close(struct xapi_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}
