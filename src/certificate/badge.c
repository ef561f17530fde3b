#include "certificate/badge.h"

#include "base/clock.h"
#include "base/secure.h"
#include "base/text.h"
#include "certificate/paper.h"
#include "certificate/paper_words.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESS_SIZE = 400, CREDENTIAL_ID_SIZE = 9 + UUID_TEXT_SIZE };

static const char credentials_context[] = "https://www.w3.org/ns/credentials/v2";
static const char badge_context[] = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json";
/* Has the types of the status and of the schema. */
static const char extensions_context[] = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json";
static const char schema[] = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/"
                             "ob_v3p0_achievementcredential_schema.json";

// clang-format off
/* Of those that were erased, too: a badge must not outlive its certificate. */
static const char revoked_sql[] =
    "SELECT id FROM certificate WHERE revoked_at_ms IS NOT NULL OR name IS NULL ORDER BY issued_at_ms, id";
// clang-format on

static void address_of(
    const struct settings *settings, const char *path, char ret_address[ADDRESS_SIZE])
{
    (void)snprintf(ret_address, ADDRESS_SIZE, "%.300s%s", settings->public_url, path);
}

/* Of the number, which nobody finds out from it: revocations are public, and whoever has a number may see the name. */
static void credential_id(const char *number, char ret_id[CREDENTIAL_ID_SIZE])
{
    uint8_t digest[SHA256_BYTES];
    char text[64], hex[2 * SHA256_BYTES + 1];
    (void)snprintf(text, sizeof text, "lectern badge %s", number);
    secure_sha256(text, strlen(text), digest);
    digest[6]
        = (uint8_t)(0x80
                    | (digest[6] & 0x0f)); /* RFC 9562 section 5.8: a UUID of one's own making */
    digest[8] = (uint8_t)(0x80 | (digest[8] & 0x3f));
    text_hex_encode(digest, sizeof digest, hex);
    (void)snprintf(ret_id, CREDENTIAL_ID_SIZE, "urn:uuid:%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
        hex + 12, hex + 16, hex + 20);
}

static json_t *profile(const struct settings *settings, const char *name)
{
    char id[ADDRESS_SIZE];
    address_of(settings, "/badges/issuer", id);
    return json_pack("{s:s, s:[s], s:s, s:s}", "id", id, "type", "Profile", "name", name, "url",
        settings->public_url);
}

json_t *badge_issuer_json(const struct settings *settings)
{
    struct certificate certificate = { 0 };
    certificate_host(settings, certificate.host);
    json_t *json = profile(settings, certificate.host);
    (void)json_object_set_new(
        json, "@context", json_pack("[s, s]", credentials_context, badge_context));
    return json;
}

static json_t *achievement(const struct certificate *certificate)
{
    const struct paper_words *words = paper_words_for(certificate->language);
    char id[UUID_TEXT_SIZE + 10], completed[PAPER_WORDS_SIZE];
    (void)snprintf(id, sizeof id, "urn:uuid:%s", certificate->program_id);
    words->completed(certificate->lecture_count, certificate->content_ms, completed);
    return json_pack("{s:s, s:[s], s:s, s:s, s:s, s:{s:s}}", "id", id, "type", "Achievement",
        "achievementType", "CertificateOfCompletion", "name", certificate->program, "description",
        certificate->cohort, "criteria", "narrative", completed);
}

/* Who it is, is what the paper says: a name.  The subject's id is the credential's own, so that two badges of a person are
 * not told to be of one. */
static json_t *subject(const struct certificate *certificate, const char *subject_id)
{
    return json_pack("{s:s, s:[s], s:[{s:s, s:s, s:b, s:s}], s:o}", "id", subject_id, "type",
        "AchievementSubject", "identifier", "type", "IdentityObject", "identityType", "name",
        "hashed", 0, "identityHash", certificate->name, "achievement", achievement(certificate));
}

static json_t *credential(const struct certificate *certificate, const struct settings *settings,
    const char *id, const char *subject_id)
{
    char revocations[ADDRESS_SIZE], page[CERTIFICATE_ADDRESS_SIZE], valid_from[CLOCK_ISO_SIZE];
    certificate_address(certificate, settings, page);
    address_of(settings, "/badges/revocations", revocations);
    clock_format_iso(certificate->issued_at_ms, valid_from);
    return json_pack("{s:[s, s, s], s:s, s:[s, s], s:s, s:o, s:s, s:o, s:[{s:s, s:[s]}], s:[{s:s, "
                     "s:s}], s:{s:s, "
                     "s:s}}",
        "@context", credentials_context, badge_context, extensions_context, "id", id, "type",
        "VerifiableCredential", "OpenBadgeCredential", "name", certificate->program, "issuer",
        profile(settings, certificate->host), "validFrom", valid_from, "credentialSubject",
        subject(certificate, subject_id), "evidence", "id", page, "type", "Evidence",
        "credentialSchema", "id", schema, "type", "1EdTechJsonSchemaValidator2019",
        "credentialStatus", "id", revocations, "type", "1EdTechRevocationList");
}

json_t *badge_payload(const struct certificate *certificate, const struct settings *settings)
{
    char id[CREDENTIAL_ID_SIZE], subject_id[CREDENTIAL_ID_SIZE + 10], issuer[ADDRESS_SIZE];
    credential_id(certificate->id, id);
    (void)snprintf(subject_id, sizeof subject_id, "%s#bearer", id);
    address_of(settings, "/badges/issuer", issuer);
    json_t *payload = credential(certificate, settings, id, subject_id);
    json_t *claims = json_pack("{s:s, s:s, s:I, s:s}", "iss", issuer, "jti", id, "nbf",
        (json_int_t)(certificate->issued_at_ms / 1000), "sub", subject_id);
    (void)json_object_update(payload, claims);
    json_decref(claims);
    return payload;
}

bool badge_jwt(struct db *db, const struct settings *settings,
    const struct certificate *certificate, struct text *jwt, struct problem *problem)
{
    struct badge_signer *signer = badge_signer_open(db, settings, problem);
    if (!signer)
        return false;
    json_t *payload = badge_payload(certificate, settings);
    bool signed_well = (payload || problem_set(problem, PROBLEM_INTERNAL, "no credential"))
                       && badge_signer_sign(signer, settings, payload, jwt, problem);
    json_decref(payload);
    badge_signer_free(signer);
    return signed_well;
}

json_t *badge_revocations_json(
    struct db_connection *connection, const struct settings *settings, struct problem *problem)
{
    char id[ADDRESS_SIZE], issuer[ADDRESS_SIZE];
    json_t *revoked = json_array();
    struct db_rows *rows = db_query(connection, revoked_sql, "");
    while (db_next(rows)) {
        char credential[CREDENTIAL_ID_SIZE];
        credential_id(db_text(rows, 0), credential);
        (void)json_array_append_new(
            revoked, json_pack("{s:s, s:b}", "id", credential, "revoked", 1));
    }
    if (!db_end(rows, problem)) {
        json_decref(revoked);
        return NULL;
    }
    address_of(settings, "/badges/revocations", id);
    address_of(settings, "/badges/issuer", issuer);
    return json_pack("{s:s, s:s, s:o}", "id", id, "issuer", issuer, "revokedCredential", revoked);
}
