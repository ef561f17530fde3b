/*
 * Looks after the certificates that the running server hands out, and says what an operator must know of
 * them: in the log, so that nobody hears of an end from participants.
 */
#ifndef LECTERN_CLI_CERTIFICATE_WATCH_H
#define LECTERN_CLI_CERTIFICATE_WATCH_H

#include "base/text.h"
#include "http/tls_context.h"

#include <sys/types.h>
#include <time.h>

enum { CERTIFICATE_WARNING_DAYS = 14 };

/* How the files were when they were last loaded; all zero for one that is not there. */
struct certificate_watch {
    struct file_stamp {
        dev_t device;
        ino_t inode;
        off_t size;
        struct timespec changed;
    } stamps[TLS_FILES_MAX];
    int64_t warned_ms; /* steady; 0: not yet */
};

/* Takes the files as they are now for the known ones. */
void certificate_watch_begin(struct certificate_watch *watch, const struct settings *settings);
bool certificate_watch_changed(
    const struct certificate_watch *watch, const struct settings *settings);
/* Once a day: a warning for each certificate that ends soon, and for each staple that is over. */
void certificate_watch_warn(struct certificate_watch *watch, const struct tls_facts *facts);

/* certificate_renew(), and a log line where it did something. */
bool certificate_renew_and_tell(const struct settings *settings, struct problem *problem);
/* A log line for each certificate just taken up; a warning where its OCSP response is of no use. */
void certificates_tell(const struct tls_facts *facts);
/* The same for a person. */
void certificates_describe(const struct tls_facts *facts, struct text *text);

#endif
