#ifndef EVAL_SIMILAR_GROUPS_H
#define EVAL_SIMILAR_GROUPS_H

#include "eval/neighbours.h"
#include "frame/selection.h"

/* Samples of a list that look alike, put together, so that one cause is seen once. */

/** One of similar_groups: a leader and those like it. */
typedef struct similar_group {
    uint32_t start, count; /* in member[]; the leader is the first */
} similar_group;

/** Groups of two and more, largest first, then by the leader's row. */
typedef struct similar_groups {
    similar_group *at;
    uint32_t *member; /* rows: of each group the leader, then the most similar to it; ties by row */
    float *distance;  /* of each member to its leader, 1 - cos; the leader's own is 0 */
    size_t count, member_count;
    size_t listed;            /* how many samples were to be grouped */
    size_t without_neighbour; /* of these, those that no pair is known of, however unlike */
    double threshold;         /* the similarity that was asked for, or chosen */
} similar_groups;

void similar_groups_clear(similar_groups *groups);
ASSAY_AUTO_CLEAR_DECLARE(similar_groups)

/**
 * Groups of the rows that are selected. Two are alike where one is among the neighbours that are
 * kept of the other and their cosine is at least `threshold`. Again and again the sample that is
 * alike to most of those that are in no group yet (the lowest row of equals) leads a group of
 * itself and all of these: everybody is alike to the leader, so that no chain of pairs makes one
 * group of everything (Butina 1999, with the counts kept current). docs/numerics.md.
 *
 * threshold  a cosine; NaN: chosen such that half of the samples that have a neighbour among the
 *            others have one as near: the median of the similarities to the nearest, down to a
 *            hundredth, in [0, 0.99]
 *
 * LIMIT: more than SIMILAR_PAIRS_MOST pairs; NOMEM. On failure *out is zero. O(N + n·k + pairs·log
 * n) for n selected rows; 16 bytes a pair.
 */
ASSAY_MUST_USE assay_code similar_groups_find(const neighbour_lists *lists, const selection *rows,
                                              double threshold, similar_groups *out,
                                              assay_err *err);

#endif
