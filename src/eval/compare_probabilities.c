/* Two models' probabilities on the same samples: every difference comes from the differences of
 * what each sample says, or of its influences. */
#include "eval/compare_parts.h"

#include "eval/calibration.h"
#include "eval/ranking.h"
#include "stats/cluster.h"
#include "stats/interval.h"
#include "stats/special.h"

#include <math.h>

/* A smaller standard error is the rounding of 0: nothing differed, which does not mean that nothing
 * can. */
static const double SE_LEAST = 1e-12;

ASSAY_AUTO_DECLARE(ranking)

static score with_error(double value, double se, double z, double most, const char *method)
{
    score out = score_none();
    out.value = value;
    if (!isfinite(se) || se < SE_LEAST)
        return out;
    const interval i = interval_clip(interval_plain(value, se, z), -most, most);
    out.low = i.low;
    out.high = i.high;
    out.method = method;
    return out;
}

static score difference_of_means(const double *a, const double *b, size_t n, double most, double z)
{
    if (n == 0)
        return score_none();
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += b[i] - a[i];
    const double count = (double)n, mean = sum / count;
    for (size_t i = 0; i < n; i++)
        squares += (b[i] - a[i] - mean) * (b[i] - a[i] - mean);
    const double se = n > 1 ? sqrt(squares / (count - 1.0) / count) : (double)NAN;
    return with_error(mean, se, z, most, "paired-mean");
}

/* √Σ(ψ_b - ψ_a)²; `b` is spoilt. */
static double error_of_influences(const double *a, double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        b[i] -= a[i];
    return cluster_se(b, n, (clustering){0}, NULL);
}

/* One allocation for two models: two columns each, and a rank. */
typedef struct columns {
    double *number[4];
    uint16_t *rank[2];
} columns;

static void columns_clear(columns *c)
{
    mem_free(c->number[0]);
    mem_free(c->rank[0]);
}

ASSAY_AUTO_CLEAR_DECLARE(columns)

/* False when memory is short. */
static bool columns_init(columns *c, size_t n, size_t numbers)
{
    c->number[0] = mem_alloc(numbers * n, sizeof *c->number[0]);
    c->rank[0] = mem_alloc(2 * n, sizeof *c->rank[0]);
    if (!c->number[0] || !c->rank[0])
        return false;
    for (size_t i = 1; i < numbers; i++)
        c->number[i] = c->number[i - 1] + n;
    c->rank[1] = c->rank[0] + n;
    return true;
}

static assay_code columns_refuse(size_t n, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the differences of %zu samples", n);
}

/* Valid probabilities; a frame that has top-k lists, or nothing, asks for none. */
static bool row_is_valid(const frame *f, size_t row)
{
    return !f->probability || !f->probability->divisor || !isnan(f->probability->divisor[row]);
}

static bool row_has_confidence(const frame *f, size_t row)
{
    return !isnan(f->confidence[row]);
}

static score difference_of_top_k(const columns *c, size_t n, uint32_t k, double z)
{
    uint64_t only_a = 0, only_b = 0;
    for (size_t i = 0; i < n; i++) {
        const bool a = c->rank[0][i] < k, b = c->rank[1][i] < k;
        only_a += a && !b;
        only_b += b && !a;
    }
    return difference_of_proportions(only_a, only_b, n, z);
}

static void add_proper(comparison *out, const proper_scores *a, const proper_scores *b,
                       const columns *c, size_t n, double z)
{
    const double unbounded = (double)INFINITY;
    const score_difference loss = {
        "log_loss", true, a->log_loss, b->log_loss,
        difference_of_means(c->number[0], c->number[2], n, unbounded, z)};
    const score_difference brier = {"brier", true, a->brier, b->brier,
                                    difference_of_means(c->number[1], c->number[3], n, 2.0, z)};
    comparison_add(out, &loss);
    comparison_add(out, &brier);
}

static void add_top_k(comparison *out, const proper_scores *a, const proper_scores *b,
                      const columns *c, size_t n, double z)
{
    static const char *const NAMES[TOP_K_COUNT] = {"top_2", "top_3", "top_5"};
    for (size_t i = 0; i < TOP_K_COUNT; i++) {
        if (isnan(a->top_k[i].value) || isnan(b->top_k[i].value))
            continue;
        const score_difference row = {NAMES[i], false, a->top_k[i], b->top_k[i],
                                      difference_of_top_k(c, n, top_k_of[i], z)};
        comparison_add(out, &row);
    }
}

static bool has_ranks(const frame *f)
{
    return f->probability || f->top.length > 0;
}

assay_code compare_probabilities(comparison *out, const comparison_request *r, assay_err *err)
{
    if (!has_ranks(r->a) || !has_ranks(r->b))
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(sample_pair) p = {0};
    ASSAY_TRY(sample_pair_init(&p, r, row_is_valid, r->options.shown, err));
    const size_t n = p.a.count;
    const double z = normal_z(r->options.confidence_level);
    ASSAY_AUTO_CLEAR(columns) c = {0};
    if (!columns_init(&c, n, 4))
        return columns_refuse(n, err);
    const proper_terms terms[2] = {{c.number[0], c.number[1], c.rank[0]},
                                   {c.number[2], c.number[3], c.rank[1]}};
    proper_scores a, b;
    ASSAY_TRY(proper_scores_with_terms(&a, &terms[0], &p.a, &r->options, err));
    ASSAY_TRY(proper_scores_with_terms(&b, &terms[1], &p.b, &r->options, err));
    if (r->a->probability && r->b->probability) {
        out->with_probabilities = n;
        add_proper(out, &a, &b, &c, n, z);
    }
    add_top_k(out, &a, &b, &c, n, z);
    return ASSAY_OK;
}

assay_code compare_rankings(comparison *out, const comparison_request *r, assay_err *err)
{
    if (!r->a->probability || !r->b->probability)
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(sample_pair) p = {0};
    ASSAY_TRY(sample_pair_init(&p, r, row_is_valid, NULL, err));
    const size_t n = p.a.count;
    const double z = normal_z(r->options.confidence_level);
    ASSAY_AUTO_CLEAR(columns) c = {0};
    if (!columns_init(&c, n, 4))
        return columns_refuse(n, err);
    ranking_influences of_a = {.auroc = c.number[0], .average_precision = c.number[1]};
    ranking_influences of_b = {.auroc = c.number[2], .average_precision = c.number[3]};
    ASSAY_AUTO(ranking) a = NULL;
    ASSAY_AUTO(ranking) b = NULL;
    ASSAY_TRY(ranking_with_influences(&p.a, &of_a, &r->options, &a, err));
    ASSAY_TRY(ranking_with_influences(&p.b, &of_b, &r->options, &b, err));
    score_difference auroc = {"auroc", false, a->macro_auroc, b->macro_auroc, score_none()};
    auroc.difference =
        with_error(b->macro_auroc.value - a->macro_auroc.value,
                   error_of_influences(of_a.auroc, of_b.auroc, n), z, 1.0, "paired-influence");
    score_difference precision = {"average_precision", false, a->macro_average_precision,
                                  b->macro_average_precision, score_none()};
    const double spread = error_of_influences(of_a.average_precision, of_b.average_precision, n);
    precision.difference = with_error(
        b->macro_average_precision.value - a->macro_average_precision.value,
        hypot(spread, of_b.precision_bias - of_a.precision_bias), z, 1.0, "paired-influence");
    comparison_add(out, &auroc);
    comparison_add(out, &precision);
    return ASSAY_OK;
}

assay_code compare_risks(comparison *out, const comparison_request *r, assay_err *err)
{
    if (!r->a->confidence || !r->b->confidence)
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(sample_pair) p = {0};
    ASSAY_TRY(sample_pair_init(&p, r, row_has_confidence, r->options.shown, err));
    const size_t n = out->with_confidence = p.a.count;
    ASSAY_AUTO_CLEAR(columns) c = {0};
    if (!columns_init(&c, n, 2))
        return columns_refuse(n, err);
    score_difference area = {.name = "aurc", .lower_is_better = true};
    ASSAY_TRY(risk_area_with_influences(&area.a, c.number[0], &p.a, &r->options, err));
    ASSAY_TRY(risk_area_with_influences(&area.b, c.number[1], &p.b, &r->options, err));
    area.difference =
        with_error(area.b.value - area.a.value, error_of_influences(c.number[0], c.number[1], n),
                   normal_z(r->options.confidence_level), 1.0, "paired-influence");
    comparison_add(out, &area);
    return ASSAY_OK;
}
