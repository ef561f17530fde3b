#include "base/arena.h"
#include "../unit.h"

#include <stdint.h>
#include <string.h>

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    char *previous = NULL;
    for (size_t size = 1; size < 3000; size += 7) {
        char *piece = arena_alloc(&arena, size);
        assert_int_equal((uintptr_t)piece % sizeof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(piece[i], 0);
        memset(piece, 0xff, size);
        assert_ptr_not_equal(piece, previous);
        previous = piece;
    }
    arena_release(&arena);
    assert_int_equal(arena.used_bytes, 0);
}

static void a_piece_larger_than_a_block_fits(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    memset(arena_alloc(&arena, 1 << 20), 1, 1 << 20);
    assert_string_equal(arena_strdup(&arena, "after"), "after");
    arena_release(&arena);
}

static void text_is_copied_with_its_end(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena);
    assert_string_equal(arena_strndup(&arena, "lecture", 4), "lect");
    assert_string_equal(arena_strndup(&arena, NULL, 0), "");
    assert_string_equal(arena_printf(&arena, "%s-%03d", "segment", 7), "segment-007");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
        cmocka_unit_test(a_piece_larger_than_a_block_fits),
        cmocka_unit_test(text_is_copied_with_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
