/* Bins against their defining properties over random ties, and small tables worked out by hand. */
#include "support/check.h"

#include "base/rng.h"
#include "stats/quantile.h"
#include "stats/sort.h"

#include <math.h>

enum { MOST = 400, BINS_MOST = 60 };

static size_t keys_of(const double *value, size_t n, uint64_t *keys)
{
    uint64_t scratch[MOST];
    for (size_t i = 0; i < n; i++)
        keys[i] = sort_key_f64(value[i]);
    sort_u64(keys, scratch, n);
    return n;
}

static void assert_starts(const size_t *start, size_t bins, const size_t *golden,
                          size_t golden_bins)
{
    assert_int_equal(bins, golden_bins);
    for (size_t b = 0; b <= bins; b++)
        assert_int_equal(start[b], golden[b]);
}

/* What every way of cutting promises: begins at 0, ends at n, no empty bin, equal values together.
 */
static void assert_bins(const uint64_t *keys, size_t n, const size_t *start, size_t bins)
{
    assert_int_equal(start[0], 0);
    assert_int_equal(start[bins], n);
    for (size_t b = 0; b < bins; b++) {
        assert_true(start[b] < start[b + 1]);
        if (b > 0)
            assert_true(keys[start[b] - 1] < keys[start[b]]);
    }
}

static void equal_counts_hold_on_any_ties(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 31, 0);
    for (int round = 0; round < 2000; round++) {
        const size_t n = 1 + rng_below(&r, MOST), bin_count = 1 + rng_below(&r, BINS_MOST);
        const uint64_t distinct = 1 + rng_below(&r, 2 * n);
        double value[MOST];
        uint64_t keys[MOST];
        size_t start[BINS_MOST + 1];
        for (size_t i = 0; i < n; i++)
            value[i] = (double)rng_below(&r, distinct);
        keys_of(value, n, keys);
        const size_t bins = quantile_bins(keys, n, bin_count, start);
        assert_in_range(bins, 1, bin_count);
        assert_bins(keys, n, start, bins);
    }
}

static void without_ties_a_boundary_lies_at_its_ideal_position(void **state)
{
    (void)state;
    uint64_t keys[MOST];
    size_t start[BINS_MOST + 1];
    for (size_t i = 0; i < MOST; i++)
        keys[i] = sort_key_f64((double)i);
    for (size_t bin_count = 1; bin_count <= BINS_MOST; bin_count++) {
        assert_int_equal(quantile_bins(keys, MOST, bin_count, start), bin_count);
        for (size_t b = 0; b <= bin_count; b++)
            assert_int_equal(start[b], b * MOST / bin_count);
    }
}

static void a_boundary_inside_ties_moves_down_or_past_them(void **state)
{
    (void)state;
    uint64_t keys[MOST];
    size_t start[BINS_MOST + 1];
    /* Halves of eight values: the ideal position 4 lies among the 2s, which begin at 3. */
    keys_of((const double[]){0, 1, 1, 2, 2, 2, 3, 3}, 8, keys);
    assert_starts(start, quantile_bins(keys, 8, 2, start), (const size_t[]){0, 3, 8}, 2);
    /* The ties begin at 0, so moving down would leave the first bin empty. */
    keys_of((const double[]){2, 2, 2, 2, 2, 3, 4, 5}, 8, keys);
    assert_starts(start, quantile_bins(keys, 8, 2, start), (const size_t[]){0, 5, 8}, 2);
    /* One value only, and more bins than values. */
    keys_of((const double[]){2, 2, 2}, 3, keys);
    assert_starts(start, quantile_bins(keys, 3, 10, start), (const size_t[]){0, 3}, 1);
    keys_of((const double[]){1, 2, 3}, 3, keys);
    assert_starts(start, quantile_bins(keys, 3, 10, start), (const size_t[]){0, 1, 2, 3}, 3);
    assert_int_equal(quantile_bins(keys, 0, 10, start), 0);
}

static void equal_widths_put_each_value_into_its_interval(void **state)
{
    (void)state;
    rng r;
    rng_init(&r, 32, 0);
    for (int round = 0; round < 1000; round++) {
        const size_t n = 2 + rng_below(&r, MOST - 1), bin_count = 1 + rng_below(&r, BINS_MOST);
        double value[MOST];
        uint64_t keys[MOST];
        size_t start[BINS_MOST + 1];
        for (size_t i = 0; i < n; i++)
            value[i] = rng_normal(&r);
        keys_of(value, n, keys);
        const size_t bins = equal_width_bins(keys, n, bin_count, start);
        assert_bins(keys, n, start, bins);
        const double low = sort_unkey_f64(keys[0]), high = sort_unkey_f64(keys[n - 1]);
        const double width = (high - low) / (double)bin_count;
        for (size_t b = 0; b < bins; b++) {
            /* The interval of the bin's first value is that of all of its values, and of no
             * other's. */
            const double first = sort_unkey_f64(keys[start[b]]);
            size_t interval = 0;
            while (interval + 1 < bin_count && first >= low + (double)(interval + 1) * width)
                interval++;
            const double end =
                interval + 1 < bin_count ? low + (double)(interval + 1) * width : (double)INFINITY;
            assert_true(sort_unkey_f64(keys[start[b + 1] - 1]) < end);
            if (b + 1 < bins)
                assert_true(sort_unkey_f64(keys[start[b + 1]]) >= end);
        }
    }
}

static void equal_widths_survive_extremes(void **state)
{
    (void)state;
    uint64_t keys[MOST];
    size_t start[BINS_MOST + 1];
    keys_of((const double[]){0, 0.5, 1, 9.999, 10}, 5, keys);
    assert_starts(start, equal_width_bins(keys, 5, 10, start), (const size_t[]){0, 2, 3, 5}, 3);
    keys_of((const double[]){4, 4, 4}, 3, keys);
    assert_starts(start, equal_width_bins(keys, 3, 10, start), (const size_t[]){0, 3}, 1);
    keys_of((const double[]){-1.7e308, 0.1, 1.7e308}, 3, keys);
    assert_starts(start, equal_width_bins(keys, 3, 2, start), (const size_t[]){0, 1, 3}, 2);
    keys_of((const double[]){0, 1, (double)INFINITY}, 3, keys);
    assert_starts(start, equal_width_bins(keys, 3, 2, start), (const size_t[]){0, 3}, 1);
    assert_int_equal(equal_width_bins(keys, 0, 2, start), 0);
}

static void distinct_values_get_a_bin_each_up_to_the_limit(void **state)
{
    (void)state;
    uint64_t keys[MOST];
    size_t start[BINS_MOST + 1];
    keys_of((const double[]){1, 1, 4, 6, 6, 6}, 6, keys);
    assert_starts(start, distinct_bins(keys, 6, 3, start), (const size_t[]){0, 2, 3, 6}, 3);
    assert_int_equal(distinct_bins(keys, 6, 2, start), 0);
    assert_int_equal(distinct_bins(keys, 0, 2, start), 0);
}

static void the_median_is_the_middle_or_the_mean_of_two(void **state)
{
    (void)state;
    uint64_t keys[MOST];
    keys_of((const double[]){-3, 1, 2, 8, 100}, 5, keys);
    assert_true(median_of_sorted(keys, 0, 5) == 2);
    assert_true(median_of_sorted(keys, 1, 5) == 5);
    assert_true(median_of_sorted(keys, 0, 2) == -1);
    assert_true(median_of_sorted(keys, 4, 5) == 100);
    assert_true(isnan(median_of_sorted(keys, 3, 3)));
    keys_of((const double[]){1.6e308, 1.7e308}, 2, keys);
    assert_true(isfinite(median_of_sorted(keys, 0, 2)));
}

/* numpy.quantile([-3.7, 0.1, 0.2, 0.25, 1/3, 2.9, 7.7, 1e3], q) */
static void quantiles_equal_numpy(void **state)
{
    (void)state;
    static const double sorted[] = {-3.7, 0.1, 0.2, 0.25, 1.0 / 3, 2.9, 7.7, 1e3};
    static const struct {
        double q, golden;
    } row[] = {
        {0, -3.7},
        {0.025, -3.035},
        {0.1, -1.0399999999999998},
        {0.25, 0.17500000000000002},
        {0.3333333333333333, 0.21666666666666667},
        {0.5, 0.29166666666666663},
        {0.62, 1.2059999999999995},
        {0.975, 826.3475000000002},
        {0.99, 930.5389999999998},
        {1, 1000.0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_true(quantile_of_sorted(sorted, 8, row[i].q) == row[i].golden);
    assert_true(quantile_of_sorted(sorted, 1, 0.7) == -3.7);
    assert_true(isnan(quantile_of_sorted(sorted, 0, 0.5)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_counts_hold_on_any_ties),
        cmocka_unit_test(without_ties_a_boundary_lies_at_its_ideal_position),
        cmocka_unit_test(a_boundary_inside_ties_moves_down_or_past_them),
        cmocka_unit_test(equal_widths_put_each_value_into_its_interval),
        cmocka_unit_test(equal_widths_survive_extremes),
        cmocka_unit_test(distinct_values_get_a_bin_each_up_to_the_limit),
        cmocka_unit_test(the_median_is_the_middle_or_the_mean_of_two),
        cmocka_unit_test(quantiles_equal_numpy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
