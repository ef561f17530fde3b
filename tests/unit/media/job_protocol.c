#include "media/job_protocol.h"

#include "../unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct job_reader reader;
static int ends[2];

static int open_pipe(void **state)
{
    (void)state;
    reader.count = 0;
    return pipe2(ends, O_CLOEXEC | O_NONBLOCK);
}

static int close_pipe(void **state)
{
    (void)state;
    (void)close(ends[0]);
    return ends[1] >= 0 ? close(ends[1]) : 0;
}

static void put(const char *bytes)
{
    assert_int_equal(write(ends[1], bytes, strlen(bytes)), strlen(bytes));
}

static void lines_are_read_whole_however_they_come(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    put("{\"progress\":1}\n{\"prog");
    assert_true(job_reader_fill(&reader, ends[0]) > 0);
    json_t *line = job_reader_next(&reader, &problem);
    assert_int_equal(json_integer_value(json_object_get(line, "progress")), 1);
    json_decref(line);
    assert_null(job_reader_next(&reader, &problem));
    assert_false(problem_is_set(&problem));
    put("ress\":2}\n");
    assert_true(job_reader_fill(&reader, ends[0]) > 0);
    line = job_reader_next(&reader, &problem);
    assert_int_equal(json_integer_value(json_object_get(line, "progress")), 2);
    json_decref(line);
    assert_int_equal(job_reader_fill(&reader, ends[0]), -1);
    assert_int_equal(errno, EAGAIN);
    (void)close(ends[1]);
    ends[1] = -1;
    assert_int_equal(job_reader_fill(&reader, ends[0]), 0);
}

static void nonsense_is_noticed(void **state)
{
    (void)state;
    static const char *const lines[]
        = { "hello\n", "[]\n", "{\"a\":1,\"a\":2}\n", "\n", "{\"a\":\"\xff\"}\n", "{} {}\n" };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct problem problem = { 0 };
        reader.count = 0;
        put(lines[i]);
        assert_true(job_reader_fill(&reader, ends[0]) > 0);
        if (job_reader_next(&reader, &problem) || !problem_is_set(&problem))
            fail_msg("taken: %s", lines[i]);
    }
}

static void a_line_without_end_is_noticed(void **state)
{
    (void)state;
    struct problem problem = { 0 };
    char piece[1001];
    memset(piece, 'a', 1000);
    piece[1000] = '\0';
    for (int i = 0; i < 17; i++) {
        assert_false(problem_is_set(&problem));
        put(piece);
        (void)job_reader_fill(&reader, ends[0]);
        assert_null(job_reader_next(&reader, &problem));
    }
    assert_true(problem_is_set(&problem));
}

static void take_all(struct job_tables *tables)
{
    json_t *line;
    struct problem problem = { 0 };
    while (job_reader_fill(&reader, ends[0]) > 0) {
        while ((line = job_reader_next(&reader, &problem))) {
            bool taken = false;
            assert_true(job_tables_take(tables, line, &taken, &problem) && taken);
            json_decref(line);
        }
        assert_false(problem_is_set(&problem));
    }
}

static void a_long_table_arrives_in_pieces(void **state)
{
    (void)state;
    struct segment_table table = { .kind = RENDITION_AUDIO,
        .name = "audio",
        .codecs = "mp4a.40.2",
        .timescale = 48000,
        .sample_rate = 48000,
        .channels = 2,
        .init_bytes = 600,
        .independent = true };
    struct segment_table read;
    struct job_tables tables = { 0 };
    struct problem problem = { 0 };
    uint64_t bytes = 600;
    for (uint64_t i = 0; i < 1000; i++) {
        segment_table_append(&table, 960, 192512, 50000 + i);
        bytes += 50000 + i;
    }
    assert_true(job_send_table(ends[1], &table, 3));
    take_all(&tables);
    assert_int_equal(tables.count, 1);
    assert_int_equal(tables.entries[0].output, 3);
    assert_true(segment_table_from_json(tables.entries[0].table, bytes, &read, &problem));
    assert_int_equal(read.count, 1000);
    assert_memory_equal(read.segments, table.segments, 1000 * sizeof table.segments[0]);
    job_tables_release(&tables);
    segment_table_release(&read);
    segment_table_release(&table);
}

static void tables_are_bounded(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"segments\":[[1,8]]}\n",                                        /* of no table */
        "{\"cuts_us\":[1]}\n",                                             /* of no plan */
        "{\"table\":{},\"output\":0}\n",                                   /* without a list */
        "{\"table\":{\"segments\":[]}}\n",                                 /* of no output */
        "{\"table\":{\"segments\":[]},\"output\":99}\n",                   /* of no such output */
        "{\"table\":{\"segments\":[]},\"output\":0}\n{\"segments\":{}}\n", /* not a list */
        "{\"table\":{\"segments\":[]},\"output\":1}\n{\"table\":{\"segments\":[]},\"output\":1}\n",
        "{\"plan\":{\"cuts_us\":[]}}\n{\"plan\":{\"cuts_us\":[]}}\n",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        struct job_tables tables = { 0 };
        struct problem problem = { 0 };
        json_t *line;
        put(lines[i]);
        assert_true(job_reader_fill(&reader, ends[0]) > 0);
        while ((line = job_reader_next(&reader, &problem))) {
            bool taken;
            (void)job_tables_take(&tables, line, &taken, &problem);
            json_decref(line);
        }
        if (!problem_is_set(&problem))
            fail_msg("taken: %s", lines[i]);
        job_tables_release(&tables);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            lines_are_read_whole_however_they_come, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(nonsense_is_noticed, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(a_line_without_end_is_noticed, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(a_long_table_arrives_in_pieces, open_pipe, close_pipe),
        cmocka_unit_test_setup_teardown(tables_are_bounded, open_pipe, close_pipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
