#include "base/json.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t deepest = 32;

static bool deeper_than(const json_t *value, size_t levels)
{
    if (!json_is_array(value) && !json_is_object(value))
        return false;
    if (levels == 0)
        return true;
    size_t index;
    const char *key;
    json_t *member;
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) if (deeper_than(member, levels - 1)) return true;
    } else {
        json_object_foreach((json_t *)(uintptr_t)value, key,
            member) if (deeper_than(member, levels - 1)) return true;
    }
    return false;
}

void json_use_reserve(void)
{
    json_set_alloc_funcs(memory_alloc, free);
}

static json_t *read_object(
    const char *bytes, size_t length, size_t number_flags, struct problem *problem)
{
    json_error_t error;
    json_t *value = json_loadb(bytes, length, JSON_REJECT_DUPLICATES | number_flags, &error);
    if (!value) {
        problem_set(problem, PROBLEM_BAD_REQUEST, "JSON line %d column %d: %s", error.line,
            error.column, error.text);
        return NULL;
    }
    if (!json_is_object(value) || deeper_than(value, deepest)) {
        json_decref(value);
        problem_set(
            problem, PROBLEM_BAD_REQUEST, "JSON: an object at most %zu deep is expected", deepest);
        return NULL;
    }
    return value;
}

json_t *json_read_object(const char *bytes, size_t length, struct problem *problem)
{
    return read_object(bytes, length, 0, problem);
}

json_t *json_read_measurements(const char *bytes, size_t length, struct problem *problem)
{
    return read_object(bytes, length, JSON_DECODE_INT_AS_REAL, problem);
}

static int append_piece(const char *bytes, size_t length, void *data)
{
    text_append(data, bytes, length);
    return 0;
}

void json_write(const json_t *value, struct text *text)
{
    (void)json_dump_callback(value, append_piece, text, JSON_COMPACT | JSON_ENCODE_ANY);
}

static bool missing(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return !value || json_is_null(value);
}

bool json_may_get_line(const json_t *object, const char *key, size_t length_max,
    const char **ret_value, struct problem *problem)
{
    if (missing(object, key))
        return true;
    const char *value = json_string_value(json_object_get(object, key));
    if (value && value[strspn(value, " ")] == '\0')
        return problem_set_field(problem, key, "'%s' must not be empty", key);
    if (!value || !text_is_line(value, length_max))
        return problem_set_field(
            problem, key, "'%s' must be a line of text of at most %zu bytes", key, length_max);
    *ret_value = value;
    return true;
}

bool json_may_get_text(const json_t *object, const char *key, size_t length_max,
    const char **ret_value, struct problem *problem)
{
    if (missing(object, key))
        return true;
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) || json_string_length(value) > length_max)
        return problem_set_field(
            problem, key, "'%s' must be text of at most %zu bytes", key, length_max);
    *ret_value = json_string_value(value);
    return true;
}

bool json_may_get_int64(const json_t *object, const char *key, int64_t least, int64_t most,
    int64_t *ret_value, struct problem *problem)
{
    if (missing(object, key))
        return true;
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < least
        || json_integer_value(value) > most)
        return problem_set_field(problem, key, "'%s' must be a whole number from %lld to %lld", key,
            (long long)least, (long long)most);
    *ret_value = json_integer_value(value);
    return true;
}

bool json_may_get_bool(
    const json_t *object, const char *key, bool *ret_value, struct problem *problem)
{
    if (missing(object, key))
        return true;
    const json_t *value = json_object_get(object, key);
    if (!json_is_boolean(value))
        return problem_set_field(problem, key, "'%s' must be true or false", key);
    *ret_value = json_is_true(value);
    return true;
}

static bool require(const json_t *object, const char *key, struct problem *problem)
{
    return !missing(object, key) || problem_set_field(problem, key, "'%s' is missing", key);
}

bool json_get_line(const json_t *object, const char *key, size_t length_max, const char **ret_value,
    struct problem *problem)
{
    return require(object, key, problem)
           && json_may_get_line(object, key, length_max, ret_value, problem);
}

bool json_get_int64(const json_t *object, const char *key, int64_t least, int64_t most,
    int64_t *ret_value, struct problem *problem)
{
    return require(object, key, problem)
           && json_may_get_int64(object, key, least, most, ret_value, problem);
}

bool json_get_bool(const json_t *object, const char *key, bool *ret_value, struct problem *problem)
{
    return require(object, key, problem) && json_may_get_bool(object, key, ret_value, problem);
}

bool json_get_int(const json_t *object, const char *key, int least, int most, int *ret_value,
    struct problem *problem)
{
    int64_t value;
    if (!json_get_int64(object, key, least, most, &value, problem))
        return false;
    *ret_value = (int)value;
    return true;
}

bool json_get_name(
    const json_t *object, const char *key, char *ret_name, size_t size, struct problem *problem)
{
    const char *value = json_string_value(json_object_get(object, key));
    if (!value || (value[0] != '\0' && !text_is_line(value, size - 1)))
        return problem_set_field(
            problem, key, "'%s' must be a line of less than %zu bytes", key, size);
    (void)snprintf(ret_name, size, "%s", value);
    return true;
}
