#include "base/gzip.h"
#include "../unit.h"
#include "base/memory.h"
#include "base/secure.h"

#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST /* next_in may point to what must not change */
#include <zlib.h>

static void fill_with_words(char *bytes, size_t count)
{
    static const char words[] = "consultation between labour and management; ";
    for (size_t i = 0; i < count; i++)
        bytes[i] = words[i % (sizeof words - 1)];
}

static void assert_unpacks_to(
    const char *packed, size_t packed_count, const char *bytes, size_t count)
{
    char *unpacked = memory_alloc(count + 1);
    z_stream zip = { 0 };
    assert_int_equal(inflateInit2(&zip, 15 + 16), Z_OK);
    zip.next_in = (const Bytef *)packed;
    zip.avail_in = (uInt)packed_count;
    zip.next_out = (Bytef *)unpacked;
    zip.avail_out = (uInt)(count + 1);
    assert_int_equal(inflate(&zip, Z_FINISH), Z_STREAM_END);
    assert_int_equal(zip.total_out, count);
    assert_int_equal(zip.avail_in, 0);
    (void)inflateEnd(&zip);
    assert_memory_equal(unpacked, bytes, count);
    free(unpacked);
}

static void what_is_packed_unpacks_to_the_same(void **state)
{
    (void)state;
    static const size_t counts[] = { GZIP_BYTES_LEAST, 257, 4096, 65535, 65536, 300000 };
    static const enum gzip_effort efforts[] = { GZIP_QUICK, GZIP_BEST };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        char *bytes = memory_alloc(counts[i]);
        fill_with_words(bytes, counts[i]);
        for (size_t j = 0; j < 2; j++) {
            size_t packed_count;
            char *packed = gzip_pack(bytes, counts[i], efforts[j], &packed_count);
            assert_non_null(packed);
            assert_true(packed_count < counts[i]);
            assert_unpacks_to(packed, packed_count, bytes, counts[i]);
            free(packed);
        }
        free(bytes);
    }
}

static void what_would_not_be_shorter_is_left_alone(void **state)
{
    (void)state;
    static const size_t counts[] = { 0, 1, GZIP_BYTES_LEAST - 1, GZIP_BYTES_LEAST, 5000 };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        char *bytes = memory_alloc(counts[i] + 1);
        secure_random((uint8_t *)bytes, counts[i]);
        size_t packed_count;
        assert_null(gzip_pack(bytes, counts[i], GZIP_BEST, &packed_count));
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_packed_unpacks_to_the_same),
        cmocka_unit_test(what_would_not_be_shorter_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
