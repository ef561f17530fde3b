#include "certificate/paper.h"

#include "base/clock.h"
#include "certificate/paper_words.h"
#include "certificate/sheet.h"

#include <stdio.h>
#include <string.h>

static const double page_width = 841.89, page_height = 595.28;
static const double margin = 90, text_top = 116, text_bottom = 434, foot_top = 452;
static const double code_side = 92;

/* Those of the pages (shared/style/tokens.css). */
enum { INK = 0x2a241d, INK_SOFT = 0x655a4c, ACCENT = 0x274b78, WARM = 0xe8a15f, LINE = 0xddd2c1 };

enum { DIGEST_SHOWN = 16, GROUP = 4 };

void certificate_address(const struct certificate *certificate, const struct settings *settings,
    char ret_address[CERTIFICATE_ADDRESS_SIZE])
{
    (void)snprintf(ret_address, CERTIFICATE_ADDRESS_SIZE, "%.300s/certificates/%s",
        settings->public_url, certificate->id);
}

/* "7ZK4 9QXD ...", which eyes can follow. */
static void write_groups(const char *digits, size_t length, char *ret_text)
{
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && i % GROUP == 0)
            *ret_text++ = ' ';
        *ret_text++ = digits[i];
    }
    *ret_text = '\0';
}

static void write_record(
    const struct certificate *certificate, char ret_digits[2 * SHA256_BYTES + 1])
{
    uint8_t digest[SHA256_BYTES];
    certificate_digest(certificate, digest);
    text_hex_encode(digest, sizeof digest, ret_digits);
    ret_digits[DIGEST_SHOWN] = '\0';
}

static void draw_frame(struct sheet *sheet)
{
    sheet_rectangle(sheet, 26, 26, page_width - 52, page_height - 52, 0.6, LINE);
    sheet_rectangle(sheet, 32, 32, page_width - 64, page_height - 64, 1.6, ACCENT);
    sheet_rectangle(sheet, 37, 37, page_width - 74, page_height - 74, 0.5, ACCENT);
    sheet_mark(sheet, page_width / 2 - 24, 62, 48, ACCENT, WARM);
}

/* A paragraph of the middle, and the room above it. */
struct paragraph {
    double gap;
    const char *role;
    struct sheet_text text;
};

/* The whole of it stands in the middle of its room, however much it is. */
static void draw_middle(struct sheet *sheet, const struct paragraph *paragraphs, size_t count)
{
    double width = page_width - 2 * margin, height = 0;
    for (size_t i = 0; i < count; i++)
        height += (i > 0 ? paragraphs[i].gap : 0)
                  + sheet_text_height(sheet, &paragraphs[i].text, width);
    double room = text_bottom - text_top;
    double y = text_top + (height < room ? (room - height) / 2 : 0);
    for (size_t i = 0; i < count; i++) {
        y += i > 0 ? paragraphs[i].gap : 0;
        y += sheet_text_draw(sheet, &paragraphs[i].text, paragraphs[i].role, margin, y, width);
    }
}

static void draw_words(
    struct sheet *sheet, const struct certificate *certificate, const struct paper_words *words)
{
    char completed[PAPER_WORDS_SIZE];
    words->completed(certificate->lecture_count, certificate->content_ms, completed);
    const char *own = certificate->language, *theirs = words->language;
    // clang-format off
    const struct paragraph paragraphs[] = {
        { 0,  "H1", { words->title,         theirs, 31, 20, 1, ACCENT,   false, false, SHEET_CENTRE } },
        { 16, "P",  { words->above,         theirs, 12, 9,  1, INK_SOFT, false, false, SHEET_CENTRE } },
        { 4,  "P",  { certificate->name,    own,    36, 18, 2, INK,      true,  false, SHEET_CENTRE } },
        { 10, "P",  { completed,            theirs, 13, 9,  2, INK_SOFT, false, false, SHEET_CENTRE } },
        { 8,  "P",  { certificate->program, own,    22, 13, 3, INK,      false, false, SHEET_CENTRE } },
        { 6,  "P",  { certificate->cohort,  own,    13, 9,  2, INK_SOFT, false, false, SHEET_CENTRE } },
    };
    // clang-format on
    draw_middle(sheet, paragraphs, sizeof paragraphs / sizeof paragraphs[0]);
}

/* A label, and below it what it says; returns where the next may begin. */
static double draw_fact(struct sheet *sheet, const char *label, const char *value,
    const struct paper_words *words, const char *language, double x, double y, double width)
{
    const struct sheet_text small
        = { label, words->language, 7.5, 6, 1, INK_SOFT, false, true, SHEET_LEFT };
    const struct sheet_text plain = { value, language, 11, 7, 2, INK, false, true, SHEET_LEFT };
    y += sheet_text_draw(sheet, &small, "P", x, y, width) + 1;
    return y + sheet_text_draw(sheet, &plain, "P", x, y, width) + 7;
}

static void draw_days(
    struct sheet *sheet, const struct certificate *certificate, const struct paper_words *words)
{
    char completed[PAPER_DATE_SIZE], issued[PAPER_DATE_SIZE];
    words->day(certificate->completed_on, completed);
    words->day(certificate->issued_on, issued);
    double y = draw_fact(
        sheet, words->completed_on, completed, words, words->language, 62, foot_top + 10, 130);
    (void)draw_fact(sheet, words->issued_on, issued, words, words->language, 62, y, 130);
    (void)draw_fact(sheet, words->issued_by, certificate->host, words, certificate->language, 205,
        foot_top + 10, 190);
}

static bool draw_check(struct sheet *sheet, const struct certificate *certificate,
    const struct settings *settings, const struct paper_words *words, struct problem *problem)
{
    char address[CERTIFICATE_ADDRESS_SIZE], content[CERTIFICATE_ADDRESS_SIZE + DIGEST_SHOWN + 2];
    char digits[2 * SHA256_BYTES + 1], number[2 * CERTIFICATE_ID_SIZE], record[2 * DIGEST_SHOWN];
    certificate_address(certificate, settings, address);
    write_record(certificate, digits);
    write_groups(certificate->id, CERTIFICATE_ID_LENGTH, number);
    write_groups(digits, DIGEST_SHOWN, record);
    /* The digest goes along for who checks the paper without the server; browsers send no fragment. */
    (void)snprintf(content, sizeof content, "%s#%.*s", address, DIGEST_SHOWN, digits);
    const double x = 408, width = page_width - 62 - code_side - 10 - x;
    const char *host = strstr(address, "://");
    double y = foot_top + 10;
    y = draw_fact(sheet, words->number, number, words, "en", x, y, width);
    const struct sheet_text label
        = { words->check, words->language, 7.5, 6, 1, INK_SOFT, false, true, SHEET_LEFT };
    const struct sheet_text link
        = { host ? host + 3 : address, "en", 7.5, 5, 2, ACCENT, false, true, SHEET_LEFT };
    y += sheet_text_draw(sheet, &label, "P", x, y, width) + 1;
    y += sheet_text_draw(sheet, &link, "P", x, y, width) + 6;
    char line[PAPER_DATE_SIZE + sizeof record];
    (void)snprintf(line, sizeof line, "%s %s", words->record, record);
    const struct sheet_text proof
        = { line, words->language, 7.5, 5, 1, INK_SOFT, false, true, SHEET_LEFT };
    (void)sheet_text_draw(sheet, &proof, "P", x, y, width);
    return sheet_code(
        sheet, content, address, page_width - 58 - code_side, foot_top + 4, code_side, problem);
}

bool paper_draw(const struct certificate *certificate, const struct settings *settings,
    struct text *pdf, int *ret_missing, struct problem *problem)
{
    const struct paper_words *words = paper_words_for(certificate->language);
    char made_at[CLOCK_ISO_SIZE];
    clock_format_iso(certificate->issued_at_ms, made_at);
    const struct sheet_title title = { words->title, certificate->host, made_at };
    struct sheet *sheet = sheet_begin_pdf(page_width, page_height, &title, pdf, problem);
    if (!sheet)
        return false;
    draw_frame(sheet);
    draw_words(sheet, certificate, words);
    sheet_line(sheet, 62, foot_top, page_width - 62, foot_top, 0.5, LINE);
    draw_days(sheet, certificate, words);
    bool coded = draw_check(sheet, certificate, settings, words, problem);
    return sheet_end(sheet, ret_missing, problem) && coded;
}

/* Vietnamese, Mongolian, Japanese, Korean, Chinese, Urdu, Khmer, Bengali, Lao, Thai, Nepali, Sinhala, Tamil, Burmese. */
static const char sample[] = "Nguyễn Өлзий 渡邉さくら 김민수 陳 محمد ស្រីមុំ "
                             "রবীন্দ্র ສົມພອນ สมชาย श्रेष्ठ "
                             "චන්ද්‍රිකා "
                             "முத்து "
                             "အောင်";

bool paper_try_letters(const struct settings *settings, int *ret_missing, struct problem *problem)
{
    struct certificate certificate = { .id = "", .language = "en" };
    struct text pdf;
    (void)snprintf(certificate.program, sizeof certificate.program, "%s", sample);
    text_init(&pdf, PAPER_BYTES_MAX);
    bool drawn = paper_draw(&certificate, settings, &pdf, ret_missing, problem);
    text_release(&pdf);
    return drawn;
}
