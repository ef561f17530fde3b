/*
 * A surface to write on, in every script: text by pango, lines by cairo, square codes by qrencode; private to certificate/.
 *
 * Text       is set as it is, never as markup: whatever a name holds is letters.
 * Fonts      Noto (Debian's fonts-noto-core and fonts-noto-cjk) by fontconfig; what no font has is counted.
 * Units      points of 1/72 inch, from the upper left corner; of a picture, pixels.
 * Errors     a drawing goes on after a failure, and sheet_end() says false then.
 * Threads    a sheet belongs to one thread; several may be drawn at once.
 */
#ifndef LECTERN_CERTIFICATE_SHEET_H
#define LECTERN_CERTIFICATE_SHEET_H

#include "base/problem.h"
#include "base/text.h"

#include <stdint.h>

struct sheet;

struct sheet_title {
    const char *title, *author;
    const char *made_at; /* ISO 8601 */
};
/* What is drawn goes to `out`, whole once sheet_end() has said so; lent.  NULL means *problem is set. */
struct sheet *sheet_begin_pdf(double width, double height, const struct sheet_title *title,
    struct text *out, struct problem *problem);
struct sheet *sheet_begin_png(int width, int height, struct text *out, struct problem *problem);
/* Ends it in any case.  ret_missing, letters that no font has, may be NULL. */
bool sheet_end(struct sheet *sheet, int *ret_missing, struct problem *problem);

/* 0xRRGGBB */
void sheet_rectangle(struct sheet *sheet, double x, double y, double width, double height,
    double line_width, uint32_t colour);
void sheet_line(struct sheet *sheet, double x, double y, double to_x, double to_y,
    double line_width, uint32_t colour);
void sheet_disc(struct sheet *sheet, double x, double y, double radius, uint32_t colour);
void sheet_ring(
    struct sheet *sheet, double x, double y, double radius, double line_width, uint32_t colour);
/* The open book of the pages' mark, of this width. */
void sheet_mark(
    struct sheet *sheet, double x, double y, double width, uint32_t book, uint32_t stand);

enum sheet_align { SHEET_LEFT, SHEET_CENTRE };
struct sheet_text {
    const char *text;
    const char *language;    /* BCP 47: picks forms of letters */
    double size, size_least; /* made smaller until it fits, then cut with an ellipsis */
    int lines_most;
    uint32_t colour;
    bool bold, sans;
    enum sheet_align align;
};
/* How high it will be in that width. */
double sheet_text_height(struct sheet *sheet, const struct sheet_text *text, double width);
/* Draws it, its upper left corner at x and y; returns its height.  role: of a paragraph in a PDF's structure, "H1" or "P". */
double sheet_text_draw(struct sheet *sheet, const struct sheet_text *text, const char *role,
    double x, double y, double width);

/* A QR code (ISO/IEC 18004) of this side, quiet zone and all; in a PDF a link, where link is not NULL. */
bool sheet_code(struct sheet *sheet, const char *content, const char *link, double x, double y,
    double side, struct problem *problem);

#endif
