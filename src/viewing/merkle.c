#include "viewing/merkle.h"

#include "base/digest.h"

#include <string.h>

struct merkle_hash merkle_leaf(const void *data, size_t count)
{
    static const uint8_t leaf_mark = 0;
    struct merkle_hash hash;
    const struct digest_piece pieces[] = { { &leaf_mark, 1 }, { data, count } };
    digest_sha256_pieces(pieces, 2, hash.bytes);
    return hash;
}

struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right)
{
    static const uint8_t node_mark = 1;
    struct merkle_hash hash;
    const struct digest_piece pieces[] = { { &node_mark, 1 }, { left->bytes, MERKLE_HASH_BYTES },
        { right->bytes, MERKLE_HASH_BYTES } };
    digest_sha256_pieces(pieces, 3, hash.bytes);
    return hash;
}

bool merkle_equal(const struct merkle_hash *left, const struct merkle_hash *right)
{
    return memcmp(left->bytes, right->bytes, MERKLE_HASH_BYTES) == 0;
}

void merkle_add(struct merkle_frontier *frontier, const struct merkle_hash *leaf)
{
    struct merkle_hash hash = *leaf;
    unsigned level = 0;
    for (; frontier->size >> level & 1; level++)
        hash = merkle_node(&frontier->nodes[level], &hash);
    frontier->nodes[level] = hash;
    frontier->size++;
}

struct merkle_hash merkle_root(const struct merkle_frontier *frontier)
{
    struct merkle_hash root;
    if (frontier->size == 0) {
        digest_sha256_pieces(NULL, 0, root.bytes);
        return root;
    }
    unsigned level = (unsigned)__builtin_ctzll(frontier->size);
    root = frontier->nodes[level];
    while (++level <= MERKLE_LEVELS_MAX)
        if (frontier->size >> level & 1)
            root = merkle_node(&frontier->nodes[level], &root);
    return root;
}

/* What the making of a proof carries along. */
struct proving {
    merkle_reader reader;
    void *data;
    struct merkle_proof *proof;
};

/* The level of the largest complete subtree that is smaller than `size` > 1. */
static unsigned split_level(uint64_t size)
{
    return 63 - (unsigned)__builtin_clzll(size - 1);
}

/* The hash of leaves [from, to), where `from` is a multiple of the power of two that is not below
 * their number: as all stretches are that the RFC's recursions come to. */
static bool hash_of(
    const struct proving *proving, uint64_t from, uint64_t to, struct merkle_hash *ret_hash)
{
    uint64_t size = to - from;
    if ((size & (size - 1)) == 0) {
        unsigned level = (unsigned)__builtin_ctzll(size);
        return proving->reader(proving->data, level, from >> level, ret_hash);
    }
    unsigned level = split_level(size);
    struct merkle_hash left, right;
    if (!proving->reader(proving->data, level, from >> level, &left)
        || !hash_of(proving, from + (UINT64_C(1) << level), to, &right))
        return false;
    *ret_hash = merkle_node(&left, &right);
    return true;
}

static bool add_hash_of(const struct proving *proving, uint64_t from, uint64_t to)
{
    struct merkle_proof *proof = proving->proof;
    return hash_of(proving, from, to, &proof->hashes[proof->count++]);
}

/* PATH of RFC 6962 section 2.1.1, for the leaf `index` of all. */
static bool add_path(const struct proving *proving, uint64_t index, uint64_t from, uint64_t to)
{
    if (to - from == 1)
        return true;
    uint64_t middle = from + (UINT64_C(1) << split_level(to - from));
    return index < middle
               ? add_path(proving, index, from, middle) && add_hash_of(proving, middle, to)
               : add_path(proving, index, middle, to) && add_hash_of(proving, from, middle);
}

/* SUBPROOF of RFC 6962 section 2.1.2; `known`: the old tree's root is [from, old_size). */
static bool add_subproof(
    const struct proving *proving, uint64_t old_size, uint64_t from, uint64_t to, bool known)
{
    if (old_size == to)
        return known || add_hash_of(proving, from, to);
    uint64_t middle = from + (UINT64_C(1) << split_level(to - from));
    return old_size <= middle ? add_subproof(proving, old_size, from, middle, known)
                                    && add_hash_of(proving, middle, to)
                              : add_subproof(proving, old_size, middle, to, false)
                                    && add_hash_of(proving, from, middle);
}

bool merkle_prove_inclusion(
    uint64_t index, uint64_t size, merkle_reader reader, void *data, struct merkle_proof *ret_proof)
{
    struct proving proving = { reader, data, ret_proof };
    ret_proof->count = 0;
    return index < size && add_path(&proving, index, 0, size);
}

bool merkle_prove_consistency(uint64_t old_size, uint64_t size, merkle_reader reader, void *data,
    struct merkle_proof *ret_proof)
{
    struct proving proving = { reader, data, ret_proof };
    ret_proof->count = 0;
    return old_size > 0 && old_size <= size && add_subproof(&proving, old_size, 0, size, true);
}

/* RFC 9162 section 2.1.3.2. */
bool merkle_included(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
    const struct merkle_proof *proof, const struct merkle_hash *root)
{
    if (index >= size)
        return false;
    uint64_t node = index, last = size - 1;
    struct merkle_hash hash = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if (node & 1 || node == last) {
            hash = merkle_node(&proof->hashes[i], &hash);
            while (!(node & 1) && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle_node(&hash, &proof->hashes[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(&hash, root);
}

/* RFC 9162 section 2.1.4.2, from step 4 on: both roots are built from the same hashes. */
static bool climb(const struct merkle_hash *first, const struct merkle_hash *rest, size_t count,
    uint64_t node, uint64_t last, const struct merkle_hash *old_root,
    const struct merkle_hash *root)
{
    struct merkle_hash old_hash = *first, hash = *first;
    for (size_t i = 0; i < count; i++) {
        if (last == 0)
            return false;
        if (node & 1 || node == last) {
            old_hash = merkle_node(&rest[i], &old_hash);
            hash = merkle_node(&rest[i], &hash);
            while (!(node & 1) && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle_node(&hash, &rest[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(&old_hash, old_root) && merkle_equal(&hash, root);
}

bool merkle_consistent(uint64_t old_size, const struct merkle_hash *old_root, uint64_t size,
    const struct merkle_hash *root, const struct merkle_proof *proof)
{
    if (old_size == 0 || old_size > size)
        return false;
    if (old_size == size)
        return proof->count == 0 && merkle_equal(old_root, root);
    uint64_t node = old_size - 1, last = size - 1;
    while (node & 1) {
        node >>= 1;
        last >>= 1;
    }
    /* An old tree that is complete is the first hash itself, and not in the proof. */
    bool complete = (old_size & (old_size - 1)) == 0;
    if (!complete && proof->count == 0)
        return false;
    return complete ? climb(old_root, proof->hashes, proof->count, node, last, old_root, root)
                    : climb(&proof->hashes[0], proof->hashes + 1, proof->count - 1, node, last,
                        old_root, root);
}
