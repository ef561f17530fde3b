/*
 * What people type about programs, people and lectures, checked by the name of the field: each
 * function sets PROBLEM_INVALID_FIELD with that name and a sentence that says what is expected.
 * Pure; safe from any thread. Sentences never repeat the value: it may be anything.
 */
#ifndef LECTERN_CATALOG_FIELDS_H
#define LECTERN_CATALOG_FIELDS_H

#include "base/problem.h"

#include <stddef.h>
#include <stdint.h>

/* RFC 5646 section 4.4.1: 35 characters hold every tag that is in use. */
enum { LANGUAGE_TAG_SIZE = 36, COUNTRY_SIZE = 3 };

/*
 * One line (text_is_line) of 1 to length_max bytes, without the embeddings, overrides and isolates
 * of UAX 9 section 2 (U+202A to U+202E, U+2066 to U+2069): they would make a name read as another
 * one, and turn what stands behind it on a page or in a report.  Right-to-left names need none of
 * them; the marks U+200E and U+200F, which turn nothing, are taken.
 */
bool field_line(const char *field, const char *value, size_t length_max, struct problem *problem);
/* Whether one of the nine (three bytes of UTF-8) stands here, in text that ends with a NUL. */
bool field_turns_writing(const char *at);
/* Text of 0 to length_max bytes: UTF-8, no control characters but tab and line breaks. */
bool field_text(const char *field, const char *value, size_t length_max, struct problem *problem);
/* A well-formed language tag, in canonical case. */
bool field_language(
    const char *field, const char *value, char ret_tag[LANGUAGE_TAG_SIZE], struct problem *problem);
/* ISO 3166-1 alpha-2, in upper case. */
bool field_country(
    const char *field, const char *value, char ret_country[COUNTRY_SIZE], struct problem *problem);
/* Shaped like an address that mail can be sent to; not proof that anybody reads it. */
bool field_mail_address(const char *field, const char *value, struct problem *problem);
bool field_range(
    const char *field, int64_t value, int64_t least, int64_t most, struct problem *problem);

/*
 * RFC 5646 section 2.1, "langtag" only, without repeated variants and singletons; case as
 * section 2.1.1 recommends: "ZH-hant-tw" gives "zh-Hant-TW".  Stricter in that a primary subtag has
 * two or three letters: the grammar's four to eight letters are reserved or registered for nothing,
 * and catch "english" typed for "en".
 */
bool language_tag_canonical(const char *tag, char ret_tag[LANGUAGE_TAG_SIZE]);

#endif
