/*
 * What a certificate says beside its names, in the languages that it exists in.  Pure; safe from any thread.
 */
#ifndef LECTERN_CERTIFICATE_PAPER_WORDS_H
#define LECTERN_CERTIFICATE_PAPER_WORDS_H

#include <stdint.h>

enum { PAPER_WORDS_SIZE = 400, PAPER_DATE_SIZE = 64 };

struct paper_words {
    const char *language;                                                       /* BCP 47 */
    const char *title;                                                          /* of the paper */
    const char *above;                                                          /* the name */
    const char *completed_on, *issued_on, *issued_by, *number, *record, *check; /* labels */
    /* What follows the name and comes before the program's title. */
    void (*completed)(int64_t lectures, int64_t content_ms, char ret_text[PAPER_WORDS_SIZE]);
    /* A day, "2026-11-22", in words. */
    void (*day)(const char *day, char ret_text[PAPER_DATE_SIZE]);
};

/* For a person of this language (BCP 47); English where there is none of theirs. */
const struct paper_words *paper_words_for(const char *language);

#endif
