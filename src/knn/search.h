#ifndef KNN_SEARCH_H
#define KNN_SEARCH_H

#include "knn/exact.h"

/* The exact search in steps, for those that take hours: how long it will take, and a state that can
 * be stored and gone on from. knn_exact_all() is new, run, lists. */

/* Candidates kept beyond k. They are chosen by 32-bit similarities and ordered by 64-bit ones, and
 * the k-th in one order may stand a little further down in the other. */
enum { NEIGHBOURS_SPARE = 8 };

typedef struct knn_search knn_search;

/**
 * A search over all rows of `v`, which must outlive it; nothing is compared yet. It holds a copy of
 * the vectors at length 1, (k + NEIGHBOURS_SPARE) × 8 bytes a row, and 8 MB a thread. LIMIT (more
 * than ROWS_MOST rows), NOMEM. O(N·D).
 */
ASSAY_MUST_USE assay_code knn_search_new(const knn_vectors *v, const knn_options *options,
                                         knn_search **out, assay_err *err);
void knn_search_free(knn_search *s);
ASSAY_AUTO_DECLARE(knn_search)

/**
 * Compare at most `unit_limit` further pairs of blocks (0: all that are left). CANCELLED leaves a
 * search that can go on: every pair of blocks was done whole or not at all.
 */
ASSAY_MUST_USE assay_code knn_search_run(knn_search *s, size_t unit_limit, assay_err *err);

/** Pairs of blocks done and in all. */
size_t knn_search_done(const knn_search *s);
size_t knn_search_total(const knn_search *s);

/** Seconds that the rest will take at the pace of what this process has run; NaN before anything
 * ran, so run one pair first. */
double knn_search_seconds_left(const knn_search *s);

/** The lists, when all is done (asserted). The state of the search is used up. CANCELLED, NOMEM. */
ASSAY_MUST_USE assay_code knn_search_lists(knn_search *s, knn_lists *out, assay_err *err);

/** The state as bytes to be stored; they belong to the search, and hold until it goes on.
 * O(N·(D + k)). */
const void *knn_search_save(knn_search *s, size_t *bytes);

/** Go on from a stored state. It is believed only if its length, its checksum, the vectors and k
 * are those of this search; else INPUT, and the search is as it was. */
ASSAY_MUST_USE assay_code knn_search_restore(knn_search *s, const void *at, size_t bytes,
                                             assay_err *err);

#endif
