#ifndef EVAL_NEAR_DUPLICATES_H
#define EVAL_NEAR_DUPLICATES_H

#include "base/progress.h"
#include "eval/hash_pairs.h"
#include "eval/neighbours.h"

/* Pictures that are equal, or nearly so: pairs that were suspected are looked at, and joined to
 * groups. Suspects come from neighbour lists and hashes; what decides is the pictures. */

/** Small pictures, 32×32 RGB, row by row, 3072 bytes each; `has` tells which are there (NULL: all).
 * `at` NULL: there are none. */
typedef struct small_pictures {
    const uint8_t *at;
    const uint8_t *has;
} small_pictures;

enum { SMALL_SIDE = 32, SMALL_BYTES = SMALL_SIDE * SMALL_SIDE * 3 };

/* Strength from which a pair is a near-duplicate unless the user moves it, and the neighbours in
 * the embedding that are suspects. */
#define NEAR_DUPLICATE_STRENGTH 0.95F
enum { SUSPECT_NEIGHBOURS = 20 };

/** Adds each sample with its nearest SUSPECT_NEIGHBOURS. NOMEM. */
ASSAY_MUST_USE assay_code suspect_neighbours(const neighbour_lists *lists, sample_pairs *pairs,
                                             assay_err *err);

/**
 * How alike two small pictures are, in [0, 1]: the greatest correlation of 16×16 grey averages of
 * the one with those of the other or of its mirror image, both whole, or of one only the middle
 * 95 % of its width and height, as if the other had been cropped from it; below 0 it is 0. A flat
 * picture correlates with nothing: two flat ones are 1 where no value differs by more than 4 of
 * 255, else 0.
 */
float pictures_likeness(const uint8_t *a, const uint8_t *b, bool *mirrored);

/** What is known of each pair: parallel arrays. */
typedef struct pair_looks {
    float *strength;   /* 1 for equal pixels; NaN: one of them has no small picture to look at */
    uint8_t *mirrored; /* it is the mirror image that is alike */
} pair_looks;

/** What pairs are looked at with. */
typedef struct pair_view {
    small_pictures small;
    const pixel_identity *pixels; /* NULL: not known */
    int thread_count;
    const progress *progress; /* "looking at pairs"; may stop it */
} pair_view;

/** Looks at every pair. CANCELLED. The same bits at any thread count. O(pairs). */
ASSAY_MUST_USE assay_code look_at_pairs(const sample_pairs *pairs, const pair_view *view,
                                        const pair_looks *looks, assay_err *err);

/** What chooses which of a group to keep and what the group is a sign of. Each may be NULL. */
typedef struct sample_facts {
    const double *area, *file_bytes; /* NaN: not known, less than any */
    const uint16_t *label, *split;   /* code or CLASS_MISSING */
} sample_facts;

typedef struct duplicate_group {
    uint32_t start, count; /* in members[] */
    uint32_t keep;         /* the sample of largest area, then of largest file, then lowest index */
    bool equal_pixels;     /* all of them */
    bool spans_splits;     /* two of its members lie in different splits: leakage */
    bool spans_labels;     /* two have different labels: one of them is wrong */
    float strength; /* of the weakest of its pairs that reach the threshold; 1 for equal pixels */
} duplicate_group;

/** Groups of two and more, by their lowest member; members ascending. */
typedef struct duplicate_groups {
    duplicate_group *at;
    uint32_t *member;
    size_t count, member_count;
} duplicate_groups;

void duplicate_groups_clear(duplicate_groups *groups);

/** What holds groups together. */
typedef struct duplicate_evidence {
    const pixel_identity *pixels; /* NULL: not known */
    const sample_pairs *pairs;    /* NULL: none */
    const float *strength;        /* of each pair */
    float threshold;              /* from which a pair counts */
} duplicate_evidence;

/** Groups from equal pixels and from the pairs whose strength reaches the threshold: everybody in a
 * group is such a pair with everybody (eval/clique_groups.h). The pairs are in order, each once.
 * NOMEM. O(N + pairs · log pairs). */
ASSAY_MUST_USE assay_code duplicate_groups_find(size_t row_count,
                                                const duplicate_evidence *evidence,
                                                const sample_facts *facts, duplicate_groups *out,
                                                assay_err *err);

#endif
