/* Measures of the label from its probabilities. */
#include "eval/label_measures.h"

#include "support/check.h"

#include <math.h>

enum { ROWS = 5 };

static const double values[ROWS * 3] = {.5, .25, .25,         .25, .25, .5, 0, 1,
                                        0,  .5,  (double)NAN, .5,  0,   .5, .5};
static uint16_t labels[ROWS] = {0, 0, 1, 0, CLASS_MISSING};

typedef struct measured {
    double least[ROWS], own[ROWS], margin[ROWS];
} measured;

static assay_code measure(const frame *f, int threads, measured *m)
{
    return label_measures(f, threads, &(label_measure_columns){m->least, m->own, m->margin}, NULL);
}

static void assert_numbers(const double *x, const double *expected)
{
    for (size_t i = 0; i < ROWS; i++)
        assert_true(isnan(expected[i]) ? isnan(x[i]) : x[i] == expected[i]);
}

static void numbers_are_as_defined(void **state)
{
    (void)state;
    const double none = (double)NAN;
    probabilities p = {
        .values = {.at = values, .row_count = ROWS, .column_count = 3, .type = MATRIX_F64}};
    uint16_t prediction[ROWS];
    double confidence[ROWS];
    probability_scan scan;
    assert_int_equal(probabilities_scan(&p, 1, prediction, confidence, &scan, NULL), ASSAY_OK);
    const frame f = {.row_count = ROWS, .classes.count = 3, .label = labels, .probability = &p};
    for (int threads = 1; threads <= 7; threads += 3) {
        measured m;
        assert_int_equal(measure(&f, threads, &m), ASSAY_OK);
        assert_numbers(m.least, (double[]){.5, .5, 0, none, .5});
        assert_numbers(m.own, (double[]){.5, .25, 1, none, none});
        assert_numbers(m.margin, (double[]){.625, .375, 1, none, none});
    }
    measured m;
    mem_fail_after(0);
    assert_int_equal(measure(&f, 1, &m), ASSAY_E_NOMEM);
    mem_fail_after(UINT64_MAX);
    probabilities_clear(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_as_defined)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
