/*
 * What is odd about a media file, or why it cannot be used, for people and for programs at once: a stable code with
 * parameters, which pages translate, and the English sentence made of them, with what is done about it or what the
 * admin can do.
 *
 * The table in finding_table.c is the list of all codes; texts of pages are checked against it.  A finding travels as
 * code and parameters, and whoever shows it makes the sentence: so a child process cannot put words into the report.
 *
 * Patterns   {name} stands for a parameter, {name, time} for milliseconds as 0:41:12, {name, seconds} for milliseconds
 *            as "12.3 s", {name, kilobits} for bit/s as "850 kbit/s", {name, bytes} for "1.2 MB", {name, tenths} for
 *            tenths as "-23.4", {name, languages} for language tags.
 * JSON       {"code","severity", parameters..., "sentence", "action"}; action may be "".
 */
#ifndef LECTERN_MEDIA_FINDING_H
#define LECTERN_MEDIA_FINDING_H

#include "base/problem.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum finding_code {
    FINDING_NONE,
    /* the file */
    FINDING_CUT_OFF_SALVAGED,
    FINDING_LAST_PART_MISSING,
    FINDING_LAST_PICTURE_TORN,
    FINDING_DAMAGED_PACKETS,
    FINDING_CLOCK_WRAPS,
    FINDING_FILE_TRIMMED,
    FINDING_PART_CHOSEN,
    FINDING_CHAPTERS,
    FINDING_CAPTIONS_INSIDE,
    FINDING_CAPTIONS_LEFT_OUT,
    FINDING_COVER_PICTURE,
    FINDING_SEVERAL_PICTURES,
    FINDING_SEVERAL_SOUNDS,
    FINDING_OTHER_TRACKS,
    /* the picture */
    FINDING_NO_PICTURE,
    FINDING_PICTURE_CODEC,
    FINDING_PICTURE_PARAMETERS,
    FINDING_PICTURE_PROFILE,
    FINDING_PICTURE_LEVEL,
    FINDING_PICTURE_BEGINS_LATE,
    FINDING_PICTURE_EMPTY,
    FINDING_ROTATED,
    FINDING_MIRRORED,
    FINDING_FRAME_RATE_VARIES,
    FINDING_KEY_FRAMES_FAR_APART,
    FINDING_INTERLACED,
    FINDING_PIXELS_NOT_SQUARE,
    FINDING_HDR,
    FINDING_DEEP_COLOUR,
    FINDING_FINE_CHROMA,
    FINDING_PICTURE_LARGE,
    FINDING_PICTURE_SMALL,
    FINDING_PICTURE_ODD_SIZE,
    FINDING_PICTURE_CHANGES,
    FINDING_PICTURE_BITS_HIGH,
    FINDING_PICTURE_BITS_LOW,
    FINDING_PICTURE_TIMES_MISSING,
    FINDING_PICTURE_GAPS,
    FINDING_PICTURE_LATE,
    FINDING_PICTURE_SHORT,
    /* the sound */
    FINDING_NO_SOUND,
    FINDING_SOUND_CODEC,
    FINDING_SOUND_AAC_KIND,
    FINDING_SOUND_TIMES,
    FINDING_SOUND_EMPTY,
    FINDING_SOUND_LATE,
    FINDING_SOUND_SHORT,
    FINDING_SOUND_GAPS,
    FINDING_SOUND_JOINED,
    FINDING_SOUND_CHANGES,
    FINDING_SOUND_BITS_HIGH,
    FINDING_SOUND_BITS_LOW,
    FINDING_SOUND_CHANNELS,
    FINDING_SOUND_SILENT,
    FINDING_SILENCE_AT_END,
    FINDING_LOUDNESS,
    FINDING_SOUND_LIMITED,
    FINDING_SOUND_STAYS_QUIET,
    FINDING_SOUND_ONE_SIDED,
    FINDING_SOUND_OPPOSED,
    FINDING_TRACK_LENGTH_DIFFERS,
    FINDING_INTERPRETER_OUT_OF_STEP,
    FINDING_INTERPRETER_NOT_KEPT,
    /* what is no lecture */
    FINDING_FILE_EMPTY,
    FINDING_IS_PLAYLIST,
    FINDING_IS_PICTURE,
    FINDING_IS_DOCUMENT,
    FINDING_IS_ARCHIVE,
    FINDING_IS_ARCHIVE_OR_OFFICE,
    FINDING_IS_CAPTIONS,
    FINDING_IS_WEB_PAGE,
    FINDING_IS_TEXT,
    FINDING_IS_PROGRAM,
    FINDING_IS_UNKNOWN,
    FINDING_REFERENCES_OTHERS,
    /* a lecture that cannot be used as it is */
    FINDING_CUT_OFF,
    FINDING_INDEX_MISSING,
    FINDING_ENCRYPTED,
    FINDING_PICTURE_CODEC_UNKNOWN,
    FINDING_SOUND_CODEC_UNKNOWN,
    FINDING_TRACKS_NONE,
    FINDING_TRACKS_UNREADABLE,
    FINDING_TRACK_NO_SOUND,
    FINDING_TRACK_OUTSIDE,
    FINDING_PICTURE_SIZELESS,
    FINDING_PICTURE_TOO_LARGE,
    FINDING_SOUND_IMPOSSIBLE,
    FINDING_CLAIMS_PICTURES,
    FINDING_SAMPLES_TOO_MANY,
    FINDING_STREAMS_TOO_MANY,
    FINDING_CLOCK_JUMPS_BACK,
    FINDING_NO_LENGTH,
    FINDING_TOO_LONG,
    FINDING_READS_DIFFERENTLY,
    FINDING_DAMAGED,
    FINDING_PICTURE_DAMAGED,
    FINDING_SOUND_DAMAGED,
    FINDING_PICTURE_UNPLAYABLE,
    FINDING_SOUND_UNPLAYABLE,
    FINDING_MEMORY,
    /* what the walls around the reader said */
    FINDING_LOOK_TOO_SLOW,
    FINDING_WORK_TOO_SLOW,
    FINDING_TOO_MUCH_PROCESSOR,
    FINDING_WROTE_TOO_MUCH,
    FINDING_NOT_ALLOWED,
    FINDING_BROUGHT_DOWN,
    FINDING_NONSENSE,
    /* captions that cannot be used */
    FINDING_CAPTION_TIMES,
    FINDING_CAPTION_TIMES_FOREIGN,
    FINDING_CAPTION_JUMP,
    FINDING_CAPTION_TOO_LONG,
    FINDING_CAPTIONS_TOO_MANY,
    FINDING_CAPTIONS_NONE,
    FINDING_CAPTIONS_NOT,
    FINDING_CAPTIONS_BEYOND_END,
    FINDING_CAPTIONS_ENCODING,
    FINDING_CAPTIONS_ENCODING_OPEN,
    FINDING_CAPTIONS_ENCODING_UNKNOWN,
    /* what cannot be done with a lecture as it is now */
    FINDING_LECTURE_UNREADY,
    FINDING_NOTHING_TO_REPLACE,
    FINDING_VERSION_UNDER_WAY,
    FINDING_INTERPRETER_LANGUAGE,
    FINDING_INTERPRETER_OUTSIDE,
    FINDING_INTERPRETER_CHANGES,
    FINDING_INTERPRETER_GONE,
    FINDING_INTERPRETERS_MANY,
    FINDING_COUNT
};

enum finding_severity {
    FINDING_INFO,    /* good to know */
    FINDING_WARNING, /* the lecture may be less than what was meant */
    FINDING_PROBLEM  /* there will be no lecture */
};

enum { FINDING_NUMBERS_MAX = 3, FINDING_TEXT_SIZE = 64, FINDING_SENTENCE_SIZE = 240 };

/* In one line: (struct finding){ .code = FINDING_KEY_FRAMES_FAR_APART, .numbers = { gap_ms } }. */
struct finding {
    enum finding_code code;
    int64_t numbers[FINDING_NUMBERS_MAX]; /* in the order of the table */
    char text[FINDING_TEXT_SIZE];         /* the one parameter that is a text, or "" */
};

struct finding_kind {
    const char *code; /* stable: clients and translations key on it */
    enum finding_severity severity;
    const char *numbers[FINDING_NUMBERS_MAX]; /* their names; NULL: there are no more */
    const char *text;                         /* its name, or NULL */
    const char *sentence;                     /* patterns */
    const char *action;
};

extern const struct finding_kind finding_kinds[FINDING_COUNT];

/* The same with its text, cut where it is too long and cleaned of what is no line. */
struct finding finding_with(struct finding finding, const char *text);

void finding_sentence(const struct finding *finding, char ret_text[FINDING_SENTENCE_SIZE]);

/* A reference for the caller. */
json_t *finding_to_json(const struct finding *finding);
/* Reads code and parameters, and none of the sentences.  A code that this program does not know (a newer one wrote
 * it) gives FINDING_NONE. */
bool finding_from_json(const json_t *json, struct finding *ret_finding, struct problem *problem);

/* Sentence and action in one line, as `reason` has them. */
void finding_words(const struct finding *finding, char *ret_text, size_t size);

/* PROBLEM_MEDIA_REFUSED with these words, and the finding itself as the problem's particulars. */
bool finding_refuse(struct problem *problem, struct finding finding);
/* PROBLEM_BUSY: the same file may be taken at another time, or with other limits. */
bool finding_fail(struct problem *problem, struct finding finding);
/* Another kind of problem in the finding's words; field: of PROBLEM_INVALID_FIELD. */
bool finding_refuse_as(struct problem *problem, enum problem_kind kind, struct finding finding);
bool finding_refuse_field(struct problem *problem, const char *field, struct finding finding);
/* What these put there; FINDING_NONE where it was set in words only. */
struct finding finding_of_problem(const struct problem *problem);

#endif
