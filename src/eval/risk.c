/* The risk-coverage curve: the error among the samples that are kept when the least confident are
 * refused, and its area. Samples without a confidence are left out. */
#include "eval/calibration.h"

#include "eval/thinning.h"
#include "stats/compensated.h"
#include "stats/interval.h"
#include "stats/sort.h"
#include "stats/special.h"

#include <assert.h>

ASSAY_AUTO_CLEAR_DECLARE(ordered_metric)

enum { FEW = 10 };

/* The samples that have a confidence, ascending by it. */
typedef struct ordered {
    const ordered_metric *by;
    size_t n;
    size_t wrong; /* among them */
} ordered;

static inline uint32_t is_wrong(uint32_t tag)
{
    return ~tag & 1U;
}

static ordered order_from(const ordered_metric *confidence)
{
    const size_t n = confidence->count;
    return (ordered){confidence, n, n - ordered_correct(confidence, 0, n)};
}

/* The samples of one confidence, [begin, end), and how many are wrong. */
typedef struct tie {
    size_t begin, end, wrong;
} tie;

static inline tie tie_of(const ordered *o, size_t run)
{
    const ordered_run of = ordered_run_of(o->by, run);
    const size_t end = o->by->run[run].end;
    return (tie){end - of.end, end, of.end - of.right};
}

/* The mean over the samples of the risk at their own threshold. */
static double area_of(const ordered *o)
{
    double sum = 0;
    size_t wrong_left = o->wrong;
    for (size_t run = 0; run < o->by->run_count; run++) {
        const tie t = tie_of(o, run);
        sum += (double)(t.end - t.begin) * ((double)wrong_left / (double)(o->n - t.begin));
        wrong_left -= t.wrong;
    }
    return sum / (double)o->n;
}

/* The groups, and what their samples add up to. */
typedef struct slots {
    const uint32_t
        *group;  /* of a sample; NULL: every sample stands alone, and there are no slots */
    double *psi; /* a group */
    bool *seen;  /* it has a sample */
    size_t count;
    double *each; /* of a sample; NULL: nobody asks */
} slots;

/* To each sample of a tie what it adds: the first where it is right, the second where it is wrong.
 */
static void give_influence(const ordered *o, const tie *t, const double *of, slots *to)
{
    const uint32_t *const tag = o->by->tag;
    for (size_t i = t->begin; to->each && i < t->end; i++)
        to->each[tag[i] >> 1] = of[is_wrong(tag[i])];
    for (size_t i = t->begin; to->group && i < t->end; i++) {
        const uint32_t slot = to->group[tag[i] >> 1];
        to->psi[slot] += of[is_wrong(tag[i])];
        to->seen[slot] = true;
    }
}

/* The samples' influences on the area: a sample's own risk, and how it moves the risk at every
 * threshold that keeps it. Those of groups are summed in their slots; returns the standard error of
 * samples that stand alone. */
static double add_influences(const ordered *o, double area, slots *to)
{
    const double n = (double)o->n;
    double gain = 0, loss = 0; /* sums over the samples so far of 1/kept and risk/kept */
    double squares = 0, lost = 0;
    size_t wrong_left = o->wrong;
    for (size_t run = 0; run < o->by->run_count; run++) {
        const tie t = tie_of(o, run);
        const double kept = (double)(o->n - t.begin), risk = (double)wrong_left / kept;
        const double tied = (double)(t.end - t.begin);
        gain += tied / kept;
        loss += tied * risk / kept;
        const double of[2] = {(risk - area - loss) / n, (risk - area - loss + gain) / n};
        compensated_add(&squares, &lost, (tied - (double)t.wrong) * (of[0] * of[0]));
        compensated_add(&squares, &lost, (double)t.wrong * (of[1] * of[1]));
        give_influence(o, &t, of, to);
        wrong_left -= t.wrong;
    }
    return sqrt(squares + lost);
}

/* The area of no error at all, or of nothing else: no threshold tells more than the rate itself,
 * whose Wilson bound it gets. */
static score area_at_the_edge(const ordered *o, double independent, double z)
{
    const bool all = o->wrong > 0;
    const interval i = interval_wilson(all ? independent : 0, independent, z);
    return (score){.value = all,
                   .low = all ? i.low : 0,
                   .high = all ? 1 : i.high,
                   .method = "wilson",
                   .few = true};
}

static score score_of(const ordered *o, slots *to, double z)
{
    const double area = area_of(o);
    double se = add_influences(o, area, to);
    double independent = to->group ? 0 : (double)o->n;
    for (size_t i = 0; i < to->count; i++)
        independent += to->seen[i];
    const size_t right = o->n - o->wrong;
    if (o->wrong == 0 || right == 0)
        return area_at_the_edge(o, independent, z);
    if (to->group)
        se = cluster_se(to->psi, to->count, (clustering){0}, NULL) *
             (independent < 2 ? (double)NAN : sqrt(independent / (independent - 1)));
    const interval i = interval_logit(area, se, z);
    const char *const method = to->group ? "cluster-logit" : "influence-logit";
    return (score){.value = area,
                   .low = i.low,
                   .high = i.high,
                   .method = isnan(i.low) ? "none" : method,
                   .few = o->wrong < FEW || right < FEW};
}

/* From the most confident sample to all of them. */
static bool draw_curve(const ordered *o, size_t most, curve *out)
{
    const size_t distinct = o->by->run_count;
    out->point = mem_alloc(distinct < most ? distinct : most, sizeof *out->point);
    if (!out->point)
        return false;
    thinning t = thinning_by_factor(distinct, most, o->n, o->n);
    const double n = (double)o->n;
    size_t wrong = 0;
    for (size_t run = distinct; run-- > 0;) {
        const tie tied = tie_of(o, run);
        const size_t kept = o->n - tied.begin;
        wrong += tied.wrong;
        if (thinning_keeps(&t, kept, kept, run == 0))
            out->point[out->count++] = (curve_point){(double)kept / n, (double)wrong / (double)kept,
                                                     sort_unkey_f64(o->by->key[tied.begin])};
    }
    return true;
}

/* Everything, into a zeroed `out`; false when memory is short or it is given up. */
static bool fill(risk_coverage *out, const ordered *o, const samples *s, size_t curve_points,
                 double *influence, const evaluation_options *options)
{
    out->aurc = score_none();
    if (o->n == 0)
        return true;
    const size_t slot_count = s->groups.group ? s->groups.group_count : 0;
    ASSAY_AUTO_MEM double *psi = mem_zalloc(slot_count, sizeof *psi);
    ASSAY_AUTO_MEM bool *seen = mem_zalloc(slot_count, sizeof *seen);
    if (!psi || !seen || (curve_points && !draw_curve(o, curve_points, &out->kept)) ||
        cancellation_asked(options->stop))
        return false;
    slots to = {
        .group = s->groups.group, .psi = psi, .seen = seen, .count = slot_count, .each = influence};
    out->aurc = score_of(o, &to, normal_z(options->confidence_level));
    return true;
}

/* The failure that nobody told yet: what is given up was not short of memory. */
static assay_code fail_unfilled(const samples *s, const evaluation_options *options, assay_err *err)
{
    ASSAY_TRY(cancellation_check(options->stop, err));
    return assay_fail(err, ASSAY_E_NOMEM,
                      "out of memory for the risk-coverage curve of %zu samples", s->count);
}

assay_code risk_coverage_init(risk_coverage *out, const samples *s,
                              const ordered_metric *confidence, size_t curve_points,
                              const evaluation_options *options, assay_err *err)
{
    assert(curve_points != 1);
    *out = (risk_coverage){0};
    const ordered o = order_from(confidence);
    if (fill(out, &o, s, curve_points, NULL, options))
        return ASSAY_OK;
    risk_coverage_clear(out);
    return fail_unfilled(s, options, err);
}

assay_code risk_area_with_influences(score *aurc, double *influence, const samples *s,
                                     const evaluation_options *options, assay_err *err)
{
    *aurc = score_none();
    for (size_t i = 0; i < s->count; i++)
        influence[i] = 0.0;
    ASSAY_AUTO_CLEAR(ordered_metric) confidence = {0};
    ASSAY_TRY(confidence_order_init(&confidence, s, options, err));
    risk_coverage found = {0};
    const ordered o = order_from(&confidence);
    if (!fill(&found, &o, s, 0, influence, options))
        return fail_unfilled(s, options, err);
    *aurc = found.aurc;
    return ASSAY_OK;
}

void risk_coverage_clear(risk_coverage *r)
{
    mem_free(r->kept.point);
    *r = (risk_coverage){0};
}
