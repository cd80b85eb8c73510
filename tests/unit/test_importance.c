/* Importance of whole frames against SciPy and scikit-learn, and what it does where there is little
 * or nothing to see. The golden numbers were printed by tests/reference/metrics_golden.py. */
#include "support/check.h"

#include "base/rng.h"
#include "eval/calibration.h"
#include "eval/importance.h"
#include "stats/adjust.h"

#include <math.h>
#include <string.h>

enum { MOST = 2000, METRICS = 5, GOLDEN = 400 };

static void assert_near(double got, double want, double relative)
{
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("%.17g, not %.17g", got, want);
}

static double next_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 11) * 0x1p-53;
}

typedef struct world {
    double value[METRICS][MOST];
    uint16_t label[MOST], prediction[MOST];
    uint32_t group[MOST];
    metric_column metric[METRICS];
    frame frame;
    samples samples;
    evaluation_options options;
} world;

static world w;
static char metric_name[METRICS][2] = {"a", "b", "c", "d", "e"};
static const size_t ALL[METRICS] = {0, 1, 2, 3, 4};

static void world_init(size_t n)
{
    memset(&w, 0, sizeof w);
    for (size_t k = 0; k < METRICS; k++)
        w.metric[k] = (metric_column){.name = metric_name[k], .value = w.value[k]};
    w.frame = (frame){.row_count = n,
                      .label = w.label,
                      .prediction = w.prediction,
                      .metric = w.metric,
                      .metric_count = METRICS};
    w.samples =
        (samples){.count = n, .label = w.label, .prediction = w.prediction, .frame = &w.frame};
    w.options =
        (evaluation_options){.confidence_level = 0.95, .bins = 10, .seed = 1, .thread_count = 1};
}

static void set_right(size_t i, bool right)
{
    w.label[i] = 1;
    w.prediction[i] = right ? 1 : 0;
}

static metric_analyses *analyse(const size_t *which, size_t count)
{
    metric_analyses *m = NULL;
    assert_int_equal(metric_analyses_new(&w.samples, &(analysed_metrics){which, count, NULL},
                                         &w.options, &m, NULL),
                     ASSAY_OK);
    assert_non_null(m);
    assert_int_equal(m->count, count);
    return m;
}

static metric_importance importance_of(size_t metric)
{
    metric_analyses *m = analyse(&metric, 1);
    const metric_importance found = m->metric[0].importance;
    metric_analyses_free(m);
    return found;
}

/* Metric 0 is continuous, metric 1 has 14 values. */
static void golden_world(void)
{
    world_init(GOLDEN);
    uint64_t for_x = 1, for_right = 2;
    for (size_t i = 0; i < GOLDEN; i++) {
        const double u = next_unit(&for_x);
        w.value[0][i] = exp(2.0 * u) - 3.0 * u * u;
        w.value[1][i] = floor(4.0 * w.value[0][i]);
        set_right(i, next_unit(&for_right) < 0.55 + 0.4 * u);
    }
}

/* Metrics of all kinds: a strong one, noise, ties, missing values, a constant. */
static void mixed_world(size_t n, uint64_t seed)
{
    world_init(n);
    rng random;
    rng_init(&random, seed, 0);
    for (size_t i = 0; i < n; i++) {
        const bool right = rng_below(&random, 5) > 0;
        set_right(i, right);
        w.value[0][i] = rng_normal(&random) + (right ? 1.0 : 0.0);
        w.value[1][i] = rng_normal(&random);
        w.value[2][i] = (double)rng_below(&random, 3) - (right ? 1.0 : 0.0);
        w.value[3][i] = rng_below(&random, 4) ? rng_unit(&random) : (double)NAN;
        w.value[4][i] = 0.1;
        w.group[i] = (uint32_t)(i / 4);
    }
}

static void assert_no_answer(score s)
{
    assert_true(isnan(s.value));
    assert_true(isnan(s.low) && isnan(s.high));
    assert_string_equal(s.method, "none");
}

static void assert_holds_its_value(score s)
{
    assert_true(s.low <= s.value && s.value <= s.high);
}

static void scipy_and_scikit_learn_say_the_same(void **state)
{
    (void)state;
    golden_world();
    const metric_importance x = importance_of(0);
    assert_int_equal(x.samples, GOLDEN);
    assert_near(x.correlation.value, 0.27999477133982936, 1e-11);
    assert_near(x.spearman.value, 0.30309012785051992, 1e-11);
    const double entropy = 0.57565562989101493;
    assert_near(x.information.value, 0.046836673215564346, 1e-11);
    assert_near(x.share, x.information.value / entropy, 1e-12);
    assert_near(x.p_value, 6.8907782146450118e-08, 1e-9);
    assert_string_equal(x.p_method, "g-test");
    assert_null(x.p_missing);
    assert_string_equal(x.information.method, "plug-in");
    assert_string_equal(x.correlation.method, "influence-fisher");
    assert_false(x.information.few);
    const metric_importance tied = importance_of(1);
    assert_near(tied.correlation.value, 0.27679037603433643, 1e-11);
    assert_near(tied.spearman.value, 0.29746011045457649, 1e-11);
}

/* Twice the plug-in less the upper end is where the lower end would be. */
static void the_interval_is_that_of_the_plug_in_and_holds_the_value(void **state)
{
    (void)state;
    golden_world();
    const score wide = importance_of(0).information;
    assert_near(wide.high, 0.12090940355527578, 1e-11);
    assert_true(2.0 * 0.084336673215564345 - wide.high > wide.value);
    assert_true(wide.low == wide.value);
    const score tied = importance_of(1).information;
    assert_near(tied.value, 0.04904052797855335, 1e-11);
    assert_near(tied.high, 0.089590447256829547, 1e-11);
    assert_near(tied.low, 2.0 * 0.061540527978553347 - 0.089590447256829547, 1e-11);
}

/* Two values, so two bins: 30 samples of which 20 are right, 20 of which 5 are. */
static void a_metric_of_two_values_agrees_with_pencil_and_paper(void **state)
{
    (void)state;
    world_init(50);
    for (size_t i = 0; i < 50; i++) {
        w.value[0][i] = i < 30 ? 7.0 : -2.0;
        set_right(i, i < 20 || i >= 45);
    }
    const double term[4] = {log(20.0 * 50.0 / (30.0 * 25.0)), log(10.0 * 50.0 / (30.0 * 25.0)),
                            log(5.0 * 50.0 / (20.0 * 25.0)), log(15.0 * 50.0 / (20.0 * 25.0))};
    static const double share[4] = {0.4, 0.2, 0.1, 0.3};
    double plug_in = 0.0, variance = 0.0;
    for (size_t i = 0; i < 4; i++)
        plug_in += share[i] * term[i];
    for (size_t i = 0; i < 4; i++)
        variance += share[i] * (term[i] - plug_in) * (term[i] - plug_in);
    const metric_importance m = importance_of(0);
    assert_near(m.information.value, plug_in - 1.0 / 100.0, 1e-12);
    assert_near(m.share, (plug_in - 0.01) / log(2.0), 1e-12);
    const double z = 1.959963984540054;
    assert_near(m.information.high, plug_in + z * sqrt(variance / 50.0), 1e-12);
    assert_near(m.information.low, fmax(0.0, plug_in - z * sqrt(variance / 50.0)), 1e-9);
    /* phi of the 2x2 table */
    assert_near(m.correlation.value, (20.0 * 15.0 - 10.0 * 5.0) / sqrt(30.0 * 20.0 * 25.0 * 25.0),
                1e-12);
    assert_near(m.spearman.value, m.correlation.value, 1e-12);
}

static void scikit_learn_says_the_same_of_neighbours(void **state)
{
    (void)state;
    golden_world();
    w.options.importance_nearest = true;
    for (uint64_t seed = 0; seed < 5; seed++) {
        w.options.seed = seed;
        const metric_importance x = importance_of(0);
        assert_near(x.information.value, 0.021860535624381283, 1e-9);
        assert_string_equal(x.information.method, "nearest");
        assert_holds_its_value(x.information);
    }
    w.options.seed = 1;
    /* The scale of a metric is nothing to it, nor is its middle. */
    for (size_t i = 0; i < GOLDEN; i++)
        w.value[0][i] = 1000.0 * w.value[0][i];
    assert_near(importance_of(0).information.value, 0.021860535624381283, 1e-9);
}

static void tied_metrics_lie_where_scikit_learn_scatters(void **state)
{
    (void)state;
    golden_world();
    w.options.importance_nearest = true;
    double sum = 0.0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        w.options.seed = seed;
        const double value = importance_of(1).information.value;
        assert_true(fabs(value - 0.042907304043665009) < 4.0 * 0.019267934452641553);
        sum += value;
    }
    /* and so does their mean: two means of 20 */
    assert_true(fabs(sum / 20.0 - 0.042907304043665009) < 4.0 * 0.019267934452641553 / sqrt(10.0));
}

static void a_missing_value_leaves_its_sample_out(void **state)
{
    (void)state;
    mixed_world(600, 3);
    const metric_importance with_holes = importance_of(3);
    /* The same metric over the samples that have it. */
    size_t n = 0;
    for (size_t i = 0; i < 600; i++) {
        if (isnan(w.value[3][i]))
            continue;
        w.value[3][n] = w.value[3][i];
        w.label[n] = w.label[i];
        w.prediction[n] = w.prediction[i];
        n++;
    }
    assert_true(n < 500);
    w.samples.count = n;
    const metric_importance dense = importance_of(3);
    assert_int_equal(with_holes.samples, n);
    assert_true(with_holes.correlation.value == dense.correlation.value);
    assert_true(with_holes.correlation.low == dense.correlation.low);
    assert_true(with_holes.spearman.value == dense.spearman.value);
    assert_true(with_holes.information.value == dense.information.value);
    assert_true(with_holes.p_value == dense.p_value);
}

/* All right samples lack the value of 0 that all wrong ones have: read as 0, the metric would be
 * told to say nothing. */
static void a_missing_value_is_not_zero(void **state)
{
    (void)state;
    world_init(200);
    for (size_t i = 0; i < 200; i++) {
        const bool right = i % 2 == 0;
        set_right(i, right);
        w.value[0][i] = i % 4 < 2 ? (right ? 1.0 : 2.0) : (double)NAN;
    }
    const metric_importance m = importance_of(0);
    assert_int_equal(m.samples, 100);
    assert_near(m.correlation.value, -1.0, 1e-12);
    assert_near(m.share, 1.0, 1e-12);
}

static void a_metric_that_is_missing_everywhere_has_no_answers(void **state)
{
    (void)state;
    mixed_world(100, 4);
    for (size_t i = 0; i < 100; i++)
        w.value[1][i] = (double)NAN;
    metric_analyses *m = analyse(ALL, METRICS);
    const metric_importance *const i = &m->metric[1].importance;
    assert_int_equal(i->samples, 0);
    assert_no_answer(i->correlation);
    assert_no_answer(i->spearman);
    assert_no_answer(i->information);
    assert_true(isnan(i->share) && isnan(i->p_value) && isnan(i->p_adjusted));
    assert_string_equal(i->p_method, "none");
    assert_string_equal(i->p_missing, "no sample has a value");
    assert_int_equal(m->metric[1].performance.count, 0);
    metric_analyses_free(m);
}

static void a_constant_metric_tells_nothing(void **state)
{
    (void)state;
    mixed_world(300, 5);
    for (int nearest = 0; nearest < 2; nearest++) {
        w.options.importance_nearest = nearest;
        const metric_importance m = importance_of(4);
        assert_no_answer(m.correlation);
        assert_no_answer(m.spearman);
        assert_true(m.information.value == 0.0);
        assert_true(m.share == 0.0);
        assert_true(isnan(m.p_value));
        assert_string_equal(m.p_missing, "the metric has one value only");
    }
}

static void without_both_outcomes_there_is_nothing_to_tell(void **state)
{
    (void)state;
    for (int right = 0; right < 2; right++)
        for (int nearest = 0; nearest < 2; nearest++) {
            mixed_world(100, 6);
            w.options.importance_nearest = nearest;
            for (size_t i = 0; i < 100; i++)
                set_right(i, right);
            const metric_importance m = importance_of(0);
            assert_no_answer(m.correlation);
            assert_no_answer(m.information);
            assert_true(isnan(m.share));
            assert_true(isnan(m.p_value));
            assert_string_equal(m.p_missing,
                                right ? "every sample is right" : "every sample is wrong");
        }
}

static void two_samples_and_one_are_not_too_few_to_run(void **state)
{
    (void)state;
    for (int nearest = 0; nearest < 2; nearest++) {
        world_init(2);
        w.options.importance_nearest = nearest;
        w.value[0][0] = 3.0;
        set_right(0, true);
        w.value[0][1] = 1.0;
        set_right(1, false);
        const metric_importance two = importance_of(0);
        assert_near(two.correlation.value, 1.0, 1e-15);
        assert_true(isnan(two.correlation.low));
        assert_string_equal(two.correlation.method, "none");
        assert_true(two.correlation.few);
        assert_true(two.p_value == 1.0);
        if (nearest) {
            assert_no_answer(two.information);
            assert_true(isnan(two.share));
        } else {
            assert_near(two.share, 1.0, 1e-15);
        }
        w.samples.count = 1;
        const metric_importance one = importance_of(0);
        assert_int_equal(one.samples, 1);
        assert_no_answer(one.information);
        assert_no_answer(one.correlation);
        w.samples.count = 0;
        assert_int_equal(importance_of(0).samples, 0);
    }
}

/* The squares of such values leave the range of a double, both ways. A power of two changes no
 * digit. */
static void very_small_and_very_large_values_count_as_others_do(void **state)
{
    (void)state;
    for (int nearest = 0; nearest < 2; nearest++) {
        mixed_world(600, 12);
        w.options.importance_nearest = nearest;
        const metric_importance want = importance_of(0);
        assert_true(want.information.value > 0.0);
        static const int exponent[] = {-700, -565, 515, 660};
        for (size_t k = 0; k < sizeof exponent / sizeof *exponent; k++) {
            mixed_world(600, 12);
            w.options.importance_nearest = nearest;
            for (size_t i = 0; i < 600; i++)
                w.value[0][i] = ldexp(w.value[0][i], exponent[k]);
            const metric_importance got = importance_of(0);
            assert_near(got.information.value, want.information.value, 1e-12);
            assert_near(got.information.low, want.information.low, 1e-9);
            assert_near(got.correlation.value, want.correlation.value, 1e-12);
            assert_near(got.spearman.value, want.spearman.value, 1e-15);
        }
    }
}

/* A metric that says right or wrong outright holds H(s) nats, which is all there is: 1, not 0.3. */
static void the_share_is_of_the_entropy(void **state)
{
    (void)state;
    world_init(1000);
    for (size_t i = 0; i < 1000; i++) {
        set_right(i, i % 10 != 0);
        w.value[0][i] = i % 10 != 0 ? 1.0 : 0.0;
    }
    const metric_importance m = importance_of(0);
    const double entropy = -0.9 * log(0.9) - 0.1 * log(0.1);
    assert_near(m.information.value, entropy, 1e-12);
    assert_near(m.share, 1.0, 1e-12);
    mixed_world(1000, 8);
    for (int nearest = 0; nearest < 2; nearest++) {
        w.options.importance_nearest = nearest;
        metric_analyses *a = analyse(ALL, METRICS);
        for (size_t k = 0; k < METRICS; k++) {
            assert_true(a->metric[k].importance.share >= 0.0);
            assert_true(a->metric[k].importance.share <= 1.0);
            if (k < METRICS - 1)
                assert_holds_its_value(a->metric[k].importance.information);
        }
        metric_analyses_free(a);
    }
}

/* Up to 64 distinct values are their own bins: a metric whose every value is all right or all
 * wrong, in turns, holds everything. In 32 bins of two values it would hold nothing. */
static void few_distinct_values_are_their_own_bins(void **state)
{
    (void)state;
    for (size_t distinct = 64; distinct <= 65; distinct++) {
        world_init(distinct * 20);
        for (size_t i = 0; i < distinct * 20; i++) {
            w.value[0][i] = (double)(i % distinct);
            set_right(i, i % distinct % 2 == 0);
        }
        const double share = importance_of(0).share;
        assert_true(distinct == 64 ? share > 0.99 : share < 0.2);
    }
}

static void a_small_expected_count_is_tested_by_permutation(void **state)
{
    (void)state;
    mixed_world(200, 9);
    assert_string_equal(importance_of(0).p_method,
                        "permutation"); /* 10 bins of 20, 20 % wrong: 4 */
    const double p = importance_of(0).p_value;
    assert_true(p >= 0.001 && p < 0.05);
    assert_true(importance_of(0).p_value == p);
    assert_true(importance_of(1).p_value > 0.05);
    mixed_world(1000, 9);
    assert_string_equal(importance_of(0).p_method, "g-test");
}

static void p_values_are_adjusted_over_the_metrics(void **state)
{
    (void)state;
    mixed_world(1500, 10);
    metric_analyses *m = analyse(ALL, METRICS);
    double p[METRICS], adjusted[METRICS];
    size_t order[METRICS];
    for (size_t k = 0; k < METRICS; k++)
        p[k] = m->metric[k].importance.p_value;
    assert_true(isnan(p[4]) && !isnan(p[0]));
    adjust_benjamini_hochberg(p, METRICS, adjusted, order);
    for (size_t k = 0; k < METRICS; k++) {
        const double got = m->metric[k].importance.p_adjusted;
        assert_true(got == adjusted[k] || (isnan(got) && isnan(adjusted[k])));
    }
    assert_true(m->metric[0].importance.p_adjusted > p[0]);
    metric_analyses_free(m);
}

/* Each sample twice, as a group of two: the value is that of the doubled data, and the interval is
 * as wide as that of the single data but for G/(G-1). */
static void a_sample_counted_twice_is_one_sample(void **state)
{
    (void)state;
    const size_t single_count = 900;
    mixed_world(single_count, 11);
    metric_analyses *single = analyse(ALL, METRICS);
    for (size_t i = single_count; i < 2 * single_count; i++) {
        for (size_t k = 0; k < METRICS; k++)
            w.value[k][i] = w.value[k][i - single_count];
        w.label[i] = w.label[i - single_count];
        w.prediction[i] = w.prediction[i - single_count];
    }
    for (size_t i = 0; i < 2 * single_count; i++)
        w.group[i] = (uint32_t)(i % single_count);
    w.samples.count = 2 * single_count;
    w.samples.groups = (clustering){w.group, (uint32_t)single_count};
    metric_analyses *twice = analyse(ALL, METRICS);
    for (size_t k = 0; k < METRICS - 1; k++) {
        const metric_importance *const a = &single->metric[k].importance;
        const metric_importance *const b = &twice->metric[k].importance;
        const double groups = (double)a->samples;
        const double wider = sqrt(groups / (groups - 1.0));
        assert_near(b->correlation.value, a->correlation.value, 1e-11);
        assert_near(atanh(b->correlation.high) - atanh(b->correlation.low),
                    wider * (atanh(a->correlation.high) - atanh(a->correlation.low)), 1e-9);
        assert_near(atanh(b->spearman.high) - atanh(b->spearman.low),
                    wider * (atanh(a->spearman.high) - atanh(a->spearman.low)), 1e-9);
        assert_string_equal(b->correlation.method, "cluster-fisher");
        assert_string_equal(b->information.method, "cluster-plug-in");
        assert_string_equal(b->p_method, "group-permutation");
        if (a->information.low > 0.0 && a->information.low < a->information.value)
            assert_near(b->information.high - b->information.low,
                        wider * (a->information.high - a->information.low), 1e-9);
    }
    assert_true(single->metric[0].importance.information.low > 0.0);
    metric_analyses_free(single);
    metric_analyses_free(twice);
}

static void groups_of_different_sizes_have_no_p_value(void **state)
{
    (void)state;
    mixed_world(210, 12);
    uint32_t group = 0;
    for (size_t i = 0, left = 1; i < 210; i++) {
        w.group[i] = group;
        if (--left == 0) {
            group++;
            left = group + 1;
        }
    }
    assert_int_equal(group, 20); /* 1 + 2 + … + 20 = 210 */
    w.samples.groups = (clustering){w.group, group};
    const metric_importance m = importance_of(0);
    assert_true(isnan(m.p_value));
    assert_string_equal(m.p_method, "none");
    assert_string_equal(m.p_missing, "no two groups have the same number of samples");
    assert_true(m.information.low >= 0.0);
}

/* 40 groups of 10, each with one value of the metric and all right or all wrong by chance: as 400
 * samples that would be beyond doubt. */
static void groups_are_no_evidence_ten_times_over(void **state)
{
    (void)state;
    size_t found = 0;
    for (uint64_t seed = 0; seed < 40; seed++) {
        world_init(400);
        rng random;
        rng_init(&random, seed, 77);
        for (size_t g = 0; g < 40; g++) {
            const double x = rng_normal(&random);
            const bool right = rng_below(&random, 2);
            for (size_t i = 10 * g; i < 10 * (g + 1); i++) {
                w.value[0][i] = x;
                w.group[i] = (uint32_t)g;
                set_right(i, right);
            }
        }
        assert_true(importance_of(0).p_value < 0.01);
        w.samples.groups = (clustering){w.group, 40};
        found += importance_of(0).p_value < 0.05;
    }
    assert_in_range(found, 0, 7); /* 2 expected; more than 7 once in 800 runs */
}

static void one_group_has_no_interval(void **state)
{
    (void)state;
    for (int nearest = 0; nearest < 2; nearest++) {
        mixed_world(100, 13);
        memset(w.group, 0, sizeof w.group);
        w.options.importance_nearest = nearest;
        w.samples.groups = (clustering){w.group, 1};
        const metric_importance m = importance_of(0);
        assert_true(isnan(m.correlation.low) && isnan(m.information.low));
        assert_string_equal(m.correlation.method, "none");
        assert_string_equal(m.information.method, "none");
        assert_true(isnan(m.p_value));
    }
}

static bool same_bits(double a, double b)
{
    uint64_t of_a, of_b;
    memcpy(&of_a, &a, sizeof a);
    memcpy(&of_b, &b, sizeof b);
    return of_a == of_b;
}

static void assert_same_score(score a, score b)
{
    assert_true(same_bits(a.value, b.value) && same_bits(a.low, b.low) &&
                same_bits(a.high, b.high));
    assert_string_equal(a.method, b.method);
}

static void assert_same_analysis(const metric_analysis *a, const metric_analysis *b)
{
    assert_same_score(a->importance.correlation, b->importance.correlation);
    assert_same_score(a->importance.spearman, b->importance.spearman);
    assert_same_score(a->importance.information, b->importance.information);
    assert_true(same_bits(a->importance.p_value, b->importance.p_value));
    assert_true(same_bits(a->importance.p_adjusted, b->importance.p_adjusted));
    assert_int_equal(a->performance.count, b->performance.count);
    for (size_t i = 0; i < a->performance.count; i++)
        assert_same_score(a->performance.bin[i].rate, b->performance.bin[i].rate);
}

static void the_bits_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    static const int threads[] = {2, 7};
    for (int kind = 0; kind < 4; kind++) {
        mixed_world(MOST, 14);
        w.options.importance_nearest = kind % 2;
        if (kind >= 2)
            w.samples.groups = (clustering){w.group, MOST / 4};
        metric_analyses *one = analyse(ALL, METRICS);
        for (size_t t = 0; t < 2; t++) {
            w.options.thread_count = threads[t];
            metric_analyses *many = analyse(ALL, METRICS);
            for (size_t k = 0; k < METRICS; k++)
                assert_same_analysis(&one->metric[k], &many->metric[k]);
            metric_analyses_free(many);
        }
        metric_analyses_free(one);
    }
}

/* Nor on what other metrics are asked for, in whatever order; only the adjustment does. */
static void a_metric_is_the_same_in_any_company(void **state)
{
    (void)state;
    mixed_world(200, 15);
    metric_analyses *all = analyse(ALL, METRICS);
    for (size_t k = 0; k < METRICS; k++) {
        const metric_importance alone = importance_of(k);
        assert_same_score(alone.information, all->metric[k].importance.information);
        assert_true(same_bits(alone.p_value, all->metric[k].importance.p_value));
        assert_string_equal(all->metric[k].name, metric_name[k]);
    }
    metric_analyses_free(all);
}

/* The order of the confidence serves the metric of the same array, and no other. */
static void a_known_order_changes_no_bit(void **state)
{
    (void)state;
    for (int kind = 0; kind < 6; kind++) {
        mixed_world(MOST, 18);
        w.frame.confidence = w.value[kind < 3 ? 3 : 2];
        w.options.importance_nearest = kind % 3 == 1;
        if (kind % 3 == 2)
            w.samples.groups = (clustering){w.group, MOST / 4};
        metric_analyses *sorted = analyse(ALL, METRICS), *known;
        ordered_metric order;
        assert_int_equal(confidence_order_init(&order, &w.samples, &w.options, NULL), ASSAY_OK);
        const analysed_metrics choice = {ALL, METRICS, &order};
        assert_int_equal(metric_analyses_new(&w.samples, &choice, &w.options, &known, NULL),
                         ASSAY_OK);
        for (size_t i = 0; i < METRICS; i++)
            assert_same_analysis(&sorted->metric[i], &known->metric[i]);
        ordered_metric_clear(&order);
        metric_analyses_free(sorted);
        metric_analyses_free(known);
    }
}

static void no_metrics_are_no_failure(void **state)
{
    (void)state;
    mixed_world(50, 16);
    metric_analyses *m = analyse(ALL, 0);
    metric_analyses_free(m);
    metric_analyses_free(NULL);
}

static void short_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    const size_t before = mem_live();
    for (int kind = 0; kind < 4; kind++) {
        mixed_world(60, 17);
        w.options.thread_count = 2;
        w.options.importance_nearest = kind % 2;
        if (kind >= 2)
            w.samples.groups = (clustering){w.group, 15};
        for (uint64_t n = 0;; n++) {
            assert_true(n < 100);
            metric_analyses *m = (metric_analyses *)&w; /* must become NULL */
            assay_err err = {ASSAY_OK, ""};
            mem_fail_after(n);
            const assay_code code = metric_analyses_new(
                &w.samples, &(analysed_metrics){ALL, METRICS, NULL}, &w.options, &m, &err);
            mem_fail_after(UINT64_MAX);
            if (code == ASSAY_OK) {
                assert_true(n > 15);
                metric_analyses_free(m);
                break;
            }
            assert_int_equal(code, ASSAY_E_NOMEM);
            assert_int_equal(err.code, ASSAY_E_NOMEM);
            assert_null(m);
            assert_int_equal(mem_live(), before);
        }
        assert_int_equal(mem_live(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scipy_and_scikit_learn_say_the_same),
        cmocka_unit_test(the_interval_is_that_of_the_plug_in_and_holds_the_value),
        cmocka_unit_test(a_metric_of_two_values_agrees_with_pencil_and_paper),
        cmocka_unit_test(scikit_learn_says_the_same_of_neighbours),
        cmocka_unit_test(tied_metrics_lie_where_scikit_learn_scatters),
        cmocka_unit_test(a_missing_value_leaves_its_sample_out),
        cmocka_unit_test(a_missing_value_is_not_zero),
        cmocka_unit_test(a_metric_that_is_missing_everywhere_has_no_answers),
        cmocka_unit_test(a_constant_metric_tells_nothing),
        cmocka_unit_test(without_both_outcomes_there_is_nothing_to_tell),
        cmocka_unit_test(two_samples_and_one_are_not_too_few_to_run),
        cmocka_unit_test(very_small_and_very_large_values_count_as_others_do),
        cmocka_unit_test(the_share_is_of_the_entropy),
        cmocka_unit_test(few_distinct_values_are_their_own_bins),
        cmocka_unit_test(a_small_expected_count_is_tested_by_permutation),
        cmocka_unit_test(p_values_are_adjusted_over_the_metrics),
        cmocka_unit_test(a_sample_counted_twice_is_one_sample),
        cmocka_unit_test(groups_of_different_sizes_have_no_p_value),
        cmocka_unit_test(groups_are_no_evidence_ten_times_over),
        cmocka_unit_test(one_group_has_no_interval),
        cmocka_unit_test(the_bits_do_not_depend_on_the_threads),
        cmocka_unit_test(a_metric_is_the_same_in_any_company),
        cmocka_unit_test(a_known_order_changes_no_bit),
        cmocka_unit_test(no_metrics_are_no_failure),
        cmocka_unit_test(short_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
