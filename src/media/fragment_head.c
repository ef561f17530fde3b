#include "media/fragment_head.h"

#include <stdbool.h>
#include <string.h>

enum {
    BOX_HEAD = 8,
    /* flags of tfhd */
    HAS_BASE = 0x1,
    HAS_DESCRIPTION = 0x2,
    HAS_DEFAULT_DURATION = 0x8,
    HAS_DEFAULT_SIZE = 0x10,
    /* flags of trun */
    HAS_OFFSET = 0x1,
    HAS_FIRST_FLAGS = 0x4,
    HAS_DURATIONS = 0x100,
    HAS_SIZES = 0x200
};

struct span {
    const uint8_t *at;
    size_t count;
};

static uint32_t read32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The inside of the first box of this type among those that lie side by side. */
static bool find(struct span boxes, const char *type, struct span *ret_inside)
{
    while (boxes.count >= BOX_HEAD) {
        size_t size = read32(boxes.at);
        if (size < BOX_HEAD || size > boxes.count)
            return false;
        if (memcmp(boxes.at + 4, type, 4) == 0) {
            *ret_inside = (struct span){ boxes.at + BOX_HEAD, size - BOX_HEAD };
            return true;
        }
        boxes.at += size;
        boxes.count -= size;
    }
    return false;
}

/* A field that comes after others which may be there or not; each is four bytes long, but for the base of 8. */
static bool read_field(struct span box, size_t offset, uint32_t *ret_value)
{
    if (offset + 4 > box.count)
        return false;
    *ret_value = read32(box.at + offset);
    return true;
}

static bool default_size(struct span header, uint32_t *ret_size)
{
    uint32_t flags;
    if (!read_field(header, 0, &flags) || !(flags & HAS_DEFAULT_SIZE))
        return false;
    size_t offset = 8U + (flags & HAS_BASE ? 8U : 0U) + (flags & HAS_DESCRIPTION ? 4U : 0U)
                    + (flags & HAS_DEFAULT_DURATION ? 4U : 0U);
    return read_field(header, offset, ret_size);
}

static bool first_size(struct span header, struct span run, uint32_t *ret_size)
{
    uint32_t flags;
    if (!read_field(run, 0, &flags))
        return false;
    if (!(flags & HAS_SIZES))
        return default_size(header, ret_size);
    size_t offset = 8U + (flags & HAS_OFFSET ? 4U : 0U) + (flags & HAS_FIRST_FLAGS ? 4U : 0U)
                    + (flags & HAS_DURATIONS ? 4U : 0U);
    return read_field(run, offset, ret_size);
}

uint64_t fragment_key_bytes(const uint8_t *bytes, size_t count)
{
    struct span all = { bytes, count }, moof, track, header, run;
    uint32_t size;
    if (!find(all, "moof", &moof) || !find(moof, "traf", &track) || !find(track, "tfhd", &header)
        || !find(track, "trun", &run) || !first_size(header, run, &size))
        return 0;
    /* The data follow at once. */
    return (uint64_t)(moof.at - bytes) + moof.count + BOX_HEAD + size;
}
