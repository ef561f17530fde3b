#include "viewing/time_stamp.h"

#include "base/secure.h"

#include <curl/curl.h>
#include <openssl/ts.h>
#include <string.h>

/* The algorithm and the digest of what is stamped. */
static bool set_imprint(TS_REQ *request, const void *bytes, size_t count)
{
    uint8_t digest[SHA256_BYTES];
    secure_sha256(bytes, count, digest);
    TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
    X509_ALGOR *algorithm = X509_ALGOR_new();
    bool good = imprint && algorithm
                && X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1
                && TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1
                && TS_MSG_IMPRINT_set_msg(imprint, digest, sizeof digest) == 1
                && TS_REQ_set_msg_imprint(request, imprint) == 1;
    X509_ALGOR_free(algorithm);
    TS_MSG_IMPRINT_free(imprint);
    return good;
}

static TS_REQ *make_request(const void *bytes, size_t count, uint64_t nonce)
{
    TS_REQ *request = TS_REQ_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    bool good = request && number && TS_REQ_set_version(request, 1) == 1
                && set_imprint(request, bytes, count) && ASN1_INTEGER_set_uint64(number, nonce) == 1
                && TS_REQ_set_nonce(request, number) == 1 && TS_REQ_set_cert_req(request, 1) == 1;
    ASN1_INTEGER_free(number);
    if (good)
        return request;
    TS_REQ_free(request);
    return NULL;
}

bool time_stamp_request(const void *bytes, size_t count, uint64_t nonce, struct text *request)
{
    TS_REQ *made = make_request(bytes, count, nonce);
    unsigned char *der = NULL;
    int length = made ? i2d_TS_REQ(made, &der) : -1;
    if (length > 0)
        text_append(request, (const char *)der, (size_t)length);
    OPENSSL_free(der);
    TS_REQ_free(made);
    return length > 0 && !request->overflowed;
}

/* Without the look at the signature: see the header. */
static bool matches(TS_RESP *response, TS_REQ *request)
{
    TS_VERIFY_CTX *context = TS_REQ_to_TS_VERIFY_CTX(request, NULL);
    if (!context)
        return false;
    (void)TS_VERIFY_CTX_set_flags(context, TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_NONCE);
    bool good = TS_RESP_verify_response(context, response) == 1;
    TS_VERIFY_CTX_free(context);
    return good;
}

bool time_stamp_answers(const void *response, size_t response_count, const void *bytes,
    size_t count, uint64_t nonce, struct problem *problem)
{
    const unsigned char *at = response;
    TS_RESP *read = d2i_TS_RESP(NULL, &at, (long)response_count);
    TS_REQ *request = make_request(bytes, count, nonce);
    bool whole = read && at == (const unsigned char *)response + response_count;
    bool good = whole && request && matches(read, request);
    TS_REQ_free(request);
    TS_RESP_free(read);
    return good
           || problem_set(problem, PROBLEM_STORAGE,
               whole ? "the time stamp authority granted no stamp of this checkpoint"
                     : "the time stamp authority's answer is none (RFC 3161)");
}

static size_t take_piece(char *bytes, size_t size, size_t count, void *data)
{
    struct text *response = data;
    text_append(response, bytes, size * count);
    return response->overflowed ? 0 : size * count;
}

static bool post(CURL *curl, const char *url, const struct text *request, struct text *response,
    struct problem *problem)
{
    char said[CURL_ERROR_SIZE] = "";
    long status = 0;
    struct curl_slist *fields
        = curl_slist_append(NULL, "Content-Type: application/timestamp-query");
    bool set = fields && curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIME_STAMP_SECONDS_MAX) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->length) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->bytes) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_piece) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_WRITEDATA, response) == CURLE_OK
               && curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said) == CURLE_OK;
    CURLcode outcome = set ? curl_easy_perform(curl) : CURLE_FAILED_INIT;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(fields);
    if (outcome != CURLE_OK)
        return problem_set(problem, PROBLEM_STORAGE,
            "ask the time stamp authority '%.100s': %.200s", url,
            said[0] ? said : curl_easy_strerror(outcome));
    return status == 200
           || problem_set(problem, PROBLEM_STORAGE,
               "the time stamp authority '%.100s' answered %ld", url, status);
}

bool time_stamp_fetch(const char *url, const void *bytes, size_t count, struct text *response,
    struct problem *problem)
{
    uint64_t nonce;
    struct text request, answer;
    secure_random((uint8_t *)&nonce, sizeof nonce);
    text_init(&request, TIME_STAMP_BYTES_MAX);
    text_init(&answer, TIME_STAMP_BYTES_MAX);
    CURL *curl = curl_easy_init();
    bool good = curl && time_stamp_request(bytes, count, nonce, &request);
    if (!good)
        problem_set(problem, PROBLEM_INTERNAL, "a time stamp's request cannot be made");
    good = good && post(curl, url, &request, &answer, problem)
           && time_stamp_answers(
               answer.bytes ? answer.bytes : "", answer.length, bytes, count, nonce, problem);
    if (good)
        text_append(response, answer.bytes, answer.length);
    curl_easy_cleanup(curl);
    text_release(&request);
    text_release(&answer);
    return good;
}
