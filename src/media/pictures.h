/*
 * A picture track decoded once, for all rungs that are made of it at the same time.
 *
 * Times are kept as they are, so that recordings of a screen with a variable rate stay in step with their sound; only a
 * picture that is nearest to a cut of the plan, by 20 ms at most, is shown exactly there, so that all rungs can begin a
 * segment with it.  Where none is so near, the last one is shown again.
 *
 * Ownership  pictures_open() gives, pictures_close() ends, and takes NULL.  Probe, choices and descriptors are lent.
 * Errors     PROBLEM_MEDIA_REFUSED with a sentence where the data is at fault.
 */
#ifndef LECTERN_MEDIA_PICTURES_H
#define LECTERN_MEDIA_PICTURES_H

#include "media/ladder.h"
#include "media/picture_rung.h"
#include "media/previews.h"
#include "media/probe.h"

enum { PICTURES_RUNGS_MAX = LADDER_RUNGS_MAX + 1 };

struct pictures;

/* What the ladder is asked about, of a file that was probed. */
struct ladder_picture pictures_as_shown(const struct media_probe *probe);

/* The choices, with a descriptor each, and one for poster and thumbnails; below 0: they are not wanted. */
struct pictures *pictures_open(const struct media_probe *probe, const struct ladder_choice *choices,
    const int *fds, size_t count, int previews_fd, struct problem *problem);
/* Borrows the packet. */
bool pictures_put(struct pictures *pictures, const AVPacket *packet, struct problem *problem);
bool pictures_finish(struct pictures *pictures, struct problem *problem);
/* Of the choice of this number: its table is complete after finishing. */
struct fragment_writer *pictures_writer(struct pictures *pictures, size_t number);
/* After finishing; NULL: they were not wanted. */
const struct preview_sizes *pictures_previews(const struct pictures *pictures);
/* How far it has come. */
int64_t pictures_position_us(const struct pictures *pictures);
void pictures_close(struct pictures *pictures);

#endif
