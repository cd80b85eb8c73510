/* Risk and coverage against counting at every threshold, and against numerical differentiation of
 * the weighted area. */
#include "support/check.h"

#include "base/rng.h"
#include "eval/calibration.h"
#include "stats/interval.h"
#include "stats/special.h"

#include <math.h>
#include <string.h>

enum { MOST = 5000, GROUPS = 13 };

static struct {
    double confidence[MOST];
    uint16_t label[MOST], prediction[MOST];
    uint32_t group[MOST], row[MOST];
    frame f;
    samples s;
} set;

static const evaluation_options options = {.confidence_level = 0.95, .thread_count = 1};

static void set_up(size_t n, uint64_t levels, double error_rate)
{
    rng r;
    rng_init(&r, 51, levels);
    for (size_t i = 0; i < n; i++) {
        set.confidence[i] = (double)rng_below(&r, levels) / (double)levels;
        set.label[i] = 1;
        set.prediction[i] = rng_unit(&r) < error_rate * 2 * (1 - set.confidence[i]) ? 0 : 1;
        set.group[i] = (uint32_t)(i < GROUPS ? i : rng_below(&r, GROUPS));
    }
    set.f = (frame){.row_count = n,
                    .label = set.label,
                    .prediction = set.prediction,
                    .confidence = set.confidence};
    set.s =
        (samples){.count = n, .label = set.label, .prediction = set.prediction, .frame = &set.f};
}

static assay_code measure_in_order(risk_coverage *out, size_t curve_points, assay_err *err)
{
    *out = (risk_coverage){0};
    ordered_metric confidence;
    assay_code code = confidence_order_init(&confidence, &set.s, &options, err);
    if (code == ASSAY_OK)
        code = risk_coverage_init(out, &set.s, &confidence, curve_points, &options, err);
    ordered_metric_clear(&confidence);
    return code;
}

static risk_coverage measure(size_t curve_points)
{
    risk_coverage r;
    assert_int_equal(measure_in_order(&r, curve_points, NULL), ASSAY_OK);
    return r;
}

static void assert_near(double a, double b, double relative)
{
    if (fabs(a - b) > relative * fmax(fabs(a), fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

static double weighted_area(const double *weight)
{
    double sum = 0, all = 0;
    for (size_t i = 0; i < set.s.count; i++) {
        double kept = 0, wrong = 0;
        for (size_t j = 0; j < set.s.count; j++) {
            if (set.confidence[j] < set.confidence[i])
                continue;
            kept += weight[j];
            wrong += set.prediction[j] != set.label[j] ? weight[j] : 0;
        }
        sum += weight[i] * wrong / kept;
        all += weight[i];
    }
    return sum / all;
}

static double se_behind(score s)
{
    const double logit_width = log(s.high / (1 - s.high)) - log(s.low / (1 - s.low));
    return logit_width / (2 * normal_z(0.95)) * s.value * (1 - s.value);
}

static double numerical_se(bool grouped)
{
    static double weight[MOST];
    double sum[MOST] = {0}, squares = 0;
    const double h = 1e-5;
    for (size_t i = 0; i < set.s.count; i++)
        weight[i] = 1;
    for (size_t i = 0; i < set.s.count; i++) {
        weight[i] = 1 + h;
        const double up = weighted_area(weight);
        weight[i] = 1 - h;
        sum[grouped ? set.group[i] : i] += (up - weighted_area(weight)) / (2 * h);
        weight[i] = 1;
    }
    for (size_t i = 0; i < set.s.count; i++)
        squares += sum[i] * sum[i];
    return sqrt(squares * (grouped ? GROUPS / (GROUPS - 1.0) : 1));
}

static void area_and_influences_equal_counting_and_differentiating(void **state)
{
    (void)state;
    static const uint64_t levels[] = {2, 7, 1 << 20};
    static double weight[MOST];
    for (size_t i = 0; i < MOST; i++)
        weight[i] = 1;
    for (size_t l = 0; l < 3; l++) {
        set_up(100, levels[l], 0.3);
        risk_coverage r = measure(0);
        assert_near(r.aurc.value, weighted_area(weight), 1e-14);
        assert_near(se_behind(r.aurc), numerical_se(false), 1e-7);
        assert_string_equal(r.aurc.method, "influence-logit");
        assert_null(r.kept.point);
        set.s.groups = (clustering){.group = set.group, .group_count = GROUPS};
        r = measure(0);
        assert_near(se_behind(r.aurc), numerical_se(true), 1e-7);
        assert_string_equal(r.aurc.method, "cluster-logit");
    }
}

/* Worked out by hand: thresholds 0.9 (1 kept, 0 wrong), 0.6 (4, 2), 0.5 (5, 2). */
static void a_small_curve_is_as_worked_out_by_hand(void **state)
{
    (void)state;
    static const double confidence[] = {0.6, 0.9, 0.6, 0.5, 0.6};
    static const curve_point golden[] = {{0.2, 0, 0.9}, {0.8, 0.5, 0.6}, {1, 0.4, 0.5}};
    set_up(5, 10, 0);
    memcpy(set.confidence, confidence, sizeof confidence);
    set.prediction[0] = set.prediction[4] = 0;
    risk_coverage r = measure(3);
    assert_int_equal(r.kept.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(r.kept.point[i].x == golden[i].x && r.kept.point[i].y == golden[i].y);
        assert_true(r.kept.point[i].threshold == golden[i].threshold);
    }
    assert_near(r.aurc.value, (0 + 3 * 0.5 + 0.4) / 5, 1e-15);
    assert_true(r.aurc.few);
    risk_coverage_clear(&r);
}

static void samples_without_confidence_are_left_out(void **state)
{
    (void)state;
    set_up(200, 1 << 20, 0.3);
    set.s.groups = (clustering){.group = set.group, .group_count = GROUPS};
    /* Every third has none, and neither has anyone of group 3. */
    static double confidence[MOST];
    memcpy(confidence, set.confidence, sizeof confidence);
    size_t kept = 0;
    for (uint32_t i = 0; i < 200; i++) {
        if (i % 3 == 0 || set.group[i] == 3)
            set.confidence[i] = (double)NAN;
    }
    risk_coverage with = measure(50);
    for (uint32_t i = 0; i < 200; i++) {
        if (isnan(set.confidence[i]))
            continue;
        set.row[kept] = i;
        set.label[kept] = set.label[i];
        set.prediction[kept] = set.prediction[i];
        set.group[kept++] = set.group[i] - (set.group[i] > 3);
    }
    memcpy(set.confidence, confidence, sizeof confidence);
    set.s.count = kept;
    set.s.row = set.row;
    set.s.groups.group_count = GROUPS - 1;
    risk_coverage without = measure(50);
    assert_true(with.aurc.value == without.aurc.value);
    assert_near(with.aurc.low, without.aurc.low, 1e-14);
    assert_int_equal(with.kept.count, without.kept.count);
    assert_memory_equal(with.kept.point, without.kept.point,
                        with.kept.count * sizeof *with.kept.point);
    risk_coverage_clear(&with);
    risk_coverage_clear(&without);
}

static void no_error_or_nothing_else_gets_the_bound_of_the_rate(void **state)
{
    (void)state;
    set_up(50, 1 << 20, 0);
    risk_coverage r = measure(10);
    assert_true(r.aurc.value == 0 && r.aurc.low == 0);
    assert_near(r.aurc.high, interval_wilson(0, 50, normal_z(0.95)).high, 1e-15);
    assert_string_equal(r.aurc.method, "wilson");
    risk_coverage_clear(&r);
    memset(set.prediction, 0, sizeof set.prediction);
    set.s.groups = (clustering){.group = set.group, .group_count = GROUPS};
    r = measure(0);
    assert_true(r.aurc.value == 1 && r.aurc.high == 1);
    assert_near(r.aurc.low, interval_wilson(GROUPS, GROUPS, normal_z(0.95)).low, 1e-15);
}

static void nothing_gives_no_answer(void **state)
{
    (void)state;
    set_up(3, 8, 0.5);
    for (size_t i = 0; i < 3; i++)
        set.confidence[i] = (double)NAN;
    for (int empty = 0; empty < 2; empty++) {
        set.s.count = empty ? 0 : 3;
        risk_coverage r = measure(10);
        assert_true(isnan(r.aurc.value));
        assert_int_equal(r.kept.count, 0);
        risk_coverage_clear(&r);
    }
}

static void a_thinned_curve_has_points_of_the_whole_and_its_ends(void **state)
{
    (void)state;
    set_up(MOST, (uint64_t)1 << 40, 0.3);
    risk_coverage full = measure(MOST);
    assert_int_equal(full.kept.count, MOST);
    for (size_t most = 2; most <= 300; most = most * 3 / 2 + 1) {
        risk_coverage thin = measure(most);
        assert_in_range(thin.kept.count, 2, most);
        assert_true(thin.kept.point[0].threshold == full.kept.point[0].threshold);
        assert_true(thin.kept.point[thin.kept.count - 1].x == 1);
        for (size_t i = 0, at = 0; i < thin.kept.count; i++) {
            while (full.kept.point[at].threshold != thin.kept.point[i].threshold)
                assert_true(++at < MOST);
            assert_memory_equal(&full.kept.point[at], &thin.kept.point[i], sizeof(curve_point));
        }
        risk_coverage_clear(&thin);
    }
    risk_coverage_clear(&full);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    set_up(40, 100, 0.3);
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        risk_coverage r;
        assay_err err;
        mem_fail_after(n);
        const assay_code code = measure_in_order(&r, 10, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_int_equal(n, 7);
            risk_coverage_clear(&r);
            break;
        }
        assert_int_equal(code, ASSAY_E_NOMEM);
        assert_null(r.kept.point);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(mem_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(area_and_influences_equal_counting_and_differentiating),
        cmocka_unit_test(a_small_curve_is_as_worked_out_by_hand),
        cmocka_unit_test(samples_without_confidence_are_left_out),
        cmocka_unit_test(no_error_or_nothing_else_gets_the_bound_of_the_rate),
        cmocka_unit_test(nothing_gives_no_answer),
        cmocka_unit_test(a_thinned_curve_has_points_of_the_whole_and_its_ends),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
