#include "cli/certificate.h"

#include "base/clock.h"
#include "base/files.h"
#include "cli/house.h"
#include "cli/x509.h"

#include <limits.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Everything that the local authority and the server's certificate are made of. */
struct local_tls {
    char authority_path[PATH_MAX], authority_key_path[PATH_MAX];
    char certificate_path[PATH_MAX], key_path[PATH_MAX];
    bool below_data; /* the settings name files of ours, rather than the operator's */
    struct x509_host host;
    X509 *authority, *certificate;
    EVP_PKEY *authority_key, *key;
};

static const int64_t day_ms = 86400000;

bool certificate_authority_path(
    const struct settings *settings, char *ret_path, struct problem *problem)
{
    return data_path(settings, "tls/authority.pem", ret_path, problem);
}

static bool find_paths(
    const struct settings *settings, struct local_tls *tls, struct problem *problem)
{
    tls->below_data = settings->tls_certificate[0] != '/' && settings->tls_key[0] != '/';
    return certificate_authority_path(settings, tls->authority_path, problem)
           && data_path(settings, "tls/authority.key", tls->authority_key_path, problem)
           && data_path(settings, settings->tls_certificate, tls->certificate_path, problem)
           && data_path(settings, settings->tls_key, tls->key_path, problem)
           && x509_host_of_url(settings->public_url, &tls->host, problem);
}

static bool load(const struct settings *settings, struct local_tls *tls, struct problem *problem)
{
    *tls = (struct local_tls){ 0 };
    if (!find_paths(settings, tls, problem))
        return false;
    tls->authority = x509_load(tls->authority_path, problem);
    tls->certificate = x509_load(tls->certificate_path, problem);
    /* The keys are asked for only where they may be used: the operator's own stays unread. */
    if (tls->below_data && !problem_is_set(problem)) {
        tls->authority_key = x509_load_key(tls->authority_key_path, problem);
        tls->key = x509_load_key(tls->key_path, problem);
    }
    return !problem_is_set(problem);
}

static void release(struct local_tls *tls)
{
    X509_free(tls->authority);
    X509_free(tls->certificate);
    EVP_PKEY_free(tls->authority_key);
    EVP_PKEY_free(tls->key);
}

static bool is_ours(const struct local_tls *tls)
{
    return tls->below_data && tls->authority && tls->authority_key && tls->certificate
           && X509_check_issued(tls->authority, tls->certificate) == X509_V_OK;
}

static bool is_due(const struct local_tls *tls)
{
    return x509_ends_at_ms(tls->certificate) < clock_wall_ms() + CERTIFICATE_RENEW_DAYS * day_ms
           || !x509_covers(tls->certificate, &tls->host) || !tls->key
           || X509_check_private_key(tls->certificate, tls->key) != 1;
}

static bool make_authority(struct local_tls *tls, struct problem *problem)
{
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", tls->authority_path);
    *strrchr(folder, '/') = '\0';
    if (!folder_make(folder, 0700, problem))
        return false;
    if (!tls->authority_key) {
        tls->authority_key = x509_make_key(problem);
        if (!tls->authority_key
            || !x509_save_key(tls->authority_key_path, tls->authority_key, problem))
            return false;
    }
    if (!tls->authority) {
        tls->authority
            = x509_make_authority(tls->authority_key, &tls->host, AUTHORITY_DAYS, problem);
        return tls->authority && x509_save(tls->authority_path, tls->authority, problem);
    }
    return true;
}

/* The key before the certificate: a crash in between is mended by the next call. */
static bool make_certificate(struct local_tls *tls, struct problem *problem)
{
    if (!tls->key) {
        tls->key = x509_make_key(problem);
        if (!tls->key || !x509_save_key(tls->key_path, tls->key, problem))
            return false;
    }
    X509 *made = x509_make_server(
        tls->key, &tls->host, CERTIFICATE_DAYS, tls->authority, tls->authority_key, problem);
    struct problem reason = { 0 };
    bool done = made && x509_verify(made, tls->authority, &reason);
    if (made && !done)
        problem_set(problem, PROBLEM_SETTING,
            "The local authority does not vouch for '%.60s', the host of 'public-url' (%.80s). "
            "Move its folder "
            "'%.100s' away, run 'lectern init', and trust the new authority.",
            tls->host.name, reason.detail, tls->authority_path);
    done = done && x509_save(tls->certificate_path, made, problem);
    X509_free(made);
    return done;
}

static bool missing(const struct local_tls *tls, struct problem *problem)
{
    return problem_set(problem, PROBLEM_SETTING,
        "There is no certificate at '%.200s'. 'lectern init' makes one, or set 'tls-certificate' "
        "and 'tls-key'.",
        tls->certificate_path);
}

/* may_make: also the first one, with its authority. */
static bool bring_up_to_date(struct local_tls *tls, bool may_make,
    enum certificate_change *ret_change, struct problem *problem)
{
    enum certificate_change change = CERTIFICATE_KEPT;
    if (tls->certificate && is_ours(tls) && is_due(tls))
        change = CERTIFICATE_RENEWED;
    else if (!tls->certificate && tls->below_data && may_make)
        change = CERTIFICATE_MADE;
    else if (!tls->certificate)
        return missing(tls, problem);
    if (change != CERTIFICATE_KEPT
        && (!make_authority(tls, problem) || !make_certificate(tls, problem)))
        return false;
    *ret_change = change;
    return true;
}

static bool load_and_update(const struct settings *settings, bool may_make,
    enum certificate_change *ret_change, struct problem *problem)
{
    struct local_tls tls;
    bool done
        = load(settings, &tls, problem) && bring_up_to_date(&tls, may_make, ret_change, problem);
    release(&tls);
    return done;
}

bool certificate_ensure(
    const struct settings *settings, enum certificate_change *ret_change, struct problem *problem)
{
    return load_and_update(settings, true, ret_change, problem);
}

bool certificate_renew(
    const struct settings *settings, enum certificate_change *ret_change, struct problem *problem)
{
    return load_and_update(settings, false, ret_change, problem);
}

bool certificate_read(
    const struct settings *settings, struct certificate_facts *ret_facts, struct problem *problem)
{
    struct local_tls tls;
    bool done = load(settings, &tls, problem) && (tls.certificate || missing(&tls, problem));
    if (done)
        *ret_facts = (struct certificate_facts){
            .ends_at_ms = x509_ends_at_ms(tls.certificate),
            .ours = is_ours(&tls),
            .covers_host = x509_covers(tls.certificate, &tls.host),
        };
    release(&tls);
    return done;
}
