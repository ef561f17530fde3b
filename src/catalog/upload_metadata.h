/*
 * The Upload-Metadata field of tus 1.0.0: "key base64value,key base64value".  Strict: keys are
 * unique and not empty, values are base64 with padding or absent.  filename, title and language are
 * used (UTF-8).  kind says what it becomes: "lecture", as without it; "sound", an interpreter's
 * (lecture_sound.h), with lecture and offset_ms; "version" (lecture_version.h), with lecture and timeline.
 * Other keys are only checked.  Pure; safe from any thread.
 */
#ifndef LECTERN_CATALOG_UPLOAD_METADATA_H
#define LECTERN_CATALOG_UPLOAD_METADATA_H

#include "catalog/fields.h"
#include "catalog/lecture.h"
#include "catalog/program.h"

enum { UPLOAD_METADATA_SIZE = 4096 };

enum upload_purpose { UPLOAD_AS_LECTURE, UPLOAD_AS_SOUND, UPLOAD_AS_VERSION };

struct upload_metadata {
    char file_name[FILE_NAME_BYTES_MAX + 1]; /* without folders; "upload" when there is none */
    char title[TITLE_BYTES_MAX + 1];         /* else the file's name without its extension */
    char language[LANGUAGE_TAG_SIZE];        /* else "und" */
    enum upload_purpose purpose;
    char lecture_id[UUID_TEXT_SIZE];     /* of a sound or version: what it belongs to */
    int64_t offset_ms;                   /* of a sound */
    char timeline[UPLOAD_METADATA_SIZE]; /* of a version; else "none" */
};

/* metadata NULL: none was sent.  Names and titles become lines: control characters become spaces,
 * and what is too long is cut. */
bool upload_metadata_read(
    const char *metadata, struct upload_metadata *ret_metadata, struct problem *problem);

/* As in kind. */
const char *upload_purpose_name(enum upload_purpose purpose);

#endif
