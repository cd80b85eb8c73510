/* Log loss, Brier, top-k and the measures of a prediction, against reference numbers and a plain
 * oracle. */
#include "eval/proper.h"

#include "base/rng.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

enum { CLASSES = 4, ROWS = 12 };

/* tests/reference/proper.py made these and the numbers below. */
static const double logits[ROWS * CLASSES] = {
    0.75,    -0.375,  1.6875,  -1.6875, 1.625,   -1.375,  -1.875, -0.5625, -0.6875, -1.25,
    0.8125,  1.6875,  0.6875,  -1.25,   -0.5625, 1.5625,  0.5,    0.125,   -0.625,  0.875,
    -0.0625, 0.5625,  -1.0,    1.625,   -0.25,   -0.8125, -0.25,  -0.5,    -1.75,   -1.75,
    1.875,   -1.8125, 1.3125,  -0.25,   -1.5625, 0.625,   1.0,    0.1875,  -0.0625, 0.75,
    -0.375,  1.8125,  -1.4375, 1.625,   0.8125,  0.1875,  1.8125, -0.9375};
static const uint16_t labels[ROWS] = {0, 1, 2, 3, 0, 1, 2, 3, 3, 2, 1, 0};
static const uint32_t groups[ROWS] = {0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 4, 4};
#define LOG_LOSS 1.6271840557831563
#define BRIER 0.9411971853463351

/* A frame of borrowed parts; only what scores read. */
typedef struct bench {
    probabilities p;
    frame f;
    samples s;
    uint16_t *prediction;
    double *confidence;
} bench;

static void bench_init(bench *b, const matrix *values, bool is_logits, const uint16_t *label)
{
    const size_t rows = values->row_count;
    *b = (bench){.p = {.values = *values, .logits = is_logits}};
    b->prediction = calloc(rows, sizeof *b->prediction);
    b->confidence = calloc(rows, sizeof *b->confidence);
    probability_scan scan;
    assert_int_equal(probabilities_scan(&b->p, 1, b->prediction, b->confidence, &scan, NULL),
                     ASSAY_OK);
    b->f.row_count = rows;
    b->f.classes.count = (uint32_t)values->column_count;
    b->f.probability = &b->p;
    b->s = (samples){.count = rows, .label = label, .prediction = b->prediction, .frame = &b->f};
}

static void bench_drop(bench *b)
{
    probabilities_clear(&b->p);
    free(b->prediction);
    free(b->confidence);
}

static evaluation_options options_for(int threads)
{
    return (evaluation_options){.confidence_level = 0.95, .thread_count = threads};
}

static proper_scores scores_of(const samples *s, int threads)
{
    proper_scores out;
    const evaluation_options options = options_for(threads);
    assert_int_equal(proper_scores_init(&out, s, &options, NULL), ASSAY_OK);
    return out;
}

static matrix f64_matrix(const double *at, size_t rows, size_t columns)
{
    return (matrix){.at = at, .row_count = rows, .column_count = columns, .type = MATRIX_F64};
}

static void assert_close(double x, double expected)
{
    if (!(fabs(x - expected) <= 1e-12 * fmax(1.0, fabs(expected))))
        fail_msg("%.17g is not %.17g", x, expected);
}

static void reference_numbers_come_out(void **state)
{
    (void)state;
    bench b;
    const matrix m = f64_matrix(logits, ROWS, CLASSES);
    bench_init(&b, &m, true, labels);
    const proper_scores out = scores_of(&b.s, 1);
    const double z = 1.959963984540054, root = sqrt(ROWS);
    assert_close(out.log_loss.value, LOG_LOSS);
    assert_close(out.log_loss.low, LOG_LOSS - z * 0.9525676386690407 / root);
    assert_close(out.log_loss.high, LOG_LOSS + z * 0.9525676386690407 / root);
    assert_close(out.brier.value, BRIER);
    assert_close(out.brier.low, BRIER - z * 0.4454620897156115 / root);
    assert_string_equal(out.brier.method, "mean");
    assert_close(out.top_k[0].value, 9.0 / 12.0);
    assert_close(out.top_k[1].value, 10.0 / 12.0);
    assert_true(isnan(out.top_k[2].value));
    assert_int_equal(out.top_k_ties, 1); /* the seventh sample: two logits of -0.25 */
    assert_true(out.epsilon == 0x1p-52);
    bench_drop(&b);
}

static void an_interval_of_the_brier_score_ends_at_two(void **state)
{
    (void)state;
    const double at[] = {0.0, 1.0, 0.5, 0.5};
    const uint16_t wrong[] = {0, 0};
    bench b;
    const matrix m = f64_matrix(at, 2, 2);
    bench_init(&b, &m, false, wrong);
    const proper_scores out = scores_of(&b.s, 1);
    assert_close(out.brier.value, 1.25);
    assert_true(out.brier.low == 0.0 && out.brier.high == 2.0);
    bench_drop(&b);
}

static void groups_widen_by_their_summed_influences(void **state)
{
    (void)state;
    bench b;
    const matrix m = f64_matrix(logits, ROWS, CLASSES);
    bench_init(&b, &m, true, labels);
    b.s.groups = (clustering){.group = groups, .group_count = 5};
    const proper_scores out = scores_of(&b.s, 2);
    const double z = 1.959963984540054;
    assert_close(out.log_loss.high, LOG_LOSS + z * 0.23312773101065815);
    assert_close(out.brier.low, BRIER - z * 0.13138454337469596);
    assert_string_equal(out.log_loss.method, "cluster-mean");
    /* The effective number is at most the number of samples: here the groups help nothing. */
    const proper_scores alone = scores_of(
        &(samples){.count = ROWS, .label = labels, .prediction = b.prediction, .frame = &b.f}, 1);
    assert_close(out.top_k[0].low, alone.top_k[0].low);
    static const uint32_t one[ROWS];
    b.s.groups = (clustering){.group = one, .group_count = 1};
    const proper_scores single = scores_of(&b.s, 1);
    assert_close(single.log_loss.value, LOG_LOSS);
    assert_true(isnan(single.log_loss.low) && isnan(single.top_k[0].low));
    assert_close(single.top_k[0].value, 0.75);
    /* All right: as for the accuracy, one group counts as one sample. Wilson's 1/(1 + z²). */
    assert_close(single.top_k[1].value, 10.0 / 12.0);
    b.s.label = b.prediction;
    const proper_scores right = scores_of(&b.s, 1);
    assert_close(right.top_k[0].low, 1.0 / (1.0 + z * z));
    bench_drop(&b);
}

static void ties_go_to_the_lower_index_and_are_counted(void **state)
{
    (void)state;
    const double rows[] = {
        0.25, 0.25, 0.25, 0.25, /* label 1: rank 1, tied */
        0.25, 0.25, 0.25, 0.25, /* label 2: rank 2, tied */
        0.5,  0.0,  0.0,  0.5,  /* label 3: rank 1, tied */
        0.1,  0.2,  0.3,  0.4,  /* label 0: rank 3 */
    };
    const uint16_t label[] = {1, 2, 3, 0};
    bench b;
    const matrix m = f64_matrix(rows, 4, 4);
    bench_init(&b, &m, false, label);
    const proper_scores out = scores_of(&b.s, 1);
    assert_int_equal(out.top_k_ties, 3);
    assert_close(out.top_k[0].value, 0.5);
    assert_close(out.top_k[1].value, 0.75);
    assert_true(out.top_k[0].few);
    bench_drop(&b);
}

static void a_probability_of_nothing_is_floored_and_one_costs_nothing(void **state)
{
    (void)state;
    const float rows[] = {1.0000001f, 0.0f, 1.0f, 0.0f};
    const uint16_t label[] = {0, 1};
    bench b;
    const matrix m = {.at = rows, .row_count = 2, .column_count = 2, .type = MATRIX_F32};
    bench_init(&b, &m, false, label);
    const proper_scores out = scores_of(&b.s, 1);
    assert_close(out.log_loss.value, 23.0 * log(2.0) / 2.0);
    assert_true(out.log_loss.low == 0.0);
    assert_close(out.epsilon, 0x1p-23);
    assert_true(fabs(out.brier.value - 1.0) < 1e-12);
    assert_true(isnan(out.top_k[0].value));
    b.s.count = 1;
    const proper_scores first = scores_of(&b.s, 1);
    assert_true(first.log_loss.value == 0.0);
    assert_true(isnan(first.log_loss.low));
    b.s.count = 0;
    assert_true(isnan(scores_of(&b.s, 1).log_loss.value));
    bench_drop(&b);
}

/* Random softmax rows of a width, and labels. */
static float *random_rows(size_t rows, size_t columns, uint16_t *label)
{
    float *at = malloc(rows * columns * sizeof *at);
    rng random;
    rng_init(&random, 8, columns);
    for (size_t r = 0; r < rows; r++) {
        double sum = 0.0;
        float *row = at + r * columns;
        for (size_t c = 0; c < columns; c++)
            sum += (double)(row[c] = (float)(1 + rng_below(&random, 20)));
        for (size_t c = 0; c < columns; c++)
            row[c] = (float)((double)row[c] / sum);
        label[r] = (uint16_t)rng_below(&random, columns);
    }
    return at;
}

static void check_oracle(const bench *b, const proper_scores *out)
{
    const size_t columns = b->f.classes.count;
    double *p = malloc(columns * sizeof *p);
    double loss = 0.0, squares = 0.0, brier = 0.0, hits[TOP_K_COUNT] = {0};
    uint64_t ties = 0;
    for (size_t i = 0; i < b->s.count; i++) {
        probabilities_rows(&b->p, samples_row(&b->s, i), 1, p);
        const size_t y = b->s.label[i];
        size_t rank = 0;
        bool tied = false;
        for (size_t k = 0; k < columns; k++) {
            brier += (p[k] - (k == y)) * (p[k] - (k == y));
            rank += p[k] > p[y] || (k < y && p[k] == p[y]);
            tied |= k != y && p[k] == p[y];
        }
        loss -= log(p[y]);
        squares += log(p[y]) * log(p[y]);
        ties += tied;
        for (size_t k = 0; k < TOP_K_COUNT; k++)
            hits[k] += rank < top_k_of[k];
    }
    const double n = (double)b->s.count;
    assert_true(fabs(out->log_loss.value - loss / n) < 1e-11);
    assert_true(fabs(out->brier.value - brier / n) < 1e-11);
    const double variance = (squares - loss * loss / n) / (n - 1.0);
    const double half_width = 1.959963984540054 * sqrt(fmax(0.0, variance) / n);
    assert_true(fabs(out->log_loss.high - out->log_loss.value - half_width) < 1e-8);
    assert_int_equal(out->top_k_ties, ties);
    for (size_t k = 0; k < TOP_K_COUNT; k++) {
        if (top_k_of[k] < columns)
            assert_close(out->top_k[k].value, hits[k] / n);
        else
            assert_true(isnan(out->top_k[k].value));
    }
    free(p);
}

static void any_width_and_choice_of_rows_equals_the_oracle_at_any_thread_count(void **state)
{
    (void)state;
    const size_t widths[] = {1, 2, 3, 5, 6, 10, 101, 1000};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
        const size_t rows = 20000 / widths[w] + 50;
        uint16_t *label = malloc(rows * sizeof *label);
        uint32_t *row = malloc(rows * sizeof *row);
        float *at = random_rows(rows, widths[w], label);
        bench b;
        const matrix m = {
            .at = at, .row_count = rows, .column_count = widths[w], .type = MATRIX_F32};
        bench_init(&b, &m, false, label);
        const proper_scores all = scores_of(&b.s, 1);
        check_oracle(&b, &all);
        for (int threads = 2; threads < 8; threads += 5) {
            const proper_scores again = scores_of(&b.s, threads);
            assert_true(again.log_loss.value == all.log_loss.value);
            assert_true(again.log_loss.low == all.log_loss.low);
            assert_true(again.brier.value == all.brier.value);
            assert_true(again.brier.high == all.brier.high);
        }
        b.s.count = 0;
        for (uint32_t i = 0; i < rows; i++)
            if (i % 3)
                row[b.s.count++] = i;
        b.s.row = row;
        const proper_scores chosen = scores_of(&b.s, 2);
        check_oracle(&b, &chosen);
        bench_drop(&b);
        free(label);
        free(row);
        free(at);
    }
}

static void a_row_without_valid_probabilities_is_in_no_score(void **state)
{
    (void)state;
    const double rows[] = {0.5, 0.25, 0.25, (double)NAN, 0.5, 0.5, 0.25, 0.5, 0.25};
    const uint16_t label[] = {0, 1, 2};
    const uint32_t group[] = {0, 1, 1};
    bench b;
    const matrix m = f64_matrix(rows, 3, 3);
    bench_init(&b, &m, false, label);
    proper_scores out = scores_of(&b.s, 1);
    assert_close(out.log_loss.value, 1.5 * log(2.0));
    assert_close(out.top_k[0].value, 0.5);
    b.s.groups = (clustering){.group = group, .group_count = 2};
    out = scores_of(&b.s, 1);
    assert_close(out.log_loss.value, 1.5 * log(2.0));
    assert_close(out.log_loss.high, 1.5 * log(2.0) + 1.959963984540054 * log(2.0) / 2.0);
    double margin[3], entropy[3];
    assert_int_equal(prediction_measures(&b.f, 2, margin, entropy, NULL), ASSAY_OK);
    assert_close(margin[0], 0.25);
    assert_close(entropy[2], 1.5 * log(2.0));
    assert_true(isnan(margin[1]) && isnan(entropy[1]));
    bench_drop(&b);
}

static void top_lists_give_top_k_alone(void **state)
{
    (void)state;
    const uint16_t none = CLASS_MISSING;
    uint16_t code[] = {3, 1, 2, 0, 4, none, 5, 1, 0};
    const uint16_t label[] = {1, 5, 5}, prediction[] = {3, 0, 5};
    frame f = {.row_count = 3, .top = {.code = code, .length = 3, .length_of_all = 2}};
    f.classes.count = 6;
    const samples s = {.count = 3, .label = label, .prediction = prediction, .frame = &f};
    const proper_scores out = scores_of(&s, 1);
    assert_true(isnan(out.log_loss.value) && isnan(out.brier.value));
    assert_string_equal(out.log_loss.method, "none");
    assert_close(out.top_k[0].value, 2.0 / 3.0);
    assert_true(isnan(out.top_k[1].value));
    assert_int_equal(out.top_k_ties, 0);
    f.top.length_of_all = 3;
    assert_close(scores_of(&s, 1).top_k[1].value, 2.0 / 3.0);
}

static void margins_and_entropies_equal_the_reference(void **state)
{
    (void)state;
    bench b;
    const matrix m = f64_matrix(logits, ROWS, CLASSES);
    bench_init(&b, &m, true, labels);
    double margin[ROWS], entropy[ROWS];
    assert_int_equal(prediction_measures(&b.f, 1, margin, entropy, NULL), ASSAY_OK);
    assert_close(margin[0], 0.39176448707977574);
    assert_close(margin[1], 0.7446879748671751);
    assert_close(entropy[0], 0.9197846717681454);
    assert_close(entropy[2], 0.9208741893733016);
    bench_drop(&b);
    const double certain[] = {1.0, 0.0, 0.5, 0.5};
    const matrix sure = f64_matrix(certain, 2, 2);
    bench_init(&b, &sure, false, labels);
    assert_int_equal(prediction_measures(&b.f, 1, margin, entropy, NULL), ASSAY_OK);
    assert_true(margin[0] == 1.0 && entropy[0] == 0.0);
    assert_true(margin[1] == 0.0);
    assert_close(entropy[1], log(2.0));
    /* A table may have a column of that name, which stays. */
    assert_int_equal(prediction_measures(&b.f, 1, NULL, entropy, NULL), ASSAY_OK);
    assert_int_equal(prediction_measures(&b.f, 1, margin, NULL, NULL), ASSAY_OK);
    b.f.probability = NULL;
    assert_int_equal(prediction_measures(&b.f, 1, margin, entropy, NULL), ASSAY_OK);
    assert_true(isnan(margin[0]) && isnan(entropy[1]));
    b.f.probability = &b.p;
    bench_drop(&b);
}

static void no_failed_allocation_leaks(void **state)
{
    (void)state;
    bench b;
    const matrix m = f64_matrix(logits, ROWS, CLASSES);
    bench_init(&b, &m, true, labels);
    b.s.groups = (clustering){.group = groups, .group_count = 5};
    const evaluation_options options = options_for(1);
    const size_t alive = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    uint64_t n = 0;
    for (; code != ASSAY_OK; n++) {
        proper_scores out;
        mem_fail_after(n);
        code = proper_scores_init(&out, &b.s, &options, NULL);
        mem_fail_after(UINT64_MAX);
        assert_true(code == ASSAY_OK || code == ASSAY_E_NOMEM);
        assert_int_equal(mem_live(), alive);
    }
    assert_int_equal(n, 8);
    double margin[ROWS], entropy[ROWS];
    mem_fail_after(0);
    assert_int_equal(prediction_measures(&b.f, 1, margin, entropy, NULL), ASSAY_E_NOMEM);
    mem_fail_after(UINT64_MAX);
    bench_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_numbers_come_out),
        cmocka_unit_test(an_interval_of_the_brier_score_ends_at_two),
        cmocka_unit_test(groups_widen_by_their_summed_influences),
        cmocka_unit_test(ties_go_to_the_lower_index_and_are_counted),
        cmocka_unit_test(a_probability_of_nothing_is_floored_and_one_costs_nothing),
        cmocka_unit_test(any_width_and_choice_of_rows_equals_the_oracle_at_any_thread_count),
        cmocka_unit_test(a_row_without_valid_probabilities_is_in_no_score),
        cmocka_unit_test(top_lists_give_top_k_alone),
        cmocka_unit_test(margins_and_entropies_equal_the_reference),
        cmocka_unit_test(no_failed_allocation_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
