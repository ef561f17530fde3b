/* OpenSSL's own AES-GCM beside ours: the same bytes, and TLS between the two. */
#include "http/vaes_gcm.h"
#include "../unit.h"
#include "throwaway_certificate.h"

#include <openssl/provider.h>
#include <string.h>

enum { NONCE_BYTES = 12, TAG_BYTES = 16, HEADER_BYTES = 5, RECORD_MAX = 16384 + 256 };

static const char *const names[] = { "AES-128-GCM", "AES-256-GCM" };
static const uint8_t key[32] = "a key of as many bytes as wanted";
static const uint8_t nonce[NONCE_BYTES] = "only once...";
static const uint8_t header[HEADER_BYTES] = { 23, 3, 3, 0x12, 0x34 };

struct sealed {
    uint8_t bytes[RECORD_MAX], tag[TAG_BYTES];
    size_t count;
};

static uint8_t plain[RECORD_MAX];

static int fill_plain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 31 >> 3);
    return 0;
}

static EVP_CIPHER *fetch(const char *name, const char *query)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, query);
    assert_non_null(cipher);
    return cipher;
}

/* What VAES_GCM_QUERY gives, once it is sure to be ours. */
static EVP_CIPHER *fetch_ours(const char *name)
{
    if (!vaes_gcm_offer()) {
        print_message("skipped: this processor or OpenSSL has no use for VAES\n");
        skip();
    }
    EVP_CIPHER *cipher = fetch(name, VAES_GCM_QUERY);
    assert_string_equal(OSSL_PROVIDER_get0_name(EVP_CIPHER_get0_provider(cipher)), "lectern-vaes");
    return cipher;
}

static EVP_CIPHER_CTX *begin(const EVP_CIPHER *cipher, int sealing)
{
    int count;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_CipherInit_ex2(context, cipher, key, nonce, sealing, NULL), 1);
    assert_int_equal(EVP_CipherUpdate(context, NULL, &count, header, sizeof header), 1);
    return context;
}

static void seal(const EVP_CIPHER *cipher, size_t plain_count, struct sealed *ret_sealed)
{
    int count, more;
    EVP_CIPHER_CTX *context = begin(cipher, 1);
    ret_sealed->count = plain_count;
    assert_int_equal(
        EVP_CipherUpdate(context, ret_sealed->bytes, &count, plain, (int)plain_count), 1);
    assert_int_equal(EVP_CipherFinal_ex(context, ret_sealed->bytes + count, &more), 1);
    assert_int_equal(count + more, plain_count);
    assert_int_equal(
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, ret_sealed->tag), 1);
    EVP_CIPHER_CTX_free(context);
}

/* Whether it opens, in place. */
static bool opens(const EVP_CIPHER *cipher, struct sealed sealed)
{
    int count, more;
    EVP_CIPHER_CTX *context = begin(cipher, 0);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, sealed.tag), 1);
    assert_int_equal(
        EVP_CipherUpdate(context, sealed.bytes, &count, sealed.bytes, (int)sealed.count), 1);
    bool good = EVP_CipherFinal_ex(context, sealed.bytes + count, &more) == 1;
    EVP_CIPHER_CTX_free(context);
    if (good)
        assert_memory_equal(sealed.bytes, plain, sealed.count);
    return good;
}

static void every_length_is_sealed_as_openssl_seals_it(void **state)
{
    (void)state;
    static struct sealed mine, theirs;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        EVP_CIPHER *ours = fetch_ours(names[i]), *other = fetch(names[i], "provider=default");
        for (size_t count = 1; count < RECORD_MAX; count += count < 1100 ? 1 : 509) {
            seal(ours, count, &mine);
            seal(other, count, &theirs);
            assert_memory_equal(mine.bytes, theirs.bytes, count);
            assert_memory_equal(mine.tag, theirs.tag, TAG_BYTES);
            assert_true(opens(ours, theirs));
        }
        EVP_CIPHER_free(ours);
        EVP_CIPHER_free(other);
    }
}

static void what_was_changed_does_not_open(void **state)
{
    (void)state;
    static struct sealed sealed, changed;
    EVP_CIPHER *ours = fetch_ours(names[0]);
    seal(ours, 1000, &sealed);
    assert_true(opens(ours, sealed));
    for (size_t at = 0; at < sealed.count; at += 37) {
        changed = sealed;
        changed.bytes[at] ^= 0x10;
        assert_false(opens(ours, changed));
    }
    for (size_t at = 0; at < TAG_BYTES; at++) {
        changed = sealed;
        changed.tag[at] ^= 1;
        assert_false(opens(ours, changed));
    }
    changed = sealed;
    changed.count--;
    assert_false(opens(ours, changed));
    EVP_CIPHER_free(ours);
}

static void a_nonce_seals_one_record_and_no_more(void **state)
{
    (void)state;
    uint8_t bytes[64];
    int count;
    EVP_CIPHER *ours = fetch_ours(names[0]);
    EVP_CIPHER_CTX *context = begin(ours, 1);
    assert_int_equal(EVP_CipherUpdate(context, bytes, &count, plain, sizeof bytes), 1);
    assert_int_equal(EVP_CipherFinal_ex(context, bytes, &count), 1);
    assert_int_equal(EVP_CipherUpdate(context, bytes, &count, plain, sizeof bytes), 0);
    assert_int_equal(EVP_CipherFinal_ex(context, bytes, &count), 0);
    assert_int_equal(EVP_CipherInit_ex2(context, NULL, NULL, nonce, 1, NULL), 1);
    assert_int_equal(EVP_CipherUpdate(context, bytes, &count, plain, sizeof bytes), 1);
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(ours);
}

static void what_tls_does_not_ask_for_is_refused(void **state)
{
    (void)state;
    uint8_t tag[TAG_BYTES];
    EVP_CIPHER *ours = fetch_ours(names[0]);
    EVP_CIPHER_CTX *context = begin(ours, 1);
    assert_true(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, NONCE_BYTES, NULL) > 0);
    assert_true(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, 16, NULL) <= 0);
    /* no tag before the end, and no other than a whole one */
    assert_true(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag) <= 0);
    assert_true(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 12, tag) <= 0);
    assert_true(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_TLS1_AAD, 12, tag) <= 0);
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(ours);
}

/* ---- TLS, one side of which has VAES ---- */

struct ends {
    SSL_CTX *contexts[2];
    SSL *server, *client;
    BIO *wires[2]; /* what each side reads from and writes to */
};

static struct ends connect_ends(int version, const char *suite, const char *query)
{
    struct ends ends = { .contexts = { SSL_CTX_new_ex(NULL, query, TLS_server_method()),
                             SSL_CTX_new_ex(NULL, "provider=default", TLS_client_method()) } };
    use_throwaway_certificate(ends.contexts[0]);
    assert_int_equal(SSL_CTX_set_max_proto_version(ends.contexts[0], version), 1);
    assert_int_equal(version == TLS1_3_VERSION ? SSL_CTX_set_ciphersuites(ends.contexts[1], suite)
                                               : SSL_CTX_set_cipher_list(ends.contexts[1], suite),
        1);
    ends.server = SSL_new(ends.contexts[0]);
    ends.client = SSL_new(ends.contexts[1]);
    assert_int_equal(BIO_new_bio_pair(&ends.wires[0], 65536, &ends.wires[1], 65536), 1);
    SSL_set_bio(ends.server, ends.wires[0], ends.wires[0]);
    SSL_set_bio(ends.client, ends.wires[1], ends.wires[1]);
    SSL_set_accept_state(ends.server);
    SSL_set_connect_state(ends.client);
    for (int i = 0; i < 10; i++) {
        (void)SSL_do_handshake(ends.client);
        (void)SSL_do_handshake(ends.server);
    }
    assert_true(SSL_is_init_finished(ends.server) && SSL_is_init_finished(ends.client));
    assert_int_equal(SSL_version(ends.client), version);
    return ends;
}

static void disconnect(struct ends *ends)
{
    SSL_free(ends->server);
    SSL_free(ends->client);
    SSL_CTX_free(ends->contexts[0]);
    SSL_CTX_free(ends->contexts[1]);
}

static void pass(SSL *from, SSL *to, size_t count)
{
    static uint8_t arrived[16384];
    size_t written, read;
    assert_int_equal(SSL_write_ex(from, plain, count, &written), 1);
    assert_int_equal(SSL_read_ex(to, arrived, sizeof arrived, &read), 1);
    assert_int_equal(read, count);
    assert_memory_equal(arrived, plain, count);
}

static const struct {
    int version;
    const char *suite;
} suites[] = {
    { TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256" },
    { TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384" },
    { TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256" },
    { TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384" },
    { TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256" },
};

static void openssl_and_ours_understand_each_other(void **state)
{
    (void)state;
    EVP_CIPHER_free(fetch_ours(names[0]));
    for (size_t i = 0; i < COUNT_OF(suites); i++) {
        struct ends ends = connect_ends(suites[i].version, suites[i].suite, VAES_GCM_QUERY);
        for (size_t count = 1; count <= 16384; count = count * 3 / 2 + 1) {
            pass(ends.server, ends.client, count);
            pass(ends.client, ends.server, count);
        }
        if (suites[i].version == TLS1_3_VERSION) {
            assert_int_equal(SSL_key_update(ends.server, SSL_KEY_UPDATE_REQUESTED), 1);
            pass(ends.server, ends.client, 100);
            pass(ends.client, ends.server, 100);
            pass(ends.server, ends.client, 100);
        }
        disconnect(&ends);
    }
}

static void a_record_that_was_changed_ends_the_connection(void **state)
{
    (void)state;
    EVP_CIPHER_free(fetch_ours(names[0]));
    for (size_t i = 0; i < 4; i++) {
        uint8_t record[1100], byte;
        size_t count;
        struct ends ends = connect_ends(suites[i].version, suites[i].suite, VAES_GCM_QUERY);
        pass(ends.client, ends.server, 100);
        assert_int_equal(SSL_write_ex(ends.client, plain, 1000, &count), 1);
        /* taken off the wire, and put back with another bit */
        int length = BIO_read(ends.wires[0], record, sizeof record);
        assert_true(length > 1000);
        record[500] ^= 4;
        BIO *other = BIO_new_mem_buf(record, length);
        SSL_set0_rbio(ends.server, other);
        assert_int_equal(SSL_read_ex(ends.server, &byte, 1, &count), 0);
        assert_int_equal(SSL_get_error(ends.server, 0), SSL_ERROR_SSL);
        disconnect(&ends);
    }
}

/* RFC 5288 section 3: each record of TLS 1.2 names its nonce, and no two have the same. */
static void records_of_tls_1_2_count_their_nonces(void **state)
{
    (void)state;
    enum { RECORD_HEADER_BYTES = 5, EXPLICIT_BYTES = 8, RECORDS = 300 };
    EVP_CIPHER_free(fetch_ours(names[0]));
    struct ends ends = connect_ends(suites[2].version, suites[2].suite, VAES_GCM_QUERY);
    uint64_t before = 0;
    pass(ends.server, ends.client, 1);
    for (int i = 0; i < RECORDS; i++) {
        uint8_t record[100];
        size_t written;
        assert_int_equal(SSL_write_ex(ends.server, plain, 10, &written), 1);
        assert_true(BIO_read(ends.wires[1], record, sizeof record) > 0);
        uint64_t number = 0;
        for (size_t at = 0; at < EXPLICIT_BYTES; at++)
            number = number << 8 | record[RECORD_HEADER_BYTES + at];
        if (i > 0)
            assert_true(number == before + 1);
        before = number;
    }
    disconnect(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_is_sealed_as_openssl_seals_it),
        cmocka_unit_test(what_was_changed_does_not_open),
        cmocka_unit_test(a_nonce_seals_one_record_and_no_more),
        cmocka_unit_test(what_tls_does_not_ask_for_is_refused),
        cmocka_unit_test(openssl_and_ours_understand_each_other),
        cmocka_unit_test(a_record_that_was_changed_ends_the_connection),
        cmocka_unit_test(records_of_tls_1_2_count_their_nonces),
    };
    return cmocka_run_group_tests(tests, fill_plain, NULL);
}
