/* Calibration errors against NumPy and plain oracles, and "if calibrated" against models that are.
 */
#include "eval/calibration.h"

#include "base/rng.h"
#include "eval/temperature.h"
#include "support/predictions.h"

#include <string.h>

static assay_code calibrate_in_order(calibration *out, const samples *s,
                                     const evaluation_options *options)
{
    out->ece.value = (double)NAN;
    ordered_metric confidence;
    assay_code code = confidence_order_init(&confidence, s, options, NULL);
    if (code == ASSAY_OK)
        code = calibration_init(out, s, &confidence, options, NULL);
    ordered_metric_clear(&confidence);
    return code;
}

static calibration calibrate(const samples *s, uint64_t seed, int threads)
{
    calibration out;
    const evaluation_options options = predictions_options(seed, threads);
    assert_int_equal(calibrate_in_order(&out, s, &options), ASSAY_OK);
    return out;
}

static void assert_close(double x, double expected, double tolerance)
{
    if (!(fabs(x - expected) <= tolerance))
        fail_msg("%.17g is not %.17g", x, expected);
}

/* Samples with nothing but a confidence and whether they are right: label 0, prediction 0 or 1. */
typedef struct plain {
    frame f;
    samples s;
    double *confidence;
    uint16_t *label, *prediction;
} plain;

static void plain_init(plain *d, size_t rows)
{
    *d = (plain){.confidence = calloc(rows, sizeof(double)),
                 .label = calloc(rows, sizeof(uint16_t)),
                 .prediction = calloc(rows, sizeof(uint16_t))};
    assert_true(d->confidence && d->label && d->prediction);
    d->f.row_count = rows;
    d->f.classes.count = 2;
    d->f.confidence = d->confidence;
    d->s = (samples){.count = rows, .label = d->label, .prediction = d->prediction, .frame = &d->f};
}

static void plain_drop(plain *d)
{
    free(d->confidence);
    free(d->label);
    free(d->prediction);
}

/* The definition: one comparison an edge. */
static size_t bin_by_definition(double c)
{
    for (size_t b = 0; b + 1 < CALIBRATION_BINS; b++)
        if (c <= (double)(b + 1) / CALIBRATION_BINS)
            return b;
    return CALIBRATION_BINS - 1;
}

static void a_confidence_on_an_edge_belongs_below_it(void **state)
{
    (void)state;
    const struct {
        double c;
        size_t bin;
    } known[] = {
        {0.0, 0},
        {-0.0, 0},
        {1.0, 14},
        {1.0000002, 14},
        {1.0 / 15.0, 0},
        {0.2, 2},
        {0.4, 5},
        {0.6, 8},
        {0.8, 11},
        {(double)0.2f, 3},
        {(double)0.4f, 6},
        {(double)0.6f, 9},
        {(double)0.8f, 12},
        {strtod("0.2", NULL), 2},
        {strtod("0.60", NULL), 8},
        {0.5, 7},
        {5e-324, 0},
        {-1e-7, 0},
        {0.93333333333333335, 13},
        {0.9999999, 14},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(calibration_bin(known[i].c), known[i].bin);
    for (size_t b = 0; b <= CALIBRATION_BINS; b++) {
        const double edge = (double)b / CALIBRATION_BINS;
        const double near[] = {edge,         nextafter(edge, 2.0), nextafter(edge, -1.0),
                               edge + 1e-10, edge - 1e-10,         (double)(float)edge,
                               edge + 1e-8,  edge - 1e-8};
        for (size_t i = 0; i < sizeof near / sizeof *near; i++)
            assert_int_equal(calibration_bin(near[i]), bin_by_definition(near[i]));
    }
    rng random;
    rng_init(&random, 3, 3);
    for (int i = 0; i < 100000; i++) {
        const double c = rng_unit(&random);
        assert_int_equal(calibration_bin(c), bin_by_definition(c));
    }
}

static void the_reference_errors_come_out(void **state)
{
    (void)state;
    predictions d;
    predictions_reference(&d);
    const calibration c = calibrate(&d.s, 11, 1);
    assert_close(c.ece.value, 0.1554823149123341, 1e-12);
    assert_close(c.mce.value, 0.2615974949860438, 1e-12);
    assert_close(c.adaptive_ece.value, 0.15477987259696482, 1e-12);
    assert_close(c.classwise_ece.value, 0.09290751726568983, 1e-12);
    const uint64_t counts[] = {0, 0, 0, 0, 10, 32, 28, 25, 40, 34, 22, 30, 47, 87, 45};
    const int correct[] = {0, 0, 0, 0, 4, 7, 12, 11, 21, 24, 18, 17, 27, 60, 32};
    for (size_t b = 0; b < CALIBRATION_BINS; b++) {
        assert_int_equal(c.bin[b].count, counts[b]);
        assert_close(c.bin[b].low, (double)b / 15.0, 0.0);
        assert_close(c.bin[b].high, (double)(b + 1) / 15.0, 0.0);
        if (counts[b])
            assert_close(c.bin[b].accuracy.value, correct[b] / (double)counts[b], 1e-15);
        else
            assert_true(isnan(c.bin[b].confidence) && isnan(c.bin[b].accuracy.value));
    }
    assert_close(c.bin[4].confidence, 0.3080436672680426, 1e-12);
    assert_close(c.bin[14].confidence, 0.9589194683677857, 1e-12);
    assert_close(c.temperature, 1.8222946154035145, 1e-9);
    assert_close(c.ece_after, 0.08061778303189701, 1e-9);
    assert_int_equal(c.samples, 400);
    predictions_drop(&d);
}

static void perfect_and_all_wrong_models_are_what_they_are(void **state)
{
    (void)state;
    plain d;
    plain_init(&d, 100);
    for (size_t i = 0; i < 100; i++)
        d.confidence[i] = 1.0;
    calibration c = calibrate(&d.s, 1, 1);
    assert_close(c.ece.value, 0.0, 0.0);
    assert_close(c.ece.calibrated_p95, 0.0, 0.0);
    assert_true(isnan(c.classwise_ece.value) && isnan(c.temperature));
    for (size_t i = 0; i < 100; i++)
        d.prediction[i] = 1;
    c = calibrate(&d.s, 1, 1);
    assert_close(c.ece.value, 1.0, 0.0);
    assert_close(c.mce.value, 1.0, 0.0);
    assert_close(c.adaptive_ece.value, 1.0, 0.0);
    assert_int_equal(c.bin[14].count, 100);
    assert_close(c.bin[14].confidence, 1.0, 0.0);
    plain_drop(&d);
}

static void samples_without_a_confidence_are_left_out(void **state)
{
    (void)state;
    plain d;
    plain_init(&d, 3);
    d.confidence[0] = (double)NAN;
    d.confidence[1] = 0.7;
    d.confidence[2] = -0.0;
    d.prediction[2] = 1;
    calibration c = calibrate(&d.s, 1, 1);
    assert_int_equal(c.samples, 2);
    assert_close(c.ece.value, 0.15, 1e-15);
    assert_close(c.mce.value, 0.3, 1e-15);
    d.s.count = 1;
    c = calibrate(&d.s, 1, 1);
    assert_int_equal(c.samples, 0);
    assert_true(isnan(c.ece.value) && isnan(c.ece.calibrated_mean));
    assert_close(c.bin[14].high, 1.0, 0.0);
    plain_drop(&d);
}

static void equal_confidences_share_an_adaptive_bin(void **state)
{
    (void)state;
    plain d;
    plain_init(&d, 60);
    /* 30 of 0.5, half of them right, 30 of 0.9, all right: two bins whatever the order of right and
     * wrong. */
    for (size_t i = 0; i < 60; i++) {
        d.confidence[i] = i < 30 ? 0.5 : 0.9;
        d.prediction[i] = i < 15;
    }
    assert_close(calibrate(&d.s, 1, 1).adaptive_ece.value, 0.05, 1e-14);
    plain_drop(&d);
}

static void threads_change_no_bit_and_chosen_rows_count_alone(void **state)
{
    (void)state;
    predictions d;
    predictions_reference(&d);
    const calibration one = calibrate(&d.s, 5, 1);
    for (int threads = 2; threads < 8; threads += 5) {
        const calibration more = calibrate(&d.s, 5, threads);
        assert_memory_equal(&one.ece, &more.ece, 4 * sizeof one.ece);
        assert_memory_equal(&one.temperature, &more.temperature, 5 * sizeof(double));
        for (size_t b = 0; b < CALIBRATION_BINS; b++)
            assert_memory_equal(&one.bin[b].confidence, &more.bin[b].confidence, sizeof(double));
    }
    uint32_t rows[300];
    uint16_t label[300], prediction[300];
    for (uint32_t i = 0; i < 300; i++) {
        rows[i] = i + i / 3;
        label[i] = d.label[rows[i]];
        prediction[i] = d.prediction[rows[i]];
    }
    const samples some = {
        .count = 300, .row = rows, .label = label, .prediction = prediction, .frame = &d.f};
    const calibration chosen = calibrate(&some, 5, 2);
    double gap[CALIBRATION_BINS] = {0}, expected = 0.0;
    for (size_t i = 0; i < 300; i++)
        gap[bin_by_definition(d.confidence[rows[i]])] +=
            (label[i] == prediction[i]) - d.confidence[rows[i]];
    for (size_t b = 0; b < CALIBRATION_BINS; b++)
        expected += fabs(gap[b]) / 300.0;
    assert_close(chosen.ece.value, expected, 1e-13);
    predictions_drop(&d);
}

/* Confidences spread over (low, 1), each right with its own probability. */
static void simulate(plain *d, double low, uint64_t seed)
{
    rng random;
    rng_init(&random, seed, 77);
    for (size_t i = 0; i < d->s.count; i++) {
        const double u = rng_unit(&random);
        d->confidence[i] = low + (1.0 - low) * sqrt(u);
        d->prediction[i] = rng_unit(&random) >= d->confidence[i];
    }
}

static void a_calibrated_model_lies_below_its_95th_percentile_in_95_of_100_cases(void **state)
{
    (void)state;
    enum { SETS = 200 };
    plain d;
    plain_init(&d, 300);
    int below = 0, below_mce = 0, below_adaptive = 0;
    double mean = 0.0, expected = 0.0;
    for (uint64_t set = 0; set < SETS; set++) {
        simulate(&d, 0.3, set);
        const calibration c = calibrate(&d.s, set, 1);
        below += c.ece.value <= c.ece.calibrated_p95;
        below_mce += c.mce.value <= c.mce.calibrated_p95;
        below_adaptive += c.adaptive_ece.value <= c.adaptive_ece.calibrated_p95;
        mean += c.ece.value / SETS;
        expected += c.ece.calibrated_mean / SETS;
    }
    /* 190 ± 3 standard deviations of a binomial, and a little for a percentile out of 200 draws. */
    assert_in_range(below, 179, 199);
    assert_in_range(below_mce, 179, 199);
    assert_in_range(below_adaptive, 179, 199);
    assert_close(mean / expected, 1.0, 0.06);
    plain_drop(&d);
}

/* The error of one plain draw: every sample by itself. */
static double drawn_error(const plain *d, rng *random)
{
    double gap[CALIBRATION_BINS] = {0}, sum = 0.0;
    for (size_t i = 0; i < d->s.count; i++)
        gap[bin_by_definition(d->confidence[i])] +=
            (rng_unit(random) < d->confidence[i]) - d->confidence[i];
    for (size_t b = 0; b < CALIBRATION_BINS; b++)
        sum += fabs(gap[b]);
    return sum / (double)d->s.count;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* In bins above CALIBRATION_EXACT_MOST samples counts are drawn at once: the same law, also where
 * errors are rare. */
static void large_bins_are_drawn_from_the_law_of_their_samples(void **state)
{
    (void)state;
    enum { DRAWS = 1000, ROWS = 7000 };
    const double lows[] = {0.8, 0.93, 0.998, 0.9998};
    for (size_t l = 0; l < sizeof lows / sizeof *lows; l++) {
        plain d;
        plain_init(&d, ROWS);
        simulate(&d, lows[l], l);
        double draw[DRAWS], mean = 0.0;
        rng random;
        rng_init(&random, 99, l);
        for (size_t i = 0; i < DRAWS; i++)
            mean += draw[i] = drawn_error(&d, &random);
        mean /= DRAWS;
        qsort(draw, DRAWS, sizeof *draw, compare_doubles);
        const double p95 = draw[DRAWS * 95 / 100];
        const calibration c = calibrate(&d.s, 3, 1);
        assert_close(c.ece.calibrated_mean / mean, 1.0, 0.15);
        assert_close(c.ece.calibrated_p95 / p95, 1.0, 0.25);
        plain_drop(&d);
    }
}

static void classwise_chance_equals_plain_draws(void **state)
{
    (void)state;
    enum { DRAWS = 1000, CLASSES = 5 };
    predictions d;
    predictions_reference(&d);
    double p[CLASSES], mean = 0.0;
    rng random;
    rng_init(&random, 8, 8);
    for (size_t draw = 0; draw < DRAWS; draw++) {
        double gap[CLASSES][CALIBRATION_BINS] = {{0}};
        for (size_t i = 0; i < d.s.count; i++) {
            probabilities_rows(&d.p, i, 1, p);
            for (size_t k = 0; k < CLASSES; k++)
                gap[k][bin_by_definition(p[k])] += (rng_unit(&random) < p[k]) - p[k];
        }
        for (size_t k = 0; k < CLASSES; k++)
            for (size_t b = 0; b < CALIBRATION_BINS; b++)
                mean += fabs(gap[k][b]) / ((double)d.s.count * CLASSES * DRAWS);
    }
    const calibration c = calibrate(&d.s, 3, 1);
    assert_close(c.classwise_ece.calibrated_mean / mean, 1.0, 0.03);
    assert_true(c.classwise_ece.calibrated_p95 > c.classwise_ece.calibrated_mean);
    predictions_drop(&d);
}

static void groups_widen_the_intervals_of_the_bins(void **state)
{
    (void)state;
    plain d;
    plain_init(&d, 200);
    uint32_t group[200];
    for (uint32_t i = 0; i < 200; i++) {
        d.confidence[i] = i < 180 ? 0.75 : 0.3;
        group[i] = i < 180 ? i / 9 : 20;
        d.prediction[i] =
            (uint16_t)(i < 180 ? i / 9 % 4 == 0 : i % 2); /* whole groups right or wrong */
    }
    const calibration alone = calibrate(&d.s, 1, 1);
    d.s.groups = (clustering){.group = group, .group_count = 21};
    const calibration grouped = calibrate(&d.s, 1, 1);
    const score a = alone.bin[11].accuracy, g = grouped.bin[11].accuracy;
    assert_close(g.value, a.value, 0.0);
    /* All of a group alike: 180 samples tell about as much as 20. */
    assert_close((g.high - g.low) / (a.high - a.low), sqrt(180.0 / 20.0), 0.3);
    /* G/(G-1) counts the 20 groups of the bin, not all 21: p(1-p)/se² = 19. */
    const double p = 0.75, z = 1.959963984540054, n = 19;
    const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    const double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    assert_close(g.low, middle - half, 1e-12);
    const score lone = grouped.bin[4].accuracy;
    assert_true(lone.high - lone.low > 0.7);
    assert_memory_equal(&alone.ece, &grouped.ece, sizeof alone.ece);
    plain_drop(&d);
}

static void no_failed_allocation_leaks(void **state)
{
    (void)state;
    predictions d;
    predictions_reference(&d);
    static uint32_t group[400];
    for (uint32_t i = 0; i < 400; i++)
        group[i] = i / 8;
    d.s.groups = (clustering){.group = group, .group_count = 50};
    const evaluation_options options = predictions_options(1, 1);
    const size_t alive = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code != ASSAY_OK; n++) {
        calibration out;
        mem_fail_after(n);
        code = calibrate_in_order(&out, &d.s, &options);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || code == ASSAY_E_NOMEM);
        assert_true(code == ASSAY_OK || isnan(out.ece.value));
        assert_int_equal(mem_live(), alive);
    }
    assert_true(n > 15);
    predictions_drop(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_confidence_on_an_edge_belongs_below_it),
        cmocka_unit_test(the_reference_errors_come_out),
        cmocka_unit_test(perfect_and_all_wrong_models_are_what_they_are),
        cmocka_unit_test(samples_without_a_confidence_are_left_out),
        cmocka_unit_test(equal_confidences_share_an_adaptive_bin),
        cmocka_unit_test(threads_change_no_bit_and_chosen_rows_count_alone),
        cmocka_unit_test(a_calibrated_model_lies_below_its_95th_percentile_in_95_of_100_cases),
        cmocka_unit_test(large_bins_are_drawn_from_the_law_of_their_samples),
        cmocka_unit_test(classwise_chance_equals_plain_draws),
        cmocka_unit_test(groups_widen_the_intervals_of_the_bins),
        cmocka_unit_test(no_failed_allocation_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
