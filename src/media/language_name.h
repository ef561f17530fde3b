/* What languages call themselves.  Threads: any. */
#ifndef LECTERN_MEDIA_LANGUAGE_NAME_H
#define LECTERN_MEDIA_LANGUAGE_NAME_H

/* What a language calls itself, in the form for lists: "日本語", "Tiếng Việt".  A tag that ICU does not know
 * is its own name.  Never holds a quote or a control character. */
enum { LANGUAGE_NAME_SIZE = 96 };
void language_own_name(const char *tag, char ret_name[LANGUAGE_NAME_SIZE]);

#endif
