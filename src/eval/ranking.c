/* Ranking of each class against the rest: scores with intervals, curves, and means over the
 * classes. How samples are ordered and walked along is one_vs_rest.c's business. */
#include "eval/ranking.h"

#include "base/threads.h"
#include "eval/one_vs_rest.h"
#include "eval/thinning.h"
#include "stats/interval.h"
#include "stats/special.h"

#include <assert.h>
#include <string.h>

enum { FEW = 10 };

typedef one_vs_rest_order ordered;
typedef one_vs_rest_tally tally;
typedef one_vs_rest_influence influence;

/* What one worker needs. */
typedef struct lane {
    one_vs_rest_room room;
    influence *macro; /* a slot: summed over the shown classes of this worker */
    influence *own;   /* a slot: of one class; only with groups */
} lane;

typedef struct job {
    one_vs_rest setting;
    const samples *s;
    const evaluation_options *options;
    size_t curve_points;
    ranking *out;
    const uint64_t *support;
    double *bias; /* a class: its tally's precision_bias */
    lane *lanes;
    size_t slots; /* groups, or samples where there are none */
    double z;
    ranking_influences *influences; /* NULL: nobody asks */
} job;

/* Variance of the mean of `n` placements in [0, 1], given as whole numbers of 1/(2·others). */
static double variance_of_mean(one_vs_rest_wide squares, uint64_t sum, uint64_t n, uint64_t others)
{
    const one_vs_rest_wide spread = n * squares - (one_vs_rest_wide)sum * sum;
    const double count = (double)n, unit = 0.5 / (double)others;
    return (double)spread * unit * unit / (count * count * (count - 1));
}

static double delong_se(const ordered *o, const tally *t)
{
    return sqrt(variance_of_mean(t->positive_squares, t->twice_wins, o->positives, o->negatives) +
                variance_of_mean(t->negative_squares, t->twice_wins, o->negatives, o->positives));
}

typedef struct standard_errors {
    double auroc, precision;
} standard_errors;

/* From the sums in the slots; `share`: 1 for a class, 1/classes for a mean. `psi` has room for the
 * slots. */
static double se_of_slots(const job *j, double *psi, double share)
{
    const double se = cluster_se(psi, j->slots, (clustering){0}, NULL) * share * j->setting.step;
    const double groups = (double)j->slots;
    if (!j->s->groups.group)
        return se;
    return groups < 2 ? (double)NAN : se * sqrt(groups / (groups - 1));
}

static standard_errors errors_of(const job *j, const influence *sum, double *psi,
                                 double auroc_share, double precision_share)
{
    standard_errors se;
    for (size_t i = 0; i < j->slots; i++)
        psi[i] = (double)sum[i].auroc;
    se.auroc = se_of_slots(j, psi, auroc_share);
    for (size_t i = 0; i < j->slots; i++)
        psi[i] = (double)sum[i].precision;
    se.precision = se_of_slots(j, psi, precision_share);
    return se;
}

static score with_interval(double value, interval i, const char *method, bool few)
{
    return (score){.value = value,
                   .low = i.low,
                   .high = i.high,
                   .method = isnan(i.low) ? "none" : method,
                   .few = few};
}

/* Nothing went wrong in `n` tries: the far bound is where that still has probability alpha/2. */
static score exactly_at_the_edge(const job *j, double value, uint64_t n, bool few)
{
    const double far = pow((1 - j->options->confidence_level) / 2, 1 / (double)n);
    const interval i = value > 0.5 ? (interval){far, 1} : (interval){0, 1 - far};
    return with_interval(value, i, "exact-bound", few);
}

static bool at_the_edge(double value)
{
    return value <= 0 || value >= 1;
}

/* How many independent samples the positives (negatives) of a class are: groups, where there are
 * any. `mark` has the slots. */
static uint64_t count_independent(const job *j, size_t k, bool positive, influence *mark)
{
    const samples *s = j->s;
    if (!s->groups.group)
        return positive ? j->support[k] : s->count - j->support[k];
    uint64_t count = 0;
    memset(mark, 0, j->slots * sizeof *mark);
    for (size_t i = 0; i < s->count; i++) {
        influence *slot = &mark[s->groups.group[i]];
        if ((s->label[i] == k) != positive || slot->auroc)
            continue;
        slot->auroc = 1;
        count++;
    }
    return count;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static score auroc_of(const job *j, const lane *at, size_t k, const ordered *o, const tally *t,
                      const standard_errors *grouped)
{
    const uint64_t smallest = least(o->positives, o->negatives);
    if (smallest == 0)
        return score_none();
    if (smallest < 2)
        return with_interval(t->auroc, (interval){(double)NAN, (double)NAN}, "none", true);
    if (at_the_edge(t->auroc)) {
        const uint64_t n =
            least(count_independent(j, k, true, at->own), count_independent(j, k, false, at->own));
        return exactly_at_the_edge(j, t->auroc, n, smallest < FEW);
    }
    const double se = grouped ? grouped->auroc : delong_se(o, t);
    return with_interval(t->auroc, interval_logit(t->auroc, se, j->z),
                         grouped ? "cluster-logit" : "delong-logit", smallest < FEW);
}

static score average_precision_of(const job *j, const lane *at, size_t k, const ordered *o,
                                  const tally *t, const standard_errors *grouped)
{
    const double value = t->average_precision;
    const bool few = o->positives < FEW;
    if (at_the_edge(value))
        return exactly_at_the_edge(j, value, count_independent(j, k, true, at->own), few);
    if (grouped)
        return with_interval(value, interval_logit(value, grouped->precision, j->z),
                             "cluster-logit", few);
    const double se_logit = 1 / sqrt((double)o->positives * value * (1 - value));
    return with_interval(value, interval_logit_scale(value, se_logit, j->z), "logit", few);
}

static bool curve_alloc(curve *c, size_t full, size_t most)
{
    c->point = mem_alloc(full < most ? full : most, sizeof *c->point);
    return c->point;
}

static void curve_put(curve *c, double x, double y, double threshold)
{
    c->point[c->count++] = (curve_point){x, y, threshold};
}

/* Both curves from the highest threshold to the lowest; the ROC only where there are negatives. */
static int draw_curves(const job *j, const ordered *o, size_t distinct, class_ranking *out)
{
    const size_t most = j->curve_points;
    const double p = (double)o->positives, n = (double)o->negatives;
    thinning roc = thinning_by_shares(distinct + 1, most, o->positives, o->negatives);
    thinning pr = thinning_by_factor(distinct, most, o->positives, o->n);
    if (!curve_alloc(&out->pr, distinct, most))
        return 1;
    if (o->negatives) {
        if (!curve_alloc(&out->roc, distinct + 1, most))
            return 1;
        thinning_keeps(&roc, 0, 0, false);
        curve_put(&out->roc, 0, 0, (double)INFINITY);
    }
    uint64_t found = 0;
    for (size_t i = o->n; i-- > 0;) {
        found += o->pair[i] >> 31 & 1;
        if (i > 0 && o->pair[i] >> 32 == o->pair[i - 1] >> 32)
            continue;
        const uint64_t at_least = o->n - i, wrong = at_least - found;
        if (thinning_keeps(&pr, found, at_least, i == 0))
            curve_put(&out->pr, (double)found / p, (double)found / (double)at_least,
                      one_vs_rest_threshold(o, i));
        if (o->negatives && thinning_keeps(&roc, found, wrong, i == 0))
            curve_put(&out->roc, (double)wrong / n, (double)found / p, one_vs_rest_threshold(o, i));
    }
    return 0;
}

static bool is_shown(const job *j, size_t k)
{
    return !j->options->shown || j->options->shown[k];
}

/* With groups a class has sums of its own, which then go into those over the classes. */
static standard_errors grouped_errors(const job *j, const lane *at, size_t k, const ordered *o,
                                      const tally *t)
{
    memset(at->own, 0, j->slots * sizeof *at->own);
    one_vs_rest_add_influences(&j->setting, &at->room, o, t, at->own);
    for (size_t i = 0; is_shown(j, k) && i < j->slots; i++) {
        at->macro[i].auroc += at->own[i].auroc;
        at->macro[i].precision += at->own[i].precision;
    }
    standard_errors se = errors_of(j, at->own, at->room.scratch, 1, 1);
    se.precision = hypot(se.precision, t->precision_bias);
    return se;
}

static bool is_given_up(const job *j)
{
    return cancellation_asked(j->options->stop);
}

static bool is_ranked(const job *j, size_t k)
{
    return j->support[k] > 0 && (!j->options->ranked || j->options->ranked[k]);
}

static int rank_class(const job *j, const lane *at, size_t c, size_t k)
{
    class_ranking *out = &j->out->per_class[k];
    if (!is_ranked(j, k))
        return 0;
    const ordered o = one_vs_rest_sort(&j->setting, &at->room, c, k);
    if (is_given_up(j))
        return 1;
    const tally t = one_vs_rest_walk(&o, &at->room);
    if (is_given_up(j))
        return 1;
    j->bias[k] = t.precision_bias;
    const bool grouped = j->s->groups.group;
    standard_errors se = {0};
    if (o.negatives && grouped)
        se = grouped_errors(j, at, k, &o, &t);
    else if (o.negatives && is_shown(j, k))
        one_vs_rest_add_influences(&j->setting, &at->room, &o, &t, at->macro);
    if (is_given_up(j))
        return 1;
    out->auroc = auroc_of(j, at, k, &o, &t, grouped ? &se : NULL);
    out->average_precision = average_precision_of(j, at, k, &o, &t, grouped ? &se : NULL);
    return j->curve_points ? draw_curves(j, &o, t.distinct, out) : 0;
}

static int rank_block(void *context, size_t chunk, int worker)
{
    const job *j = context;
    const lane *at = &j->lanes[worker];
    const size_t first = chunk * j->setting.block;
    const size_t left = j->out->class_count - first,
                 count = left < j->setting.block ? left : j->setting.block;
    bool any = false;
    for (size_t c = 0; c < count; c++)
        any |= is_ranked(j, first + c);
    if (any)
        one_vs_rest_read(&j->setting, &at->room, first, count);
    for (size_t c = 0; c < count; c++) {
        if (rank_class(j, at, c, first + c))
            return 1;
    }
    return 0;
}

/* The mean of one score over the shown classes that have it. */
typedef struct average {
    double sum;
    uint64_t classes, smallest;
    bool few;
} average;

static void average_add(average *a, const score *s, uint64_t smallest)
{
    if (isnan(s->value))
        return;
    a->sum += s->value;
    a->smallest = a->classes++ ? least(a->smallest, smallest) : smallest;
    a->few |= s->few;
}

static double share_of(const average *a)
{
    return a->classes ? 1 / (double)a->classes : 0;
}

static score score_of_average(const job *j, const average *a, double se)
{
    if (a->classes == 0)
        return score_none();
    const double value = a->sum / (double)a->classes;
    const bool grouped = j->s->groups.group;
    if (at_the_edge(value))
        return exactly_at_the_edge(j, value, grouped ? least(a->smallest, j->slots) : a->smallest,
                                   a->few);
    return with_interval(value, interval_logit(value, se, j->z),
                         grouped ? "cluster-logit" : "influence-logit", a->few);
}

static void average_classes(const job *j, int lane_count)
{
    average auroc = {0}, precision = {0};
    double bias = 0;
    for (size_t k = 0; k < j->out->class_count; k++) {
        const uint64_t positives = j->support[k], negatives = j->s->count - positives;
        if (!is_shown(j, k))
            continue;
        average_add(&auroc, &j->out->per_class[k].auroc, least(positives, negatives));
        average_add(&precision, &j->out->per_class[k].average_precision, positives);
        bias += j->bias[k];
    }
    influence *const sum = j->lanes[0].macro;
    for (int l = 1; l < lane_count; l++) {
        for (size_t i = 0; i < j->slots; i++) {
            sum[i].auroc += j->lanes[l].macro[i].auroc;
            sum[i].precision += j->lanes[l].macro[i].precision;
        }
    }
    for (size_t i = 0; j->influences && i < j->slots; i++) {
        const double step = j->setting.step;
        j->influences->auroc[i] = (double)sum[i].auroc * step * share_of(&auroc);
        j->influences->average_precision[i] =
            (double)sum[i].precision * step * share_of(&precision);
    }
    if (j->influences)
        j->influences->precision_bias = bias * share_of(&precision);
    standard_errors se =
        errors_of(j, sum, j->lanes[0].room.scratch, share_of(&auroc), share_of(&precision));
    /* A mean over many classes has little spread and all of the bias: its interval must hold both.
     */
    se.precision = hypot(se.precision, bias * share_of(&precision));
    j->out->macro_auroc = score_of_average(j, &auroc, se.auroc);
    j->out->macro_average_precision = score_of_average(j, &precision, se.precision);
}

static bool lane_init(const job *j, lane *at)
{
    const bool grouped = j->s->groups.group;
    const bool whole = one_vs_rest_room_init(&at->room, &j->setting);
    at->macro = whole ? mem_alloc_large(j->slots, sizeof *at->macro) : NULL;
    at->own = whole && grouped ? mem_alloc(j->slots, sizeof *at->own) : NULL;
    if (at->macro)
        memset(at->macro, 0, j->slots * sizeof *at->macro);
    return at->macro && (at->own || !grouped);
}

static void lanes_free(lane *lanes, int count)
{
    for (int l = 0; lanes && l < count; l++) {
        one_vs_rest_room_clear(&lanes[l].room);
        mem_free(lanes[l].macro);
        mem_free(lanes[l].own);
    }
    mem_free(lanes);
}

static bool run(job *j)
{
    const size_t blocks = (j->out->class_count + j->setting.block - 1) / j->setting.block;
    const int threads = j->options->thread_count;
    const int lane_count = blocks < (size_t)threads ? (int)blocks : threads;
    j->lanes = mem_zalloc((size_t)lane_count, sizeof *j->lanes);
    bool fine = j->lanes;
    for (int l = 0; fine && l < lane_count; l++)
        fine = lane_init(j, &j->lanes[l]);
    fine = fine && threads_run(blocks, lane_count, rank_block, j) == 0;
    if (fine)
        average_classes(j, lane_count);
    lanes_free(j->lanes, lane_count);
    return fine;
}

/* Answers that stand until a class is found to have samples. */
static bool ranking_init(ranking *r, uint32_t class_count)
{
    r->class_count = class_count;
    r->macro_auroc = r->macro_average_precision = score_none();
    r->per_class = mem_zalloc(class_count, sizeof *r->per_class);
    for (uint32_t k = 0; r->per_class && k < class_count; k++)
        r->per_class[k].auroc = r->per_class[k].average_precision = score_none();
    return r->per_class;
}

ASSAY_AUTO_DECLARE(ranking)
ASSAY_AUTO_CLEAR_DECLARE(samples)

/* Of samples that all have probabilities. */
static assay_code rank_samples(const samples *s, size_t curve_points,
                               ranking_influences *influences, const evaluation_options *options,
                               ranking **out, assay_err *err)
{
    const uint32_t classes = s->frame->classes.count;
    ASSAY_AUTO(ranking) r = mem_zalloc(1, sizeof *r);
    ASSAY_AUTO_MEM uint64_t *support = mem_zalloc(classes, sizeof *support);
    ASSAY_AUTO_MEM double *bias = mem_zalloc(classes, sizeof *bias);
    if (!r || !support || !bias || !ranking_init(r, classes))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the ranking of %u classes",
                          classes);
    for (size_t i = 0; i < s->count; i++)
        support[s->label[i]]++;
    job j = {.s = s,
             .options = options,
             .curve_points = curve_points,
             .out = r,
             .support = support,
             .bias = bias,
             .slots = s->groups.group ? s->groups.group_count : s->count,
             .z = normal_z(options->confidence_level),
             .influences = influences};
    one_vs_rest_init(&j.setting, s, support, options->thread_count);
    j.setting.stop = options->stop;
    const bool fine = s->count == 0 || run(&j);
    ASSAY_TRY(cancellation_check(options->stop, err));
    if (!fine)
        return assay_fail(err, ASSAY_E_NOMEM,
                          "out of memory for the ranking of %zu samples and %u classes", s->count,
                          classes);
    *out = ASSAY_GIVE(r);
    return ASSAY_OK;
}

assay_code ranking_new(const samples *s, size_t curve_points, const evaluation_options *options,
                       ranking **out, assay_err *err)
{
    assert(s->frame->probability && curve_points != 1);
    *out = NULL;
    ASSAY_AUTO_CLEAR(samples) valid = {0};
    ASSAY_TRY(samples_with_probabilities(&valid, s, err));
    return rank_samples(&valid, curve_points, NULL, options, out, err);
}

assay_code ranking_with_influences(const samples *s, ranking_influences *influences,
                                   const evaluation_options *options, ranking **out, assay_err *err)
{
    assert(s->frame->probability && !s->groups.group);
    *out = NULL;
    influences->precision_bias = 0.0;
    for (size_t i = 0; i < s->count; i++)
        influences->auroc[i] = influences->average_precision[i] = 0.0;
    return rank_samples(s, 0, influences, options, out, err);
}

void ranking_free(ranking *r)
{
    if (!r)
        return;
    for (uint32_t k = 0; r->per_class && k < r->class_count; k++) {
        mem_free(r->per_class[k].roc.point);
        mem_free(r->per_class[k].pr.point);
    }
    mem_free(r->per_class);
    mem_free(r);
}
