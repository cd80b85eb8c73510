/* What codes say of a selection is what sorting its samples says. */
#include "eval/coded_importance.h"

#include "base/rng.h"
#include "eval/evaluation.h"
#include "eval/power_sums.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 200003, METRICS = 9, CLASSES = 5 };

static char *class_names[CLASSES] = {(char[]){"a"}, (char[]){"b"}, (char[]){"c"}, (char[]){"d"},
                                     (char[]){"e"}};
static uint16_t label[ROWS], prediction[ROWS];
static double value[METRICS][ROWS];
static metric_column metric[METRICS];
static char metric_names[METRICS][16];
static metric_codes *codes[METRICS];
static size_t which[METRICS];
static frame f = {.row_count = ROWS,
                  .classes = {.name = class_names, .count = CLASSES},
                  .label = label,
                  .prediction = prediction,
                  .metric = metric,
                  .metric_count = METRICS};

/* A continuous one, few values, heavy ties amid a continuum, a heavy tail, one that is missing for
 * many, a constant, whole numbers beyond the codes, one far from 0, and one with infinities. */
static double make_value(size_t kind, size_t i, double unit, double normal)
{
    const double right = label[i] == prediction[i];
    switch (kind) {
    case 0:
        return normal + 0.2 * right;
    case 1:
        return floor(7.0 * unit) - right;
    case 2:
        return unit < 0.4 ? 0.25 : unit + 0.1 * right;
    case 3:
        return exp(6.0 * normal + right);
    case 4:
        return unit < 0.7 ? (double)NAN : normal - 0.5 * right;
    case 5:
        return -0.0;
    case 6:
        return floor(1e6 * unit + 1e4 * right);
    case 7:
        return 1e3 + 1e-3 * (normal + right);
    default:
        return unit < 1e-4 ? (double)INFINITY : normal;
    }
}

static int make(void **state)
{
    (void)state;
    rng random;
    rng_init(&random, 3, 1);
    for (size_t i = 0; i < ROWS; i++) {
        label[i] = rng_unit(&random) < 0.01 ? CLASS_MISSING : (uint16_t)rng_below(&random, CLASSES);
        prediction[i] = rng_unit(&random) < 0.8 ? label[i] : (uint16_t)rng_below(&random, CLASSES);
        if (rng_unit(&random) < 0.01)
            prediction[i] = CLASS_MISSING;
        for (size_t m = 0; m < METRICS; m++)
            value[m][i] = make_value(m, i, rng_unit(&random), rng_normal(&random));
    }
    for (size_t m = 0; m < METRICS; m++) {
        snprintf(metric_names[m], sizeof metric_names[m], "metric %zu", m);
        metric[m] = (metric_column){.name = metric_names[m], .value = value[m]};
        which[m] = m;
        assert_int_equal(metric_codes_new(value[m], ROWS, &codes[m], NULL), ASSAY_OK);
    }
    return 0;
}

static int drop(void **state)
{
    (void)state;
    for (size_t m = 0; m < METRICS; m++)
        metric_codes_free(codes[m]);
    return 0;
}

static evaluation_options options_for(int threads)
{
    evaluation_options o;
    evaluation_defaults(&o);
    o.thread_count = threads;
    o.first = true;
    return o;
}

static metric_analyses *by_codes(const selection *rows, const bool *shown, int threads)
{
    const evaluation_options options = options_for(threads);
    const coded_metrics m = {
        .frame = &f, .which = which, .codes = (const metric_codes *const *)codes, .count = METRICS};
    outcome_rows of;
    metric_analyses *out;
    assert_int_equal(outcome_rows_init(&of, &f, rows, shown, threads, NULL), ASSAY_OK);
    assert_int_equal(coded_analyses_new(&m, &of, &options, &out, NULL), ASSAY_OK);
    outcome_rows_clear(&of);
    return out;
}

static metric_analyses *by_sorting(const selection *rows, const bool *shown)
{
    const evaluation_options options = options_for(2);
    samples s;
    metric_analyses *out;
    assert_int_equal(samples_init(&s, &f, rows, shown, NULL), ASSAY_OK);
    assert_int_equal(
        metric_analyses_new(&s, &(analysed_metrics){which, METRICS, NULL}, &options, &out, NULL),
        ASSAY_OK);
    samples_clear(&s);
    return out;
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool near(double a, double b)
{
    return same(a, b) || fabs(a - b) <= 1e-9 * fmax(1e-3, fabs(b));
}

static bool same_score(const score *a, const score *b)
{
    return same(a->value, b->value) && same(a->low, b->low) && same(a->high, b->high) &&
           a->few == b->few && (a->method == b->method || !strcmp(a->method, b->method));
}

static void expect_equal(const metric_analyses *coded, const metric_analyses *sorted)
{
    for (size_t i = 0; i < METRICS; i++) {
        const metric_importance *a = &coded->metric[i].importance;
        const metric_importance *b = &sorted->metric[i].importance;
        assert_int_equal(a->samples, b->samples);
        if (!same_score(&a->information, &b->information) || !same(a->share, b->share) ||
            !same(a->p_value, b->p_value) || !same(a->p_adjusted, b->p_adjusted))
            fail_msg("metric %zu: information %.17g, sorted %.17g; p %.17g, %.17g", i,
                     a->information.value, b->information.value, a->p_value, b->p_value);
        assert_string_equal(a->p_method, b->p_method);
        assert_string_equal(a->p_missing ? a->p_missing : "", b->p_missing ? b->p_missing : "");
        if (!near(a->correlation.value, b->correlation.value) ||
            !near(a->correlation.low, b->correlation.low) ||
            !near(a->correlation.high, b->correlation.high) ||
            a->correlation.few != b->correlation.few)
            fail_msg("metric %zu: correlation %.17g [%.17g], sorted %.17g [%.17g]", i,
                     a->correlation.value, a->correlation.low, b->correlation.value,
                     b->correlation.low);
    }
}

static void compare(const selection *rows, const bool *shown)
{
    metric_analyses *sorted = by_sorting(rows, shown);
    metric_analyses *one = by_codes(rows, shown, 1);
    metric_analyses *three = by_codes(rows, shown, 3);
    expect_equal(one, sorted);
    for (size_t i = 0; i < METRICS; i++)
        assert_true(same_score(&one->metric[i].importance.correlation,
                               &three->metric[i].importance.correlation));
    metric_analyses_free(sorted);
    metric_analyses_free(one);
    metric_analyses_free(three);
}

/* Rows that an odd rule chooses. */
static bool chooses(size_t rule, size_t i)
{
    switch (rule) {
    case 0:
        return true;
    case 1:
        return i * 2654435761U % 1000 < 500;
    case 2:
        return i * 2654435761U % 1000 < 20;
    case 3:
        return value[0][i] > 0.3 && value[0][i] < 0.31;
    case 4:
        return value[3][i] > 1e3;
    case 5:
        return i == 77 || i == 99 || i == ROWS - 1;
    case 6:
        return label[i] == prediction[i];
    case 7:
        return value[6][i] < 3.0;
    default:
        return false;
    }
}
enum { RULES = 9 };

static void any_selection_is_the_same_both_ways(void **state)
{
    (void)state;
    static const bool shown[CLASSES] = {true, false, true, false, false};
    for (size_t rule = 0; rule < RULES; rule++) {
        selection rows;
        assert_int_equal(selection_init(&rows, ROWS, false, NULL), ASSAY_OK);
        for (size_t i = 0; i < ROWS; i++)
            selection_set(&rows, i, chooses(rule, i));
        compare(&rows, NULL);
        compare(&rows, shown);
        selection_clear(&rows);
    }
}

static void codes_cut_many_values_and_name_few(void **state)
{
    (void)state;
    assert_true(codes[1]->each_is_one && codes[1]->code_count == 8);
    assert_true(codes[5]->each_is_one && codes[5]->code_count == 1);
    assert_false(codes[0]->each_is_one);
    assert_int_equal(codes[0]->code_count, CODES_MOST);
    assert_true(codes[0]->is_plain);
    assert_false(codes[8]->is_plain);
    assert_int_equal(codes[0]->count, ROWS);
    assert_true(codes[4]->count < ROWS / 2);
    for (size_t i = 1; i < codes[4]->count; i++)
        assert_true(value[4][codes[4]->row[i - 1]] <= value[4][codes[4]->row[i]]);
    for (size_t i = 0; i < ROWS; i++)
        assert_true((codes[4]->code[i] == CODE_MISSING) == isnan(value[4][i]));
}

static void every_processor_sums_the_same_bits(void **state)
{
    (void)state;
    enum { WORDS = 40 };
    uint64_t rows[WORDS], right[WORDS];
    rng random;
    rng_init(&random, 9, 1);
    for (size_t w = 0; w < WORDS; w++) {
        rows[w] = w % 5 == 0 ? 0 : w % 5 == 1 ? UINT64_MAX : rng_next(&random);
        right[w] = rows[w] & rng_next(&random);
    }
    const power_rows of = {
        .value = value[4], .rows = rows, .right = right, .words = WORDS, .shift = 0.1, .scale = 3};
    power_sums first;
    power_loop_at(0)->sum(&of, &first);
    assert_true(first.all[1] > first.right[1]);
    for (size_t v = 1; power_loop_at(v); v++) {
        power_sums other;
        power_loop_at(v)->sum(&of, &other);
        assert_memory_equal(&first, &other, sizeof first);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    selection rows;
    assert_int_equal(selection_init(&rows, ROWS, true, NULL), ASSAY_OK);
    const evaluation_options options = options_for(1);
    const coded_metrics m = {
        .frame = &f, .which = which, .codes = (const metric_codes *const *)codes, .count = METRICS};
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        outcome_rows of;
        metric_analyses *out = NULL;
        metric_codes *made = NULL;
        mem_fail_after(n);
        assay_code code = metric_codes_new(value[1], 1000, &made, NULL);
        if (code == ASSAY_OK)
            code = outcome_rows_init(&of, &f, &rows, NULL, 1, NULL);
        if (code == ASSAY_OK) {
            code = coded_analyses_new(&m, &of, &options, &out, NULL);
            outcome_rows_clear(&of);
        }
        mem_fail_after(UINT64_MAX);
        metric_codes_free(made);
        metric_analyses_free(out);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
    selection_clear(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_cut_many_values_and_name_few),
        cmocka_unit_test(any_selection_is_the_same_both_ways),
        cmocka_unit_test(every_processor_sums_the_same_bits),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("coded_importance", tests, make, drop);
}
