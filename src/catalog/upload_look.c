/* Looks at the beginning of an upload while the rest is on its way. */
#include "catalog/upload_state.h"

#include "media/early_look.h"

/* The last look is at upload-look-bytes; what many files are shows much earlier. */
static const int64_t shares[] = { 128, 8, 1 };

/* The first place of a look behind so many bytes; INT64_MAX: there is none. */
static int64_t next_place(const struct settings *settings, int64_t bytes)
{
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        int64_t place = settings->upload_look_bytes / shares[i];
        if (place > bytes)
            return place;
    }
    return INT64_MAX;
}

/* A part may be any stretch of its file; and what is whole is looked at as that. */
bool upload_look_due(const struct upload_writer *writer)
{
    const struct upload_facts *facts = &writer->row.facts;
    return facts->kind == UPLOAD_WHOLE && writer->offset_bytes != facts->length_bytes
           && writer->offset_bytes
                  >= next_place(writer->uploads->settings, writer->whole.looked_bytes);
}

bool upload_look(struct upload_writer *writer, struct problem *problem)
{
    struct uploads *uploads = writer->uploads;
    struct problem why = { 0 }, removing = { 0 };
    /* One child at a time; an upload that finds it busy is looked at with its next piece. */
    if (pthread_mutex_trylock(&uploads->looking) != 0)
        return true;
    enum media_prospect prospect = media_look_early(uploads->settings, NULL, writer->fd, &why);
    (void)pthread_mutex_unlock(&uploads->looking);
    writer->whole.looked_bytes = prospect == MEDIA_HOPEFUL ? INT64_MAX : writer->offset_bytes;
    if (prospect != MEDIA_HOPELESS)
        return true;
    (void)upload_remove_locked(writer, &removing); /* else it expires */
    *problem = why;
    return false;
}
