/* The picture of a badge, and the credential in it. */
#include "certificate/badge.h"
#include "certificate/sheet.h"

#include <string.h>
#include <zlib.h>

enum {
    SIDE = 600, /* pixels */
    SIGNATURE_BYTES = 8,
    CHUNK_FRAME = 12, /* length, type and checksum */
    CHUNK_TYPE = 4
};
enum { ACCENT = 0x274b78, PAPER = 0xfbf6ec, WARM = 0xe8a15f, SOFT = 0xc9d3df };

static const uint8_t signature[SIGNATURE_BYTES] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

static void append_number(struct text *text, uint32_t number)
{
    const char bytes[]
        = { (char)(number >> 24), (char)(number >> 16), (char)(number >> 8), (char)number };
    text_append(text, bytes, sizeof bytes);
}

static uint32_t number_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

bool badge_bake(
    const void *png, size_t count, const char *keyword, const char *content, struct text *baked)
{
    const uint8_t *bytes = png;
    size_t head = SIGNATURE_BYTES + CHUNK_FRAME;
    if (count < head || memcmp(bytes, signature, sizeof signature) != 0
        || memcmp(bytes + SIGNATURE_BYTES + 4, "IHDR", CHUNK_TYPE) != 0
        || number_at(bytes + SIGNATURE_BYTES) > count - head)
        return false;
    head += number_at(bytes + SIGNATURE_BYTES);
    text_append(baked, png, head);
    /* Keyword NUL, not compressed, no method, no language NUL, no translated keyword NUL, text. */
    size_t length = strlen(keyword) + 5 + strlen(content);
    append_number(baked, (uint32_t)length);
    size_t begin = baked->length;
    text_append_string(baked, "iTXt");
    text_append(baked, keyword, strlen(keyword) + 1);
    text_append(baked, "\0\0\0\0", 4);
    text_append_string(baked, content);
    if (baked->overflowed)
        return false;
    uLong sum = crc32(0, (const Bytef *)baked->bytes + begin, (uInt)(baked->length - begin));
    append_number(baked, (uint32_t)sum);
    text_append(baked, (const char *)bytes + head, count - head);
    return !baked->overflowed;
}

static bool draw(const struct certificate *certificate, struct text *png, struct problem *problem)
{
    struct sheet *sheet = sheet_begin_png(SIDE, SIDE, png, problem);
    if (!sheet)
        return false;
    const double middle = SIDE / 2.0, width = 380, left = (SIDE - width) / 2;
    const struct sheet_text title = { certificate->program, certificate->language, 42, 20, 3, PAPER,
        true, false, SHEET_CENTRE };
    const struct sheet_text host
        = { certificate->host, certificate->language, 22, 13, 2, SOFT, false, true, SHEET_CENTRE };
    sheet_disc(sheet, middle, middle, middle - 4, ACCENT);
    sheet_ring(sheet, middle, middle, middle - 22, 4, WARM);
    sheet_mark(sheet, middle - 55, 74, 110, PAPER, WARM);
    double height = sheet_text_height(sheet, &title, width);
    (void)sheet_text_draw(sheet, &title, "P", left, middle + 18 - height / 2, width);
    (void)sheet_text_draw(sheet, &host, "P", left + 50, 446, width - 100);
    return sheet_end(sheet, NULL, problem);
}

bool badge_picture(const struct certificate *certificate, const char *jwt, struct text *png,
    struct problem *problem)
{
    struct text plain;
    text_init(&plain, BADGE_PICTURE_BYTES_MAX);
    bool made = draw(certificate, &plain, problem)
                && (badge_bake(plain.bytes, plain.length, "openbadgecredential", jwt, png)
                    || problem_set(problem, PROBLEM_INTERNAL, "a badge's picture is too large"));
    text_release(&plain);
    return made;
}
