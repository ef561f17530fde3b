#include "cli/x509.h"

#include "base/clock.h"
#include "base/files.h"
#include "base/secure.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PEM_BYTES_MAX = 1 << 20, SERIAL_BITS = 127, CLOCK_SKEW_SECONDS = 3600 };

static bool fail(struct problem *problem, const char *doing)
{
    char reason[120];
    ERR_error_string_n(ERR_get_error(), reason, sizeof reason);
    return problem_set(problem, PROBLEM_INTERNAL, "%s: %s", doing, reason);
}

static bool is_host_name(const char *name)
{
    static const char allowed[]
        = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    return name[0] != '\0' && name[0] != '.' && name[0] != '-'
           && strspn(name, allowed) == strlen(name);
}

bool x509_host_of_url(const char *url, struct x509_host *ret_host, struct problem *problem)
{
    static const char scheme[] = "https://";
    struct x509_host host = { 0 };
    const char *start = text_starts_with(url, scheme) ? url + strlen(scheme) : url;
    bool bracketed = start[0] == '[';
    size_t length = bracketed ? strcspn(++start, "]") : strcspn(start, ":/");
    uint8_t address[16];
    bool closed = !bracketed || start[length] == ']';
    if (closed && length < sizeof host.name) {
        memcpy(host.name, start, length);
        host.is_address = inet_pton(bracketed ? AF_INET6 : AF_INET, host.name, address) == 1;
    }
    if (!text_starts_with(url, scheme) || (bracketed ? !host.is_address : !is_host_name(host.name)))
        return problem_set(problem, PROBLEM_SETTING,
            "'public-url' must be https://HOST or https://HOST:PORT, not '%.100s'.", url);
    *ret_host = host;
    return true;
}

EVP_PKEY *x509_make_key(struct problem *problem)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    if (!key)
        fail(problem, "make a key");
    return key;
}

static bool set_random_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool done = number && BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1
                && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return done;
}

static bool set_name(X509_NAME *name, const char *common_name)
{
    const unsigned char *organization = (const unsigned char *)"Lectern";
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, organization, -1, -1, 0) == 1
           && X509_NAME_add_entry_by_txt(
                  name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0)
                  == 1;
}

static bool add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, &context, kind, value);
    bool done = extension && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

/* A certificate without extensions and signature. */
static X509 *begin(EVP_PKEY *key, const char *common_name, int days)
{
    X509 *certificate = X509_new();
    if (certificate && X509_set_version(certificate, X509_VERSION_3) == 1
        && set_random_serial(certificate)
        && X509_gmtime_adj(X509_getm_notBefore(certificate), -CLOCK_SKEW_SECONDS)
        && X509_time_adj_ex(X509_getm_notAfter(certificate), days, -CLOCK_SKEW_SECONDS, NULL)
        && set_name(X509_get_subject_name(certificate), common_name)
        && X509_set_pubkey(certificate, key) == 1)
        return certificate;
    X509_free(certificate);
    return NULL;
}

static bool is_extra(const struct x509_host *host)
{
    return !text_equal(host->name, "localhost") && !text_equal(host->name, "127.0.0.1")
           && !text_equal(host->name, "::1");
}

static void print_constraints(const struct x509_host *host, char *ret_value, size_t size)
{
    static const char mask4[] = "255.255.255.255",
                      mask6[] = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    int used = snprintf(ret_value, size,
        "critical,permitted;DNS:localhost,permitted;IP:127.0.0.1/%s,permitted;IP:::1/%s", mask4,
        mask6);
    if (!is_extra(host))
        return;
    if (host->is_address)
        (void)snprintf(ret_value + used, size - (size_t)used, ",permitted;IP:%s/%s", host->name,
            strchr(host->name, ':') ? mask6 : mask4);
    else
        (void)snprintf(ret_value + used, size - (size_t)used, ",permitted;DNS:%s", host->name);
}

X509 *x509_make_authority(
    EVP_PKEY *key, const struct x509_host *host, int days, struct problem *problem)
{
    char common_name[65], constraints[700], day[CLOCK_ISO_SIZE];
    clock_format_iso(clock_wall_ms(), day);
    /* The day tells authorities of one host apart in a list; a common name holds 64 characters. */
    (void)snprintf(common_name, sizeof common_name, "%.32s local authority %.10s", host->name, day);
    print_constraints(host, constraints, sizeof constraints);
    X509 *authority = begin(key, common_name, days);
    if (authority && X509_set_issuer_name(authority, X509_get_subject_name(authority)) == 1
        && add_extension(authority, authority, NID_basic_constraints, "critical,CA:TRUE,pathlen:0")
        && add_extension(authority, authority, NID_key_usage, "critical,keyCertSign,cRLSign")
        && add_extension(authority, authority, NID_name_constraints, constraints)
        && add_extension(authority, authority, NID_subject_key_identifier, "hash")
        && X509_sign(authority, key, EVP_sha256()) > 0)
        return authority;
    fail(problem, "make the local authority");
    X509_free(authority);
    return NULL;
}

X509 *x509_make_server(EVP_PKEY *key, const struct x509_host *host, int days, X509 *authority,
    EVP_PKEY *authority_key, struct problem *problem)
{
    char names[400], common_name[65];
    (void)snprintf(common_name, sizeof common_name, "%.64s", host->name);
    (void)snprintf(names, sizeof names, "DNS:localhost,IP:127.0.0.1,IP:::1%s%s",
        !is_extra(host)    ? ""
        : host->is_address ? ",IP:"
                           : ",DNS:",
        is_extra(host) ? host->name : "");
    X509 *certificate = begin(key, common_name, days);
    if (certificate && X509_set_issuer_name(certificate, X509_get_subject_name(authority)) == 1
        && add_extension(certificate, authority, NID_basic_constraints, "critical,CA:FALSE")
        && add_extension(certificate, authority, NID_key_usage, "critical,digitalSignature")
        && add_extension(certificate, authority, NID_ext_key_usage, "serverAuth")
        && add_extension(certificate, authority, NID_subject_alt_name, names)
        && add_extension(certificate, authority, NID_subject_key_identifier, "hash")
        && add_extension(certificate, authority, NID_authority_key_identifier, "keyid:always")
        && X509_sign(certificate, authority_key, EVP_sha256()) > 0)
        return certificate;
    fail(problem, "make the server's certificate");
    X509_free(certificate);
    return NULL;
}

bool x509_verify(X509 *certificate, X509 *authority, struct problem *problem)
{
    X509_STORE *trusted = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool verified = false;
    if (!trusted || !context || X509_STORE_add_cert(trusted, authority) != 1
        || X509_STORE_CTX_init(context, trusted, certificate, NULL) != 1)
        fail(problem, "check a certificate");
    else if (X509_verify_cert(context) == 1)
        verified = true;
    else
        problem_set(problem, PROBLEM_SETTING, "%s",
            X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
    X509_STORE_CTX_free(context);
    X509_STORE_free(trusted);
    return verified;
}

bool x509_covers(X509 *certificate, const struct x509_host *host)
{
    return host->is_address ? X509_check_ip_asc(certificate, host->name, 0) == 1
                            : X509_check_host(certificate, host->name, 0, 0, NULL) == 1;
}

int64_t x509_ends_at_ms(const X509 *certificate)
{
    struct tm parts = { 0 };
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1)
        return 0;
    return (int64_t)timegm(&parts) * 1000;
}

/* false with the problem set when the file is there and cannot be read. */
static bool load_file(const char *path, BIO **ret_memory, char **ret_bytes, struct problem *problem)
{
    size_t count;
    if (access(path, F_OK) != 0)
        return false;
    if (!file_read_whole(path, PEM_BYTES_MAX, ret_bytes, &count, problem))
        return false;
    *ret_memory = BIO_new_mem_buf(*ret_bytes, (int)count);
    return true;
}

X509 *x509_load(const char *path, struct problem *problem)
{
    char *bytes;
    BIO *memory;
    if (!load_file(path, &memory, &bytes, problem))
        return NULL;
    X509 *certificate = memory ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
    if (!certificate)
        problem_set(problem, PROBLEM_SETTING, "'%s' holds no certificate in PEM.", path);
    BIO_free(memory);
    free(bytes);
    return certificate;
}

EVP_PKEY *x509_load_key(const char *path, struct problem *problem)
{
    char *bytes;
    BIO *memory;
    if (!load_file(path, &memory, &bytes, problem))
        return NULL;
    EVP_PKEY *key = memory ? PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL) : NULL;
    if (!key)
        problem_set(problem, PROBLEM_SETTING, "'%s' holds no private key in PEM.", path);
    BIO_free(memory);
    secure_wipe(bytes, strlen(bytes));
    free(bytes);
    return key;
}

static bool save(const char *path, BIO *memory, bool written, mode_t mode, struct problem *problem)
{
    char *bytes;
    long count = memory ? BIO_get_mem_data(memory, &bytes) : 0;
    bool done = memory && written ? file_write_whole(path, bytes, (size_t)count, mode, problem)
                                  : fail(problem, "write PEM");
    BIO_free(memory);
    return done;
}

bool x509_save(const char *path, X509 *certificate, struct problem *problem)
{
    BIO *memory = BIO_new(BIO_s_mem());
    return save(
        path, memory, memory && PEM_write_bio_X509(memory, certificate) == 1, 0644, problem);
}

bool x509_save_key(const char *path, EVP_PKEY *key, struct problem *problem)
{
    BIO *memory = BIO_new(BIO_s_secmem());
    bool written = memory && PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL) == 1;
    return save(path, memory, written, 0600, problem);
}
