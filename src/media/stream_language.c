#include "media/stream_language.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* ISO 639-2 (both codes where there are two) and 639-1: "frafr" is "fra" and "fr". */
// clang-format off
static const char codes[] =
    "aaraa abkab afraf akaak albsq amham araar argan armhy asmas avaav aveae aymay azeaz "
    "bakba bambm baqeu belbe benbn bihbh bisbi bodbo bosbs brebr bulbg burmy catca cescs "
    "chach chece chizh chucu chvcv corkw cosco crecr cymcy czecs danda deude divdv dutnl "
    "dzodz ellel engen epoeo estet euseu eweee faofo fasfa fijfj finfi frafr frefr fryfy "
    "fulff geoka gerde glagd glega glggl glvgv greel grngn gujgu hatht hauha hebhe herhz "
    "hinhi hmoho hrvhr hunhu hyehy iboig iceis idoio iiiii ikuiu ileie inaia indid ipkik "
    "islis itait javjv jpnja kalkl kankn kasks katka kaukr kazkk khmkm kikki kinrw kirky "
    "komkv konkg korko kuakj kurku laolo latla lavlv limli linln litlt ltzlb lublu luglg "
    "macmk mahmh malml maomi marmr mayms mkdmk mlgmg mltmt monmn mrimi msams myamy nauna "
    "navnv nblnr ndend ndong nepne nldnl nnonn nobnb norno nyany ocioc ojioj orior ormom "
    "ossos panpa perfa plipi polpl porpt pusps quequ rohrm ronro rumro runrn rusru sagsg "
    "sansa sinsi slksk slosk slvsl smese smosm snasn sndsd somso sotst spaes sqisq srdsc "
    "srpsr sswss sunsu swasw swesv tahty tamta tattt telte tgktg tgltl thath tibbo tirti "
    "tonto tsntn tsots tuktk turtr twitw uigug ukruk urdur uzbuz venve vievi volvo welcy "
    "wlnwa wolwo xhoxh yidyi yoryo zhaza zhozh zulzu ";
// clang-format on

enum { CODE_LETTERS = 6 /* with its space */, LONG_LETTERS = 3 };

static bool is_no_language(const char *tag)
{
    static const char *const names[] = { "und", "mul", "zxx", "mis" };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(tag, names[i]) == 0)
            return true;
    return false;
}

/* The first subtag in lower case; false where there is none of two or three letters. */
static bool take_language(const char *named, char ret_tag[4], size_t *ret_length)
{
    size_t length = 0;
    while (length <= LONG_LETTERS && text_is_letter(named[length]))
        length++;
    if (length < 2 || length > LONG_LETTERS || (named[length] != '\0' && named[length] != '-'))
        return false;
    for (size_t i = 0; i < length; i++)
        ret_tag[i] = text_lower(named[i]);
    ret_tag[length] = '\0';
    *ret_length = length;
    return true;
}

/* What follows: only what may be in a tag. */
static bool is_rest(const char *rest)
{
    for (const char *at = rest; *at; at++)
        if (!text_is_letter(*at) && !(*at >= '0' && *at <= '9')
            && !(*at == '-' && at[1] != '-' && at[1]))
            return false;
    return true;
}

void stream_language(const char *named, char ret_tag[STREAM_LANGUAGE_SIZE])
{
    char language[4];
    size_t length;
    ret_tag[0] = '\0';
    if (!named || strlen(named) >= STREAM_LANGUAGE_SIZE || !take_language(named, language, &length)
        || is_no_language(language) || !is_rest(named + length))
        return;
    for (const char *at = codes; length == LONG_LETTERS && *at; at += CODE_LETTERS)
        if (memcmp(at, language, LONG_LETTERS) == 0)
            (void)snprintf(language, sizeof language, "%.2s", at + LONG_LETTERS);
    (void)snprintf(ret_tag, STREAM_LANGUAGE_SIZE, "%s%s", language, named + length);
}
