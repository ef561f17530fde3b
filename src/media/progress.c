#include "media/progress.h"

/* Of an hour's lecture: measuring decodes the sound once, a picture is decoded and encoded, sound twice. */
static const int usual_shares[PROGRESS_PARTS]
    = { [PROGRESS_MEASURE] = 15, [PROGRESS_PICTURES] = 70, [PROGRESS_SOUND] = 15 };

void progress_begin(struct progress *progress, const bool has[PROGRESS_PARTS])
{
    for (int part = 0; part < PROGRESS_PARTS; part++)
        progress->shares[part] = has[part] ? usual_shares[part] : 0;
    progress->permille = 0;
}

static int64_t within(int64_t position, int64_t length)
{
    return position < 0 ? 0 : position > length ? length : position;
}

void progress_at(
    struct progress *progress, enum progress_part part, int64_t position, int64_t length)
{
    if (!progress || !progress->tell || length <= 0)
        return;
    int before = 0, all = 0;
    for (int i = 0; i < PROGRESS_PARTS; i++) {
        before += i < (int)part ? progress->shares[i] : 0;
        all += progress->shares[i];
    }
    double done = (double)within(position, length) / (double)length;
    double share = all > 0 ? (before + progress->shares[part] * done) / all : 0;
    int permille = (int)(share * PROGRESS_PERMILLE_MOST);
    if (permille <= progress->permille)
        return;
    progress->permille = permille;
    progress->tell(progress->data, permille);
}
