#include "cli/certificate.h"
#include "../unit.h"

#include "base/clock.h"
#include "base/files.h"
#include "cli/house.h"
#include "cli/x509.h"

#include <limits.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const int64_t day_ms = 86400000;

struct fixture {
    char folder[64];
    struct settings settings;
    struct problem problem;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    (void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/lectern-tls-XXXXXX");
    settings_init(&fixture->settings);
    *state = fixture;
    return mkdtemp(fixture->folder)
                   && settings_set(&fixture->settings, "data", fixture->folder, &fixture->problem)
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    (void)folder_remove(fixture->folder, &fixture->problem);
    settings_release(&fixture->settings);
    free(fixture);
    return 0;
}

static void set(struct fixture *fixture, const char *name, const char *value)
{
    assert_true(settings_set(&fixture->settings, name, value, &fixture->problem));
}

static void path_of(const struct fixture *fixture, const char *name, char ret_path[PATH_MAX])
{
    struct problem problem = { 0 };
    assert_true(data_path(&fixture->settings, name, ret_path, &problem));
}

static X509 *load(const struct fixture *fixture, const char *name)
{
    char path[PATH_MAX];
    struct problem problem = { 0 };
    path_of(fixture, name, path);
    X509 *certificate = x509_load(path, &problem);
    assert_non_null(certificate);
    return certificate;
}

static enum certificate_change ensure(struct fixture *fixture)
{
    enum certificate_change change = CERTIFICATE_KEPT;
    if (!certificate_ensure(&fixture->settings, &change, &fixture->problem))
        fail_msg("%s", fixture->problem.detail);
    return change;
}

static void the_first_call_makes_it_all_and_the_second_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *name;
        mode_t mode;
    } files[] = { { "tls/authority.pem", 0644 }, { "tls/authority.key", 0600 },
        { "tls/server.pem", 0644 }, { "tls/server.key", 0600 } };
    assert_int_equal(ensure(fixture), CERTIFICATE_MADE);
    assert_int_equal(ensure(fixture), CERTIFICATE_KEPT);
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[PATH_MAX];
        struct stat facts;
        path_of(fixture, files[i].name, path);
        assert_int_equal(stat(path, &facts), 0);
        assert_int_equal(facts.st_mode & 07777, files[i].mode);
    }
}

static void it_names_this_machine_and_the_host_of_public_url(void **state)
{
    struct fixture *fixture = *state;
    set(fixture, "public-url", "https://lectures.example.org:8443");
    assert_int_equal(ensure(fixture), CERTIFICATE_MADE);
    X509 *certificate = load(fixture, "tls/server.pem"),
         *authority = load(fixture, "tls/authority.pem");
    assert_int_equal(X509_check_host(certificate, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(certificate, "lectures.example.org", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(certificate, "example.org", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(certificate, "::1", 0), 1);
    assert_true(x509_verify(certificate, authority, &fixture->problem));
    int64_t days = (x509_ends_at_ms(certificate) - clock_wall_ms()) / day_ms;
    assert_in_range(days, CERTIFICATE_DAYS - 2, CERTIFICATE_DAYS);
    assert_int_equal(EVP_PKEY_get_bits(X509_get0_pubkey(certificate)), 256);
    X509_free(certificate);
    X509_free(authority);
}

static void the_authority_vouches_for_no_other_site(void **state)
{
    struct fixture *fixture = *state;
    static const char *const others[]
        = { "https://bank.example", "https://192.0.2.7", "https://[2001:db8::1]" };
    struct x509_host home, other;
    assert_true(x509_host_of_url("https://localhost:8443", &home, &fixture->problem));
    EVP_PKEY *key = x509_make_key(&fixture->problem);
    X509 *authority = x509_make_authority(key, &home, 10, &fixture->problem);
    assert_non_null(authority);
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        struct problem problem = { 0 };
        assert_true(x509_host_of_url(others[i], &other, &problem));
        X509 *forged = x509_make_server(key, &other, 5, authority, key, &problem);
        assert_non_null(forged);
        assert_false(x509_verify(forged, authority, &problem));
        assert_int_equal(problem.kind, PROBLEM_SETTING);
        X509_free(forged);
    }
    X509_free(authority);
    EVP_PKEY_free(key);
}

static void addresses_can_be_public_too(void **state)
{
    static const char *const urls[] = { "https://192.0.2.7:8443", "https://[2001:db8::1]",
        "https://127.0.0.1", "https://[::1]:443" };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct problem problem = { 0 };
        struct x509_host host;
        assert_true(x509_host_of_url(urls[i], &host, &problem));
        assert_true(host.is_address);
        EVP_PKEY *key = x509_make_key(&problem);
        X509 *authority = x509_make_authority(key, &host, 10, &problem);
        X509 *certificate = x509_make_server(key, &host, 5, authority, key, &problem);
        if (!certificate || !x509_verify(certificate, authority, &problem)
            || !x509_covers(certificate, &host))
            fail_msg("%s: %s", urls[i], problem.detail);
        X509_free(certificate);
        X509_free(authority);
        EVP_PKEY_free(key);
    }
}

static void hosts_that_no_certificate_can_name_are_refused(void **state)
{
    (void)state;
    static const char *const urls[]
        = { "http://localhost", "https://", "https://a,DNS:evil", "https://[::1", "https://[x]",
              "https://-a", "https://a b", "localhost", "https://[127.0.0.1]" };
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct problem problem = { 0 };
        struct x509_host host;
        if (x509_host_of_url(urls[i], &host, &problem))
            fail_msg("taken: %s", urls[i]);
        assert_int_equal(problem.kind, PROBLEM_SETTING);
    }
}

/* Puts a certificate of the same authority with fewer days in the place of the present one. */
static void age(struct fixture *fixture, int days)
{
    char path[PATH_MAX];
    struct x509_host host;
    X509 *authority = load(fixture, "tls/authority.pem");
    path_of(fixture, "tls/authority.key", path);
    EVP_PKEY *authority_key = x509_load_key(path, &fixture->problem);
    path_of(fixture, "tls/server.key", path);
    EVP_PKEY *key = x509_load_key(path, &fixture->problem);
    assert_true(x509_host_of_url(fixture->settings.public_url, &host, &fixture->problem));
    X509 *old = x509_make_server(key, &host, days, authority, authority_key, &fixture->problem);
    path_of(fixture, "tls/server.pem", path);
    assert_true(x509_save(path, old, &fixture->problem));
    X509_free(old);
    X509_free(authority);
    EVP_PKEY_free(key);
    EVP_PKEY_free(authority_key);
}

static void it_is_renewed_in_its_last_thirty_days(void **state)
{
    struct fixture *fixture = *state;
    enum certificate_change change;
    struct certificate_facts facts;
    assert_int_equal(ensure(fixture), CERTIFICATE_MADE);
    age(fixture, 31);
    assert_true(certificate_renew(&fixture->settings, &change, &fixture->problem));
    assert_int_equal(change, CERTIFICATE_KEPT);
    age(fixture, 29);
    assert_true(certificate_renew(&fixture->settings, &change, &fixture->problem));
    assert_int_equal(change, CERTIFICATE_RENEWED);
    assert_true(certificate_read(&fixture->settings, &facts, &fixture->problem));
    assert_true(facts.ours && facts.covers_host);
    assert_true(facts.ends_at_ms > clock_wall_ms() + 300 * day_ms);
}

static void another_public_host_needs_another_authority(void **state)
{
    struct fixture *fixture = *state;
    enum certificate_change change;
    assert_int_equal(ensure(fixture), CERTIFICATE_MADE);
    set(fixture, "public-url", "https://lectures.example.org");
    assert_false(certificate_ensure(&fixture->settings, &change, &fixture->problem));
    assert_int_equal(fixture->problem.kind, PROBLEM_SETTING);
}

static void the_operator_s_own_certificate_is_never_touched(void **state)
{
    struct fixture *fixture = *state;
    enum certificate_change change = CERTIFICATE_MADE;
    char path[PATH_MAX];
    struct certificate_facts facts;
    struct x509_host host;
    struct problem problem = { 0 };
    assert_int_equal(ensure(fixture), CERTIFICATE_MADE);
    assert_true(x509_host_of_url("https://elsewhere.example", &host, &problem));
    EVP_PKEY *key = x509_make_key(&problem);
    X509 *own = x509_make_authority(key, &host, 1, &problem); /* about to end, of another host */
    path_of(fixture, "tls/server.pem", path);
    assert_true(x509_save(path, own, &problem));
    assert_int_equal(ensure(fixture), CERTIFICATE_KEPT);
    assert_true(certificate_read(&fixture->settings, &facts, &problem));
    assert_false(facts.ours);
    set(fixture, "tls-certificate", "/nowhere/server.pem");
    assert_false(certificate_ensure(&fixture->settings, &change, &problem));
    assert_int_equal(problem.kind, PROBLEM_SETTING);
    X509_free(own);
    EVP_PKEY_free(key);
}

static void a_half_made_or_broken_one_is_mended_or_told(void **state)
{
    struct fixture *fixture = *state;
    char path[PATH_MAX];
    enum certificate_change change;
    assert_int_equal(ensure(fixture), CERTIFICATE_MADE);
    path_of(fixture, "tls/server.pem", path);
    assert_int_equal(remove(path), 0);
    assert_int_equal(ensure(fixture), CERTIFICATE_MADE);
    path_of(fixture, "tls/server.key", path);
    assert_int_equal(remove(path), 0);
    assert_int_equal(ensure(fixture), CERTIFICATE_RENEWED);
    assert_int_equal(ensure(fixture), CERTIFICATE_KEPT);
    assert_true(file_write_whole(path, "hello", 5, 0600, &fixture->problem));
    assert_false(certificate_ensure(&fixture->settings, &change, &fixture->problem));
    assert_int_equal(fixture->problem.kind, PROBLEM_SETTING);
}

static void serving_makes_nothing(void **state)
{
    struct fixture *fixture = *state;
    enum certificate_change change;
    assert_false(certificate_renew(&fixture->settings, &change, &fixture->problem));
    assert_int_equal(fixture->problem.kind, PROBLEM_SETTING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            the_first_call_makes_it_all_and_the_second_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            it_names_this_machine_and_the_host_of_public_url, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_authority_vouches_for_no_other_site, set_up, tear_down),
        cmocka_unit_test(addresses_can_be_public_too),
        cmocka_unit_test(hosts_that_no_certificate_can_name_are_refused),
        cmocka_unit_test_setup_teardown(it_is_renewed_in_its_last_thirty_days, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            another_public_host_needs_another_authority, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            the_operator_s_own_certificate_is_never_touched, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_half_made_or_broken_one_is_mended_or_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(serving_makes_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
