/* The tree, beside the RFC's own definition carried out the slow way, and the vectors of the
 * certificate-transparency project. */
#include "viewing/merkle.h"
#include "../unit.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { LEAVES = 70 };

static struct merkle_hash leaves[LEAVES];

static int make_leaves(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < LEAVES; i++)
        leaves[i] = merkle_leaf(&i, 1);
    return 0;
}

/* MTH of RFC 6962 section 2.1. */
static struct merkle_hash oracle(size_t from, size_t to)
{
    if (to - from == 1)
        return leaves[from];
    size_t half = 1;
    while (half * 2 < to - from)
        half *= 2;
    struct merkle_hash left = oracle(from, from + half), right = oracle(from + half, to);
    return merkle_node(&left, &right);
}

static bool read_node(void *data, unsigned level, uint64_t index, struct merkle_hash *ret_hash)
{
    const uint64_t *size = data;
    uint64_t from = index << level, to = (index + 1) << level;
    assert_true(to <= *size); /* a proof asks for what is complete only */
    *ret_hash = oracle(from, to);
    return true;
}

static void assert_hash(const struct merkle_hash *hash, const char *expected)
{
    char text[2 * MERKLE_HASH_BYTES + 1];
    text_hex_encode(hash->bytes, MERKLE_HASH_BYTES, text);
    assert_string_equal(text, expected);
}

static const struct {
    const char *data;
    size_t count;
    const char *root; /* of the tree that ends with it */
} vectors[] = {
    { "", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d" },
    { "\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125" },
    { "\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77" },
    { "\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7" },
    { "\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4" },
    { "\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef" },
    { "\x50\x51\x52\x53\x54\x55\x56\x57", 8,
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c" },
    { "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" },
};

static void roots_are_those_of_the_vectors(void **state)
{
    (void)state;
    struct merkle_frontier frontier = { 0 };
    struct merkle_hash root = merkle_root(&frontier);
    assert_hash(&root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct merkle_hash leaf = merkle_leaf(vectors[i].data, vectors[i].count);
        merkle_add(&frontier, &leaf);
        root = merkle_root(&frontier);
        assert_hash(&root, vectors[i].root);
    }
}

static void proofs_are_those_of_the_vectors(void **state)
{
    (void)state;
    static const char *const path[] = {
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    };
    struct merkle_hash kept[LEAVES];
    memcpy(kept, leaves, sizeof kept);
    for (size_t i = 0; i < COUNT_OF(vectors); i++)
        leaves[i] = merkle_leaf(vectors[i].data, vectors[i].count);
    uint64_t size = COUNT_OF(vectors);
    struct merkle_proof proof;
    assert_true(merkle_prove_inclusion(0, size, read_node, &size, &proof));
    assert_int_equal(proof.count, COUNT_OF(path));
    for (size_t i = 0; i < COUNT_OF(path); i++)
        assert_hash(&proof.hashes[i], path[i]);
    assert_true(merkle_prove_consistency(1, size, read_node, &size, &proof));
    assert_int_equal(proof.count, COUNT_OF(path));
    for (size_t i = 0; i < COUNT_OF(path); i++)
        assert_hash(&proof.hashes[i], path[i]);
    memcpy(leaves, kept, sizeof kept);
}

static void the_frontier_grows_to_the_same_roots(void **state)
{
    (void)state;
    struct merkle_frontier frontier = { 0 };
    for (size_t size = 1; size <= LEAVES; size++) {
        merkle_add(&frontier, &leaves[size - 1]);
        struct merkle_hash root = merkle_root(&frontier), expected = oracle(0, size);
        assert_true(merkle_equal(&root, &expected));
        assert_int_equal(frontier.size, size);
    }
}

/* Each hash of a proof that holds is needed, and none more. */
static void assert_tight(struct merkle_proof *proof,
    bool (*holds)(const void *, const struct merkle_proof *), const void *data)
{
    assert_true(holds(data, proof));
    for (size_t i = 0; i < proof->count; i++) {
        proof->hashes[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
        assert_false(holds(data, proof));
        proof->hashes[i].bytes[i % MERKLE_HASH_BYTES] ^= 1;
    }
    proof->hashes[proof->count] = leaves[0];
    proof->count++;
    assert_false(holds(data, proof));
    proof->count--;
    if (proof->count == 0)
        return;
    proof->count--;
    assert_false(holds(data, proof));
    proof->count++;
}

struct claim {
    struct merkle_hash leaf, old_root, root;
    uint64_t index, old_size, size;
};

static bool included(const void *data, const struct merkle_proof *proof)
{
    const struct claim *claim = data;
    return merkle_included(&claim->leaf, claim->index, claim->size, proof, &claim->root);
}

static bool consistent(const void *data, const struct merkle_proof *proof)
{
    const struct claim *claim = data;
    return merkle_consistent(claim->old_size, &claim->old_root, claim->size, &claim->root, proof);
}

static void every_leaf_is_proved_and_nothing_else(void **state)
{
    (void)state;
    struct merkle_proof proof;
    for (uint64_t size = 1; size <= LEAVES; size++)
        for (uint64_t index = 0; index < size; index++) {
            struct claim claim
                = { .leaf = leaves[index], .index = index, .size = size, .root = oracle(0, size) };
            assert_true(merkle_prove_inclusion(index, size, read_node, &size, &proof));
            assert_tight(&proof, included, &claim);
            for (claim.index = 0; claim.index <= size; claim.index++)
                assert_int_equal(included(&claim, &proof), claim.index == index);
        }
    uint64_t size = LEAVES;
    assert_false(merkle_prove_inclusion(size, size, read_node, &size, &proof));
}

static void every_growth_is_proved_and_nothing_else(void **state)
{
    (void)state;
    struct merkle_proof proof;
    for (uint64_t size = 1; size <= LEAVES; size++)
        for (uint64_t old_size = 1; old_size <= size; old_size++) {
            struct claim claim = { .old_size = old_size,
                .size = size,
                .old_root = oracle(0, old_size),
                .root = oracle(0, size) };
            assert_true(merkle_prove_consistency(old_size, size, read_node, &size, &proof));
            assert_tight(&proof, consistent, &claim);
            claim.old_root.bytes[0] ^= 1;
            assert_false(consistent(&claim, &proof));
            claim.old_root.bytes[0] ^= 1;
            claim.root.bytes[0] ^= 1;
            assert_false(consistent(&claim, &proof));
        }
    uint64_t size = LEAVES;
    assert_false(merkle_prove_consistency(0, size, read_node, &size, &proof));
    assert_false(merkle_prove_consistency(size + 1, size, read_node, &size, &proof));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_the_vectors),
        cmocka_unit_test(proofs_are_those_of_the_vectors),
        cmocka_unit_test(the_frontier_grows_to_the_same_roots),
        cmocka_unit_test(every_leaf_is_proved_and_nothing_else),
        cmocka_unit_test(every_growth_is_proved_and_nothing_else),
    };
    return cmocka_run_group_tests_name("merkle", tests, make_leaves, NULL);
}
