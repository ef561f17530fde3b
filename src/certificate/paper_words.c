#include "certificate/paper_words.h"

#include "catalog/civil_day.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Rounded to minutes; a short program has one. */
static void split(int64_t content_ms, long long *ret_hours, long long *ret_minutes)
{
    long long minutes = (long long)((content_ms + 30000) / 60000);
    minutes = minutes > 0 ? minutes : 1;
    *ret_hours = minutes / 60;
    *ret_minutes = minutes % 60;
}

/* --- English ------------------------------------------------------------------------------ */

static const char *plural(long long count)
{
    return count == 1 ? "" : "s";
}

static void completed_in_english(
    int64_t lectures, int64_t content_ms, char ret_text[PAPER_WORDS_SIZE])
{
    long long hours, minutes;
    char length[80], count[60];
    split(content_ms, &hours, &minutes);
    if (hours == 0)
        (void)snprintf(length, sizeof length, "%lld minute%s", minutes, plural(minutes));
    else if (minutes == 0)
        (void)snprintf(length, sizeof length, "%lld hour%s", hours, plural(hours));
    else
        (void)snprintf(length, sizeof length, "%lld hour%s %lld minute%s", hours, plural(hours),
            minutes, plural(minutes));
    if (lectures == 1)
        (void)snprintf(count, sizeof count, "the lecture");
    else
        (void)snprintf(count, sizeof count, "all %lld lectures", (long long)lectures);
    (void)snprintf(
        ret_text, PAPER_WORDS_SIZE, "has completed %s (%s) of the program", count, length);
}

static void day_in_english(const char *text, char ret_text[PAPER_DATE_SIZE])
{
    static const char *const months[] = { "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December" };
    struct civil_day day;
    if (civil_day_read(text, &day))
        (void)snprintf(
            ret_text, PAPER_DATE_SIZE, "%d %s %d", day.day, months[day.month - 1], day.year);
    else
        (void)snprintf(ret_text, PAPER_DATE_SIZE, "%s", text);
}

/* --- Japanese ----------------------------------------------------------------------------- */

static void completed_in_japanese(
    int64_t lectures, int64_t content_ms, char ret_text[PAPER_WORDS_SIZE])
{
    long long hours, minutes;
    char length[80];
    split(content_ms, &hours, &minutes);
    if (hours == 0)
        (void)snprintf(length, sizeof length, "%lld分", minutes);
    else if (minutes == 0)
        (void)snprintf(length, sizeof length, "%lld時間", hours);
    else
        (void)snprintf(length, sizeof length, "%lld時間%lld分", hours, minutes);
    (void)snprintf(ret_text, PAPER_WORDS_SIZE,
        "次のプログラムの全講義%lld本(計%s)を修了したことを証します", (long long)lectures, length);
}

static void day_in_japanese(const char *text, char ret_text[PAPER_DATE_SIZE])
{
    struct civil_day day;
    if (civil_day_read(text, &day))
        (void)snprintf(ret_text, PAPER_DATE_SIZE, "%d年%d月%d日", day.year, day.month, day.day);
    else
        (void)snprintf(ret_text, PAPER_DATE_SIZE, "%s", text);
}

// clang-format off
static const struct paper_words all[] = {
    { .language = "en",
      .title = "Certificate of Completion",
      .above = "This is to certify that",
      .completed_on = "Completed on", .issued_on = "Issued on", .issued_by = "Issued by",
      .number = "Number", .record = "Record", .check = "Is it valid? See",
      .completed = completed_in_english, .day = day_in_english },
    { .language = "ja",
      .title = "修了証",
      .above = "氏名",
      .completed_on = "修了日", .issued_on = "発行日", .issued_by = "発行者",
      .number = "証書番号", .record = "記録", .check = "有効性の確認",
      .completed = completed_in_japanese, .day = day_in_japanese },
};
// clang-format on

const struct paper_words *paper_words_for(const char *language)
{
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        size_t length = strlen(all[i].language);
        bool same = strncmp(language, all[i].language, length) == 0;
        if (same && (language[length] == '\0' || language[length] == '-'))
            return &all[i];
    }
    return &all[0];
}
