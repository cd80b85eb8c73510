#ifndef EVAL_EQUAL_PIXELS_H
#define EVAL_EQUAL_PIXELS_H

#include "eval/neighbours.h"

/** Joins the samples of equal pixels and equal shape in `parent` (stats/disjoint.h). A sample of
 * width 0 has no picture. NOMEM. O(N). */
ASSAY_MUST_USE assay_code equal_pixels_join(const pixel_identity *pixels, size_t row_count,
                                            uint32_t *parent, assay_err *err);

/** Whether both have a picture, and it is the same. */
bool equal_pixels(const pixel_identity *pixels, size_t a, size_t b);

#endif
