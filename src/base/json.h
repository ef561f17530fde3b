/*
 * JSON in and out over jansson, with this house's strictness: bounded, no duplicate keys, UTF-8
 * only, and a problem that names the field which is wrong.  Integers only where integers are meant.
 *
 * Ownership  json_read_object() gives a value, to be ended with json_decref(); the getters lend.
 */
#ifndef LECTERN_BASE_JSON_H
#define LECTERN_BASE_JSON_H

#include "base/problem.h"
#include "base/text.h"

#include <jansson.h>

/* From now on jansson's memory comes out of memory.h.  It does not fail then, so an answer that is
 * built without a look at each step is never an incomplete one. */
void json_use_reserve(void);

/* An object, at most 32 deep; false sets PROBLEM_BAD_REQUEST with the place of the fault. */
json_t *json_read_object(const char *bytes, size_t length, struct problem *problem);
/* The same where numbers are measurements: each is read as a real, which is exact for whole numbers up
 * to 2^53, so that one that is too large for an integer spoils nothing. */
json_t *json_read_measurements(const char *bytes, size_t length, struct problem *problem);
/* Compact; appended to text. */
void json_write(const json_t *value, struct text *text);

/* Required members.  A wrong or missing one sets PROBLEM_INVALID_FIELD. */
bool json_get_line(const json_t *object, const char *key, size_t length_max, const char **ret_value,
    struct problem *problem);
bool json_get_int64(const json_t *object, const char *key, int64_t least, int64_t most,
    int64_t *ret_value, struct problem *problem);
bool json_get_bool(const json_t *object, const char *key, bool *ret_value, struct problem *problem);
/* Of what this program writes itself: an int, and a line into `size` bytes, which may be empty. */
bool json_get_int(const json_t *object, const char *key, int least, int most, int *ret_value,
    struct problem *problem);
bool json_get_name(
    const json_t *object, const char *key, char *ret_name, size_t size, struct problem *problem);
/* Optional members: absent or null leaves *ret_value as it was. */
/* Text of several lines. */
bool json_may_get_text(const json_t *object, const char *key, size_t length_max,
    const char **ret_value, struct problem *problem);
bool json_may_get_line(const json_t *object, const char *key, size_t length_max,
    const char **ret_value, struct problem *problem);
bool json_may_get_int64(const json_t *object, const char *key, int64_t least, int64_t most,
    int64_t *ret_value, struct problem *problem);
bool json_may_get_bool(
    const json_t *object, const char *key, bool *ret_value, struct problem *problem);

#endif
