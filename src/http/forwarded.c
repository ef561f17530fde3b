#include "http/forwarded.h"

#include "base/text.h"

#include <string.h>
#include <strings.h>

/* A hop as it stands in its field: which of them are asked for their address, the walk decides. */
struct hop {
    const char *text; /* NULL: it tells no address */
    size_t length;
    enum { HOP_OF_LIST, HOP_TOKEN, HOP_QUOTED } form; /* quoted: without its quotes */
};
/* Those of one kind of field, the last FORWARDED_HOPS_MAX of them. */
struct hops {
    size_t count; /* all that were seen */
    struct hop ring[FORWARDED_HOPS_MAX];
};

static void add_hop(struct hops *hops, struct hop hop)
{
    hops->ring[hops->count++ % FORWARDED_HOPS_MAX] = hop;
}

static bool is_digits(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length > 0 && length <= 5;
}

/* RFC 7239 section 6: "_" and letters, digits, '.', '_', '-'. */
static bool is_hidden(const char *text, size_t length)
{
    static const char allowed[]
        = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return length > 1 && text[0] == '_' && strspn(text + 1, allowed) >= length - 1;
}

/* "192.0.2.1", "192.0.2.1:80", "[2001:db8::1]" or "[2001:db8::1]:80"; where `bare` also
 * "2001:db8::1". */
static bool read_node(const char *text, size_t length, bool bare, struct peer_address *ret_address)
{
    const char *end = text + length, *port = NULL, *address_end = end;
    const char *close = length > 0 && text[0] == '[' ? memchr(text, ']', length) : NULL;
    const char *colon = memchr(text, ':', length);
    bool bracketed = close != NULL;
    if (bracketed) {
        text++;
        address_end = close;
        port = close + 1 < end ? close + 1 : NULL;
    } else if (colon && !memchr(colon + 1, ':', (size_t)(end - colon - 1))) {
        address_end = port = colon;
    } else if (colon && !bare) {
        return false;
    }
    if (port
        && (*port != ':'
            || (!is_digits(port + 1, (size_t)(end - port - 1))
                && !is_hidden(port + 1, (size_t)(end - port - 1)))))
        return false;
    size_t address_length = (size_t)(address_end - text);
    return (!bracketed || memchr(text, ':', address_length))
           && peer_address_read(text, address_length, ret_address);
}

static void read_list(const char *value, struct hops *hops)
{
    for (const char *at = value;; at++) {
        at += strspn(at, " \t");
        size_t piece = strcspn(at, ","), length = piece;
        while (length > 0 && (at[length - 1] == ' ' || at[length - 1] == '\t'))
            length--;
        /* An empty element is none (RFC 9110 section 5.6.1.2). */
        if (length > 0)
            add_hop(hops, (struct hop){ at, length, HOP_OF_LIST });
        at += piece;
        if (*at == '\0')
            return;
    }
}

static bool is_token(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
           || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

/* A token or a quoted string. */
static bool take_value(const char **at, struct hop *ret_value)
{
    bool quoted = **at == '"';
    *at += quoted;
    ret_value->text = *at;
    ret_value->form = quoted ? HOP_QUOTED : HOP_TOKEN;
    for (; quoted ? **at != '"' : is_token(**at); (*at)++) {
        if (quoted && **at == '\\')
            (*at)++;
        if (**at == '\0')
            return false;
    }
    ret_value->length = (size_t)(*at - ret_value->text);
    *at += quoted;
    return quoted || ret_value->length > 0;
}

/* "for=192.0.2.1;proto=https;by=..." up to its comma; false: it breaks the grammar. */
static bool take_element(const char **at, struct hops *hops)
{
    struct hop hop = { NULL, 0, HOP_TOKEN };
    bool any = false;
    for (;; (*at)++) {
        *at += strspn(*at, " \t");
        const char *name = *at;
        while (is_token(**at))
            (*at)++;
        size_t name_length = (size_t)(*at - name);
        if (name_length > 0) {
            struct hop value;
            bool is_for = name_length == 3 && strncasecmp(name, "for", 3) == 0;
            if (*(*at)++ != '=' || !take_value(at, &value) || (is_for && hop.text))
                return false;
            any = true;
            if (is_for)
                hop = value;
        }
        *at += strspn(*at, " \t");
        if (**at != ';')
            break;
    }
    if (any)
        add_hop(hops, hop);
    return **at == ',' || **at == '\0';
}

static bool read_forwarded(const char *value, struct hops *hops)
{
    for (const char *at = value;; at++) {
        if (!take_element(&at, hops))
            return false;
        if (*at == '\0')
            return true;
    }
}

static bool read_hop(const struct hop *hop, struct peer_address *ret_address)
{
    enum { VALUE_MAX = 100 }; /* no address and port is longer */
    char value[VALUE_MAX + 1];
    size_t length = 0;
    if (!hop->text)
        return false;
    if (hop->form == HOP_OF_LIST)
        return read_node(hop->text, hop->length, true, ret_address);
    for (size_t i = 0; i < hop->length; i++) {
        i += hop->form == HOP_QUOTED && hop->text[i] == '\\';
        if (length == VALUE_MAX)
            return false;
        value[length++] = hop->text[i];
    }
    value[length] = '\0';
    return read_node(value, length, false, ret_address);
}

static void walk(const struct hops *hops, const struct networks *trusted,
    const struct peer_address *peer, struct peer_address *ret_client)
{
    *ret_client = *peer;
    size_t held = hops->count < FORWARDED_HOPS_MAX ? hops->count : FORWARDED_HOPS_MAX;
    for (size_t i = 1; i <= held && networks_hold(trusted, ret_client); i++) {
        struct peer_address address;
        if (!read_hop(&hops->ring[(hops->count - i) % FORWARDED_HOPS_MAX], &address))
            return;
        *ret_client = address;
    }
}

void forwarded_find_client(const struct http_field *fields, size_t field_count,
    const struct networks *trusted, const struct peer_address *peer,
    struct peer_address *ret_client)
{
    struct hops standard = { 0 }, usual = { 0 };
    struct peer_address other;
    bool sound = true;
    for (size_t i = 0; i < field_count; i++) {
        if (strcmp(fields[i].name, "forwarded") == 0)
            sound = sound && read_forwarded(fields[i].value, &standard);
        else if (strcmp(fields[i].name, "x-forwarded-for") == 0)
            read_list(fields[i].value, &usual);
    }
    walk(standard.count > 0 ? &standard : &usual, trusted, peer, ret_client);
    walk(usual.count > 0 ? &usual : &standard, trusted, peer, &other);
    if (!sound || !peer_address_equal(ret_client, &other))
        *ret_client = *peer;
}
