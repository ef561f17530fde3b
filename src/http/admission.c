#include "http/admission.h"

#include "http/address_limits.h"
#include "http/commons.h"
#include "http/connection.h"

/* Handshakes. */

static struct connections_in_line *line_of(
    struct http_loop *loop, enum connection_line line, enum crowd crowd)
{
    return &loop->lines[line].members[crowd];
}

static bool has_free_place(const struct http_loop *loop, enum crowd crowd)
{
    size_t most = (size_t)loop->settings->handshakes_max;
    size_t crowded_most = most > 1 ? most / 2 : 1;
    return loop->handshakes < most
           && (crowd == CROWD_NONE || loop->crowded_handshakes < crowded_most);
}

/* Whose turn it is of those that wait, crowd by crowd; NULL: nobody for whom there is a place. */
static struct connection *next_queued(const struct http_loop *loop)
{
    for (size_t i = 0; i < CROWD_COUNT; i++) {
        enum crowd crowd = (enum crowd)((loop->next_crowd + i) % CROWD_COUNT);
        struct connection *first = TAILQ_FIRST(&loop->lines[LINE_QUEUED].members[crowd]);
        if (first && has_free_place(loop, crowd))
            return first;
    }
    return NULL;
}

bool admission_is_pressed(const struct http_loop *loop)
{
    return loop->queued > 0;
}

/* The next of the queue gets the free place; or the oldest handshakes have to hurry. */
static void serve_queue(struct http_loop *loop)
{
    struct connection *next = next_queued(loop);
    if (next)
        connection_schedule(next);
    if (next || !admission_is_pressed(loop))
        return;
    for (size_t crowd = 0; crowd < CROWD_COUNT; crowd++) {
        struct connection *oldest = TAILQ_FIRST(line_of(loop, LINE_SHAKING, (enum crowd)crowd));
        if (oldest)
            connection_mind_deadline(oldest);
    }
}

bool admission_has_place(const struct connection *connection)
{
    const struct http_loop *loop = connection->loop;
    const struct connection *next = next_queued(loop);
    enum crowd crowd = connection->line == LINE_QUEUED ? connection->crowd
                                                       : admission_crowd(connection->guest.holding);
    return has_free_place(loop, crowd) && (!next || next == connection);
}

/* Lines. */

enum crowd admission_crowd(const struct address_holding *holding)
{
    static const uint32_t from[CROWD_COUNT] = { 0, 8, 64, 512 };
    uint32_t count = address_holding_count(holding);
    size_t crowd = CROWD_COUNT - 1;
    while (count < from[crowd])
        crowd--;
    return (enum crowd)crowd;
}

static void tell_oldest(struct http_loop *loop, enum connection_line line, enum crowd crowd)
{
    const struct connection *oldest = TAILQ_FIRST(line_of(loop, line, crowd));
    atomic_store_explicit(&loop->lines[line].oldest_ms[crowd],
        oldest ? oldest->line_since_ms : NOT_IDLE, memory_order_relaxed);
}

static void leave_line(struct connection *connection)
{
    struct http_loop *loop = connection->loop;
    enum connection_line line = connection->line;
    if (line == LINE_NONE)
        return;
    TAILQ_REMOVE(line_of(loop, line, connection->crowd), connection, in_line);
    loop->queued -= line == LINE_QUEUED;
    loop->handshakes -= line == LINE_SHAKING;
    loop->crowded_handshakes -= line == LINE_SHAKING && connection->crowd != CROWD_NONE;
    tell_oldest(loop, line, connection->crowd);
}

static void enter_line(struct connection *connection, enum connection_line line, int64_t since_ms)
{
    struct http_loop *loop = connection->loop;
    connection->line = line;
    if (line == LINE_NONE)
        return;
    connection->crowd = admission_crowd(connection->guest.holding);
    connection->line_since_ms = since_ms;
    TAILQ_INSERT_TAIL(line_of(loop, line, connection->crowd), connection, in_line);
    loop->queued += line == LINE_QUEUED;
    loop->handshakes += line == LINE_SHAKING;
    loop->crowded_handshakes += line == LINE_SHAKING && connection->crowd != CROWD_NONE;
    tell_oldest(loop, line, connection->crowd);
}

void admission_join(struct connection *connection, enum connection_line line, int64_t since_ms)
{
    struct http_loop *loop = connection->loop;
    enum connection_line left = connection->line;
    leave_line(connection);
    if (left == LINE_QUEUED && line == LINE_SHAKING)
        loop->next_crowd = (enum crowd)((connection->crowd + 1) % CROWD_COUNT);
    enter_line(connection, line, since_ms);
    if (left == LINE_QUEUED || left == LINE_SHAKING || line == LINE_QUEUED)
        serve_queue(loop);
}

/* Room. */

/* Who yields of a crowd, in this order. */
static const enum connection_line yielding[]
    = { LINE_SILENT, LINE_READING, LINE_IDLE, LINE_QUEUED };
enum { YIELDING_COUNT = sizeof yielding / sizeof yielding[0] };

struct candidate {
    struct http_loop *loop; /* NULL: none */
    enum connection_line line;
    enum crowd crowd;
    int64_t since_ms;
};

/* The first of this line and crowd, if it has stood there until_ms and for longer than the
 * candidate. */
static void consider(struct http_loop *loop, enum connection_line line, enum crowd crowd,
    int64_t until_ms, struct candidate *candidate)
{
    int64_t since_ms
        = atomic_load_explicit(&loop->lines[line].oldest_ms[crowd], memory_order_relaxed);
    if (since_ms != NOT_IDLE && since_ms <= until_ms
        && (!candidate->loop || since_ms < candidate->since_ms))
        *candidate = (struct candidate){ loop, line, crowd, since_ms };
}

/* Of these loops; the own one first, so that it is preferred where there is no difference. */
static struct candidate find_candidate(struct http_loop *loop, struct http_loop *const *others,
    size_t other_count, enum crowd newcomer)
{
    struct candidate candidate = { 0 };
    int64_t now_ms = clock_steady_ms(), pressed_ms = loop->settings->head_pressed_ms;
    for (size_t i = CROWD_COUNT; i-- > 0;)
        for (size_t j = 0; j < YIELDING_COUNT; j++) {
            enum connection_line line = yielding[j];
            enum crowd crowd = (enum crowd)i;
            int64_t until_ms = line == LINE_READING ? now_ms - pressed_ms : now_ms;
            if (line == LINE_QUEUED && crowd <= newcomer)
                continue;
            consider(loop, line, crowd, until_ms, &candidate);
            for (size_t other = 0; other < other_count; other++)
                consider(others[other], line, crowd, until_ms, &candidate);
            if (candidate.loop)
                return candidate;
        }
    return candidate;
}

static bool yield_own(struct http_loop *loop, enum crowd newcomer)
{
    struct candidate candidate = find_candidate(loop, NULL, 0, newcomer);
    if (!candidate.loop)
        return false;
    connection_leave(TAILQ_FIRST(line_of(loop, candidate.line, candidate.crowd)));
    LOOP_COUNT(loop, room_made, 1);
    return true;
}

/* On the loop that was asked.  It may have nobody left: then the next newcomer asks again. */
static void room_was_asked(void *data)
{
    struct http_loop *loop = data;
    atomic_fetch_sub_explicit(&loop->commons->room_asked, 1, memory_order_relaxed);
    (void)yield_own(loop, CROWD_NONE);
}

static bool ask(struct http_loop *other)
{
    struct commons *commons = other->commons;
    if (atomic_fetch_add_explicit(&commons->room_asked, 1, memory_order_relaxed) < ROOM_ASKED_MAX) {
        mailbox_post(other->worker.mailbox, room_was_asked, other);
        return true;
    }
    atomic_fetch_sub_explicit(&commons->room_asked, 1, memory_order_relaxed);
    return false;
}

enum room admission_make_room(struct http_loop *loop, enum crowd newcomer)
{
    const struct commons *commons = loop->commons;
    struct candidate candidate
        = find_candidate(loop, commons->loops, commons->loop_count, newcomer);
    if (!candidate.loop)
        return ROOM_NONE;
    if (candidate.loop != loop && ask(candidate.loop))
        return ROOM_ASKED;
    return yield_own(loop, newcomer) ? ROOM_MADE : ROOM_NONE;
}
