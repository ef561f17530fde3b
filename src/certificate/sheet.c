#include "certificate/sheet.h"

#include "base/memory.h"

#include <cairo-pdf.h>
#include <errno.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
/* What these libraries lose themselves, of Debian 12: fontconfig 0.3 KB of its configuration, once; cairo 1.16 0.8 KB a font
 * with CFF outlines that goes into a PDF (the CJK ones). */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig.so\nleak:libcairo.so\n";
}
#endif

enum { QUIET_MODULES = 4, LINK_BYTES_MAX = 1000 };
static const double smaller = 0.94; /* a step */

struct sheet {
    cairo_surface_t *surface;
    cairo_t *cairo;
    PangoFontMap *fonts;
    PangoContext *context;
    struct text *out;
    bool picture;
    int missing;
};

static cairo_status_t take_bytes(void *data, const unsigned char *bytes, unsigned int count)
{
    struct text *out = data;
    text_append(out, (const char *)bytes, count);
    return out->overflowed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void release(struct sheet *sheet)
{
    if (sheet->context)
        g_object_unref(sheet->context);
    if (sheet->fonts)
        g_object_unref(sheet->fonts);
    cairo_destroy(sheet->cairo);
    cairo_surface_destroy(sheet->surface);
    free(sheet);
}

static struct sheet *begin(cairo_surface_t *surface, struct text *out, struct problem *problem)
{
    struct sheet *sheet = memory_zeroed(1, sizeof *sheet);
    sheet->surface = surface;
    sheet->cairo = cairo_create(surface);
    sheet->out = out;
    /* One of its own, so that threads share nothing, and nothing stays behind. */
    sheet->fonts = pango_cairo_font_map_new();
    sheet->context = pango_font_map_create_context(sheet->fonts);
    pango_cairo_update_context(sheet->cairo, sheet->context);
    if (cairo_status(sheet->cairo) == CAIRO_STATUS_SUCCESS)
        return sheet;
    problem_set(
        problem, PROBLEM_BUSY, "cairo: %s", cairo_status_to_string(cairo_status(sheet->cairo)));
    release(sheet);
    return NULL;
}

struct sheet *sheet_begin_pdf(double width, double height, const struct sheet_title *title,
    struct text *out, struct problem *problem)
{
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(take_bytes, out, width, height);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, title->author);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Lectern");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, title->made_at);
    return begin(surface, out, problem);
}

struct sheet *sheet_begin_png(int width, int height, struct text *out, struct problem *problem)
{
    struct sheet *sheet
        = begin(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height), out, problem);
    if (sheet)
        sheet->picture = true;
    return sheet;
}

bool sheet_end(struct sheet *sheet, int *ret_missing, struct problem *problem)
{
    if (sheet->picture && cairo_status(sheet->cairo) == CAIRO_STATUS_SUCCESS)
        (void)cairo_surface_write_to_png_stream(sheet->surface, take_bytes, sheet->out);
    cairo_status_t status = cairo_status(sheet->cairo);
    cairo_surface_finish(sheet->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(sheet->surface);
    if (ret_missing)
        *ret_missing = sheet->missing;
    bool drawn
        = status == CAIRO_STATUS_SUCCESS && !sheet->out->overflowed && sheet->out->length > 0;
    release(sheet);
    return drawn
           || problem_set(problem, PROBLEM_BUSY, "a paper could not be drawn: %s",
               cairo_status_to_string(status));
}

/* --- shapes ------------------------------------------------------------------------------- */

static void set_colour(struct sheet *sheet, uint32_t colour)
{
    cairo_set_source_rgb(sheet->cairo, (double)(colour >> 16 & 0xff) / 255,
        (double)(colour >> 8 & 0xff) / 255, (double)(colour & 0xff) / 255);
}

void sheet_rectangle(struct sheet *sheet, double x, double y, double width, double height,
    double line_width, uint32_t colour)
{
    set_colour(sheet, colour);
    cairo_set_line_width(sheet->cairo, line_width);
    cairo_rectangle(sheet->cairo, x, y, width, height);
    cairo_stroke(sheet->cairo);
}

void sheet_line(struct sheet *sheet, double x, double y, double to_x, double to_y,
    double line_width, uint32_t colour)
{
    set_colour(sheet, colour);
    cairo_set_line_width(sheet->cairo, line_width);
    cairo_move_to(sheet->cairo, x, y);
    cairo_line_to(sheet->cairo, to_x, to_y);
    cairo_stroke(sheet->cairo);
}

static void circle(struct sheet *sheet, double x, double y, double radius, uint32_t colour)
{
    set_colour(sheet, colour);
    cairo_new_sub_path(sheet->cairo);
    cairo_arc(sheet->cairo, x, y, radius, 0, 2 * M_PI);
}

void sheet_disc(struct sheet *sheet, double x, double y, double radius, uint32_t colour)
{
    circle(sheet, x, y, radius, colour);
    cairo_fill(sheet->cairo);
}

void sheet_ring(
    struct sheet *sheet, double x, double y, double radius, double line_width, uint32_t colour)
{
    circle(sheet, x, y, radius, colour);
    cairo_set_line_width(sheet->cairo, line_width);
    cairo_stroke(sheet->cairo);
}

/* The outline of shared/mark.svg: a book of 21 units, and its stand below. */
void sheet_mark(
    struct sheet *sheet, double x, double y, double width, uint32_t book, uint32_t stand)
{
    cairo_t *cairo = sheet->cairo;
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_scale(cairo, width / 21, width / 21);
    cairo_translate(cairo, -5.5, -8);
    set_colour(sheet, book);
    cairo_move_to(cairo, 5.5, 9.5);
    cairo_curve_to(cairo, 9.3, 7.5, 13, 8, 16, 10.4);
    cairo_curve_to(cairo, 19, 8, 22.7, 7.5, 26.5, 9.5);
    cairo_line_to(cairo, 26.5, 17.5);
    cairo_curve_to(cairo, 22.7, 15.7, 19, 16.2, 16, 18.4);
    cairo_curve_to(cairo, 13, 16.2, 9.3, 15.7, 5.5, 17.5);
    cairo_close_path(cairo);
    cairo_fill(cairo);
    set_colour(sheet, stand);
    cairo_set_line_width(cairo, 2);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_move_to(cairo, 16, 20.5);
    cairo_line_to(cairo, 16, 25.5);
    cairo_move_to(cairo, 11.5, 25.5);
    cairo_line_to(cairo, 20.5, 25.5);
    cairo_stroke(cairo);
    cairo_restore(cairo);
}

/* --- text --------------------------------------------------------------------------------- */

/* Whose letters come first where scripts share them, or are written in a style of their own.  The rest follows in each list. */
static const struct {
    const char *language, *serif, *sans;
} favourites[] = {
    { "ja", "Noto Serif,Noto Serif CJK JP", "Noto Sans,Noto Sans CJK JP" },
    { "ko", "Noto Serif,Noto Serif CJK KR", "Noto Sans,Noto Sans CJK KR" },
    { "zh-TW", "Noto Serif,Noto Serif CJK TC", "Noto Sans,Noto Sans CJK TC" },
    { "zh-HK", "Noto Serif,Noto Serif CJK TC", "Noto Sans,Noto Sans CJK HK" },
    { "zh-Hant", "Noto Serif,Noto Serif CJK TC", "Noto Sans,Noto Sans CJK TC" },
    { "zh", "Noto Serif,Noto Serif CJK SC", "Noto Sans,Noto Sans CJK SC" },
    { "ur", "Noto Serif,Noto Nastaliq Urdu", "Noto Sans,Noto Nastaliq Urdu" },
    { "", "Noto Serif", "Noto Sans" },
};
static const char others[] = ",Noto Serif CJK JP,Noto Naskh Arabic,Noto Serif Bengali,Noto Serif "
                             "Khmer,Noto Serif Lao,Noto Serif Thai,Noto Serif Devanagari,serif";

static void write_family(const struct sheet_text *text, struct text *family)
{
    size_t i = 0;
    for (; favourites[i].language[0] != '\0'; i++) {
        size_t length = strlen(favourites[i].language);
        if (strncmp(text->language, favourites[i].language, length) == 0
            && (text->language[length] == '\0' || text->language[length] == '-'))
            break;
    }
    text_append_string(family, text->sans ? favourites[i].sans : favourites[i].serif);
    text_append_string(family, others);
}

static void set_font(PangoLayout *layout, const struct sheet_text *text, double size)
{
    struct text family;
    text_init(&family, 1000);
    write_family(text, &family);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family(font, family.bytes);
    pango_font_description_set_weight(
        font, text->bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    text_release(&family);
}

/* The caller ends it with g_object_unref(). */
static PangoLayout *lay_out(struct sheet *sheet, const struct sheet_text *text, double width)
{
    pango_context_set_language(sheet->context, pango_language_from_string(text->language));
    PangoLayout *layout = pango_layout_new(sheet->context);
    pango_layout_set_text(layout, text->text, -1);
    pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(
        layout, text->align == SHEET_CENTRE ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT);
    double size = text->size;
    set_font(layout, text, size);
    while (pango_layout_get_line_count(layout) > text->lines_most && size > text->size_least) {
        size *= smaller;
        set_font(layout, text, size);
    }
    pango_layout_set_height(layout, -text->lines_most);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    return layout;
}

static double height_of(PangoLayout *layout)
{
    int height;
    pango_layout_get_size(layout, NULL, &height);
    return (double)height / PANGO_SCALE;
}

double sheet_text_height(struct sheet *sheet, const struct sheet_text *text, double width)
{
    PangoLayout *layout = lay_out(sheet, text, width);
    double height = height_of(layout);
    g_object_unref(layout);
    return height;
}

/* Whether each letter is a glyph of its own, from the left: then readers of a PDF need no help. */
static bool is_plain(const PangoGlyphItem *run, const char *text)
{
    const PangoItem *item = run->item;
    glong letters = g_utf8_strlen(text, item->length);
    return item->analysis.level % 2 == 0 && run->glyphs->num_glyphs == letters;
}

static bool has_unknown(const PangoGlyphString *glyphs)
{
    for (int i = 0; i < glyphs->num_glyphs; i++)
        if (glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG)
            return true;
    return false;
}

/*
 * The run as one cluster: in a PDF the whole text of it stands beside its glyphs (ActualText).  Where letters change places, join or
 * hang below each other, as in Khmer and Urdu, readers find the words only so; pango tells each group of glyphs apart.
 */
static void show_as_one(
    struct sheet *sheet, const PangoGlyphItem *run, const char *text, double x, double y)
{
    const PangoGlyphString *glyphs = run->glyphs;
    cairo_glyph_t *places = memory_zeroed((size_t)glyphs->num_glyphs + 1, sizeof *places);
    int count = 0, at = 0;
    for (int i = 0; i < glyphs->num_glyphs; i++) {
        const PangoGlyphInfo *glyph = &glyphs->glyphs[i];
        if (glyph->glyph != PANGO_GLYPH_EMPTY) {
            places[count].index = glyph->glyph;
            places[count].x = x + (double)(at + glyph->geometry.x_offset) / PANGO_SCALE;
            places[count++].y = y + (double)glyph->geometry.y_offset / PANGO_SCALE;
        }
        at += glyph->geometry.width;
    }
    const cairo_text_cluster_t whole = { run->item->length, count };
    cairo_set_scaled_font(
        sheet->cairo, pango_cairo_font_get_scaled_font(PANGO_CAIRO_FONT(run->item->analysis.font)));
    cairo_show_text_glyphs(sheet->cairo, text, run->item->length, places, count, &whole, 1, 0);
    free(places);
}

static void show_run(struct sheet *sheet, PangoGlyphItem *run, const char *text, double x, double y)
{
    if (!is_plain(run, text) && !has_unknown(run->glyphs)) {
        show_as_one(sheet, run, text, x, y);
        return;
    }
    cairo_move_to(sheet->cairo, x, y);
    pango_cairo_show_glyph_item(sheet->cairo, text - run->item->offset, run);
}

static void show_layout(struct sheet *sheet, PangoLayout *layout, double x, double y)
{
    const char *text = pango_layout_get_text(layout);
    PangoLayoutIter *place = pango_layout_get_iter(layout);
    do {
        PangoLayoutRun *run = pango_layout_iter_get_run_readonly(place);
        PangoRectangle logical;
        pango_layout_iter_get_run_extents(place, NULL, &logical);
        if (run)
            show_run(sheet, run, text + run->item->offset, x + (double)logical.x / PANGO_SCALE,
                y + (double)pango_layout_iter_get_baseline(place) / PANGO_SCALE);
    } while (pango_layout_iter_next_run(place));
    pango_layout_iter_free(place);
}

double sheet_text_draw(struct sheet *sheet, const struct sheet_text *text, const char *role,
    double x, double y, double width)
{
    PangoLayout *layout = lay_out(sheet, text, width);
    double height = height_of(layout);
    set_colour(sheet, text->colour);
    cairo_tag_begin(sheet->cairo, role, NULL);
    show_layout(sheet, layout, x, y);
    cairo_tag_end(sheet->cairo, role);
    sheet->missing += pango_layout_get_unknown_glyphs_count(layout);
    g_object_unref(layout);
    return height;
}

/* --- square codes ------------------------------------------------------------------------- */

static void draw_modules(struct sheet *sheet, const QRcode *code, double x, double y, double side)
{
    double module = side / (code->width + 2 * QUIET_MODULES);
    set_colour(sheet, 0);
    for (int row = 0; row < code->width; row++)
        for (int column = 0; column < code->width; column++)
            if (code->data[row * code->width + column] & 1)
                cairo_rectangle(sheet->cairo, x + module * (column + QUIET_MODULES),
                    y + module * (row + QUIET_MODULES), module, module);
    cairo_fill(sheet->cairo);
}

/* The attribute's text is quoted, so what would end the quotes is no link. */
static void add_link(struct sheet *sheet, const char *link, double x, double y, double side)
{
    struct text attributes;
    if (strpbrk(link, "'\\"))
        return;
    text_init(&attributes, LINK_BYTES_MAX);
    text_printf(
        &attributes, "rect=[%d %d %d %d] uri='%s'", (int)x, (int)y, (int)side, (int)side, link);
    cairo_tag_begin(sheet->cairo, CAIRO_TAG_LINK, attributes.bytes);
    cairo_tag_end(sheet->cairo, CAIRO_TAG_LINK);
    text_release(&attributes);
}

bool sheet_code(struct sheet *sheet, const char *content, const char *link, double x, double y,
    double side, struct problem *problem)
{
    QRcode *code = QRcode_encodeString(content, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (!code)
        return problem_set(
            problem, PROBLEM_BUSY, "no QR code of %zu bytes: %s", strlen(content), strerror(errno));
    draw_modules(sheet, code, x, y, side);
    QRcode_free(code);
    if (link)
        add_link(sheet, link, x, y, side);
    return true;
}
