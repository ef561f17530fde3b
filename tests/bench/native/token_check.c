/* What the check of a media token costs: nanoseconds of a look at tokens that were never seen, and
 * of looks at the same ones again, as when a viewer asks for the next segment.
 *   token_check FOLDER
 * FOLDER is empty, for a store.  Prints {"first_ns": N, "again_ns": N}. */
#include "access/media_token.h"
#include "base/clock.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { VIEWERS = 1000, ROUNDS_AGAIN = 200, WARM_UP = 40, DAY_MS = 86400000 };

static void sign_for_somebody(struct media_tokens *tokens, char ret_token[MEDIA_TOKEN_SIZE])
{
    int64_t expires_at_ms;
    struct caller caller
        = { .role = CALLER_PARTICIPANT, .session_expires_at_ms = clock_now_ms() + DAY_MS };
    secure_make_uuid(caller.session_id);
    secure_make_uuid(caller.participant_id);
    secure_make_uuid(caller.cohort_id);
    media_token_sign(tokens, &caller, ret_token, &expires_at_ms);
}

static int64_t spent_ns(void)
{
    struct timespec spent;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (int64_t)spent.tv_sec * 1000000000 + spent.tv_nsec;
}

/* Nanoseconds a token, each looked at so many times in turn. */
static double cost_ns(struct media_tokens *tokens, char (*texts)[MEDIA_TOKEN_SIZE], int64_t rounds)
{
    struct problem problem = { 0 };
    struct media_claims claims;
    int64_t now_ms = clock_now_ms(); /* the guard has that of the request */
    int64_t from_ns = spent_ns();
    for (int64_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < VIEWERS; i++)
            if (!media_token_verify(tokens, texts[i], now_ms, &claims, &problem)) {
                (void)fprintf(stderr, "%s\n", problem.detail);
                exit(1);
            }
    return (double)(spent_ns() - from_ns) / (double)(rounds * VIEWERS);
}

int main(int argc, char **argv)
{
    struct problem problem = { 0 };
    struct settings settings;
    settings_init(&settings);
    struct db *db = argc == 2 ? db_open(argv[1], &problem) : NULL;
    struct media_tokens *tokens = db ? media_tokens_open(db, &settings, &problem) : NULL;
    char(*texts)[MEDIA_TOKEN_SIZE] = memory_zeroed(VIEWERS, sizeof *texts);
    if (!tokens) {
        (void)fprintf(stderr, "usage: token_check FOLDER\n%s\n", problem.detail);
        return 1;
    }
    double first_ns = 0;
    /* The last round counts: a server that has been running has touched all of its memory. */
    for (int round = 0; round < WARM_UP; round++) {
        for (size_t i = 0; i < VIEWERS; i++)
            sign_for_somebody(tokens, texts[i]);
        first_ns = cost_ns(tokens, texts, 1);
    }
    (void)printf("{\"first_ns\": %.1f, \"again_ns\": %.1f}\n", first_ns,
        cost_ns(tokens, texts, ROUNDS_AGAIN));
    free(texts);
    media_tokens_free(tokens);
    db_close(db);
    settings_release(&settings);
    return 0;
}
