#include "viewing/spans.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void spans_release(struct spans *spans)
{
    free(spans->items);
    *spans = (struct spans){ 0 };
}

void spans_copy(const struct spans *from, struct spans *ret_copy)
{
    *ret_copy = (struct spans){ 0 };
    if (from->count == 0)
        return;
    ret_copy->items = memory_resized(NULL, from->count, sizeof *from->items);
    memcpy(ret_copy->items, from->items, from->count * sizeof *from->items);
    ret_copy->count = ret_copy->capacity = from->count;
}

static void reserve(struct spans *spans, size_t count)
{
    if (count <= spans->capacity)
        return;
    size_t capacity = spans->capacity < 4 ? 4 : spans->capacity * 2;
    spans->items = memory_resized(spans->items, capacity, sizeof *spans->items);
    spans->capacity = capacity;
}

/* The caller knows that it lies behind all others and apart. */
static void append(struct spans *spans, int64_t from, int64_t to)
{
    reserve(spans, spans->count + 1);
    spans->items[spans->count++] = (struct span){ from, to };
}

static bool melts(int64_t left_to, int64_t right_from, int64_t close_gap)
{
    return right_from <= left_to || right_from - left_to < close_gap;
}

/* The first stretch that ends behind `from`, or so little before it that both melt. */
static size_t first_reaching(const struct spans *spans, int64_t from, int64_t close_gap)
{
    size_t low = 0;
    size_t high = spans->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (melts(spans->items[middle].to, from, close_gap))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void remove_items(struct spans *spans, size_t first, size_t end)
{
    memmove(spans->items + first, spans->items + end, (spans->count - end) * sizeof *spans->items);
    spans->count -= end - first;
}

static void join_nearest(struct spans *spans)
{
    size_t nearest = 0;
    for (size_t i = 1; i + 1 < spans->count; i++)
        if (spans->items[i + 1].from - spans->items[i].to
            < spans->items[nearest + 1].from - spans->items[nearest].to)
            nearest = i;
    spans->items[nearest].to = spans->items[nearest + 1].to;
    remove_items(spans, nearest + 1, nearest + 2);
}

static void insert_at(struct spans *spans, size_t place, int64_t from, int64_t to)
{
    reserve(spans, spans->count + 1);
    memmove(spans->items + place + 1, spans->items + place,
        (spans->count - place) * sizeof *spans->items);
    spans->items[place] = (struct span){ from, to };
    spans->count++;
}

bool spans_add(
    struct spans *spans, int64_t from, int64_t to, int64_t close_gap, struct problem *problem)
{
    if (from >= to)
        return true;
    size_t first = first_reaching(spans, from, close_gap);
    size_t end = first;
    while (end < spans->count && melts(to, spans->items[end].from, close_gap))
        end++;
    if (first < end) {
        struct span *melted = &spans->items[first];
        int64_t last_to = spans->items[end - 1].to;
        melted->from = from < melted->from ? from : melted->from;
        melted->to = to > last_to ? to : last_to;
        remove_items(spans, first + 1, end);
        return true;
    }
    bool full = spans->count >= SPANS_MAX;
    if (full && close_gap <= 0)
        return problem_set(problem, PROBLEM_CONFLICT, "more than %d separate stretches", SPANS_MAX);
    insert_at(spans, first, from, to);
    if (full)
        join_nearest(spans);
    return true;
}

void spans_add_all(struct spans *spans, const struct spans *added)
{
    struct problem too_many = { 0 };
    for (size_t i = 0; i < added->count; i++)
        (void)spans_add(spans, added->items[i].from, added->items[i].to, 0, &too_many);
}

int64_t spans_total(const struct spans *spans)
{
    int64_t total = 0;
    for (size_t i = 0; i < spans->count; i++)
        total += spans->items[i].to - spans->items[i].from;
    return total;
}

/* The first stretch that ends behind `position`. */
static size_t first_behind(const struct spans *spans, int64_t position)
{
    size_t place = first_reaching(spans, position, 0);
    return place < spans->count && spans->items[place].to == position ? place + 1 : place;
}

void spans_intersect(const struct spans *spans, int64_t from, int64_t to, struct spans *ret_inside)
{
    struct spans inside = { 0 };
    for (size_t i = first_behind(spans, from); i < spans->count && spans->items[i].from < to; i++) {
        int64_t inside_from = spans->items[i].from > from ? spans->items[i].from : from;
        int64_t inside_to = spans->items[i].to < to ? spans->items[i].to : to;
        if (inside_from < inside_to)
            append(&inside, inside_from, inside_to);
    }
    *ret_inside = inside;
}

void spans_subtract(const struct spans *spans, int64_t from, int64_t to, struct spans *ret_outside)
{
    struct spans outside = { 0 };
    int64_t position = from;
    for (size_t i = first_behind(spans, from); i < spans->count && spans->items[i].from < to; i++) {
        if (position < spans->items[i].from)
            append(&outside, position, spans->items[i].from);
        position = spans->items[i].to;
    }
    if (position < to)
        append(&outside, position, to);
    *ret_outside = outside;
}

bool spans_contain(const struct spans *spans, int64_t from, int64_t to)
{
    if (from >= to)
        return true;
    size_t place = first_behind(spans, from);
    return place < spans->count && spans->items[place].from <= from && spans->items[place].to >= to;
}

void spans_write(const struct spans *spans, struct text *text)
{
    text_append(text, "[", 1);
    for (size_t i = 0; i < spans->count; i++) {
        char pair[48];
        int length = snprintf(pair, sizeof pair, "%s[%" PRId64 ",%" PRId64 "]", i > 0 ? "," : "",
            spans->items[i].from, spans->items[i].to);
        text_append(text, pair, (size_t)length);
    }
    text_append(text, "]", 1);
}

/* Decimal digits without a leading zero, at most 18 of them. */
static bool read_number(const char **cursor, int64_t *ret_value)
{
    size_t length = strspn(*cursor, "0123456789");
    if ((length > 1 && **cursor == '0')
        || !text_to_int64(*cursor, length, 0, SPAN_VALUE_MAX, ret_value))
        return false;
    *cursor += length;
    return true;
}

static bool read_character(const char **cursor, char expected)
{
    if (**cursor != expected)
        return false;
    (*cursor)++;
    return true;
}

static bool read_span(const char **cursor, struct spans *spans)
{
    struct span span;
    if (!read_character(cursor, '[') || !read_number(cursor, &span.from)
        || !read_character(cursor, ',') || !read_number(cursor, &span.to)
        || !read_character(cursor, ']'))
        return false;
    bool apart = spans->count == 0 || spans->items[spans->count - 1].to < span.from;
    if (!apart || span.from >= span.to || spans->count >= SPANS_MAX)
        return false;
    append(spans, span.from, span.to);
    return true;
}

static bool read_all(const char *cursor, struct spans *spans)
{
    if (!read_character(&cursor, '['))
        return false;
    if (*cursor != ']')
        do
            if (!read_span(&cursor, spans))
                return false;
        while (read_character(&cursor, ','));
    return read_character(&cursor, ']') && *cursor == '\0';
}

bool spans_read(const char *json_text, struct spans *ret_spans, struct problem *problem)
{
    struct spans spans = { 0 };
    if (!json_text || !read_all(json_text, &spans)) {
        spans_release(&spans);
        return problem_set(problem, PROBLEM_STORAGE, "a row's stretches cannot be read");
    }
    *ret_spans = spans;
    return true;
}

json_t *spans_to_json(const struct spans *spans)
{
    json_t *array = json_array();
    for (size_t i = 0; i < spans->count; i++) {
        json_t *pair = json_array();
        (void)json_array_append_new(pair, json_integer(spans->items[i].from));
        (void)json_array_append_new(pair, json_integer(spans->items[i].to));
        (void)json_array_append_new(array, pair);
    }
    return array;
}
