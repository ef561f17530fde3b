#include "http/admission.h"

#include "http/connection.h"

static bool places_taken(const struct http_loop *loop)
{
    return loop->handshakes >= (size_t)loop->settings->handshakes_max;
}

/* The first of the queue gets the free place; or the oldest handshake has to hurry. */
static void serve_queue(struct http_loop *loop)
{
    struct connection *first = TAILQ_FIRST(&loop->lines[LINE_QUEUED]);
    if (first && !places_taken(loop))
        connection_schedule(first);
    else if (first)
        connection_mind_deadline(TAILQ_FIRST(&loop->lines[LINE_SHAKING]));
}

void admission_join(struct connection *connection, enum connection_line line)
{
    struct http_loop *loop = connection->loop;
    enum connection_line left = connection->line;
    if (left != LINE_NONE)
        TAILQ_REMOVE(&loop->lines[left], connection, in_line);
    if (line != LINE_NONE)
        TAILQ_INSERT_TAIL(&loop->lines[line], connection, in_line);
    loop->handshakes -= left == LINE_SHAKING;
    loop->handshakes += line == LINE_SHAKING;
    connection->line = line;
    if (left == LINE_QUEUED || left == LINE_SHAKING || line == LINE_QUEUED)
        serve_queue(loop);
}

bool admission_has_place(const struct connection *connection)
{
    const struct http_loop *loop = connection->loop;
    const struct connection *first = TAILQ_FIRST(&loop->lines[LINE_QUEUED]);
    return !places_taken(loop) && (!first || first == connection);
}

bool admission_is_pressed(const struct http_loop *loop)
{
    return !TAILQ_EMPTY(&loop->lines[LINE_QUEUED]);
}

bool admission_make_room(struct http_loop *loop)
{
    struct connection *connection = TAILQ_FIRST(&loop->lines[LINE_SILENT]);
    if (!connection)
        connection = TAILQ_FIRST(&loop->lines[LINE_IDLE]);
    if (!connection)
        return false;
    connection_leave(connection);
    return true;
}
