#ifndef EVAL_PLAN_H
#define EVAL_PLAN_H

#include "eval/confusion.h"
#include "eval/options.h"
#include "eval/score.h"

/* The half-width that one may ask for. */
#define HALF_WIDTH_LEAST 0.001
#define HALF_WIDTH_MOST 0.5

/** How well the recall of one class is known, and what would tell more. */
typedef struct class_plan {
    uint16_t class_code;
    uint64_t labelled; /* samples of the class that have a prediction */
    score recall;      /* Wilson; no answer without samples */
    double half_width; /* of its interval; NaN without samples */
    uint64_t more;     /* labels that narrow it to the half-width asked for; 0: it is so narrow */
} class_plan;

/** What to label next. Owns its array. */
typedef struct label_plan {
    double half_width; /* that was asked for */
    double confidence_level;
    class_plan *of; /* the widest interval first, equal ones by code; those without samples last */
    size_t count;   /* of the shown classes */
    size_t without_samples; /* how many stand last */
    uint64_t more;          /* all together */
} label_plan;

/**
 * For each (shown) class of the matrix: how wide the Wilson interval of its recall is, and how many
 * more samples would make it narrow enough at a recall like the one seen:
 * plan_samples_needed((TP + 2)/(n + 4)) - n, or 0 where it already is. USAGE: half_width outside
 * HALF_WIDTH_LEAST..HALF_WIDTH_MOST; NOMEM. O(K log K).
 */
ASSAY_MUST_USE assay_code label_plan_init(label_plan *out, const confusion *c, double half_width,
                                          const evaluation_options *options, assay_err *err);
void label_plan_clear(label_plan *plan);
ASSAY_AUTO_CLEAR_DECLARE(label_plan)

/** The least n at which the Wilson interval of a proportion `p` of n has at most that half-width
 * (> 0). O(log n). */
uint64_t plan_samples_needed(double p, double half_width, double z);

/**
 * How to spend `budget` more labels so that the standard error of the mean recall becomes least:
 * the whole numbers n_k, none below what the (shown) class has, whose Σ v_k/n_k is least, v_k =
 * p(1 - p), p = (TP + 2)/(n + 4). That is Neyman's allocation, n_k in proportion to √v_k, poured
 * over what is there. `more`: class_count numbers n_k - n, 0 for hidden classes, which add up to
 * `budget` where any class is shown; equal needs go to the lower code, and a class without any
 * sample comes before all others. NOMEM. O(K · log K).
 */
ASSAY_MUST_USE assay_code plan_budget(const confusion *c, const bool *shown, uint64_t budget,
                                      uint64_t *more, assay_err *err);

#endif
