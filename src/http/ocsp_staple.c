#include "http/ocsp_staple.h"

#include "base/files.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <stdlib.h>
#include <time.h>

int64_t asn1_time_to_ms(const ASN1_TIME *time)
{
    struct tm parts = { 0 };
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) * 1000 : 0;
}

static bool is_signed(OCSP_BASICRESP *response, X509 *issuer)
{
    X509_STORE *trusted = X509_STORE_new();
    STACK_OF(X509) *known = sk_X509_new_null();
    /* Trusted as it is: whether clients trust the issuer itself is their matter. */
    bool good = trusted && known && sk_X509_push(known, issuer) > 0
                && X509_STORE_set_flags(trusted, X509_V_FLAG_PARTIAL_CHAIN) == 1
                && X509_STORE_add_cert(trusted, issuer) == 1
                && OCSP_basic_verify(response, known, trusted, OCSP_TRUSTOTHER) == 1;
    sk_X509_free(known);
    X509_STORE_free(trusted);
    return good;
}

/* The responder chooses the digest that names the certificate. */
static OCSP_SINGLERESP *find_answer(OCSP_BASICRESP *response, X509 *certificate, X509 *issuer)
{
    for (int i = 0; i < OCSP_resp_count(response); i++) {
        OCSP_SINGLERESP *answer = OCSP_resp_get0(response, i);
        OCSP_CERTID *named = OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(answer));
        ASN1_OBJECT *algorithm = NULL;
        const EVP_MD *digest = NULL;
        if (named && OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, named) == 1)
            digest = EVP_get_digestbyobj(algorithm);
        OCSP_CERTID *ours = digest ? OCSP_cert_to_id(digest, certificate, issuer) : NULL;
        bool found = ours && OCSP_id_cmp(ours, named) == 0;
        OCSP_CERTID_free(ours);
        OCSP_CERTID_free(named);
        if (found)
            return answer;
    }
    return NULL;
}

static bool check_answer(
    OCSP_SINGLERESP *answer, int64_t now_ms, int64_t *ret_ends_at_ms, struct problem *problem)
{
    ASN1_GENERALIZEDTIME *from = NULL, *until = NULL;
    if (OCSP_single_get0_status(answer, NULL, NULL, &from, &until) != V_OCSP_CERTSTATUS_GOOD)
        return problem_set(
            problem, PROBLEM_SETTING, "it does not say that the certificate is good");
    if (!from || asn1_time_to_ms(from) > now_ms + OCSP_CLOCK_SKEW_MS)
        return problem_set(problem, PROBLEM_SETTING, "its time has not come yet");
    int64_t ends_at_ms = until ? asn1_time_to_ms(until) : 0;
    if (ends_at_ms <= now_ms)
        return problem_set(problem, PROBLEM_SETTING, "its time is over");
    *ret_ends_at_ms = ends_at_ms;
    return true;
}

static bool check(OCSP_RESPONSE *response, X509 *certificate, X509 *issuer, int64_t now_ms,
    int64_t *ret_ends_at_ms, struct problem *problem)
{
    if (!response || OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        return problem_set(problem, PROBLEM_SETTING, "it is no successful OCSP response in DER");
    OCSP_BASICRESP *basic = OCSP_response_get1_basic(response);
    OCSP_SINGLERESP *answer = basic ? find_answer(basic, certificate, issuer) : NULL;
    bool good;
    if (!answer)
        good = problem_set(problem, PROBLEM_SETTING, "it is about another certificate");
    else if (!is_signed(basic, issuer))
        good = problem_set(
            problem, PROBLEM_SETTING, "the certificate's issuer does not stand behind it");
    else
        good = check_answer(answer, now_ms, ret_ends_at_ms, problem);
    OCSP_BASICRESP_free(basic);
    ERR_clear_error();
    return good;
}

bool ocsp_staple_load(const char *path, X509 *certificate, X509 *issuer, int64_t now_ms,
    struct ocsp_staple *ret_staple, struct problem *problem)
{
    char *bytes;
    size_t count;
    int64_t ends_at_ms = 0;
    if (!issuer)
        return problem_set(problem, PROBLEM_SETTING,
            "the certificate's file must hold its issuer's certificate too");
    if (!file_read_whole(path, OCSP_STAPLE_BYTES_MAX, &bytes, &count, problem))
        return false;
    const unsigned char *at = (const unsigned char *)bytes;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)count);
    if (at != (const unsigned char *)bytes + count) {
        OCSP_RESPONSE_free(response); /* something follows it */
        response = NULL;
    }
    bool good = check(response, certificate, issuer, now_ms, &ends_at_ms, problem);
    OCSP_RESPONSE_free(response);
    if (!good) {
        free(bytes);
        return false;
    }
    *ret_staple = (struct ocsp_staple){ (unsigned char *)bytes, count, ends_at_ms };
    return true;
}

void ocsp_staple_release(struct ocsp_staple *staple)
{
    free(staple->bytes);
    *staple = (struct ocsp_staple){ 0 };
}
