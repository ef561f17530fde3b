#include "media/picture_rung.h"

#include "base/memory.h"
#include "media/picture_encoder.h"
#include "media/source.h"

#include <libavutil/mathematics.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

enum {
    LATE_KEY_TICKS = PICTURE_TICKS / 10, /* a key picture may come this late after its place */
    STACK_BYTES = 1 << 20
};

struct picture_rung {
    struct ladder_choice choice;
    struct picture_facts facts;
    struct picture_encoder encoder;
    AVFrame *held; /* shown until the next one comes */
    bool held_is_cut;
    int64_t key_ticks; /* from one key picture to the next */
    int64_t next_key_ticks;
    int64_t last_taken_ticks, least_step_ticks;

    pthread_t thread;
    bool started;
    pthread_mutex_t lock;
    pthread_cond_t moved;
    /* under the lock */
    struct {
        AVFrame *frame;
        bool cut;
    } queue[RUNG_QUEUE_MAX];
    size_t first, count;
    bool ending, failed;
    struct problem problem;
};

/* Half a step of tolerance, as clocks tremble; without any steadiness, three quarters of the rung's own. */
static int64_t least_step(const struct ladder_choice *choice, const struct picture_facts *facts)
{
    int64_t rate_milli
        = facts->frames_per_second_milli > 1000 ? facts->frames_per_second_milli : 1000;
    int64_t step = (int64_t)PICTURE_TICKS * 1000 / rate_milli;
    if (choice->index == LADDER_STILLS)
        return 0;
    int64_t own = PICTURE_TICKS * 3 / 4 / choice->rung.frames_per_second;
    int64_t even = step * choice->step - step / 2;
    return facts->steady || even < own ? even : own;
}

static bool send_at(struct picture_rung *rung, int64_t ticks, bool cut, struct problem *problem)
{
    AVFrame *frame = rung->held;
    bool key = cut || ticks >= rung->next_key_ticks;
    /* Equal parts of a segment, counted from its beginning. */
    if (key)
        rung->next_key_ticks = ticks + rung->key_ticks;
    frame->pts = ticks;
    return picture_encoder_put(&rung->encoder, frame, key, cut, problem);
}

/* Sends the held picture, and again at each key's place that no picture comes near until `until`. */
static bool send_held(struct picture_rung *rung, int64_t until, struct problem *problem)
{
    if (!rung->held->buf[0])
        return true;
    if (!send_at(rung, rung->held->pts, rung->held_is_cut, problem))
        return false;
    while (rung->choice.index != LADDER_STILLS && until - rung->next_key_ticks > LATE_KEY_TICKS)
        if (!send_at(rung, rung->next_key_ticks, false, problem))
            return false;
    return true;
}

/* Takes the frame. */
static bool take(struct picture_rung *rung, AVFrame *frame, bool cut, struct problem *problem)
{
    bool first = !rung->held->buf[0];
    if (!first && !cut && frame->pts - rung->last_taken_ticks < rung->least_step_ticks)
        return true;
    rung->last_taken_ticks = frame->pts;
    if (!send_held(rung, frame->pts, problem))
        return false;
    av_frame_unref(rung->held);
    rung->held_is_cut = cut || first;
    int result = picture_encoder_scale(&rung->encoder, frame, rung->held);
    return result >= 0 || media_problem_from_av(problem, result, "convert");
}

/* NULL: the end. */
static AVFrame *next_frame(struct picture_rung *rung, bool *ret_cut)
{
    AVFrame *frame = NULL;
    (void)pthread_mutex_lock(&rung->lock);
    while (rung->count == 0 && !rung->ending)
        (void)pthread_cond_wait(&rung->moved, &rung->lock);
    if (rung->count > 0) {
        frame = rung->queue[rung->first].frame;
        *ret_cut = rung->queue[rung->first].cut;
        rung->first = (rung->first + 1) % RUNG_QUEUE_MAX;
        rung->count--;
    }
    (void)pthread_cond_signal(&rung->moved);
    (void)pthread_mutex_unlock(&rung->lock);
    return frame;
}

static void *work(void *data)
{
    struct picture_rung *rung = data;
    struct problem problem = { 0 };
    bool cut, good = true;
    AVFrame *frame;
    while (good && (frame = next_frame(rung, &cut))) {
        good = take(rung, frame, cut, &problem);
        av_frame_free(&frame);
    }
    good = good && send_held(rung, rung->facts.end_ticks, &problem)
           && picture_encoder_finish(&rung->encoder, &problem);
    if (!good) {
        (void)pthread_mutex_lock(&rung->lock);
        rung->failed = true;
        rung->problem = problem;
        (void)pthread_cond_signal(&rung->moved);
        (void)pthread_mutex_unlock(&rung->lock);
    }
    return NULL;
}

static bool start(struct picture_rung *rung, struct problem *problem)
{
    pthread_attr_t attributes;
    (void)pthread_mutex_init(&rung->lock, NULL);
    (void)pthread_cond_init(&rung->moved, NULL);
    (void)pthread_attr_init(&attributes);
    /* Address space is limited, and little of it is needed here. */
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    rung->started = pthread_create(&rung->thread, &attributes, work, rung) == 0;
    (void)pthread_attr_destroy(&attributes);
    return rung->started || media_problem_from_av(problem, AVERROR(ENOMEM), "encode");
}

struct picture_rung *picture_rung_open(const struct ladder_choice *choice,
    const struct picture_facts *facts, int thread_count, int fd, struct problem *problem)
{
    struct picture_rung *rung = memory_zeroed(1, sizeof *rung);
    int64_t parts = choice->index == LADDER_STILLS
                        ? 1
                        : (facts->segment_ms + choice->rung.key_ms - 1) / choice->rung.key_ms;
    rung->choice = *choice;
    rung->facts = *facts;
    rung->least_step_ticks = least_step(choice, facts);
    rung->key_ticks = facts->segment_ms * (PICTURE_TICKS / 1000) / parts;
    picture_encoder_init(&rung->encoder, choice, facts, thread_count, fd);
    rung->held = av_frame_alloc();
    bool opened = rung->held || media_problem_from_av(problem, AVERROR(ENOMEM), "encode");
    if (opened && start(rung, problem))
        return rung;
    picture_rung_close(rung);
    return NULL;
}

static bool tell_failure(const struct picture_rung *rung, struct problem *problem)
{
    if (!problem_is_set(problem))
        *problem = rung->problem;
    return false;
}

bool picture_rung_put(
    struct picture_rung *rung, const AVFrame *frame, bool cut, struct problem *problem)
{
    AVFrame *taken = av_frame_clone(frame);
    if (!taken)
        return media_problem_from_av(problem, AVERROR(ENOMEM), "encode");
    (void)pthread_mutex_lock(&rung->lock);
    while (rung->count == RUNG_QUEUE_MAX && !rung->failed)
        (void)pthread_cond_wait(&rung->moved, &rung->lock);
    bool good = !rung->failed || tell_failure(rung, problem);
    if (good) {
        size_t at = (rung->first + rung->count++) % RUNG_QUEUE_MAX;
        rung->queue[at].frame = taken;
        rung->queue[at].cut = cut;
        (void)pthread_cond_signal(&rung->moved);
    }
    (void)pthread_mutex_unlock(&rung->lock);
    if (!good)
        av_frame_free(&taken);
    return good;
}

static void end(struct picture_rung *rung)
{
    if (!rung->started)
        return;
    (void)pthread_mutex_lock(&rung->lock);
    rung->ending = true;
    (void)pthread_cond_signal(&rung->moved);
    (void)pthread_mutex_unlock(&rung->lock);
    (void)pthread_join(rung->thread, NULL);
    rung->started = false;
    (void)pthread_cond_destroy(&rung->moved);
    (void)pthread_mutex_destroy(&rung->lock);
}

bool picture_rung_finish(struct picture_rung *rung, struct problem *problem)
{
    end(rung);
    return !rung->failed || tell_failure(rung, problem);
}

struct fragment_writer *picture_rung_writer(struct picture_rung *rung)
{
    return &rung->encoder.writer;
}

void picture_rung_close(struct picture_rung *rung)
{
    if (!rung)
        return;
    end(rung);
    for (size_t i = 0; i < rung->count; i++)
        av_frame_free(&rung->queue[(rung->first + i) % RUNG_QUEUE_MAX].frame);
    picture_encoder_release(&rung->encoder);
    av_frame_free(&rung->held);
    free(rung);
}
