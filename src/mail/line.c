#include "mail/line.h"

#include "base/files.h"
#include "base/secure.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { PASSWORD_MAX = 512 };

static void start_library(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int interrupt(
    void *data, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
    const struct line *line = data;
    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    return line->courier && courier_is_stopping(line->courier);
}

static bool data_file(
    const struct settings *settings, const char *path, char *ret_path, struct problem *problem)
{
    int length = path[0] == '/' ? snprintf(ret_path, PATH_MAX, "%s", path)
                                : snprintf(ret_path, PATH_MAX, "%s/%s", settings->data, path);
    return length < PATH_MAX
           || problem_set(problem, PROBLEM_SETTING, "The path '%.80s...' is too long.", path);
}

static bool use_authorities(struct line *line, const struct settings *settings,
    const char *authorities, struct problem *problem)
{
    char path[PATH_MAX];
    if (authorities[0] == '\0')
        return true;
    return data_file(settings, authorities, path, problem)
           && (curl_easy_setopt(line->curl, CURLOPT_CAINFO, path) == CURLE_OK
               || problem_set(problem, PROBLEM_SETTING, "'%s' cannot be used.", path));
}

bool line_open(struct line *line, const struct settings *settings, const char *url,
    const char *protocols, const char *authorities, struct problem *problem)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, start_library);
    *line = (struct line){ .curl = curl_easy_init() };
    if (!line->curl)
        return problem_set(problem, PROBLEM_BUSY, "libcurl has no memory");
    long timeout_ms = (long)settings->outbox_timeout_seconds * 1000;
    CURL *curl = line->curl;
    bool good
        = curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK
          && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK
          && curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
    (void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, line->error);
    (void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout_ms / 2);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    /* Also bounds how long a farewell is waited for, which the others do not. */
    (void)curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (timeout_ms + 1999) / 2000);
    (void)curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, interrupt);
    (void)curl_easy_setopt(curl, CURLOPT_XFERINFODATA, line);
    if (good && use_authorities(line, settings, authorities, problem))
        return true;
    line_close(line);
    return problem_set(problem, PROBLEM_SETTING, "libcurl cannot use '%s'.", url);
}

void line_close(struct line *line)
{
    if (line->curl)
        curl_easy_cleanup(line->curl);
    line->curl = NULL;
}

/* Whoever else can read the file could send in our name. */
static bool read_password(const char *path, char password[PASSWORD_MAX], struct problem *problem)
{
    struct stat facts;
    char *bytes = NULL;
    size_t count = 0;
    if (stat(path, &facts) == 0 && (facts.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return problem_set(problem, PROBLEM_SETTING,
            "'%s' can be read by others than its owner: chmod 600.", path);
    if (!file_read_whole(path, PASSWORD_MAX - 1, &bytes, &count, problem))
        return false;
    (void)snprintf(password, PASSWORD_MAX, "%.*s", (int)strcspn(bytes, "\r\n"), bytes);
    secure_wipe(bytes, count);
    free(bytes);
    return true;
}

bool line_sign_in(struct line *line, const struct settings *settings, const char *user,
    const char *password_file, struct problem *problem)
{
    char path[PATH_MAX], password[PASSWORD_MAX] = "";
    if (user[0] == '\0')
        return true;
    bool good = (password_file[0] == '\0'
                    || (data_file(settings, password_file, path, problem)
                        && read_password(path, password, problem)))
                && curl_easy_setopt(line->curl, CURLOPT_USERNAME, user) == CURLE_OK
                && curl_easy_setopt(line->curl, CURLOPT_PASSWORD, password) == CURLE_OK;
    secure_wipe(password, sizeof password);
    return good || problem_set(problem, PROBLEM_BUSY, "libcurl has no memory");
}

const char *line_error(const struct line *line, CURLcode code)
{
    return line->error[0] != '\0' ? line->error : curl_easy_strerror(code);
}

void line_answer(char answer[COURIER_ANSWER_SIZE], const char *bytes, size_t count)
{
    size_t length = 0;
    while (length < count && length + 1 < COURIER_ANSWER_SIZE && bytes[length] != '\r'
           && bytes[length] != '\n') {
        answer[length] = bytes[length] >= ' ' && bytes[length] <= '~' ? bytes[length] : '?';
        length++;
    }
    answer[length] = '\0';
}
