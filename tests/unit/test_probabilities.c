/* The scan of probabilities against a slow and obvious one, and its readers. */
#include "frame/probabilities.h"

#include "base/mem.h"
#include "base/rng.h"
#include "frame/classes.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct scanned {
    uint16_t *prediction;
    double *confidence;
    probability_scan scan;
} scanned;

static scanned scan(probabilities *p, bool any_sum, int threads)
{
    scanned s = {.prediction = calloc(p->values.row_count + 1, sizeof(uint16_t)),
                 .confidence = calloc(p->values.row_count + 1, sizeof(double))};
    p->any_sum = any_sum;
    assert_int_equal(probabilities_scan(p, threads, s.prediction, s.confidence, &s.scan, NULL),
                     ASSAY_OK);
    return s;
}

static void drop(scanned *s)
{
    free(s->prediction);
    free(s->confidence);
}

static probabilities view_f64(const double *at, size_t rows, size_t columns)
{
    return (probabilities){
        .values = {.at = at, .row_count = rows, .column_count = columns, .type = MATRIX_F64}};
}

static void a_row_that_sums_to_one_is_taken_as_it_is(void **state)
{
    (void)state;
    /* 0.1 + 0.2 + 0.7 misses 1 by a rounding; the third row by 1e-9; the first has two largest. */
    const double rows[] = {0.25, 0.375, 0.375, 0.1, 0.2, 0.7, 0.5, 0.25, 0.250000001};
    probabilities p = view_f64(rows, 2, 3);
    scanned s = scan(&p, false, 1);
    assert_null(p.divisor);
    assert_int_equal(p.rows_divided, 0);
    assert_true(p.largest_gap == 0.0);
    assert_int_equal(s.prediction[0], 1);
    assert_int_equal(s.prediction[1], 2);
    assert_true(s.confidence[0] == 0.375 && s.confidence[1] == 0.7);
    drop(&s);
    p = view_f64(rows, 3, 3);
    s = scan(&p, false, 1);
    assert_int_equal(p.rows_divided, 1);
    assert_true(fabs(p.largest_gap - 1e-9) < 1e-15);
    assert_true(p.divisor[0] == 1.0 && p.divisor[1] == 1.0 && p.divisor[2] > 1.0);
    assert_true(s.confidence[2] == 0.5 / p.divisor[2]);
    drop(&s);
    probabilities_clear(&p);
}

static void float32_is_allowed_its_own_rounding_and_confidence_stays_below_one(void **state)
{
    (void)state;
    const float rows[] = {1.0000001f, 0.0f, 0.3333333f, 0.6666666f, 0.5f, 0.5001f};
    probabilities p = {
        .values = {.at = rows, .row_count = 3, .column_count = 2, .type = MATRIX_F32}};
    scanned s = scan(&p, false, 1);
    assert_int_equal(p.rows_divided, 1);
    assert_true(s.confidence[0] == 1.0);
    assert_true(s.confidence[1] == (double)0.6666666f);
    assert_true(fabs(s.confidence[2] - 0.5001 / 1.0001) < 1e-7);
    assert_false(probabilities_exact_f32(&p));
    drop(&s);
    probabilities_clear(&p);
}

static void faulty_rows_are_counted_and_the_first_five_told_in_order(void **state)
{
    (void)state;
    const double bad = (double)NAN, huge = HUGE_VAL;
    const double rows[] = {
        0.5,  0.5,       /* 0 fine */
        bad,  0.5,       /* 1 not finite */
        0.5,  huge,      /* 2 not finite */
        1.1,  -0.1,      /* 3 out of range in column 0 */
        0.0,  -1.5e-6,   /* 4 out of range in column 1 */
        0.5,  0.4,       /* 5 sum */
        0.9,  0.0,       /* 6 sum, the sixth */
        1.0,  0.0000009, /* 7 fine, within the slack */
        0.0,  0.0,       /* 8 sum */
        huge, -huge,     /* 9 not finite */
    };
    probabilities p = view_f64(rows, 10, 2);
    scanned s = scan(&p, false, 1);
    assert_int_equal(s.scan.not_finite, 3);
    assert_int_equal(s.scan.out_of_range, 2);
    assert_int_equal(s.scan.sum_off, 3);
    assert_int_equal(s.scan.first_count, 5);
    const struct {
        size_t row, column;
        row_fault fault;
    } told[] = {{1, 0, ROW_NOT_FINITE},
                {2, 1, ROW_NOT_FINITE},
                {3, 0, ROW_OUT_OF_RANGE},
                {4, 1, ROW_OUT_OF_RANGE},
                {5, 0, ROW_SUM_OFF}};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(s.scan.first[i].row, told[i].row);
        assert_int_equal(s.scan.first[i].column, told[i].column);
        assert_int_equal(s.scan.first[i].fault, told[i].fault);
    }
    assert_true(isnan(s.scan.first[0].value) && s.scan.first[1].value == huge);
    assert_true(s.scan.first[2].value == 1.1 && fabs(s.scan.first[4].value - 0.9) < 1e-15);
    for (size_t row = 0; row < 10; row++) {
        double read[2];
        probabilities_rows(&p, row, 1, read);
        const bool fine = row == 0 || row == 7;
        assert_int_equal(s.prediction[row], fine ? 0 : CLASS_MISSING);
        assert_int_equal(!isnan(s.confidence[row]), fine);
        assert_int_equal(isnan(read[0]) && isnan(read[1]), !fine);
        assert_int_equal(isnan(p.divisor[row]), !fine);
    }
    assert_int_equal(p.rows_divided, 1);
    drop(&s);
    probabilities_clear(&p);
}

static void a_negative_value_is_refused_though_the_sum_is_one(void **state)
{
    (void)state;
    const double rows[] = {0.99, 0.02, -0.01, 0.5, 0.5000005, -0.0000005, 1.0, 0.0, -0.0};
    probabilities p = view_f64(rows, 3, 3);
    scanned s = scan(&p, false, 1);
    assert_int_equal(s.scan.out_of_range, 1);
    assert_int_equal(s.scan.first[0].column, 2);
    assert_true(s.scan.first[0].value == -0.01);
    assert_int_equal(s.prediction[0], CLASS_MISSING);
    assert_int_equal(s.prediction[1], 1);
    assert_int_equal(s.prediction[2], 0);
    drop(&s);
    probabilities_clear(&p);
}

static void any_sum_above_zero_can_be_allowed(void **state)
{
    (void)state;
    const double rows[] = {0.5, 0.25, 0.0, 0.0, 0.9, 0.9};
    probabilities p = view_f64(rows, 3, 2);
    scanned s = scan(&p, true, 1);
    assert_int_equal(s.scan.sum_off, 1);
    assert_int_equal(s.scan.first[0].row, 1);
    assert_int_equal(p.rows_divided, 2);
    assert_true(fabs(p.largest_gap - 0.8) < 1e-15);
    assert_true(s.confidence[0] == 0.5 / 0.75 && s.confidence[2] == 0.5);
    drop(&s);
    probabilities_clear(&p);
}

static void logits_go_through_softmax(void **state)
{
    (void)state;
    /* scipy.special.softmax([[1, 2, 3], [1000, 1001, -1000], [-1e300, 1e300, 0]], axis=1) */
    const double logits[] = {1, 2, 3, 1000, 1001, -1000, -1e300, 1e300, 0};
    const double expected[] = {0.09003057317038046,
                               0.24472847105479767,
                               0.6652409557748219,
                               0.2689414213699951,
                               0.7310585786300049,
                               0.0,
                               0.0,
                               1.0,
                               0.0};
    probabilities p = view_f64(logits, 3, 3);
    p.logits = true;
    scanned s = scan(&p, false, 2);
    double rows[9], columns[9];
    probabilities_rows(&p, 0, 3, rows);
    probabilities_columns_f64(&p, 0, 3, 0, 3, columns);
    for (size_t i = 0; i < 9; i++) {
        assert_true(fabs(rows[i] - expected[i]) < 1e-12);
        assert_true(columns[i % 3 * 3 + i / 3] == rows[i]);
    }
    assert_int_equal(s.prediction[0], 2);
    assert_int_equal(s.prediction[1], 1);
    assert_true(s.confidence[0] == rows[2] && s.confidence[2] == 1.0);
    assert_int_equal(p.rows_divided, 0);
    assert_int_equal(s.scan.first_count, 0);
    drop(&s);
    probabilities_clear(&p);
}

static void logits_must_be_finite(void **state)
{
    (void)state;
    const double logits[] = {1e308, 1e308, 1.5e308, 0, HUGE_VAL, 0};
    probabilities p = view_f64(logits, 2, 3);
    p.logits = true;
    scanned s = scan(&p, false, 1);
    assert_int_equal(s.scan.not_finite, 1);
    assert_int_equal(s.scan.first[0].row, 1);
    assert_int_equal(s.prediction[0], 2);
    assert_true(s.confidence[0] == 1.0);
    drop(&s);
    probabilities_clear(&p);
}

static double unit_or_tie(rng *random)
{
    const double x = rng_unit(random);
    return x < 0.05 ? 1.0 : x;
}

/* Random rows of float32 divided by their sum, so that most miss 1 by some rounding. */
static float *random_rows(size_t rows, size_t columns, uint64_t seed)
{
    float *at = malloc(rows * columns * sizeof *at);
    rng random;
    rng_init(&random, seed, 0);
    for (size_t r = 0; r < rows; r++) {
        double sum = 0.0;
        for (size_t c = 0; c < columns; c++) {
            at[r * columns + c] = (float)unit_or_tie(&random);
            sum += (double)at[r * columns + c];
        }
        for (size_t c = 0; c < columns; c++)
            at[r * columns + c] = (float)((double)at[r * columns + c] / sum);
        if (rng_below(&random, 50) == 0)
            at[r * columns + rng_below(&random, columns)] += 0.0005f;
        if (rng_below(&random, 50) == 0)
            at[r * columns + rng_below(&random, columns)] = NAN;
    }
    return at;
}

static void check_against_the_obvious_scan(const float *at, size_t rows, size_t columns,
                                           const probabilities *p, const scanned *s)
{
    double *read = malloc(columns * sizeof *read);
    for (size_t r = 0; r < rows; r++) {
        const float *row = at + r * columns;
        double sum = 0.0;
        size_t best = 0;
        for (size_t c = 0; c < columns; c++) {
            sum += (double)row[c];
            best = row[c] > row[best] ? c : best;
        }
        if (isnan(sum)) {
            assert_int_equal(s->prediction[r], CLASS_MISSING);
            continue;
        }
        assert_int_equal(s->prediction[r], best);
        const double divisor = p->divisor ? p->divisor[r] : 1.0;
        assert_true(fabs(divisor - sum) < (divisor == 1.0 ? 1.01e-6 : 1e-12));
        assert_int_equal(divisor != 1.0, fabs(sum - 1.0) > 1e-6);
        assert_true(s->confidence[r] == (double)row[best] / divisor);
        probabilities_rows(p, r, 1, read);
        for (size_t c = 0; c < columns; c++)
            assert_true(read[c] == (double)row[c] / divisor);
    }
    free(read);
}

static void every_width_gives_what_the_obvious_scan_gives(void **state)
{
    (void)state;
    const size_t widths[] = {1, 2, 7, 8, 9, 10, 63, 64, 65, 100, 127, 128, 129, 1000};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        const size_t columns = widths[w], rows = 100;
        float *at = random_rows(rows, columns, 17 + w);
        probabilities p = {
            .values = {.at = at, .row_count = rows, .column_count = columns, .type = MATRIX_F32}};
        scanned s = scan(&p, false, 1);
        check_against_the_obvious_scan(at, rows, columns, &p, &s);
        drop(&s);
        probabilities_clear(&p);
        free(at);
    }
}

static void assert_same(const probabilities *p, const scanned *s, const probabilities *q,
                        const scanned *t)
{
    const size_t rows = p->values.row_count;
    assert_memory_equal(s->prediction, t->prediction, rows * sizeof *s->prediction);
    assert_memory_equal(s->confidence, t->confidence, rows * sizeof *s->confidence);
    assert_int_equal(p->divisor != NULL, q->divisor != NULL);
    if (p->divisor)
        assert_memory_equal(p->divisor, q->divisor, rows * sizeof *p->divisor);
    assert_int_equal(p->rows_divided, q->rows_divided);
    assert_true(p->largest_gap == q->largest_gap);
    assert_int_equal(s->scan.not_finite, t->scan.not_finite);
    assert_int_equal(s->scan.first_count, t->scan.first_count);
    for (size_t i = 0; i < s->scan.first_count; i++) {
        assert_int_equal(s->scan.first[i].row, t->scan.first[i].row);
        assert_int_equal(s->scan.first[i].column, t->scan.first[i].column);
    }
}

static void threads_and_storage_order_change_no_bit(void **state)
{
    (void)state;
    enum { ROWS = 5000, COLUMNS = 700 };
    float *at = random_rows(ROWS, COLUMNS, 5), *turned = malloc(sizeof *at * ROWS * COLUMNS);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t c = 0; c < COLUMNS; c++)
            turned[c * ROWS + r] = at[r * COLUMNS + c];
    const matrix m = {.at = at, .row_count = ROWS, .column_count = COLUMNS, .type = MATRIX_F32};
    probabilities p = {.values = m};
    scanned s = scan(&p, false, 1);
    assert_true(s.scan.not_finite > 5 && p.rows_divided > 5);
    for (int threads = 1; threads < 8; threads += 3) {
        for (int by_column = 0; by_column < 2; by_column++) {
            probabilities q = {.values = m};
            q.values.by_column = by_column;
            q.values.at = by_column ? turned : at;
            scanned t = scan(&q, false, threads);
            assert_same(&p, &s, &q, &t);
            drop(&t);
            probabilities_clear(&q);
        }
    }
    drop(&s);
    probabilities_clear(&p);
    free(at);
    free(turned);
}

static void columns_are_the_rows_turned(void **state)
{
    (void)state;
    enum { ROWS = 40, COLUMNS = 11 };
    float *at = random_rows(ROWS, COLUMNS, 23);
    probabilities p = {
        .values = {.at = at, .row_count = ROWS, .column_count = COLUMNS, .type = MATRIX_F32}};
    double rows[ROWS * COLUMNS], columns[ROWS * COLUMNS];
    float narrow[ROWS * COLUMNS];
    assert_true(probabilities_exact_f32(&p));
    probabilities_columns_f32(&p, 0, ROWS, 0, COLUMNS, narrow);
    scanned s = scan(&p, false, 1);
    assert_false(probabilities_exact_f32(&p));
    probabilities_rows(&p, 3, 30, rows);
    probabilities_columns_f64(&p, 3, 30, 2, 5, columns);
    for (size_t r = 0; r < 30; r++) {
        for (size_t c = 0; c < 5; c++) {
            const double by_row = rows[r * COLUMNS + 2 + c], by_column = columns[c * 30 + r];
            assert_true(by_row == by_column || (isnan(by_row) && isnan(by_column)));
            assert_memory_equal(&narrow[(c + 2) * ROWS + r + 3], &at[(r + 3) * COLUMNS + 2 + c],
                                sizeof *at);
        }
    }
    drop(&s);
    probabilities_clear(&p);
    free(at);
}

static void chosen_rows_are_gathered_in_their_order(void **state)
{
    (void)state;
    enum { ROWS = 30, COLUMNS = 4 };
    double at[ROWS * COLUMNS], out[7 * COLUMNS];
    for (size_t i = 0; i < ROWS * COLUMNS; i++)
        at[i] = (double)i;
    const probabilities p = view_f64(at, ROWS, COLUMNS);
    const uint32_t rows[] = {0, 3, 4, 5, 9, 28, 29};
    probabilities_gather(&p, rows, 0, 7, out);
    for (size_t i = 0; i < 7; i++)
        assert_memory_equal(out + i * COLUMNS, at + rows[i] * COLUMNS, COLUMNS * sizeof *at);
    probabilities_gather(&p, NULL, 11, 7, out);
    assert_memory_equal(out, at + 11 * COLUMNS, sizeof out);
}

static void half_precision_sums_are_divided(void **state)
{
    (void)state;
    /* 1/3 as float16 three times: 0.33325195, sum 0.99975586. */
    const uint16_t rows[] = {0x3555, 0x3555, 0x3555, 0x3800, 0x3800, 0};
    probabilities p = {
        .values = {.at = rows, .row_count = 2, .column_count = 3, .type = MATRIX_F16}};
    scanned s = scan(&p, false, 1);
    assert_int_equal(p.rows_divided, 1);
    assert_true(fabs(s.confidence[0] - 1.0 / 3.0) < 1e-15);
    assert_true(s.confidence[1] == 0.5 && p.divisor[1] == 1.0);
    drop(&s);
    probabilities_clear(&p);
}

static void three_decimals_may_miss_one_by_a_thousandth(void **state)
{
    (void)state;
    const double rows[] = {0.334, 0.333, 0.334, 0.333, 0.333, 0.333, 0.334, 0.334,
                           0.333, 0.003, 0.002, 0.994, 0.335, 0.333, 0.334};
    const float floats_of_it[] = {0.334f, 0.333f, 0.334f, 0.334f, 0.334f, 0.333f};
    probabilities p = view_f64(rows, 5, 3);
    scanned s = scan(&p, false, 1);
    assert_int_equal(s.scan.sum_off, 1);
    assert_int_equal(s.scan.first[0].row, 4);
    assert_int_equal(p.rows_divided, 4);
    drop(&s);
    probabilities_clear(&p);
    p = (probabilities){
        .values = {.at = floats_of_it, .row_count = 2, .column_count = 3, .type = MATRIX_F32}};
    s = scan(&p, false, 1);
    assert_int_equal(s.scan.sum_off, 0);
    drop(&s);
    probabilities_clear(&p);
}

/* A permutation of the classes permutes what is read, to the bit; and what two rows share, they
 * share when they are divided. */
static void the_order_of_classes_moves_nothing(void **state)
{
    (void)state;
    enum { ROWS = 500, COLUMNS = 9 };
    static double at[2 * ROWS * COLUMNS];
    rng r;
    rng_init(&r, 5, 0);
    size_t unlike = 0;
    for (size_t i = 0; i < ROWS; i++) {
        /* Ten-thousandths that add up to 9999 or 10001, the first always 700. */
        int left = (i % 2 ? 9999 : 10001) - 700;
        for (size_t c = 0; c < COLUMNS; c++) {
            const int take = c == 0             ? 700
                             : c + 1 == COLUMNS ? left
                                                : (int)(rng_unit(&r) * left / 3.0);
            left -= c == 0 ? 0 : take;
            at[i * COLUMNS + c] = take / 1e4;
            at[(ROWS + i) * COLUMNS + (c * 4 + 1) % COLUMNS] = take / 1e4;
        }
    }
    probabilities p = view_f64(at, 2 * ROWS, COLUMNS);
    scanned s = scan(&p, false, 1);
    assert_int_equal(p.rows_divided, 2 * ROWS);
    for (size_t i = 0; i < ROWS; i++) {
        double one[COLUMNS], other[COLUMNS], like[COLUMNS];
        probabilities_rows(&p, i, 1, one);
        probabilities_rows(&p, ROWS + i, 1, other);
        probabilities_rows(&p, i % 2, 1, like);
        for (size_t c = 0; c < COLUMNS; c++)
            unlike += one[c] != other[(c * 4 + 1) % COLUMNS];
        unlike += one[0] != like[0];
    }
    assert_int_equal(unlike, 0);
    drop(&s);
    probabilities_clear(&p);
}

static void no_failed_allocation_leaks(void **state)
{
    (void)state;
    const double rows[] = {0.5, 0.4999, 0.5, 0.4};
    const size_t alive = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        probabilities p = view_f64(rows, 2, 2);
        uint16_t prediction[2];
        double confidence[2];
        probability_scan found;
        assay_err err = {0};
        mem_fail_after(n);
        code = probabilities_scan(&p, 1, prediction, confidence, &found, &err);
        mem_fail_after(UINT64_MAX);
        if (code != ASSAY_OK) {
            assert_int_equal(code, ASSAY_E_NOMEM);
            assert_string_equal(err.msg, "out of memory for 2 rows of probabilities");
            assert_null(p.divisor);
        } else {
            assert_int_equal(n, 3);
        }
        probabilities_clear(&p);
        assert_int_equal(mem_live(), alive);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_that_sums_to_one_is_taken_as_it_is),
        cmocka_unit_test(float32_is_allowed_its_own_rounding_and_confidence_stays_below_one),
        cmocka_unit_test(faulty_rows_are_counted_and_the_first_five_told_in_order),
        cmocka_unit_test(a_negative_value_is_refused_though_the_sum_is_one),
        cmocka_unit_test(any_sum_above_zero_can_be_allowed),
        cmocka_unit_test(logits_go_through_softmax),
        cmocka_unit_test(logits_must_be_finite),
        cmocka_unit_test(every_width_gives_what_the_obvious_scan_gives),
        cmocka_unit_test(threads_and_storage_order_change_no_bit),
        cmocka_unit_test(columns_are_the_rows_turned),
        cmocka_unit_test(chosen_rows_are_gathered_in_their_order),
        cmocka_unit_test(half_precision_sums_are_divided),
        cmocka_unit_test(three_decimals_may_miss_one_by_a_thousandth),
        cmocka_unit_test(the_order_of_classes_moves_nothing),
        cmocka_unit_test(no_failed_allocation_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
