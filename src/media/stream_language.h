/*
 * The language that a container names for a track, as a BCP 47 tag.  Most name it by three letters (ISO 639-2, either
 * of its two codes); where there is a code of two letters BCP 47 wants that (RFC 5646 section 2.2.1).
 */
#ifndef LECTERN_MEDIA_STREAM_LANGUAGE_H
#define LECTERN_MEDIA_STREAM_LANGUAGE_H

enum { STREAM_LANGUAGE_SIZE = 36 };

/* named may be NULL.  "" for what is no language: "und", "mul", "zxx", or no tag at all. */
void stream_language(const char *named, char ret_tag[STREAM_LANGUAGE_SIZE]);

#endif
