#ifndef EVAL_CLIQUE_GROUPS_H
#define EVAL_CLIQUE_GROUPS_H

#include "eval/hash_pairs.h"

/**
 * Join samples whose pairs reach `threshold` into sets in which everybody is a pair with everybody.
 * Through a chain of pictures that are each a little like the next, all of a data set would be one
 * group. Strongest pairs first, ties by their order: two sets become one where all pairs between
 * them reach it.
 *
 * pairs     ordered, each once (sample_pairs_order()); strength NaN: not looked at
 * parent    row_count entries of stats/disjoint.h: sets that are one already (equal pixels) count
 * as one sample, whose pairs are those of its members; joined further
 *
 * NOMEM. O(pairs · log pairs), and the products of the sizes of the sets that are tried.
 */
ASSAY_MUST_USE assay_code clique_groups_join(const sample_pairs *pairs, const float *strength,
                                             float threshold, uint32_t *parent, size_t row_count,
                                             assay_err *err);

#endif
