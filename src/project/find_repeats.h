#ifndef PROJECT_FIND_REPEATS_H
#define PROJECT_FIND_REPEATS_H

#include "project/find_similar.h"

/** The small pictures of a project, opened once to look at pairs of samples. Immutable: any number
 * of threads may ask. */
typedef struct picture_index picture_index;

/** Failures of project_read(); NOT_FOUND, INPUT: there are no small pictures, or they are of
 * another length; NOMEM. O(N). */
ASSAY_MUST_USE assay_code picture_index_open(const char *project, size_t sample_count,
                                             int thread_count, picture_index **out, assay_err *err);
/** NULL is allowed. */
void picture_index_close(picture_index *p);

/**
 * The samples among the neighbours that are kept of one whose small pictures show the same with at
 * least that strength (eval/near_duplicates.h), the strongest first, ties by row; `similarity` is
 * the strength. find_duplicates() looks at all pairs, and finds also what is alike by its hash
 * alone. A picture that is not what the project's tables say is alike to none. NOMEM. O(k).
 */
ASSAY_MUST_USE assay_code find_repeats(const picture_index *p, const similar_index *s,
                                       uint32_t sample, double threshold, found_similar *out,
                                       assay_err *err);

#endif
