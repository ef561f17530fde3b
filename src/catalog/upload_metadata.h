/*
 * The Upload-Metadata field of tus 1.0.0: "key base64value,key base64value".  Strict: keys are
 * unique and not empty, values are base64 with padding or absent.  filename, title and language are
 * used (UTF-8), and where kind is "sound" (an interpreter's, lecture_sound.h; else "lecture", or no such
 * key) lecture and offset_ms; other keys are only checked.  Pure; safe from any thread.
 */
#ifndef LECTERN_CATALOG_UPLOAD_METADATA_H
#define LECTERN_CATALOG_UPLOAD_METADATA_H

#include "catalog/fields.h"
#include "catalog/lecture.h"
#include "catalog/program.h"

enum { UPLOAD_METADATA_SIZE = 4096 };

struct upload_metadata {
    char file_name[FILE_NAME_BYTES_MAX + 1]; /* without folders; "upload" when there is none */
    char title[TITLE_BYTES_MAX + 1];         /* else the file's name without its extension */
    char language[LANGUAGE_TAG_SIZE];        /* else "und" */
    bool is_sound;
    char lecture_id[UUID_TEXT_SIZE]; /* of a sound: what it belongs to */
    int64_t offset_ms;               /* of a sound */
};

/* metadata NULL: none was sent.  Names and titles become lines: control characters become spaces,
 * and what is too long is cut. */
bool upload_metadata_read(
    const char *metadata, struct upload_metadata *ret_metadata, struct problem *problem);

#endif
