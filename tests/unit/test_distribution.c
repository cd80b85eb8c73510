/* How values lie, against NumPy and against the obvious; and which lie far outside. */
#include "eval/distribution.h"

#include "support/predictions.h"

#include <string.h>

typedef struct golden {
    const char *name;
    size_t count;
    double order[5]; /* min, q1, median, q3, max */
    double mean, sd;
    uint64_t outliers[4]; /* moderate low, high, severe low, high */
    uint64_t bin[HISTOGRAM_BINS];
} golden;

/* Printed by tests/reference/distribution_golden.py. */
static const golden goldens[] = {
    {"skewed",
     5000,
     {-1.9876654803348437, 0.06025521761610388, 0.25250866375294656, 0.5632744460641601,
      2.9584658186623702},
     0.3480890492580101,
     0.47241222176568753,
     {16, 38, 49, 102},
     {10,  12,  10,  8, 9, 10, 2,  7,  5,  10, 12, 15, 1871, 838, 626,
      567, 495, 348, 0, 4, 14, 11, 13, 14, 11, 18, 16, 19,   14,  11}},
    {"tied",
     5000,
     {-20.0, 0.0, 2.0, 5.0, 29.0},
     3.0446,
     4.688433333366731,
     {17, 38, 48, 103},
     {11,  14,  6,   11, 12, 5,  2, 7,  5,  12, 7,  18, 2106, 513, 767,
      655, 315, 389, 0,  4,  16, 6, 16, 17, 8,  18, 19, 14,   16,  11}},
    {"two",
     2,
     {-1.25, -0.0625, 1.125, 2.3125, 3.5},
     1.125,
     3.3587572106361008,
     {0, 0, 0, 0},
     {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    {"three",
     3,
     {0.001, 1.0005, 2.0, 4.5, 7.0},
     3.0003333333333337,
     3.6051352725429506,
     {0, 0, 0, 0},
     {1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}},
    {"one", 1, {0.1, 0.1, 0.1, 0.1, 0.1}, 0.1, (double)NAN, {0, 0, 0, 0}, {1}},
};

static double skewed(size_t i)
{
    const double u = predictions_unit(i + 1);
    return u > 0.97 ? 60 * (u - 0.95) : u < 0.02 ? -100 * u : u * u;
}

static double *make_values(const golden *g)
{
    static const double two[] = {3.5, -1.25}, three[] = {1e-3, 7.0, 2.0}, one[] = {0.1};
    double *x = malloc(g->count * sizeof *x);
    assert_non_null(x);
    for (size_t i = 0; i < g->count; i++)
        x[i] = g->count == 1   ? one[i]
               : g->count == 2 ? two[i]
               : g->count == 3 ? three[i]
                               : skewed(i);
    for (size_t i = 0; i < g->count && strcmp(g->name, "tied") == 0; i++)
        x[i] = floor(10 * x[i]);
    return x;
}

static char metric_name[] = "brightness";

static metric_distribution describe_one(double *x, size_t n, const selection *selected)
{
    metric_column metric = {.name = metric_name, .value = x};
    const frame f = {.row_count = n, .metric = &metric, .metric_count = 1};
    const size_t which = 0;
    metric_distributions *made = NULL;
    assert_int_equal(
        metric_distributions_new(&f, selected, (metric_choice){&which, 1, NULL}, 1, &made, NULL),
        ASSAY_OK);
    const metric_distribution d = made->metric[0];
    assert_string_equal(d.name, "brightness");
    metric_distributions_free(made);
    /* Where the order is known already, every bit is the same. */
    metric_codes *codes;
    assert_int_equal(metric_codes_new(x, n, &codes, NULL), ASSAY_OK);
    const metric_choice known = {&which, 1, (const metric_codes *const *)&codes};
    assert_int_equal(metric_distributions_new(&f, selected, known, 1, &made, NULL), ASSAY_OK);
    assert_memory_equal(&made->metric[0], &d, sizeof d);
    metric_distributions_free(made);
    metric_codes_free(codes);
    return d;
}

static void assert_near(double a, double b)
{
    if (isnan(b))
        assert_true(isnan(a));
    else
        assert_true(fabs(a - b) <= 1e-12 * fabs(b));
}

static void every_number_equals_numpys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        const golden *g = &goldens[i];
        double *x = make_values(g);
        const metric_distribution d = describe_one(x, g->count, NULL);
        free(x);
        assert_int_equal(d.count, g->count);
        const double order[] = {d.min, d.q1, d.median, d.q3, d.max};
        assert_memory_equal(order, g->order, sizeof order);
        assert_near(d.mean, g->mean);
        assert_near(d.sd, g->sd);
        assert_int_equal(d.outliers.moderate_low, g->outliers[0]);
        assert_int_equal(d.outliers.moderate_high, g->outliers[1]);
        assert_int_equal(d.outliers.severe_low, g->outliers[2]);
        assert_int_equal(d.outliers.severe_high, g->outliers[3]);
        assert_int_equal(d.bin_count, g->count == 1 ? 1 : HISTOGRAM_BINS);
        assert_memory_equal(d.bin, g->bin, sizeof d.bin);
    }
}

static void values_that_are_missing_or_infinite_are_counted_and_in_nothing_else(void **state)
{
    (void)state;
    double x[] = {(double)NAN, 4, (double)INFINITY, 2, -(double)INFINITY, (double)NAN, 3, 1e9};
    selection s;
    assert_int_equal(selection_init(&s, 8, true, NULL), ASSAY_OK);
    selection_set(&s, 7, false);
    const metric_distribution d = describe_one(x, 8, &s);
    selection_clear(&s);
    assert_int_equal(d.count, 3);
    assert_int_equal(d.missing, 2);
    assert_int_equal(d.infinite, 2);
    assert_true(d.min == 2 && d.median == 3 && d.max == 4 && d.mean == 3 && d.sd == 1);
}

static void nothing_at_all_has_no_answer(void **state)
{
    (void)state;
    double x[] = {(double)NAN};
    for (size_t n = 0; n <= 1; n++) {
        const metric_distribution d = describe_one(x, n, NULL);
        assert_int_equal(d.count, 0);
        assert_int_equal(d.missing, n);
        assert_int_equal(d.bin_count, 0);
        assert_true(isnan(d.min) && isnan(d.q1) && isnan(d.median) && isnan(d.q3) && isnan(d.max));
        assert_true(isnan(d.mean) && isnan(d.sd) && isnan(d.fences.severe_low));
        assert_int_equal(d.outliers.moderate_low + d.outliers.severe_high, 0);
    }
}

static void equal_and_extreme_values_keep_their_senses(void **state)
{
    (void)state;
    double equal[1000];
    for (size_t i = 0; i < 1000; i++)
        equal[i] = 0.1;
    metric_distribution d = describe_one(equal, 1000, NULL);
    assert_true(d.mean == 0.1 && d.sd == 0.0);
    assert_int_equal(d.bin_count, 1);
    assert_int_equal(d.bin[0], 1000);

    double large[] = {1.7e308, 1.7e308, 1.6e308, 1.5e308};
    d = describe_one(large, 4, NULL);
    assert_near(d.mean, 1.625e308);
    double wide[] = {-1.7e308, 1.7e308};
    d = describe_one(wide, 2, NULL);
    assert_int_equal(d.bin[0], 1);
    assert_int_equal(d.bin[HISTOGRAM_BINS - 1], 1);
    assert_near(d.q1, -0.85e308);
    assert_true(d.median == 0 && d.mean == 0);

    double near[] = {1.0, nextafter(1.0, 2.0), nextafter(1.0, 2.0), -0.0 + 1.0};
    d = describe_one(near, 4, NULL);
    uint64_t all = 0;
    for (size_t b = 0; b < d.bin_count; b++)
        all += d.bin[b];
    assert_int_equal(all, 4);
    double zeroes[] = {0.0, -0.0};
    d = describe_one(zeroes, 2, NULL);
    assert_int_equal(d.bin_count, 1);
    assert_false(signbit(d.min));
}

enum { MANY = 20000, METRICS = 5 };

static frame make_many(metric_column metric[METRICS])
{
    for (size_t m = 0; m < METRICS; m++) {
        double *x = malloc(MANY * sizeof *x);
        assert_non_null(x);
        for (size_t i = 0; i < MANY; i++)
            x[i] = i % (m + 11) == 0 ? (double)NAN : skewed(i + m * MANY);
        metric[m] = (metric_column){.name = metric_name, .value = x};
    }
    return (frame){.row_count = MANY, .metric = metric, .metric_count = METRICS};
}

static void free_many(const metric_column metric[METRICS])
{
    for (size_t m = 0; m < METRICS; m++)
        free(metric[m].value);
}

static void bits_do_not_depend_on_the_threads(void **state)
{
    (void)state;
    metric_column metric[METRICS];
    const frame f = make_many(metric);
    static const size_t which[] = {4, 0, 2, 1, 3};
    metric_distributions *first = NULL;
    assert_int_equal(
        metric_distributions_new(&f, NULL, (metric_choice){which, METRICS, NULL}, 1, &first, NULL),
        ASSAY_OK);
    for (int threads = 2; threads <= 7; threads += 5) {
        metric_distributions *again = NULL;
        assert_int_equal(metric_distributions_new(&f, NULL, (metric_choice){which, METRICS, NULL},
                                                  threads, &again, NULL),
                         ASSAY_OK);
        assert_memory_equal(first->metric, again->metric, METRICS * sizeof *first->metric);
        metric_distributions_free(again);
    }
    metric_distributions_free(first);
    free_many(metric);
}

static void the_order_of_the_rows_moves_no_bit(void **state)
{
    (void)state;
    const golden *g = &goldens[0];
    double *x = make_values(g);
    const metric_distribution d = describe_one(x, g->count, NULL);
    for (size_t i = 0; i < g->count / 2; i++) {
        const double swapped = x[i];
        x[i] = x[g->count - 1 - i];
        x[g->count - 1 - i] = swapped;
    }
    const metric_distribution again = describe_one(x, g->count, NULL);
    assert_memory_equal(&d, &again, sizeof d);
    free(x);
}

/* The obvious: each value against the fences as they are defined. */
static void outliers_are_those_beyond_the_fences_furthest_first(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2; c++) {
        const golden *g = &goldens[c];
        double *x = make_values(g);
        const metric_distribution d = describe_one(x, g->count, NULL);
        const metric_column metric = {.name = metric_name, .value = x};
        const frame f = {.row_count = g->count};
        outlier_list list;
        assert_int_equal(outlier_list_init(&list, &f, NULL, &metric, &d, NULL), ASSAY_OK);
        const double iqr = g->order[3] - g->order[1];
        size_t expected = 0;
        for (size_t i = 0; i < g->count; i++)
            expected += x[i] < g->order[1] - 1.5 * iqr || x[i] > g->order[3] + 1.5 * iqr;
        assert_int_equal(list.count, expected);
        assert_true(expected > 10);
        for (size_t i = 0; i < list.count; i++) {
            const outlier *o = &list.at[i];
            assert_true(o->value == x[o->row]);
            assert_true(o->high == (o->value > g->order[3]));
            const double beyond = o->high ? o->value - g->order[3] : g->order[1] - o->value;
            assert_true(o->severe == (beyond > 2.5 * iqr));
            assert_near(o->iqrs, beyond / iqr);
            if (i > 0)
                assert_true(list.at[i - 1].iqrs > o->iqrs ||
                            (list.at[i - 1].iqrs == o->iqrs && list.at[i - 1].row < o->row));
        }
        outlier_list_clear(&list);
        free(x);
    }
}

static void without_spread_whatever_differs_is_severe(void **state)
{
    (void)state;
    double x[] = {1, 1, 1, 1, 1, 1, 1, 1, 2, -7};
    selection s;
    assert_int_equal(selection_init(&s, 10, true, NULL), ASSAY_OK);
    const metric_distribution d = describe_one(x, 10, &s);
    assert_int_equal(d.outliers.severe_low, 1);
    assert_int_equal(d.outliers.severe_high, 1);
    assert_int_equal(d.outliers.moderate_low + d.outliers.moderate_high, 0);
    const metric_column metric = {.name = metric_name, .value = x};
    const frame f = {.row_count = 10};
    outlier_list list;
    assert_int_equal(outlier_list_init(&list, &f, &s, &metric, &d, NULL), ASSAY_OK);
    assert_int_equal(list.count, 2);
    assert_int_equal(list.at[0].row, 9);
    assert_int_equal(list.at[1].row, 8);
    assert_true(isinf(list.at[0].iqrs) && isinf(list.at[1].iqrs) && list.at[1].severe);
    outlier_list_clear(&list);
    selection_clear(&s);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    metric_column metric[METRICS];
    const frame f = make_many(metric);
    static const size_t which[] = {0, 1, 2, 3, 4};
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        metric_distributions *d = NULL;
        outlier_list list = {0};
        mem_fail_after(n);
        assay_code code =
            metric_distributions_new(&f, NULL, (metric_choice){which, METRICS, NULL}, 2, &d, NULL);
        if (code == ASSAY_OK)
            code = outlier_list_init(&list, &f, NULL, &metric[0], &d->metric[0], NULL);
        mem_fail_after(UINT64_MAX);
        const bool done = code == ASSAY_OK;
        if (!done) {
            assert_int_equal(code, ASSAY_E_NOMEM);
            assert_null(list.at);
        }
        outlier_list_clear(&list);
        metric_distributions_free(d);
        assert_int_equal(mem_live(), live);
        if (done) {
            assert_true(n > 6);
            break;
        }
    }
    free_many(metric);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_equals_numpys),
        cmocka_unit_test(values_that_are_missing_or_infinite_are_counted_and_in_nothing_else),
        cmocka_unit_test(nothing_at_all_has_no_answer),
        cmocka_unit_test(equal_and_extreme_values_keep_their_senses),
        cmocka_unit_test(bits_do_not_depend_on_the_threads),
        cmocka_unit_test(the_order_of_the_rows_moves_no_bit),
        cmocka_unit_test(outliers_are_those_beyond_the_fences_furthest_first),
        cmocka_unit_test(without_spread_whatever_differs_is_severe),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("distribution", tests, NULL, NULL);
}
