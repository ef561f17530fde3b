#include "catalog/texts.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

json_t *texts_read(struct db_rows *rows, struct problem *problem)
{
    json_t *texts = json_object();
    while (db_next(rows)) {
        json_t *of_object = json_object_get(texts, db_text(rows, 0));
        if (!of_object) {
            of_object = json_object();
            (void)json_object_set_new(texts, db_text(rows, 0), of_object);
        }
        json_t *text
            = json_pack("{s:s, s:s}", "title", db_text(rows, 2), "description", db_text(rows, 3));
        (void)json_object_set_new(of_object, db_text(rows, 1), text);
    }
    if (!db_end(rows, problem)) {
        json_decref(texts);
        return NULL;
    }
    return texts;
}

json_t *texts_json(const json_t *texts, const char *object_id)
{
    json_t *of_object = json_object_get(texts, object_id);
    return of_object ? json_incref(of_object) : json_object();
}

static bool same_language(const char *left, const char *right)
{
    return right && strcasecmp(left, right) == 0;
}

static int fitness(const char *language, const char *asked, const char *own)
{
    if (same_language(language, asked))
        return 4;
    if (asked) {
        size_t primary = strcspn(asked, "-");
        if (strcspn(language, "-") == primary && strncasecmp(language, asked, primary) == 0)
            return language[primary] == '\0' ? 3 : 2;
    }
    return same_language(language, own) ? 1 : 0;
}

struct text_picked texts_pick(
    const json_t *texts, const char *object_id, const char *asked, const char *own)
{
    struct text_picked picked = { "", "", "" };
    int best = -1;
    const char *language;
    json_t *text;
    json_object_foreach(json_object_get(texts, object_id), language, text)
    {
        int fits = fitness(language, asked, own);
        if (fits < best || (fits == best && strcmp(language, picked.language) > 0))
            continue;
        best = fits;
        picked.language = language;
        picked.title = json_string_value(json_object_get(text, "title"));
        picked.description = json_string_value(json_object_get(text, "description"));
    }
    return picked;
}
