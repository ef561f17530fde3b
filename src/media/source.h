/*
 * A media file from a stranger, opened through libavformat with everything switched off that could reach past it.
 *
 * Bytes      come from one descriptor by pread(); no protocol is allowed, and a demuxer that asks for another file is
 *            refused (FFmpeg CVE-2016-1897, CVE-2023-6602).
 * Demuxers   mov (MP4, QuickTime, 3GP), matroska (WebM), mpegts, mpeg (program stream), avi, flv, asf (WMV), ogg,
 *            mp3, aac, amr, wav, w64, aiff, flac.  Not hls, concat, dash, sdp, image2: each can name other files.
 * Bounds     probe bytes, analysed time, streams, pixels, and single allocations; address space and time are held
 *            by the process that this runs in (sandbox.h).
 * Errors     PROBLEM_MEDIA_REFUSED with the sentence for the admin; PROBLEM_BUSY where memory ran out;
 *            PROBLEM_STORAGE where the file cannot be read.
 */
#ifndef LECTERN_MEDIA_SOURCE_H
#define LECTERN_MEDIA_SOURCE_H

#include "base/problem.h"
#include "base/settings.h"
#include "media/finding.h"
#include "media/mp4_layout.h"

#include <libavformat/avformat.h>
#include <stdbool.h>
#include <stdint.h>

/* By so many bytes libavformat is let know a format, and its streams. */
enum { MEDIA_PROBE_FORMAT_BYTES = 1 << 20, MEDIA_PROBE_BYTES = 8 << 20 };

struct media_source {
    const struct settings *settings; /* lent */
    int fd;                          /* lent */
    int64_t size_bytes;
    int64_t promised_bytes; /* by the file's head; 0: nothing is said (promise.h) */
    int64_t position;
    int read_error; /* errno of a pread() that failed, or 0 */
    struct mp4_layout layout;
    AVIOContext *io;
    AVFormatContext *format;
    int video_stream, audio_stream; /* that are read; -1: none */
    bool consumed;                  /* packets were taken: media_source_rewind() must open anew */
};

bool media_source_open(
    struct media_source *source, int fd, const struct settings *settings, struct problem *problem);
/* Packets of all other streams are skipped. */
void media_source_select(struct media_source *source, int video_stream, int audio_stream);
/* To the first packet, with the same streams. */
bool media_source_rewind(struct media_source *source, struct problem *problem);
/* 1: packet is filled (unref it), 0: the end, -1: *problem is set. */
int media_source_read(struct media_source *source, AVPacket *packet, struct problem *problem);
void media_source_close(struct media_source *source);
/* MPEG transport and program streams: their clock begins anywhere, and nothing tells how long their pictures are. */
bool media_source_is_broadcast(const struct media_source *source);

/* What libav's error code means, said for a person. */
bool media_problem_from_av(struct problem *problem, int av_error, const char *doing);

#endif
