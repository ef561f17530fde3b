/*
 * The paper: a certificate as a PDF of one page, A4 landscape.  The words are those of the participant's language where it
 * has words (paper_words.h), else English.  The same certificate gives the same bytes as long as the fonts are the same.
 *
 * Threads    safe from any thread; takes 15 to 80 ms, and some 50 MB where a CJK font goes in, so never on a
 *            loop, and by few threads at once.
 */
#ifndef LECTERN_CERTIFICATE_PAPER_H
#define LECTERN_CERTIFICATE_PAPER_H

#include "certificate/certificate.h"

enum { PAPER_BYTES_MAX = 4 << 20, CERTIFICATE_ADDRESS_SIZE = 400 };

/* Of the page that says whether a certificate is valid. */
void certificate_address(const struct certificate *certificate, const struct settings *settings,
    char ret_address[CERTIFICATE_ADDRESS_SIZE]);

/* Appends the PDF.  ret_missing, letters that no installed font has, may be NULL. */
bool paper_draw(const struct certificate *certificate, const struct settings *settings,
    struct text *pdf, int *ret_missing, struct problem *problem);

/* Draws a sample of scripts, and says how many of its letters no font has: for who installs the program. */
bool paper_try_letters(const struct settings *settings, int *ret_missing, struct problem *problem);

#endif
