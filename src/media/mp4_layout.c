#include "media/mp4_layout.h"

#include <string.h>
#include <unistd.h>

enum { BOXES_MAX = 1000000, EDIT_ENTRIES_MAX = 1000 };

struct reader {
    int fd;
    int boxes_left;
    uint32_t movie_timescale;
    struct mp4_layout *layout;
};

struct box {
    char type[5];
    int64_t body; /* offsets in the file */
    int64_t end;  /* may lie past the file */
};

static uint32_t u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static uint64_t u64(const uint8_t *bytes)
{
    return (uint64_t)u32(bytes) << 32 | u32(bytes + 4);
}

static bool read_at(const struct reader *reader, int64_t offset, void *ret_bytes, size_t count)
{
    return pread(reader->fd, ret_bytes, count, offset) == (ssize_t)count;
}

static bool read_box(struct reader *reader, int64_t offset, int64_t end, struct box *ret_box)
{
    uint8_t head[16];
    if (reader->boxes_left-- <= 0 || end - offset < 8 || !read_at(reader, offset, head, 8))
        return false;
    uint64_t size = u32(head);
    int64_t body = offset + 8;
    if (size == 1) {
        if (!read_at(reader, offset, head, 16))
            return false;
        size = u64(head + 8);
        body = offset + 16;
    } else if (size == 0) {
        size = (uint64_t)(end - offset);
    }
    if (size < (uint64_t)(body - offset) || size > INT64_MAX / 2)
        return false;
    memcpy(ret_box->type, head + 4, 4);
    ret_box->type[4] = '\0';
    ret_box->body = body;
    ret_box->end = offset + (int64_t)size;
    return true;
}

static bool is(const struct box *box, const char *type)
{
    return strcmp(box->type, type) == 0;
}

/* The timescale lies after two times, which are 4 or 8 bytes long. */
static void read_mvhd(struct reader *reader, const struct box *box)
{
    uint8_t bytes[24];
    if (read_at(reader, box->body, bytes, sizeof bytes))
        reader->movie_timescale = u32(bytes + (bytes[0] == 1 ? 20 : 12));
}

static uint32_t read_track_id(const struct reader *reader, const struct box *box)
{
    uint8_t bytes[24];
    return read_at(reader, box->body, bytes, sizeof bytes) ? u32(bytes + (bytes[0] == 1 ? 20 : 12))
                                                           : 0;
}

struct edit_entry {
    uint64_t duration; /* ticks of the movie */
    int64_t media_time;
    uint32_t rate;
};

static bool read_edit_entry(const struct reader *reader, const struct box *box, bool wide,
    uint32_t index, struct edit_entry *ret_entry)
{
    uint8_t bytes[20];
    size_t size = wide ? 20 : 12;
    int64_t offset = box->body + 8 + (int64_t)index * (int64_t)size;
    if (offset + (int64_t)size > box->end || !read_at(reader, offset, bytes, size))
        return false;
    ret_entry->duration = wide ? u64(bytes) : u32(bytes);
    ret_entry->media_time = wide ? (int64_t)u64(bytes + 8) : (int64_t)(int32_t)u32(bytes + 4);
    ret_entry->rate = u32(bytes + (wide ? 16 : 8));
    return true;
}

static void read_elst(const struct reader *reader, const struct box *box, struct mp4_edit *edit)
{
    uint8_t head[8];
    if (!read_at(reader, box->body, head, sizeof head))
        return;
    uint32_t entries = u32(head + 4), played = 0;
    double end = 0;
    bool open_ended = false;
    struct edit_entry entry;
    for (uint32_t i = 0; i < entries && i < EDIT_ENTRIES_MAX; i++) {
        if (!read_edit_entry(reader, box, head[0] == 1, i, &entry))
            break;
        end += (double)entry.duration;
        bool empty = entry.media_time == -1;
        played += !empty;
        open_ended = open_ended || (!empty && entry.duration == 0);
        if ((empty && i > 0) || (!empty && entry.rate != 0x10000) || played > 1)
            edit->complex = true;
    }
    double seconds = reader->movie_timescale > 0 ? end / reader->movie_timescale : 0;
    /* A fragmented file says 0, as it does not know yet. */
    if (!open_ended && seconds > 0 && seconds < 1e9)
        edit->end_us = (int64_t)(seconds * 1e6 + 0.5);
}

static void read_edts(struct reader *reader, const struct box *edts, struct mp4_edit *edit)
{
    struct box box;
    for (int64_t at = edts->body; read_box(reader, at, edts->end, &box); at = box.end)
        if (is(&box, "elst"))
            read_elst(reader, &box, edit);
}

/* Sample entries of protected tracks: Common Encryption (ISO/IEC 23001-7), and FairPlay.  libavformat reads them by
 * what they were before, and gives what is encrypted to the decoder. */
static void read_stsd(struct reader *reader, const struct box *stsd)
{
    static const char *const types[] = { "encv", "enca", "enct", "encs", "drmi", "drms" };
    struct box entry;
    for (int64_t at = stsd->body + 8; read_box(reader, at, stsd->end, &entry); at = entry.end)
        for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
            if (is(&entry, types[i]))
                reader->layout->encrypted = true;
}

/* The count that stsz claims: a few bytes may claim four thousand million pictures of one size. */
static void read_stbl(struct reader *reader, const struct box *stbl, uint32_t *ret_samples)
{
    struct box box;
    uint8_t bytes[12];
    for (int64_t at = stbl->body; read_box(reader, at, stbl->end, &box); at = box.end) {
        if (is(&box, "stsd"))
            read_stsd(reader, &box);
        if (is(&box, "stsz") && read_at(reader, box.body, bytes, sizeof bytes))
            *ret_samples = u32(bytes + 8);
    }
}

/* The first place of a track's data: this very file (flag 1), or the place that follows (section 8.7.2). */
static void read_dref(struct reader *reader, const struct box *dref)
{
    uint8_t flags[4];
    struct box entry;
    if (read_box(reader, dref->body + 8, dref->end, &entry)
        && read_at(reader, entry.body, flags, sizeof flags) && !(flags[3] & 1)
        && entry.end - entry.body > (int64_t)sizeof flags)
        reader->layout->references_others = true;
}

static void read_dinf(struct reader *reader, const struct box *dinf)
{
    struct box box;
    for (int64_t at = dinf->body; read_box(reader, at, dinf->end, &box); at = box.end)
        if (is(&box, "dref"))
            read_dref(reader, &box);
}

static void read_minf(struct reader *reader, const struct box *minf, uint32_t *ret_samples)
{
    struct box box;
    for (int64_t at = minf->body; read_box(reader, at, minf->end, &box); at = box.end) {
        if (is(&box, "stbl"))
            read_stbl(reader, &box, ret_samples);
        if (is(&box, "dinf"))
            read_dinf(reader, &box);
    }
}

static void read_mdia(struct reader *reader, const struct box *mdia)
{
    struct box box;
    uint8_t bytes[12] = { 0 };
    uint32_t samples = 0;
    for (int64_t at = mdia->body; read_box(reader, at, mdia->end, &box); at = box.end) {
        if (is(&box, "hdlr"))
            (void)read_at(reader, box.body, bytes, sizeof bytes);
        if (is(&box, "minf"))
            read_minf(reader, &box, &samples);
    }
    /* Uncompressed sound counts each of its samples, and is read in chunks. */
    if (memcmp(bytes + 8, "vide", 4) == 0 && samples > reader->layout->picture_count)
        reader->layout->picture_count = samples;
}

static void read_trak(struct reader *reader, const struct box *trak)
{
    struct mp4_layout *layout = reader->layout;
    struct mp4_edit edit = { 0 };
    struct box box;
    bool edited = false;
    for (int64_t at = trak->body; read_box(reader, at, trak->end, &box); at = box.end) {
        if (is(&box, "tkhd"))
            edit.track_id = read_track_id(reader, &box);
        if (is(&box, "mdia"))
            read_mdia(reader, &box);
        if (is(&box, "edts")) {
            read_edts(reader, &box, &edit);
            edited = true;
        }
    }
    if (edited && layout->edit_count < MP4_EDITS_MAX)
        layout->edits[layout->edit_count++] = edit;
}

static int64_t in_us(uint64_t ticks, uint32_t timescale)
{
    double us = timescale > 0 ? (double)ticks * 1e6 / timescale : 0;
    return us < 1e15 ? (int64_t)us : 0;
}

/* How long all fragments are, where the writer knew. */
static void read_mvex(struct reader *reader, const struct box *mvex)
{
    struct box box;
    uint8_t bytes[12];
    for (int64_t at = mvex->body; read_box(reader, at, mvex->end, &box); at = box.end)
        if (is(&box, "mehd") && read_at(reader, box.body, bytes, sizeof bytes))
            reader->layout->fragments_us
                = in_us(bytes[0] == 1 ? u64(bytes + 4) : u32(bytes + 4), reader->movie_timescale);
}

/* Each index of segments lists what follows it; the first lists the most, and others are below it. */
static void read_sidx(struct reader *reader, const struct box *box)
{
    uint8_t head[32], reference[12];
    if (!read_at(reader, box->body, head, sizeof head))
        return;
    size_t counts = head[0] == 0 ? 22 : 30;
    uint32_t timescale = u32(head + 8);
    uint64_t ticks = 0;
    int count = head[counts] << 8 | head[counts + 1];
    int64_t at = box->body + (int64_t)counts + 2;
    for (int i = 0; i < count && at + (int64_t)sizeof reference <= box->end; i++, at += 12) {
        if (!read_at(reader, at, reference, sizeof reference))
            return;
        ticks += u32(reference + 4);
    }
    int64_t us = in_us(ticks, timescale);
    if (us > reader->layout->fragments_us)
        reader->layout->fragments_us = us;
}

static void read_moov(struct reader *reader, const struct box *moov)
{
    struct box box;
    for (int64_t at = moov->body; read_box(reader, at, moov->end, &box); at = box.end) {
        if (is(&box, "mvhd"))
            read_mvhd(reader, &box);
        if (is(&box, "trak"))
            read_trak(reader, &box);
        if (is(&box, "mvex"))
            read_mvex(reader, &box);
        /* QuickTime's reference movie: nothing but a list of addresses. */
        if (is(&box, "rmra"))
            reader->layout->references_others = true;
    }
}

static bool may_begin_file(const struct box *box)
{
    static const char *const types[]
        = { "ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "styp" };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (is(box, types[i]))
            return true;
    return false;
}

void mp4_layout_read(int fd, int64_t size_bytes, struct mp4_layout *ret_layout)
{
    struct reader reader = { .fd = fd, .boxes_left = BOXES_MAX, .layout = ret_layout };
    struct box box;
    *ret_layout = (struct mp4_layout){ 0 };
    for (int64_t at = 0; read_box(&reader, at, size_bytes, &box); at = box.end) {
        if (at == 0)
            ret_layout->is_mp4 = may_begin_file(&box);
        if (!ret_layout->is_mp4)
            return;
        ret_layout->cut_off = box.end > size_bytes;
        if (is(&box, "moof"))
            ret_layout->fragmented = true;
        if (is(&box, "sidx"))
            read_sidx(&reader, &box);
        if (is(&box, "moov")) {
            ret_layout->has_index = !ret_layout->cut_off;
            read_moov(&reader, &box);
        }
    }
}

const struct mp4_edit *mp4_layout_edit(const struct mp4_layout *layout, uint32_t track_id)
{
    for (size_t i = 0; i < layout->edit_count; i++)
        if (layout->edits[i].track_id == track_id)
            return &layout->edits[i];
    return NULL;
}

bool mp4_layout_edits_are_complex(const struct mp4_layout *layout)
{
    for (size_t i = 0; i < layout->edit_count; i++)
        if (layout->edits[i].complex)
            return true;
    return false;
}
