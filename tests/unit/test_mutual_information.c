/* Information from bins and from neighbours, against scikit-learn, SciPy and slow definitions. The
 * golden numbers were printed by tests/reference/metrics_golden.py. */
#include "support/check.h"

#include "base/rng.h"
#include "stats/mutual_information.h"
#include "stats/quantile.h"
#include "stats/sort.h"
#include "stats/special.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 400 };

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

typedef struct sample {
    double x;
    uint8_t right;
} sample;

static int compare_samples(const void *a, const void *b)
{
    const sample *const s = a, *const t = b;
    return (s->x > t->x) - (s->x < t->x);
}

/* The data of the golden numbers, ascending. */
static void golden_data(sample *s)
{
    uint64_t for_x = 1, for_right = 2;
    for (size_t i = 0; i < N; i++) {
        const double u = next_unit(&for_x);
        s[i].x = exp(2.0 * u) - 3.0 * u * u;
        s[i].right = next_unit(&for_right) < 0.55 + 0.4 * u;
    }
    qsort(s, N, sizeof *s, compare_samples);
}

static size_t bins_of(const sample *s, size_t n, size_t bin_count, outcome_bin *bins)
{
    uint64_t key[N];
    size_t start[N + 1];
    for (size_t i = 0; i < n; i++)
        key[i] = sort_key_f64(s[i].x);
    const size_t count = quantile_bins(key, n, bin_count, start);
    for (size_t b = 0; b < count; b++) {
        bins[b] = (outcome_bin){.count = start[b + 1] - start[b]};
        for (size_t i = start[b]; i < start[b + 1]; i++)
            bins[b].correct += s[i].right;
    }
    return count;
}

static void scikit_learn_says_the_same_of_bins(void **state)
{
    (void)state;
    sample s[N];
    golden_data(s);
    outcome_bin bins[32];
    const binned_information i = information_of_bins(bins, bins_of(s, N, 32, bins));
    assert_near(i.plug_in, 0.084336673215564345, 1e-12);
    assert_near(i.entropy, 0.57565562989101493, 1e-12);
    assert_true(i.freedom == 31.0);
}

static void scipy_says_the_same_of_the_g_test(void **state)
{
    (void)state;
    sample s[N];
    golden_data(s);
    outcome_bin bins[10];
    const size_t bin_count = bins_of(s, N, 10, bins);
    static const uint64_t correct[10] = {18, 18, 32, 27, 30, 33, 33, 32, 34, 38};
    assert_int_equal(bin_count, 10);
    for (size_t b = 0; b < 10; b++) {
        assert_int_equal(bins[b].count, 40);
        assert_int_equal(bins[b].correct, correct[b]);
    }
    const binned_information i = information_of_bins(bins, 10);
    assert_near(2.0 * N * i.plug_in, 51.03043524888719, 1e-12);
    assert_near(i.least_expected, 10.5, 1e-15);
    assert_near(g_test_p(bins, 10), 6.8907782146450118e-08, 1e-9);
}

/* By hand: 4 samples in one bin, 3 right; 2 in the other, none right; an empty bin between. */
static void a_small_table_agrees_with_pencil_and_paper(void **state)
{
    (void)state;
    const outcome_bin bins[3] = {{4, 3}, {0, 0}, {2, 0}};
    const binned_information i = information_of_bins(bins, 3);
    const double rr = log(1.5), rw = log(0.5), ww = log(2.0);
    const double plug_in = (3.0 * rr + rw + 2.0 * ww) / 6.0;
    assert_near(i.plug_in, plug_in, 1e-14);
    assert_near(i.entropy, log(2.0), 1e-14);
    /* two bins, two outcomes, three cells: no correction at all */
    assert_near(i.corrected, plug_in, 1e-14);
    const double variance =
        (3.0 * (rr - plug_in) * (rr - plug_in) + (rw - plug_in) * (rw - plug_in) +
         2.0 * (ww - plug_in) * (ww - plug_in)) /
        6.0;
    assert_near(i.sd, sqrt(variance), 1e-14);
    assert_near(i.least_expected, 1.0, 1e-15);
    assert_true(i.freedom == 1.0);
    assert_near(information_term(3, 4, 3, 6), rr, 1e-15);
    assert_true(information_term(0, 4, 3, 6) == 0.0);
}

static void the_corrected_value_stays_between_nothing_and_the_entropy(void **state)
{
    (void)state;
    /* As independent as can be: the correction would go below 0. */
    const outcome_bin independent[2] = {{20, 10}, {20, 10}};
    assert_true(information_of_bins(independent, 2).corrected == 0.0);
    /* Each bin all right or all wrong: the correction would go above H(s). */
    const outcome_bin told[2] = {{1, 1}, {1, 0}};
    const binned_information i = information_of_bins(told, 2);
    assert_true(i.corrected == i.entropy);
    /* Filled cells only are counted: 3 bins, 2 outcomes, 5 cells. */
    const outcome_bin sparse[3] = {{30, 10}, {30, 20}, {30, 30}};
    const binned_information s = information_of_bins(sparse, 3);
    assert_near(s.corrected, s.plug_in + (3.0 + 2.0 - 5.0 - 1.0) / 180.0, 1e-14);
}

static void one_outcome_or_one_bin_tells_nothing(void **state)
{
    (void)state;
    const outcome_bin right[2] = {{20, 20}, {10, 10}}, wrong[2] = {{20, 0}, {10, 0}};
    const outcome_bin one[1] = {{20, 15}};
    assert_true(information_of_bins(right, 2).entropy == 0.0);
    assert_true(information_of_bins(wrong, 2).entropy == 0.0);
    assert_true(information_of_bins(right, 2).corrected == 0.0);
    assert_true(information_of_bins(one, 1).corrected == 0.0);
    assert_true(information_of_bins(one, 1).sd == 0.0);
    assert_true(g_test_p(right, 2) == 1.0);
    assert_true(g_test_p(one, 1) == 1.0);
}

/* 3 right and 3 wrong in bins of 3 and 3: of the 20 ways, 2 hold as much as the perfect one, 20 as
 * much as the weakest. */
static void a_permutation_finds_the_exact_share_of_a_small_table(void **state)
{
    (void)state;
    const outcome_bin perfect[2] = {{3, 3}, {3, 0}}, weakest[2] = {{3, 2}, {3, 1}};
    rng random;
    rng_init(&random, 5, 0);
    const double p = g_test_permuted_p(perfect, 2, 99999, &random);
    assert_true(fabs(p - 0.1) < 5.0 * sqrt(0.1 * 0.9 / 1e5));
    assert_true(g_test_permuted_p(weakest, 2, 999, &random) == 1.0);
}

static void a_permutation_agrees_with_chi_square_where_counts_are_large(void **state)
{
    (void)state;
    const outcome_bin bins[4] = {{100, 60}, {100, 70}, {100, 66}, {100, 73}};
    rng random;
    rng_init(&random, 6, 0);
    const double p = g_test_p(bins, 4);
    assert_true(p > 0.1 && p < 0.5);
    assert_true(fabs(g_test_permuted_p(bins, 4, 20000, &random) - p) < 0.02);
    rng again;
    rng_init(&again, 7, 0);
    rng_init(&random, 7, 0);
    assert_true(g_test_permuted_p(bins, 4, 999, &again) ==
                g_test_permuted_p(bins, 4, 999, &random));
}

/* ---- groups ---- */

/* From this many groups of a size on, outcomes go round instead of being dealt anew. */
enum { MANY_GROUPS = 4200, GROUPED_MOST = 10 * MANY_GROUPS };

typedef struct grouped_case {
    uint8_t bin[GROUPED_MOST], correct[GROUPED_MOST];
    uint32_t group[GROUPED_MOST];
    size_t n;
    uint32_t group_count;
} grouped_case;

static double group_p(const grouped_case *c, size_t replicates, uint64_t seed)
{
    uint32_t *const scratch = calloc(g_test_group_scratch(c->n, c->group_count), sizeof *scratch);
    assert_non_null(scratch);
    const grouped_outcomes o = {
        .bin = c->bin, .correct = c->correct, .n = c->n, .groups = {c->group, c->group_count}};
    rng random;
    rng_init(&random, seed, 0);
    const double p = g_test_group_permuted_p(&o, replicates, &random, scratch);
    free(scratch);
    return p;
}

static void add_sample(grouped_case *c, uint32_t group, uint8_t bin, uint8_t correct)
{
    c->group[c->n] = group;
    c->bin[c->n] = bin;
    c->correct[c->n++] = correct;
    if (group >= c->group_count)
        c->group_count = group + 1;
}

/* Six groups of two samples, whose members agree: three are all right in bin 0, three all wrong in
 * bin 1. Only 2 of the C(6,3) = 20 ways to deal whole groups separate them, while among 12 single
 * samples it would be 2 of 924. */
static void whole_groups_are_what_is_permuted(void **state)
{
    (void)state;
    grouped_case c = {.n = 0};
    for (uint8_t member = 0; member < 2; member++)
        for (uint32_t g = 0; g < 6; g++)
            add_sample(&c, g, g % 2, g % 2 == 0);
    const double p = group_p(&c, 20000, 1);
    assert_true(fabs(p - 0.1) < 5.0 * sqrt(0.09 / 20000.0));
}

/* Two groups of three and one of two: the outcomes of the two either stay or change places, so p is
 * the share of arrangements out of 2 that hold as much. */
static void groups_of_different_sizes_are_not_mixed(void **state)
{
    (void)state;
    grouped_case c = {.n = 0};
    static const uint8_t correct[2][3] = {{1, 1, 1}, {0, 0, 1}};
    for (uint32_t g = 0; g < 2; g++)
        for (size_t i = 0; i < 3; i++)
            add_sample(&c, g, (uint8_t)g, correct[g][i]);
    add_sample(&c, 2, 0, 1);
    add_sample(&c, 2, 0, 1);
    const double p = group_p(&c, 20000, 2);
    /* exchanged: bin 0 {5, 3 right}, bin 1 {3, 3 right}: less than observed */
    assert_true(fabs(p - 0.5) < 0.02);
}

/* The first sample of a group gets the outcome of the first sample of another: a bin that depends
 * on the place within the group, with outcomes that do so too, is the same after every exchange. */
static void outcomes_keep_their_place_within_the_group(void **state)
{
    (void)state;
    grouped_case c = {.n = 0};
    for (uint32_t g = 0; g < 10; g++)
        for (uint8_t place = 0; place < 3; place++)
            add_sample(&c, g, place, place == 1);
    assert_true(group_p(&c, 999, 3) == 1.0);
}

static void samples_left_out_shrink_their_group(void **state)
{
    (void)state;
    grouped_case c = {.n = 0};
    for (uint32_t g = 0; g < 4; g++)
        for (uint32_t i = 0; i <= g; i++)
            add_sample(&c, g, (uint8_t)(i % 2), (uint8_t)(g % 2));
    assert_true(isnan(group_p(&c, 999, 4))); /* sizes 1, 2, 3, 4 */
    c.bin[c.n - 1] = BIN_NONE;               /* 1, 2, 3, 3 */
    assert_true(group_p(&c, 999, 4) > 0.0);
    for (size_t i = 0; i < c.n; i++)
        if (c.group[i] >= 2)
            c.bin[i] = BIN_NONE; /* 1, 2 and twice nothing */
    assert_true(isnan(group_p(&c, 999, 4)));
}

static void groups_of_one_are_plain_samples(void **state)
{
    (void)state;
    grouped_case c = {.n = 0};
    outcome_bin bins[3] = {{0, 0}, {0, 0}, {0, 0}};
    for (uint32_t i = 0; i < 48; i++) {
        const uint8_t bin = (uint8_t)(i % 3), correct = i % 4 != 0 || i % 3 == 0;
        add_sample(&c, i, bin, correct);
        bins[bin].count++;
        bins[bin].correct += correct;
    }
    rng random;
    rng_init(&random, 9, 0);
    assert_true(fabs(group_p(&c, 20000, 8) - g_test_permuted_p(bins, 3, 20000, &random)) < 0.02);
}

static void many_groups_of_one_are_plain_samples_too(void **state)
{
    (void)state;
    grouped_case c = {.n = 0};
    outcome_bin bins[4] = {{0, 0}, {0, 0}, {0, 0}, {0, 0}};
    rng random;
    rng_init(&random, 10, 0);
    for (uint32_t i = 0; i < 8 * MANY_GROUPS; i++) {
        const uint8_t bin = (uint8_t)rng_below(&random, 4);
        const uint8_t correct = rng_unit(&random) < 0.7 + 0.003 * bin;
        add_sample(&c, i, bin, correct);
        bins[bin].count++;
        bins[bin].correct += correct;
    }
    const double p = g_test_p(bins, 4);
    assert_true(p > 0.2 && p < 0.8);
    assert_true(fabs(group_p(&c, 4999, 8) - p) < 0.03);
    for (size_t i = 0; i < c.n; i++)
        c.correct[i] = !c.correct[i]; /* the other outcome is the rarer one */
    assert_true(fabs(group_p(&c, 4999, 9) - p) < 0.03);
}

/* The members of a group agree, so the table is that of the groups, counted twice. */
static void whole_groups_go_round(void **state)
{
    (void)state;
    grouped_case c = {.n = 0};
    outcome_bin bins[3] = {{0, 0}, {0, 0}, {0, 0}};
    rng random;
    rng_init(&random, 11, 0);
    for (uint32_t g = 0; g < MANY_GROUPS; g++) {
        const uint8_t bin = (uint8_t)rng_below(&random, 3);
        const uint8_t correct = rng_unit(&random) < 0.6 + 0.012 * bin;
        bins[bin].count++;
        bins[bin].correct += correct;
        for (int member = 0; member < 2; member++)
            add_sample(&c, g, bin, correct);
    }
    const double p = g_test_p(bins, 3);
    assert_true(p > 0.2 && p < 0.8);
    assert_true(fabs(group_p(&c, 4999, 12) - p) < 0.05);
}

/* Many groups of 3 and of 5, a few of 2, in any order. What depends on the place within the group
 * alone is the same after every exchange within a size, and after no other. */
static void outcomes_keep_their_size_and_place_while_they_go_round(void **state)
{
    (void)state;
    grouped_case c = {.n = 0};
    static const uint8_t sizes[] = {3, 5};
    for (uint32_t g = 0; g < 2 * MANY_GROUPS; g++) {
        const uint8_t size = g % 700 == 0 ? 2 : sizes[g * 7 / 5 % 2];
        for (uint8_t place = 0; place < size; place++)
            add_sample(&c, g, (uint8_t)(place + size), place == 1 || size + place == 8);
    }
    assert_true(group_p(&c, 99, 13) == 1.0);
}

/* ---- nearest neighbours ---- */

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* To the k-th other sample of the same outcome. */
static double distance_in_outcome(const sample *s, size_t n, size_t i, size_t k)
{
    double distance[N];
    size_t others = 0;
    for (size_t j = 0; j < n; j++)
        if (j != i && s[j].right == s[i].right)
            distance[others++] = fabs(s[j].x - s[i].x);
    qsort(distance, others, sizeof *distance, compare_doubles);
    return distance[k - 1];
}

static int nearer(double x, double than, double from)
{
    return fabs(x - from) < than || x == from;
}

/* The trap: the same but for rounding. */
static int nearer_by_window(double x, double than, double from)
{
    return (x > from - than && x < from + than) || x == from;
}

/* Ross's estimate by looking at all pairs. */
static double slow_nearest(const sample *s, size_t n, int (*is_nearer)(double, double, double))
{
    size_t with[2] = {0, 0};
    for (size_t i = 0; i < n; i++)
        with[s[i].right]++;
    const size_t counted = (with[0] > 1 ? with[0] : 0) + (with[1] > 1 ? with[1] : 0);
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (with[s[i].right] < 2)
            continue;
        const size_t others = with[s[i].right] - 1, k = others < 3 ? others : 3;
        const double reach = distance_in_outcome(s, n, i, k);
        size_t m = 0;
        for (size_t j = 0; j < n; j++)
            m += with[s[j].right] > 1 && is_nearer(s[j].x, reach, s[i].x);
        sum += digamma((double)k) - digamma((double)with[s[i].right]) - digamma((double)m);
    }
    return fmax(0.0, digamma((double)counted) + sum / (double)counted);
}

static nearest_information fast_nearest(const sample *s, size_t n, double *influence)
{
    double x[N], scratch[2 * N];
    uint8_t right[N];
    for (size_t i = 0; i < n; i++) {
        x[i] = s[i].x;
        right[i] = s[i].right;
    }
    return information_nearest(x, right, n, scratch, influence);
}

static void neighbours_agree_with_looking_at_all_pairs(void **state)
{
    (void)state;
    rng random;
    rng_init(&random, 51, 0);
    for (int round = 0; round < 300; round++) {
        sample s[N];
        const size_t n = 4 + rng_below(&random, 60);
        const double accuracy = rng_unit(&random);
        for (size_t i = 0; i < n; i++) {
            s[i].right = rng_unit(&random) < accuracy;
            s[i].x = rng_normal(&random) + s[i].right;
        }
        qsort(s, n, sizeof *s, compare_samples);
        size_t right = 0;
        for (size_t i = 0; i < n; i++)
            right += s[i].right;
        if (right < 2 || n - right < 2)
            continue;
        double influence[N], sum = 0.0, squares = 0.0;
        const nearest_information i = fast_nearest(s, n, influence);
        assert_true(fabs(i.value - slow_nearest(s, n, nearer)) < 1e-12);
        assert_int_equal(i.n, n);
        for (size_t j = 0; j < n; j++) {
            sum += influence[j];
            squares += influence[j] * influence[j];
        }
        assert_true(fabs(sum) < 1e-12);
        assert_near(sqrt(squares), i.sd / sqrt((double)n), 1e-12);
        assert_true(fast_nearest(s, n, NULL).sd == i.sd);
    }
}

/* Equal distances are where x ± d goes wrong: x_i + (x_j - x_i) need not be x_j, and a neighbour at
 * exactly d would be counted. Values of many magnitudes on a grid make all kinds of it. */
static void a_neighbour_at_exactly_the_distance_is_not_counted(void **state)
{
    (void)state;
    rng random;
    rng_init(&random, 52, 0);
    size_t differ = 0;
    for (int round = 0; round < 200; round++) {
        sample s[N];
        const size_t n = 8 + rng_below(&random, 40);
        for (size_t i = 0; i < n; i++)
            s[i] = (sample){0.1 * (double)rng_below(&random, 200) + 1e-3 * (double)(i % 7),
                            (uint8_t)(i % 2)};
        qsort(s, n, sizeof *s, compare_samples);
        assert_true(fabs(fast_nearest(s, n, NULL).value - slow_nearest(s, n, nearer)) < 1e-12);
        const double right = slow_nearest(s, n, nearer);
        differ += fabs(slow_nearest(s, n, nearer_by_window) - right) > 1e-3;
    }
    assert_true(differ > 20); /* the trap was there */
}

static void a_lone_outcome_is_left_out(void **state)
{
    (void)state;
    const sample one_wrong[5] = {{1.0, 1}, {2.5, 1}, {2.75, 0}, {4.0, 1}, {7.0, 1}};
    const nearest_information i = fast_nearest(one_wrong, 5, NULL);
    assert_true(i.value == 0.0);
    assert_int_equal(i.n, 4);
    const sample two[2] = {{1.0, 1}, {2.0, 0}};
    double influence[N] = {9.0, 9.0};
    const nearest_information none = fast_nearest(two, 2, influence);
    assert_true(isnan(none.value));
    assert_int_equal(none.n, 0);
    assert_true(influence[0] == 0.0 && influence[1] == 0.0);
}

/* scale() divides by the population sd; its noise of 1e-10 changes no neighbour here. */
static void scikit_learn_says_the_same_of_neighbours(void **state)
{
    (void)state;
    sample s[N];
    golden_data(s);
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < N; i++)
        sum += s[i].x;
    for (size_t i = 0; i < N; i++)
        squares += (s[i].x - sum / N) * (s[i].x - sum / N);
    for (size_t i = 0; i < N; i++)
        s[i].x /= sqrt(squares / N);
    assert_near(fast_nearest(s, N, NULL).value, 0.021860535624381283, 1e-9);
    for (size_t i = 0; i < N; i++)
        s[i].right = i >= N / 2;
    assert_near(fast_nearest(s, N, NULL).value, 0.68777374305506445, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scikit_learn_says_the_same_of_bins),
        cmocka_unit_test(scipy_says_the_same_of_the_g_test),
        cmocka_unit_test(a_small_table_agrees_with_pencil_and_paper),
        cmocka_unit_test(the_corrected_value_stays_between_nothing_and_the_entropy),
        cmocka_unit_test(one_outcome_or_one_bin_tells_nothing),
        cmocka_unit_test(a_permutation_finds_the_exact_share_of_a_small_table),
        cmocka_unit_test(a_permutation_agrees_with_chi_square_where_counts_are_large),
        cmocka_unit_test(whole_groups_are_what_is_permuted),
        cmocka_unit_test(groups_of_different_sizes_are_not_mixed),
        cmocka_unit_test(outcomes_keep_their_place_within_the_group),
        cmocka_unit_test(samples_left_out_shrink_their_group),
        cmocka_unit_test(groups_of_one_are_plain_samples),
        cmocka_unit_test(many_groups_of_one_are_plain_samples_too),
        cmocka_unit_test(whole_groups_go_round),
        cmocka_unit_test(outcomes_keep_their_size_and_place_while_they_go_round),
        cmocka_unit_test(neighbours_agree_with_looking_at_all_pairs),
        cmocka_unit_test(a_neighbour_at_exactly_the_distance_is_not_counted),
        cmocka_unit_test(a_lone_outcome_is_left_out),
        cmocka_unit_test(scikit_learn_says_the_same_of_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
