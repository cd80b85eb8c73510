/* Two weak judges of a label, neighbours and a linear classifier, made one ranking. Knows neither
 * projects nor probabilities. */
#include "project/rank_labels.h"

#include "base/mem.h"
#include "eval/suspect_ranking.h"
#include "linear/ridge.h"

#include <math.h>

_Static_assert((int)RIDGE_UNLABELLED == (int)CLASS_MISSING, "one code says that there is no label");

/* Lengths that differ from 1 by rounding only are not made anew. */
static const double length_slack = 1e-3;

/* What either judge says of each of N samples. */
typedef struct verdicts {
    double *quality, *closeness, *disagreement, *margin, *rank;
    float *fitted;
    uint16_t *majority, *choice;
    uint32_t *order;
    float *unit; /* the vectors at length 1, where they are not given so */
} verdicts;

static void verdicts_clear(verdicts *v)
{
    mem_free(v->quality);
    mem_free(v->closeness);
    mem_free(v->disagreement);
    mem_free(v->margin);
    mem_free(v->rank);
    mem_free(v->fitted);
    mem_free(v->majority);
    mem_free(v->choice);
    mem_free(v->order);
    mem_free(v->unit);
}
ASSAY_AUTO_CLEAR_DECLARE(verdicts)

static assay_code ranking_nomem(size_t n, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a ranking of %zu labels", n);
}

static assay_code take_memory(verdicts *v, size_t n, assay_err *err)
{
    v->quality = mem_alloc(n, sizeof *v->quality);
    v->closeness = mem_alloc(n, sizeof *v->closeness);
    v->disagreement = mem_alloc(n, sizeof *v->disagreement);
    v->margin = mem_alloc(n, sizeof *v->margin);
    v->rank = mem_alloc(n, sizeof *v->rank);
    v->fitted = mem_alloc(n, sizeof *v->fitted);
    v->majority = mem_alloc(n, sizeof *v->majority);
    v->choice = mem_alloc(n, sizeof *v->choice);
    v->order = mem_alloc(n, sizeof *v->order);
    const bool all = v->quality && v->closeness && v->disagreement && v->margin && v->rank &&
                     v->fitted && v->majority && v->choice && v->order;
    return all ? ASSAY_OK : ranking_nomem(n, err);
}

static double length_of(const float *row, size_t d)
{
    double sum = 0.0;
    for (size_t i = 0; i < d; i++)
        sum += (double)row[i] * (double)row[i];
    return sqrt(sum);
}

/* Neighbours are told by angles, and so shall the classifier: a long vector would count for more.
 * A vector of no length has no direction, and takes no part. */
static assay_code bring_to_length_one(const label_evidence *e, float **unit, assay_err *err)
{
    const size_t n = e->lists.row_count, d = e->dimensions;
    bool given = true;
    for (size_t i = 0; i < n && given; i++) {
        const double length = length_of(e->vectors + i * d, d);
        given = !isfinite(length) || fabs(length - 1.0) <= length_slack;
    }
    if (given)
        return ASSAY_OK;
    float *made = mem_alloc(n * d, sizeof *made);
    if (!made)
        return ranking_nomem(n, err);
    for (size_t i = 0; i < n; i++) {
        const double length = length_of(e->vectors + i * d, d);
        for (size_t j = 0; j < d; j++)
            made[i * d + j] =
                length > 0.0 ? (float)((double)e->vectors[i * d + j] / length) : (float)NAN;
    }
    *unit = made;
    return ASSAY_OK;
}

static assay_code fit(const label_evidence *e, const rank_labels_options *o, verdicts *v,
                      assay_err *err)
{
    ASSAY_TRY(bring_to_length_one(e, &v->unit, err));
    const ridge_samples samples = {
        .rows = {v->unit ? v->unit : e->vectors, e->lists.row_count, e->dimensions, e->dimensions},
        .label = e->label,
        .class_count = e->class_count};
    const ridge_options options = {
        .seed = o->seed, .thread_count = o->thread_count, .progress = o->progress};
    const ridge_answers answers = {.margin = v->fitted, .choice = v->choice};
    return ridge_cross_fit(&samples, &options, &answers, err);
}

/* Higher is more suspect. Shares are tenths and closeness lies in [-1, 1], so that it decides only
 * among equal shares. */
static void score_samples(const selection *rows, verdicts *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const bool chosen = !rows || selection_has(rows, i);
        v->disagreement[i] =
            chosen ? -(4.0 * NEIGHBOURS_ASKED * v->quality[i] + v->closeness[i]) : (double)NAN;
        v->margin[i] = (double)v->fitted[i];
    }
}

static bool is_contradicted(const verdicts *v, const uint16_t *label, size_t row)
{
    return v->margin[row] > 0.0 && v->majority[row] != label[row];
}

static assay_code list_contradicted(const verdicts *v, const uint16_t *label, ranked_labels *out,
                                    assay_err *err)
{
    size_t count = 0;
    for (size_t i = 0; i < out->judged; i++)
        count += is_contradicted(v, label, v->order[i]);
    out->row = mem_alloc(count, sizeof *out->row);
    out->score = mem_alloc(count, sizeof *out->score);
    out->annotation_quality = mem_alloc(count, sizeof *out->annotation_quality);
    out->fitted_margin = mem_alloc(count, sizeof *out->fitted_margin);
    out->suggested = mem_alloc(count, sizeof *out->suggested);
    out->neighbours_label = mem_alloc(count, sizeof *out->neighbours_label);
    if (!out->row || !out->score || !out->annotation_quality || !out->fitted_margin ||
        !out->suggested || !out->neighbours_label)
        return ranking_nomem(count, err);
    for (size_t i = 0; i < out->judged; i++) {
        const uint32_t row = v->order[i];
        if (!is_contradicted(v, label, row))
            continue;
        const size_t at = out->count++;
        out->row[at] = row;
        out->score[at] = v->rank[row];
        out->annotation_quality[at] = v->quality[row];
        out->fitted_margin[at] = v->margin[row];
        out->suggested[at] = v->choice[row];
        out->neighbours_label[at] = v->majority[row];
    }
    return ASSAY_OK;
}

assay_code rank_labels(const label_evidence *evidence, const rank_labels_options *options,
                       ranked_labels *out, assay_err *err)
{
    *out = (ranked_labels){0};
    const size_t n = evidence->lists.row_count;
    ASSAY_AUTO_CLEAR(verdicts) v = {0};
    ASSAY_AUTO_CLEAR(ranked_labels) made = {0};
    ASSAY_TRY(take_memory(&v, n, err));
    const label_agreement agreement = {v.quality, v.closeness, v.majority};
    neighbours_annotation(&evidence->lists, evidence->label, &agreement);
    ASSAY_TRY(fit(evidence, options, &v, err));
    score_samples(options->rows, &v, n);
    const suspect_scores scores = {v.disagreement, v.margin, n};
    ASSAY_TRY(suspect_ranking(&scores, v.order, v.rank, &made.judged, err));
    ASSAY_TRY(list_contradicted(&v, evidence->label, &made, err));
    *out = made;
    made = (ranked_labels){0};
    return ASSAY_OK;
}

void ranked_labels_clear(ranked_labels *ranked)
{
    mem_free(ranked->row);
    mem_free(ranked->score);
    mem_free(ranked->annotation_quality);
    mem_free(ranked->fitted_margin);
    mem_free(ranked->suggested);
    mem_free(ranked->neighbours_label);
    *ranked = (ranked_labels){0};
}
