/*
 * The Merkle tree of RFC 6962 section 2 (RFC 9162 section 2.1 is the same): pure.
 *
 *   leaf   SHA-256(0x00 || data)          node   SHA-256(0x01 || left || right)
 *
 * Frontier   what a tree must remember to grow: the roots of its complete subtrees, one for each bit
 *            of its size.  {0} is the empty tree.
 * Nodes      a proof is made from hashes of complete subtrees, which a merkle_reader looks up: that of the
 *            2^level leaves from index * 2^level.  Level 0 is leaf hashes.
 * Proofs     lists of hashes in the order of the RFC, at most MERKLE_PROOF_MAX.
 * Threads    no state; safe from any thread.
 */
#ifndef LECTERN_VIEWING_MERKLE_H
#define LECTERN_VIEWING_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MERKLE_HASH_BYTES = 32, MERKLE_LEVELS_MAX = 63, MERKLE_PROOF_MAX = MERKLE_LEVELS_MAX + 1 };

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH_BYTES];
};
struct merkle_hash merkle_leaf(const void *data, size_t count);
struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right);
bool merkle_equal(const struct merkle_hash *left, const struct merkle_hash *right);

struct merkle_frontier {
    uint64_t size;
    struct merkle_hash nodes[MERKLE_LEVELS_MAX + 1]; /* [level], where that bit of size is set */
};
void merkle_add(struct merkle_frontier *frontier, const struct merkle_hash *leaf);
struct merkle_hash merkle_root(const struct merkle_frontier *frontier);

struct merkle_proof {
    struct merkle_hash hashes[MERKLE_PROOF_MAX];
    size_t count;
};
/* False, with its own way to tell why, ends the making of a proof with false. */
typedef bool (*merkle_reader)(
    void *data, unsigned level, uint64_t index, struct merkle_hash *ret_hash);

/* That the leaf `index` is in the tree of `size` > index. */
bool merkle_prove_inclusion(uint64_t index, uint64_t size, merkle_reader reader, void *data,
    struct merkle_proof *ret_proof);
bool merkle_included(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
    const struct merkle_proof *proof, const struct merkle_hash *root);
/* That the tree of `size` begins with that of 0 < old_size <= size. */
bool merkle_prove_consistency(uint64_t old_size, uint64_t size, merkle_reader reader, void *data,
    struct merkle_proof *ret_proof);
bool merkle_consistent(uint64_t old_size, const struct merkle_hash *old_root, uint64_t size,
    const struct merkle_hash *root, const struct merkle_proof *proof);

#endif
