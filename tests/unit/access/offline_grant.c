/* A grant says what was signed, to the letter, or nothing. */
#include "access_world.h"

#include "access/offline_grant.h"

static const struct offline_grant example = { .at_ms = INT64_C(1764000000123),
    .play_session_id = "00000000-0000-7000-8000-0000000000a1",
    .participant_id = "00000000-0000-7000-8000-0000000000a2",
    .lecture_id = "00000000-0000-7000-8000-0000000000a3",
    .version = 12 };

static struct offline_grants *open_grants(struct world *world)
{
    struct problem problem = { 0 };
    struct offline_grants *grants = offline_grants_open(world->db, &problem);
    if (!grants)
        fail_msg("%s", problem.detail);
    return grants;
}

static void a_grant_is_read_as_it_was_signed_also_after_a_restart(void **state)
{
    struct offline_grants *grants = open_grants(*state), *again = open_grants(*state);
    char text[OFFLINE_GRANT_SIZE];
    struct offline_grant read;
    offline_grant_sign(grants, &example, text);
    assert_true(offline_grant_read(again, text, &read));
    assert_int_equal(read.at_ms, example.at_ms);
    assert_string_equal(read.play_session_id, example.play_session_id);
    assert_string_equal(read.participant_id, example.participant_id);
    assert_string_equal(read.lecture_id, example.lecture_id);
    assert_int_equal(read.version, example.version);
    offline_grants_free(grants);
    offline_grants_free(again);
}

static void one_changed_character_is_one_too_many(void **state)
{
    struct offline_grants *grants = open_grants(*state);
    char text[OFFLINE_GRANT_SIZE + 1];
    struct offline_grant read;
    offline_grant_sign(grants, &example, text);
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        char was = text[i];
        for (const char *other = "0aA.-_~"; *other; other++) {
            text[i] = *other;
            if (*other != was && offline_grant_read(grants, text, &read))
                fail_msg("'%s' was read", text);
        }
        text[i] = was;
    }
    for (size_t cut = 0; cut < length; cut++) {
        char shorter[OFFLINE_GRANT_SIZE] = "";
        memcpy(shorter, text, cut);
        assert_false(offline_grant_read(grants, shorter, &read));
    }
    text[length] = 'A';
    text[length + 1] = '\0';
    assert_false(offline_grant_read(grants, text, &read));
    offline_grants_free(grants);
}

static void keys_rotate_and_a_lost_one_grants_nothing(void **state)
{
    struct world *world = *state;
    struct offline_grants *first = open_grants(world);
    char text[OFFLINE_GRANT_SIZE];
    struct offline_grant read;
    offline_grant_sign(first, &example, text);
    world_exec(world, "UPDATE setting SET value = value || ' 2:"
                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' WHERE name = "
                      "'offline-grant-keys'");
    struct offline_grants *both = open_grants(world);
    assert_true(offline_grant_read(both, text, &read));
    char newer[OFFLINE_GRANT_SIZE];
    offline_grant_sign(both, &example, newer);
    assert_memory_equal(newer, "g1.2.", 5);
    assert_false(offline_grant_read(first, newer, &read));
    world_exec(world, "UPDATE setting SET value = '3:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'"
                      " WHERE name = 'offline-grant-keys'");
    struct offline_grants *lost = open_grants(world);
    assert_false(offline_grant_read(lost, text, &read));
    offline_grants_free(first);
    offline_grants_free(both);
    offline_grants_free(lost);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_grant_is_read_as_it_was_signed_also_after_a_restart),
        TEST(one_changed_character_is_one_too_many),
        TEST(keys_rotate_and_a_lost_one_grants_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
