/* Rankings against scikit-learn (tests/reference/ranking_golden.py), against counting pairs, and
 * against differentiating the weighted scores numerically. */
#include "support/check.h"

#include "base/rng.h"
#include "eval/ranking.h"
#include "stats/special.h"
#include "support/predictions.h"

#include <math.h>
#include <string.h>

enum { N_MOST = 20000, K_MOST = 40, POINTS_MOST = 500 };

/* A set of samples with their probabilities, in static memory. */
static struct {
    float narrow[N_MOST * K_MOST];
    double wide[N_MOST * K_MOST];
    uint16_t label[N_MOST];
    uint32_t group[N_MOST], row[N_MOST];
    probabilities p;
    frame f;
    samples s;
} set;

static evaluation_options options;

static void set_up(size_t n, uint32_t class_count, bool narrow)
{
    set.p = (probabilities){.values = {.at = narrow ? (const void *)set.narrow : set.wide,
                                       .row_count = n,
                                       .column_count = class_count,
                                       .type = narrow ? MATRIX_F32 : MATRIX_F64}};
    set.f = (frame){.row_count = n, .label = set.label, .probability = &set.p};
    set.f.classes.count = class_count;
    set.s = (samples){.count = n, .label = set.label, .prediction = set.label, .frame = &set.f};
    options = (evaluation_options){.confidence_level = 0.95, .thread_count = 1};
}

static void put(size_t i, uint32_t class_count, size_t k, double value)
{
    set.narrow[i * class_count + k] = (float)value;
    set.wide[i * class_count + k] = (double)(float)value;
}

/* Labels and scores that go together a little; `levels`: how many distinct scores. */
static void fill_random(size_t n, uint32_t class_count, uint64_t levels, uint64_t seed)
{
    rng r;
    rng_init(&r, seed, 0);
    for (size_t i = 0; i < n; i++) {
        const uint64_t a = rng_below(&r, class_count), b = rng_below(&r, class_count);
        set.label[i] = (uint16_t)(a < b ? a : b); /* the later classes are rarer */
        for (size_t k = 0; k < class_count; k++) {
            const double x = 0.7 * rng_unit(&r) + (k == set.label[i] ? 0.3 * rng_unit(&r) : 0);
            put(i, class_count, k, floor(x * (double)levels) / (double)levels);
        }
    }
}

static ranking *rank(size_t curve_points)
{
    ranking *r = NULL;
    assert_int_equal(ranking_new(&set.s, curve_points, &options, &r, NULL), ASSAY_OK);
    assert_non_null(r);
    return r;
}

static void assert_near(double a, double b, double relative)
{
    if (fabs(a - b) > relative * fmax(fabs(a), fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

/* The standard error behind an interval made on the logit scale. */
static double se_behind(score s)
{
    const double logit_width = log(s.high / (1 - s.high)) - log(s.low / (1 - s.low));
    return logit_width / (2 * normal_z(0.95)) * s.value * (1 - s.value);
}

static double score_at(size_t i, size_t k)
{
    return set.wide[i * set.f.classes.count + k];
}

/* The same integers as data() in the script. */
static void fill_golden(uint64_t n, uint64_t levels, uint64_t positives_of_100, uint64_t salt)
{
    for (uint64_t i = 0; i < n; i++) {
        const uint64_t mixed = (i + salt) * 2654435761U % 4294967296U;
        set.label[i] = (mixed >> 7) % 100 < positives_of_100;
        const uint64_t shifted = (mixed >> 11) % levels + set.label[i] * (levels / 4);
        const double x = (double)shifted / (2 * (double)levels);
        put(i, 2, 0, 1 - x);
        put(i, 2, 1, x);
    }
}

static void areas_equal_scikit_learn(void **state)
{
    (void)state;
    static const struct {
        uint64_t n, levels, positives_of_100, salt, positives;
        double auroc, average_precision;
    } row[] = {
        /* random, few levels, two levels, imbalanced, mostly positive, constant, one positive */
        {200, 1000, 50, 1, 101, 0.70347034703470346, 0.72157760875017685},
        {200, 4, 50, 2, 101, 0.71362136213621363, 0.7107006277312311},
        {500, 2, 30, 3, 155, 0.49298737727910236, 0.30705806451612905},
        {1000, 4096, 3, 4, 30, 0.70219931271477665, 0.36800667273075172},
        {300, 64, 90, 5, 274, 0.76480909601347546, 0.97018050871890704},
        {257, 1, 40, 6, 113, 0.5, 0.43968871595330739},
        {64, 16, 2, 8, 1, 0.7857142857142857, 0.0625},
    };
    for (size_t c = 0; c < 2 * sizeof row / sizeof *row; c++) {
        const size_t at = c / 2;
        const bool narrow = c % 2;
        fill_golden(row[at].n, row[at].levels, row[at].positives_of_100, row[at].salt);
        set_up(row[at].n, 2, narrow);
        size_t positives = 0;
        for (size_t i = 0; i < row[at].n; i++)
            positives += set.label[i];
        assert_int_equal(positives, row[at].positives);
        ranking *r = rank(0);
        assert_near(r->per_class[1].auroc.value, row[at].auroc, 1e-12);
        assert_near(r->per_class[1].average_precision.value, row[at].average_precision, 1e-12);
        assert_int_equal(r->per_class[1].average_precision.few, row[at].positives < 10);
        assert_null(r->per_class[1].roc.point);
        ranking_free(r);
    }
}

static void assert_curve(const curve *c, const curve_point *golden, size_t count)
{
    assert_int_equal(c->count, count);
    for (size_t i = 0; i < count; i++) {
        assert_near(c->point[i].x, golden[i].x, 1e-15);
        assert_near(c->point[i].y, golden[i].y, 1e-15);
        assert_true(c->point[i].threshold == golden[i].threshold);
    }
}

/* roc_curve(drop_intermediate=False), whose first threshold is infinity from release 1.3 on;
 * precision_recall_curve without its last point, which has no threshold. */
static void whole_curves_equal_scikit_learn(void **state)
{
    (void)state;
    static const curve_point roc[] = {
        {0, 0, (double)INFINITY},
        {0, 0.20000000000000001, 0.5},
        {0.1111111111111111, 0.20000000000000001, 0.4375},
        {0.1111111111111111, 0.59999999999999998, 0.375},
        {0.44444444444444442, 0.59999999999999998, 0.3125},
        {0.55555555555555558, 0.80000000000000004, 0.25},
        {0.77777777777777779, 0.80000000000000004, 0.1875},
        {0.77777777777777779, 1, 0.125},
        {1, 1, 0.0625},
    };
    static const curve_point pr[] = {
        {0.20000000000000001, 1, 0.5},
        {0.20000000000000001, 0.5, 0.4375},
        {0.59999999999999998, 0.75, 0.375},
        {0.59999999999999998, 0.42857142857142855, 0.3125},
        {0.80000000000000004, 0.44444444444444442, 0.25},
        {0.80000000000000004, 0.36363636363636365, 0.1875},
        {1, 0.41666666666666669, 0.125},
        {1, 0.35714285714285715, 0.0625},
    };
    fill_golden(14, 8, 50, 13);
    for (int narrow = 0; narrow < 2; narrow++) {
        set_up(14, 2, narrow);
        ranking *r = rank(9);
        assert_curve(&r->per_class[1].roc, roc, 9);
        assert_curve(&r->per_class[1].pr, pr, 8);
        ranking_free(r);
    }
}

static bool holds(const curve *full, const curve_point *x)
{
    for (size_t i = 0; i < full->count; i++) {
        const curve_point *y = &full->point[i];
        if (y->x == x->x && y->y == x->y && y->threshold == x->threshold)
            return true;
    }
    return false;
}

static void assert_thinned(const curve *thin, const curve *full, size_t most)
{
    assert_in_range(thin->count, 2, most);
    assert_memory_equal(&thin->point[0], &full->point[0], sizeof(curve_point));
    assert_memory_equal(&thin->point[thin->count - 1], &full->point[full->count - 1],
                        sizeof(curve_point));
    for (size_t i = 0; i < thin->count; i++) {
        assert_true(holds(full, &thin->point[i]));
        if (i > 0) {
            assert_true(thin->point[i].x >= thin->point[i - 1].x);
            assert_true(thin->point[i].threshold < thin->point[i - 1].threshold);
        }
    }
}

static void thinned_curves_are_points_of_the_whole_with_its_ends(void **state)
{
    (void)state;
    fill_random(3000, 3, 1 << 20, 41);
    set_up(3000, 3, true);
    ranking *full = rank(3001);
    static const size_t most[] = {2, 3, 4, 5, 10, 100, 500};
    for (size_t m = 0; m < sizeof most / sizeof *most; m++) {
        ranking *thin = rank(most[m]);
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(full->per_class[k].pr.count + 1, full->per_class[k].roc.count);
            assert_thinned(&thin->per_class[k].roc, &full->per_class[k].roc, most[m]);
            assert_thinned(&thin->per_class[k].pr, &full->per_class[k].pr, most[m]);
        }
        /* No gap along the curve is wider than what the budget allows for. */
        const curve *roc = &thin->per_class[0].roc;
        const double widest = 2 / ((double)most[m] - 2) + 0.002;
        for (size_t i = 1; i < roc->count && most[m] >= 10; i++)
            assert_true(roc->point[i].x - roc->point[i - 1].x <= widest &&
                        roc->point[i].y - roc->point[i - 1].y <= widest);
        ranking_free(thin);
    }
    ranking_free(full);
}

/* AUROC of class k when sample i weighs weight[i]: every pair counted. */
static double weighted_auroc(const double *weight, size_t k)
{
    double won = 0, positive = 0, negative = 0;
    for (size_t i = 0; i < set.s.count; i++) {
        if (set.label[i] != k) {
            negative += weight[i];
            continue;
        }
        positive += weight[i];
        for (size_t j = 0; j < set.s.count; j++) {
            if (set.label[j] == k)
                continue;
            const double a = score_at(i, k), b = score_at(j, k);
            won += weight[i] * weight[j] * (a > b ? 1 : a == b ? 0.5 : 0);
        }
    }
    return won / (positive * negative);
}

/* AP of class k: the precision at each positive's own threshold, averaged. */
static double weighted_precision(const double *weight, size_t k)
{
    double sum = 0, positive = 0;
    for (size_t i = 0; i < set.s.count; i++) {
        if (set.label[i] != k)
            continue;
        double found = 0, at_least = 0;
        for (size_t j = 0; j < set.s.count; j++) {
            if (score_at(j, k) < score_at(i, k))
                continue;
            at_least += weight[j];
            found += set.label[j] == k ? weight[j] : 0;
        }
        sum += weight[i] * found / at_least;
        positive += weight[i];
    }
    return sum / positive;
}

/* What a positive adds to the precision at its own threshold by being there, averaged. */
static double precision_bias(size_t k)
{
    double sum = 0, positive = 0;
    for (size_t i = 0; i < set.s.count; i++) {
        double found = 0, at_least = 0;
        for (size_t j = 0; j < set.s.count && set.label[i] == k; j++) {
            at_least += score_at(j, k) >= score_at(i, k);
            found += score_at(j, k) >= score_at(i, k) && set.label[j] == k;
        }
        sum += set.label[i] == k ? (1 - found / at_least) / at_least : 0;
        positive += set.label[i] == k;
    }
    return sum / positive;
}

typedef double weighted_score(const double *weight, size_t k);

enum { N_SMALL = 90, K_SMALL = 3, GROUPS = 17 };

/* psi[i] = change of the score with the weight of sample i, by central differences. */
static void differentiate(weighted_score *f, size_t k, double *psi)
{
    double weight[N_SMALL];
    for (size_t i = 0; i < N_SMALL; i++)
        weight[i] = 1;
    for (size_t i = 0; i < N_SMALL; i++) {
        const double h = 1e-5;
        weight[i] = 1 + h;
        const double up = f(weight, k);
        weight[i] = 1 - h;
        psi[i] = (up - f(weight, k)) / (2 * h);
        weight[i] = 1;
    }
}

static double se_of(const double *psi, bool grouped)
{
    double sum[N_SMALL] = {0}, squares = 0;
    for (size_t i = 0; i < N_SMALL; i++)
        sum[grouped ? set.group[i] : i] += psi[i];
    for (size_t i = 0; i < N_SMALL; i++)
        squares += sum[i] * sum[i];
    return sqrt(squares * (grouped ? GROUPS / (GROUPS - 1.0) : 1));
}

static void set_up_small(uint64_t levels, bool grouped, bool narrow)
{
    fill_random(N_SMALL, K_SMALL, levels, 42);
    set_up(N_SMALL, K_SMALL, narrow);
    for (uint32_t i = 0; i < N_SMALL; i++)
        set.group[i] = i * i % GROUPS % 9 + (i % 2 ? 8 : 0);
    for (uint32_t g = 0; g < GROUPS; g++)
        set.group[g] = g; /* every group has a sample */
    if (grouped)
        set.s.groups = (clustering){.group = set.group, .group_count = GROUPS};
}

static void check_influences(bool grouped, uint64_t levels, bool narrow)
{
    set_up_small(levels, grouped, narrow);
    ranking *r = rank(0);
    double mean_auroc[N_SMALL] = {0}, mean_precision[N_SMALL] = {0}, mean_bias = 0;
    for (size_t k = 0; k < K_SMALL; k++) {
        double psi[N_SMALL];
        differentiate(weighted_auroc, k, psi);
        for (size_t i = 0; i < N_SMALL; i++)
            mean_auroc[i] += psi[i] / K_SMALL;
        if (grouped) {
            assert_near(se_behind(r->per_class[k].auroc), se_of(psi, true), 1e-7);
            assert_string_equal(r->per_class[k].auroc.method, "cluster-logit");
        }
        differentiate(weighted_precision, k, psi);
        mean_bias += precision_bias(k) / K_SMALL;
        for (size_t i = 0; i < N_SMALL; i++)
            mean_precision[i] += psi[i] / K_SMALL;
        if (grouped) {
            assert_near(se_behind(r->per_class[k].average_precision),
                        hypot(se_of(psi, true), precision_bias(k)), 1e-7);
            assert_string_equal(r->per_class[k].average_precision.method, "cluster-logit");
        }
    }
    const char *const method = grouped ? "cluster-logit" : "influence-logit";
    assert_near(se_behind(r->macro_auroc), se_of(mean_auroc, grouped), 1e-7);
    assert_near(se_behind(r->macro_average_precision),
                hypot(se_of(mean_precision, grouped), mean_bias), 1e-7);
    assert_string_equal(r->macro_auroc.method, method);
    assert_string_equal(r->macro_average_precision.method, method);
    ranking_free(r);
}

static void influences_are_the_derivatives_of_the_weighted_scores(void **state)
{
    (void)state;
    static const uint64_t levels[] = {3, 20, 1 << 20};
    for (size_t l = 0; l < 3; l++) {
        for (int way = 0; way < 4; way++)
            check_influences(way / 2, levels[l], way % 2);
    }
}

/* The share of the other kind that sample i is on the right side of, ties half. */
static double placement_of(size_t i, size_t k)
{
    const bool positive = set.label[i] == k;
    double won = 0, others = 0;
    for (size_t j = 0; j < N_SMALL; j++) {
        if ((set.label[j] == k) == positive)
            continue;
        const double a = score_at(i, k), b = score_at(j, k);
        won += a == b ? 0.5 : (a > b) == positive;
        others++;
    }
    return won / others;
}

/* DeLong, DeLong and Clarke-Pearson 1988: the variance of the mean placement of either kind. */
static double delong_variance(size_t k, double auroc, double *positives)
{
    double count[2] = {0}, squares[2] = {0};
    for (size_t i = 0; i < N_SMALL; i++) {
        const double off = placement_of(i, k) - auroc;
        count[set.label[i] == k]++;
        squares[set.label[i] == k] += off * off;
    }
    *positives = count[1];
    return squares[1] / (count[1] - 1) / count[1] + squares[0] / (count[0] - 1) / count[0];
}

static void delong_variance_equals_comparing_every_pair(void **state)
{
    (void)state;
    static const uint64_t levels[] = {3, 20, 1 << 20};
    double weight[N_SMALL];
    for (size_t i = 0; i < N_SMALL; i++)
        weight[i] = 1;
    for (size_t l = 0; l < 3; l++) {
        set_up_small(levels[l], false, l % 2);
        ranking *r = rank(0);
        for (size_t k = 0; k < K_SMALL; k++) {
            const score auroc = r->per_class[k].auroc, ap = r->per_class[k].average_precision;
            double positives;
            const double variance = delong_variance(k, auroc.value, &positives);
            assert_near(auroc.value, weighted_auroc(weight, k), 1e-14);
            assert_near(se_behind(auroc), sqrt(variance), 1e-10);
            assert_string_equal(auroc.method, "delong-logit");
            assert_near(ap.value, weighted_precision(weight, k), 1e-14);
            assert_near(se_behind(ap), sqrt(ap.value * (1 - ap.value) / positives), 1e-10);
            assert_string_equal(ap.method, "logit");
        }
        ranking_free(r);
    }
}

static void assert_no_answer(score s)
{
    assert_true(isnan(s.value) && isnan(s.low) && isnan(s.high));
    assert_string_equal(s.method, "none");
}

static void edges_get_the_far_bound_or_no_answer(void **state)
{
    (void)state;
    /* Class 0: ranked perfectly. Class 1: upside down. Class 2: one positive. Class 3: absent. */
    const size_t n = 41;
    set_up(n, 4, true);
    for (size_t i = 0; i < n; i++) {
        set.label[i] = i < 15 ? 0 : i < 40 ? 1 : 2;
        put(i, 4, 0, i < 15 ? 0.9 : 0.1);
        put(i, 4, 1, i >= 15 && i < 40 ? 0.2 : 0.3);
        put(i, 4, 2, (double)i / 64);
        put(i, 4, 3, 0.1);
    }
    ranking *r = rank(100);
    const score perfect = r->per_class[0].auroc, inverted = r->per_class[1].auroc;
    assert_true(perfect.value == 1 && perfect.high == 1);
    assert_near(perfect.low, pow(0.025, 1.0 / 15), 1e-15);
    assert_string_equal(perfect.method, "exact-bound");
    assert_true(inverted.value == 0 && inverted.low == 0);
    assert_near(inverted.high, 1 - pow(0.025, 1.0 / 16), 1e-15);
    assert_true(r->per_class[0].average_precision.value == 1);
    assert_near(r->per_class[0].average_precision.low, pow(0.025, 1.0 / 15), 1e-15);
    assert_true(r->per_class[2].auroc.value == 1 && isnan(r->per_class[2].auroc.low));
    assert_string_equal(r->per_class[2].auroc.method, "none");
    assert_true(r->per_class[2].auroc.few && !perfect.few);
    assert_no_answer(r->per_class[3].auroc);
    assert_no_answer(r->per_class[3].average_precision);
    assert_int_equal(r->per_class[3].roc.count + r->per_class[3].pr.count, 0);
    assert_near(r->macro_auroc.value, 2.0 / 3, 1e-15);
    assert_true(r->macro_auroc.few);
    ranking_free(r);
}

static void perfect_groups_count_groups_not_samples(void **state)
{
    (void)state;
    set_up(40, 2, true);
    for (uint32_t i = 0; i < 40; i++) {
        set.label[i] = i >= 20;
        put(i, 2, 0, i < 20 ? 0.8 : 0.2);
        put(i, 2, 1, i < 20 ? 0.2 : 0.8);
        set.group[i] = i < 20 ? i / 4 : 5 + (i - 20) / 2; /* 5 groups of class 0, 10 of class 1 */
    }
    set.s.groups = (clustering){.group = set.group, .group_count = 15};
    ranking *r = rank(0);
    assert_near(r->per_class[1].auroc.low, pow(0.025, 1.0 / 5), 1e-15);
    assert_near(r->per_class[1].average_precision.low, pow(0.025, 1.0 / 10), 1e-15);
    assert_near(r->macro_auroc.low, pow(0.025, 1.0 / 15), 1e-15);
    ranking_free(r);
}

static void one_class_alone_has_a_precision_but_no_auroc(void **state)
{
    (void)state;
    fill_random(50, 2, 100, 43);
    set_up(50, 2, true);
    memset(set.label, 0, 50 * sizeof *set.label);
    ranking *r = rank(10);
    assert_no_answer(r->per_class[0].auroc);
    assert_no_answer(r->macro_auroc);
    assert_true(r->per_class[0].average_precision.value == 1);
    assert_int_equal(r->per_class[0].roc.count, 0);
    assert_in_range(r->per_class[0].pr.count, 2, 10);
    ranking_free(r);
    set.s.count = 0;
    r = rank(10);
    assert_no_answer(r->macro_average_precision);
    assert_no_answer(r->per_class[0].average_precision);
    ranking_free(r);
}

static void assert_same_score(score a, score b)
{
    assert_memory_equal(&a.value, &b.value, sizeof(double));
    assert_memory_equal(&a.low, &b.low, sizeof(double));
    assert_memory_equal(&a.high, &b.high, sizeof(double));
    assert_string_equal(a.method, b.method);
    assert_int_equal(a.few, b.few);
}

static void assert_same_curve(const curve *a, const curve *b)
{
    assert_int_equal(a->count, b->count);
    if (a->count)
        assert_memory_equal(a->point, b->point, a->count * sizeof *a->point);
}

static void assert_same(const ranking *a, const ranking *b)
{
    assert_int_equal(a->class_count, b->class_count);
    assert_same_score(a->macro_auroc, b->macro_auroc);
    assert_same_score(a->macro_average_precision, b->macro_average_precision);
    for (uint32_t k = 0; k < a->class_count; k++) {
        assert_same_score(a->per_class[k].auroc, b->per_class[k].auroc);
        assert_same_score(a->per_class[k].average_precision, b->per_class[k].average_precision);
        assert_same_curve(&a->per_class[k].roc, &b->per_class[k].roc);
        assert_same_curve(&a->per_class[k].pr, &b->per_class[k].pr);
    }
}

static void bits_do_not_depend_on_threads_or_on_the_width_of_numbers(void **state)
{
    (void)state;
    fill_random(9001, K_MOST, 1 << 14, 44);
    for (int grouped = 0; grouped < 2; grouped++) {
        set_up(9001, K_MOST, true);
        for (uint32_t i = 0; i < 9001; i++)
            set.group[i] = i % 100;
        if (grouped)
            set.s.groups = (clustering){.group = set.group, .group_count = 100};
        ranking *one = rank(50);
        static const int threads[] = {2, 7, 64};
        for (size_t t = 0; t < 3; t++) {
            options.thread_count = threads[t];
            ranking *many = rank(50);
            assert_same(one, many);
            ranking_free(many);
        }
        set.p.values.at = set.wide;
        set.p.values.type = MATRIX_F64;
        ranking *wide = rank(50);
        assert_same(one, wide);
        ranking_free(wide);
        ranking_free(one);
    }
}

static void rows_that_are_not_selected_do_not_count(void **state)
{
    (void)state;
    const size_t n = 6000;
    const uint32_t k_count = 5;
    fill_random(n, k_count, 1 << 12, 45);
    set_up(n, k_count, true);
    static uint16_t label[N_MOST];
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        /* Dense at first, then with gaps of more than a tile. */
        if (i < 2000 ? i % 3 == 0 : i % 1500 < 40) {
            label[kept] = set.label[i];
            set.row[kept++] = (uint32_t)i;
        }
    }
    set.s.count = kept;
    set.s.row = set.row;
    set.s.label = label;
    ranking *chosen = rank(50);
    for (size_t i = 0; i < kept; i++) {
        for (size_t k = 0; k < k_count; k++)
            put(i, k_count, k, score_at(set.row[i], k));
    }
    set.s.row = NULL;
    ranking *dense = rank(50);
    assert_same(chosen, dense);
    ranking_free(chosen);
    ranking_free(dense);
}

static void a_class_filter_changes_the_means_alone(void **state)
{
    (void)state;
    fill_random(2000, 6, 1 << 12, 46);
    set_up(2000, 6, true);
    ranking *all = rank(20);
    static const bool shown[6] = {false, true, false, true, true, false};
    options.shown = shown;
    ranking *some = rank(20);
    double auroc = 0, precision = 0;
    for (size_t k = 0; k < 6; k++) {
        assert_same_score(all->per_class[k].auroc, some->per_class[k].auroc);
        assert_same_curve(&all->per_class[k].pr, &some->per_class[k].pr);
        auroc += shown[k] ? all->per_class[k].auroc.value / 3 : 0;
        precision += shown[k] ? all->per_class[k].average_precision.value / 3 : 0;
    }
    assert_near(some->macro_auroc.value, auroc, 1e-14);
    assert_near(some->macro_average_precision.value, precision, 1e-14);
    assert_true(some->macro_auroc.high - some->macro_auroc.low !=
                all->macro_auroc.high - all->macro_auroc.low);
    ranking_free(some);
    /* Every group of one: the same sums, times G/(G-1). */
    for (uint32_t i = 0; i < 2000; i++)
        set.group[i] = i;
    some = rank(0);
    const double se = se_behind(some->macro_auroc);
    ranking_free(some);
    set.s.groups = (clustering){.group = set.group, .group_count = 2000};
    some = rank(0);
    assert_near(se_behind(some->macro_auroc), se * sqrt(2000.0 / 1999), 1e-10);
    ranking_free(some);
    ranking_free(all);
}

static void one_group_alone_gives_no_interval(void **state)
{
    (void)state;
    set_up_small(20, false, true);
    memset(set.group, 0, sizeof set.group);
    set.s.groups = (clustering){.group = set.group, .group_count = 1};
    ranking *r = rank(0);
    assert_true(r->per_class[0].auroc.value > 0);
    assert_true(isnan(r->per_class[0].auroc.low) && isnan(r->macro_auroc.high));
    assert_string_equal(r->per_class[0].average_precision.method, "none");
    ranking_free(r);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    set_up_small(20, true, true);
    options.thread_count = 2;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        ranking *r = (ranking *)&options;
        assay_err err;
        mem_fail_after(n);
        const assay_code code = ranking_new(&set.s, 10, &options, &r, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_true(n > 10);
            ranking_free(r);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_null(r);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(mem_live(), live);
    ranking_free(NULL);
}

/* Every third row of 30 is spoilt; the rest stand alone in the other half of the comparison. */
static void rows_without_valid_probabilities_are_not_ranked(void **state)
{
    (void)state;
    enum { WHOLE = 30, SPOILT = 10 };
    predictions with, without;
    predictions_init(&with, WHOLE, 3);
    predictions_init(&without, WHOLE - SPOILT, 3);
    uint32_t group[WHOLE], group_of_valid[WHOLE - SPOILT];
    size_t valid = 0;
    for (size_t i = 0; i < WHOLE; i++) {
        with.label[i] = (uint16_t)(i / 4 % 3);
        group[i] = (uint32_t)(i / 3);
        for (size_t k = 0; k < 3; k++)
            with.values[3 * i + k] = predictions_unit(3 * i + k);
        if (i % 3 == 2) {
            with.values[3 * i + i % 2] = (double)NAN;
            continue;
        }
        memcpy(&without.values[3 * valid], &with.values[3 * i], 3 * sizeof(double));
        without.label[valid] = with.label[i];
        group_of_valid[valid++] = group[i];
    }
    predictions_scan(&with);
    predictions_scan(&without);
    for (int grouped = 0; grouped < 2; grouped++) {
        with.s.groups = (clustering){.group = grouped ? group : NULL, .group_count = 10};
        without.s.groups =
            (clustering){.group = grouped ? group_of_valid : NULL, .group_count = 10};
        const evaluation_options two_threads = predictions_options(1, 2);
        ranking *a, *b;
        assert_int_equal(ranking_new(&with.s, 100, &two_threads, &a, NULL), ASSAY_OK);
        assert_int_equal(ranking_new(&without.s, 100, &two_threads, &b, NULL), ASSAY_OK);
        assert_memory_equal(&a->macro_auroc, &b->macro_auroc, 3 * sizeof(double));
        assert_true(a->macro_auroc.low > 0);
        for (size_t k = 0; k < 3; k++) {
            assert_true(a->per_class[k].auroc.value == b->per_class[k].auroc.value);
            assert_true(a->per_class[k].average_precision.high ==
                        b->per_class[k].average_precision.high);
            assert_int_equal(a->per_class[k].roc.count, b->per_class[k].roc.count);
        }
        ranking_free(a);
        ranking_free(b);
    }
    with.s.groups = (clustering){.group = group, .group_count = 10};
    const size_t live = mem_live();
    for (size_t n = 0;; n++) {
        samples valid_ones;
        mem_fail_after(n);
        const assay_code code = samples_with_probabilities(&valid_ones, &with.s, NULL);
        mem_fail_after(UINT64_MAX);
        samples_clear(&valid_ones);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
    predictions_drop(&with);
    predictions_drop(&without);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(areas_equal_scikit_learn),
        cmocka_unit_test(whole_curves_equal_scikit_learn),
        cmocka_unit_test(thinned_curves_are_points_of_the_whole_with_its_ends),
        cmocka_unit_test(influences_are_the_derivatives_of_the_weighted_scores),
        cmocka_unit_test(delong_variance_equals_comparing_every_pair),
        cmocka_unit_test(edges_get_the_far_bound_or_no_answer),
        cmocka_unit_test(perfect_groups_count_groups_not_samples),
        cmocka_unit_test(one_class_alone_has_a_precision_but_no_auroc),
        cmocka_unit_test(bits_do_not_depend_on_threads_or_on_the_width_of_numbers),
        cmocka_unit_test(rows_that_are_not_selected_do_not_count),
        cmocka_unit_test(a_class_filter_changes_the_means_alone),
        cmocka_unit_test(one_group_alone_gives_no_interval),
        cmocka_unit_test(rows_without_valid_probabilities_are_not_ranked),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
