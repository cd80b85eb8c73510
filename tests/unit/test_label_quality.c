/* Confident learning: examples worked by hand, and an obvious implementation of the same rule. */
#include "eval/label_quality.h"

#include "base/rng.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_HELD = 4000, CLASSES_HELD = 12 };

/* A frame of borrowed parts. */
typedef struct bench {
    frame f;
    probabilities p;
    selection rows;
    uint16_t *prediction;
    double *confidence;
} bench;

static void bench_init(bench *b, const double *values, uint16_t *label, size_t rows, size_t classes)
{
    *b = (bench){
        .p = {.values = {
                  .at = values, .row_count = rows, .column_count = classes, .type = MATRIX_F64}}};
    b->prediction = calloc(rows + 1, sizeof *b->prediction);
    b->confidence = calloc(rows + 1, sizeof *b->confidence);
    probability_scan scan;
    assert_int_equal(probabilities_scan(&b->p, 1, b->prediction, b->confidence, &scan, NULL),
                     ASSAY_OK);
    assert_int_equal(selection_init(&b->rows, rows, true, NULL), ASSAY_OK);
    b->f.row_count = rows;
    b->f.classes.count = (uint32_t)classes;
    b->f.label = label;
    b->f.probability = &b->p;
}

static void bench_drop(bench *b)
{
    probabilities_clear(&b->p);
    selection_clear(&b->rows);
    free(b->prediction);
    free(b->confidence);
}

static label_quality *quality_of(const bench *b, int threads)
{
    label_quality *q = NULL;
    assert_int_equal(label_quality_new(&b->f, &b->rows, threads, &q, NULL), ASSAY_OK);
    assert_non_null(q);
    return q;
}

static void assert_close(double x, double expected)
{
    if (!(fabs(x - expected) <= 1e-12))
        fail_msg("%.17g is not %.17g", x, expected);
}

static void assert_cell(const label_quality *q, size_t at, joint_cell expected)
{
    assert_true(at < q->cell_count);
    assert_int_equal(q->cell[at].given, expected.given);
    assert_int_equal(q->cell[at].truly, expected.truly);
    assert_int_equal(q->cell[at].counted, expected.counted);
    assert_int_equal(q->cell[at].calibrated, expected.calibrated);
    assert_close(q->cell[at].noise, expected.noise);
    assert_close(q->cell[at].joint, expected.joint);
}

/*
 * t_0 = (.9 + .8 + .1) / 3 = .6, t_1 = (.7 + .9 + .2) / 3 = .6. Confident: 0, 0, 1, 1, 1, 0. Both
 * rows of the joint are 2, 1 or 1, 2 already; the one issue of each pair is its only contradiction.
 */
static void two_swapped_labels_are_found(void **state)
{
    (void)state;
    const double p[] = {.9, .1, .8, .2, .1, .9, .3, .7, .1, .9, .8, .2};
    uint16_t label[] = {0, 0, 0, 1, 1, 1};
    bench b;
    bench_init(&b, p, label, 6, 2);
    label_quality *q = quality_of(&b, 1);
    assert_close(q->threshold[0], .6);
    assert_close(q->threshold[1], .6);
    assert_int_equal(q->counted, 6);
    assert_int_equal(q->cell_count, 4);
    assert_cell(q, 0, (joint_cell){0, 0, 2, 2, 2 / 3.0, 2 / 6.0});
    assert_cell(q, 1, (joint_cell){0, 1, 1, 1, 1 / 3.0, 1 / 6.0});
    assert_cell(q, 2, (joint_cell){1, 0, 1, 1, 1 / 3.0, 1 / 6.0});
    assert_cell(q, 3, (joint_cell){1, 1, 2, 2, 2 / 3.0, 2 / 6.0});
    assert_close(q->health, 4 / 6.0);
    const bool issue[] = {false, false, true, false, false, true};
    assert_memory_equal(q->issue, issue, sizeof issue);
    assert_int_equal(q->issue_count, 2);
    assert_int_equal(q->issues[0], 1);
    assert_int_equal(q->issues[1], 1);
    assert_close(q->self_confidence[2], .1);
    assert_close(q->normalised_margin[2], .1);
    assert_int_equal(q->suggested[2], 1);
    assert_close(q->normalised_margin[5], .2);
    uint32_t order[2];
    assert_int_equal(label_quality_order(q, LABELS_BY_MARGIN, order, NULL), ASSAY_OK);
    assert_int_equal(order[0], 2);
    assert_int_equal(order[1], 5);
    class_overlap *overlap;
    size_t overlaps;
    assert_int_equal(label_quality_overlaps(q, &overlap, &overlaps, NULL), ASSAY_OK);
    assert_int_equal(overlaps, 1);
    assert_int_equal(overlap[0].first, 0);
    assert_int_equal(overlap[0].second, 1);
    assert_close(overlap[0].share, 2 / 6.0);
    mem_free(overlap);
    label_quality_free(q);
    bench_drop(&b);
}

/*
 * Labels 0 0 1 1 2 2; t = .4, .45, .3. Row 1 (.3 .3 .4) is confident of 2 alone, row 0 (.5 .2 .3)
 * of 0 and 2: the larger p, 0, counts, though 2 is the one further above nothing. Row 2 (.2 .5 .3)
 * is confident of 1 and 2: 1. Row 3 (.3 .4 .3): 2 alone, its largest is the label: no issue though
 * its pair has a place. Row 4 (.2 .4 .4): 2. Row 5 (.39 .41 .2): none, so it is not counted.
 */
static void the_largest_of_several_confident_classes_counts(void **state)
{
    (void)state;
    const double p[] = {.5, .2, .3, .3, .3, .4, .2, .5, .3, .3, .4, .3, .2, .4, .4, .39, .41, .2};
    uint16_t label[] = {0, 0, 1, 1, 2, 2};
    bench b;
    bench_init(&b, p, label, 6, 3);
    label_quality *q = quality_of(&b, 2);
    assert_int_equal(q->counted, 5);
    assert_int_equal(q->cell_count, 5);
    assert_cell(q, 0, (joint_cell){0, 0, 1, 1, .5, 1 / 6.0});
    assert_cell(q, 1, (joint_cell){0, 2, 1, 1, .5, 1 / 6.0});
    assert_cell(q, 2, (joint_cell){1, 1, 1, 1, .5, 1 / 6.0});
    assert_cell(q, 3, (joint_cell){1, 2, 1, 1, .5, 1 / 6.0});
    assert_cell(q, 4, (joint_cell){2, 2, 1, 2, 1, 2 / 6.0});
    assert_close(q->health, 4 / 6.0);
    const bool issue[] = {false, true, false, false, false, false};
    assert_memory_equal(q->issue, issue, sizeof issue);
    assert_int_equal(q->suggested[4], 1); /* the lower among equals */
    assert_close(q->normalised_margin[4], .5);
    label_quality_free(q);
    bench_drop(&b);
}

/* Label 0 three times, counted twice: 1 and 1. Scaled: 1.5 and 1.5; the odd one goes to class 0. */
static void rows_are_rounded_by_largest_remainder(void **state)
{
    (void)state;
    const double p[] = {.9, .1, .1, .9, .4, .6, .05, .95, .35, .65};
    uint16_t label[] = {0, 0, 0, 1, 1};
    bench b;
    bench_init(&b, p, label, 5, 2); /* t = .4667, .8; the third is confident of nothing */
    label_quality *q = quality_of(&b, 1);
    assert_int_equal(q->counted, 3);
    assert_cell(q, 0, (joint_cell){0, 0, 1, 2, .5, .3});
    assert_cell(q, 1, (joint_cell){0, 1, 1, 1, .5, .3});
    assert_cell(q, 2, (joint_cell){1, 1, 1, 2, 1, .4});
    assert_close(q->health, .7);
    label_quality_free(q);
    bench_drop(&b);
}

static void equal_gaps_go_to_the_earlier_row(void **state)
{
    (void)state;
    const double p[] = {1, 0, 1, 0, .25, .75, .25, .75, .25, .75, 0, 1};
    uint16_t label[] = {0, 0, 0, 0, 0, 1};
    bench b;
    bench_init(&b, p, label, 6, 2);
    /* t_0 = .55, t_1 = 1: rows 2, 3, 4 are confident of nothing, so there is no pair. */
    label_quality *q = quality_of(&b, 1);
    assert_int_equal(q->issue_count, 0);
    label_quality_free(q);
    bench_drop(&b);
    /* With t_1 = .7 all three are; with one more that is confident of nothing, 5·3/6 rounds to 3.
     */
    const double more[] = {1, 0, 1, 0, .25, .75, .25, .75, .25, .75, .5, .5, .3, .7};
    uint16_t labels[] = {0, 0, 0, 0, 0, 0, 1};
    bench_init(&b, more, labels, 7, 2);
    q = quality_of(&b, 1);
    assert_close(q->threshold[0], 3.25 / 6);
    assert_cell(q, 0, (joint_cell){0, 0, 2, 2, .4, 2.4 / 7});
    assert_cell(q, 1, (joint_cell){0, 1, 3, 4, .6, 3.6 / 7});
    /* Four places: the three, and the tie, whose largest p is its label's. */
    const bool issue[] = {false, false, true, true, true, false, false};
    assert_memory_equal(q->issue, issue, sizeof issue);
    uint32_t order[3];
    assert_int_equal(label_quality_order(q, LABELS_BY_MARGIN, order, NULL), ASSAY_OK);
    assert_true(order[0] == 2 && order[1] == 3 && order[2] == 4);
    label_quality_free(q);
    bench_drop(&b);
}

static void a_perfect_model_finds_nothing(void **state)
{
    (void)state;
    const double p[] = {1, 0, 0, 0, 1, 0, 1, 0, 0};
    uint16_t label[] = {0, 1, 0}; /* class 2 has no samples */
    bench b;
    bench_init(&b, p, label, 3, 3);
    label_quality *q = quality_of(&b, 1);
    assert_true(isnan(q->threshold[2]));
    assert_int_equal(q->issue_count, 0);
    assert_true(q->health == 1.0);
    assert_true(q->normalised_margin[0] == 1.0);
    label_quality_free(q);
    bench_drop(&b);
}

static void a_class_without_samples_is_never_the_truth(void **state)
{
    (void)state;
    const double p[] = {.1, .2, .7, .3, .1, .6};
    uint16_t label[] = {0, 1};
    bench b;
    bench_init(&b, p, label, 2, 3);
    label_quality *q = quality_of(&b, 1);
    for (size_t c = 0; c < q->cell_count; c++)
        assert_int_not_equal(q->cell[c].truly, 2);
    assert_int_equal(q->suggested[0], 2); /* but it may be suggested */
    label_quality_free(q);
    bench_drop(&b);
}

static void all_wrong_is_all_issues(void **state)
{
    (void)state;
    const double p[] = {0, 1, 0, 1, 1, 0, 1, 0};
    uint16_t label[] = {0, 0, 1, 1};
    bench b;
    bench_init(&b, p, label, 4, 2);
    label_quality *q = quality_of(&b, 1);
    /* t = 0, 0: both classes are confident everywhere, and the largest counts. */
    assert_int_equal(q->issue_count, 4);
    assert_true(q->health == 0.0);
    assert_true(q->normalised_margin[3] == 0.0);
    label_quality_free(q);
    bench_drop(&b);
}

static void one_class_has_nothing_to_be_taken_for(void **state)
{
    (void)state;
    const double p[] = {1, 1};
    uint16_t label[] = {0, 0};
    bench b;
    bench_init(&b, p, label, 2, 1);
    label_quality *q = quality_of(&b, 1);
    assert_int_equal(q->issue_count, 0);
    assert_true(q->health == 1.0 && q->normalised_margin[0] == 1.0 && q->suggested[0] == 0);
    label_quality_free(q);
    bench_drop(&b);
}

static void what_is_missing_takes_no_part(void **state)
{
    (void)state;
    const double p[] = {.9, .1, .2, .8, (double)NAN, .5, .1, .9, .7, .1, .1, .9};
    uint16_t label[] = {0, CLASS_MISSING, 0, 1, 0, 0};
    bench b;
    bench_init(&b, p, label, 6, 2); /* row 2 is not finite, row 4 does not sum to 1 */
    selection_set(&b.rows, 5, false);
    label_quality *q = quality_of(&b, 1);
    assert_int_equal(q->count, 2);
    assert_int_equal(q->row[0], 0);
    assert_int_equal(q->row[1], 3);
    assert_int_equal(q->labelled[0], 1);
    label_quality_free(q);
    for (size_t i = 0; i < 6; i++)
        label[i] = CLASS_MISSING;
    q = quality_of(&b, 1);
    assert_int_equal(q->count, 0);
    assert_int_equal(q->cell_count, 0);
    assert_true(isnan(q->health));
    class_overlap *overlap;
    size_t overlaps = 9;
    assert_int_equal(label_quality_overlaps(q, &overlap, &overlaps, NULL), ASSAY_OK);
    assert_int_equal(overlaps, 0);
    mem_free(overlap);
    label_quality_free(q);
    bench_drop(&b);
}

/* What the rule says, in the plainest way; of few enough samples that all may lie in the open. */
typedef struct oracle {
    double threshold[CLASSES_HELD];
    uint64_t labelled[CLASSES_HELD];
    uint64_t joint[CLASSES_HELD][CLASSES_HELD], calibrated[CLASSES_HELD][CLASSES_HELD];
    bool issue[ROWS_HELD];
} oracle;

static size_t plain_argmax(const double *p, size_t classes)
{
    size_t best = 0;
    for (size_t k = 1; k < classes; k++)
        best = p[k] > p[best] ? k : best;
    return best;
}

static void oracle_count(oracle *o, const double *p, const uint16_t *label, size_t n,
                         size_t classes)
{
    for (size_t k = 0; k < classes; k++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            if (label[i] == k) {
                sum += p[i * classes + k];
                o->labelled[k]++;
            }
        }
        o->threshold[k] = o->labelled[k] ? sum / (double)o->labelled[k] : (double)NAN;
    }
    for (size_t i = 0; i < n; i++) {
        size_t truly = classes;
        for (size_t k = 0; k < classes && label[i] != CLASS_MISSING; k++) {
            if (p[i * classes + k] >= o->threshold[k] - 1e-6 &&
                (truly == classes || p[i * classes + k] > p[i * classes + truly]))
                truly = k;
        }
        if (truly < classes)
            o->joint[label[i]][truly]++;
    }
}

static void oracle_calibrate(oracle *o, size_t classes)
{
    for (size_t k = 0; k < classes; k++) {
        uint64_t counted = 0, out = 0;
        uint64_t left[CLASSES_HELD];
        for (size_t j = 0; j < classes; j++)
            counted += o->joint[k][j];
        for (size_t j = 0; j < classes && counted; j++) {
            o->calibrated[k][j] = o->joint[k][j] * o->labelled[k] / counted;
            left[j] = o->joint[k][j] * o->labelled[k] % counted;
            out += o->calibrated[k][j];
        }
        for (; counted && out < o->labelled[k]; out++) {
            size_t most = 0;
            for (size_t j = 1; j < classes; j++)
                most = left[j] > left[most] ? j : most;
            o->calibrated[k][most]++;
            left[most] = 0;
        }
    }
}

static void oracle_choose(oracle *o, const double *p, const uint16_t *label, size_t n,
                          size_t classes)
{
    bool *taken = calloc(n, sizeof *taken);
    for (size_t k = 0; k < classes; k++) {
        for (size_t j = 0; j < classes; j++) {
            memset(taken, 0, n * sizeof *taken);
            for (uint64_t left = k == j ? 0 : o->calibrated[k][j]; left > 0; left--) {
                size_t best = n;
                for (size_t i = 0; i < n; i++) {
                    if (label[i] != k || taken[i])
                        continue;
                    if (best == n || p[i * classes + j] - p[i * classes + k] >
                                         p[best * classes + j] - p[best * classes + k])
                        best = i;
                }
                assert_true(best < n);
                taken[best] = true;
                o->issue[best] |= plain_argmax(p + best * classes, classes) != k;
            }
        }
    }
    free(taken);
}

/* Rows of hashes in multiples of 1/1024, so that sums are exact and ties many. */
static void make_rows(double *p, uint16_t *label, size_t n, size_t classes, uint64_t seed)
{
    for (size_t i = 0; i < n; i++) {
        unsigned left = 1024;
        const size_t truly = rng_mix(seed + i) % classes;
        const bool moved = rng_mix(seed + i + 1000003) % 5 == 0;
        label[i] = (uint16_t)(moved ? rng_mix(seed + i + 2000003) % classes : truly);
        if (rng_mix(seed + i + 3000017) % 13 == 0)
            label[i] = CLASS_MISSING;
        for (size_t k = 0; k < classes; k++) {
            const unsigned most = left / 64 + 1;
            const unsigned part = (unsigned)(rng_mix(seed + i * classes + k + 5000011) % most) * 16;
            const unsigned own = part < left ? part : left;
            p[i * classes + k] = own / 1024.0;
            left -= own;
        }
        p[i * classes + truly] += left / 1024.0;
    }
}

static size_t compare_with_oracle(size_t n, size_t classes, uint64_t seed, int threads)
{
    double *p = calloc(n * classes, sizeof *p);
    uint16_t *label = calloc(n, sizeof *label);
    oracle *o = calloc(1, sizeof *o);
    make_rows(p, label, n, classes, seed);
    oracle_count(o, p, label, n, classes);
    oracle_calibrate(o, classes);
    oracle_choose(o, p, label, n, classes);
    bench b;
    bench_init(&b, p, label, n, classes);
    label_quality *q = quality_of(&b, threads);
    size_t cells = 0;
    for (size_t k = 0; k < classes; k++) {
        assert_int_equal(q->labelled[k], o->labelled[k]);
        for (size_t j = 0; j < classes; j++) {
            if (!o->joint[k][j])
                continue;
            assert_int_equal(q->cell[cells].given, k);
            assert_int_equal(q->cell[cells].truly, j);
            assert_int_equal(q->cell[cells].counted, o->joint[k][j]);
            assert_int_equal(q->cell[cells++].calibrated, o->calibrated[k][j]);
        }
    }
    assert_int_equal(cells, q->cell_count);
    for (size_t i = 0; i < q->count; i++) {
        assert_int_equal(q->issue[i], o->issue[q->row[i]]);
        assert_int_equal(q->suggested[i], plain_argmax(p + q->row[i] * classes, classes));
    }
    const size_t found = q->issue_count;
    label_quality_free(q);
    bench_drop(&b);
    free(o);
    free(label);
    free(p);
    return found;
}

static void the_plain_rule_finds_the_same(void **state)
{
    (void)state;
    size_t found = 0;
    for (uint64_t seed = 1; seed <= 12; seed++)
        found += compare_with_oracle(40 * seed, 2 + seed % 10, seed * 7919, 1 + (int)(seed % 3));
    assert_true(found > 100);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    enum { N = 20000, K = 12 };
    double *p = calloc((size_t)N * K, sizeof *p);
    uint16_t *label = calloc(N, sizeof *label);
    make_rows(p, label, N, K, 42);
    for (size_t i = 0; i < (size_t)N * K; i++)
        p[i] *= 1.0 + 1e-4 * (double)(i / K % 3); /* so that rows are divided */
    bench b;
    bench_init(&b, p, label, N, K);
    label_quality *one = quality_of(&b, 1);
    for (int threads = 2; threads <= 7; threads += 5) {
        label_quality *q = quality_of(&b, threads);
        assert_int_equal(q->count, one->count);
        assert_memory_equal(q->normalised_margin, one->normalised_margin,
                            one->count * sizeof *one->normalised_margin);
        assert_memory_equal(q->issue, one->issue, one->count * sizeof *one->issue);
        assert_memory_equal(q->threshold, one->threshold, K * sizeof *one->threshold);
        assert_int_equal(q->cell_count, one->cell_count);
        for (size_t c = 0; c < q->cell_count; c++)
            assert_true(q->cell[c].counted == one->cell[c].counted &&
                        q->cell[c].joint == one->cell[c].joint);
        assert_true(q->health == one->health);
        label_quality_free(q);
    }
    label_quality_free(one);
    bench_drop(&b);
    free(label);
    free(p);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const double p[] = {.9, .1, .8, .2, .1, .9, .3, .7, .1, .9, .8, .2};
    uint16_t label[] = {0, 0, 0, 1, 1, 1};
    bench b;
    bench_init(&b, p, label, 6, 2);
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code == ASSAY_E_NOMEM && n < 100; n++) {
        label_quality *q = NULL;
        class_overlap *overlap = NULL;
        size_t count;
        uint32_t order[6];
        assay_err err;
        mem_fail_after(n);
        code = label_quality_new(&b.f, &b.rows, 2, &q, &err);
        if (code == ASSAY_OK)
            code = label_quality_order(q, LABELS_BY_MARGIN, order, &err);
        if (code == ASSAY_OK)
            code = label_quality_overlaps(q, &overlap, &count, &err);
        mem_fail_after(UINT64_MAX);
        if (code)
            assert_int_equal(strncmp(err.msg, "out of memory for ", 18), 0);
        mem_free(overlap);
        label_quality_free(q);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
    bench_drop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_swapped_labels_are_found),
        cmocka_unit_test(the_largest_of_several_confident_classes_counts),
        cmocka_unit_test(rows_are_rounded_by_largest_remainder),
        cmocka_unit_test(equal_gaps_go_to_the_earlier_row),
        cmocka_unit_test(a_perfect_model_finds_nothing),
        cmocka_unit_test(a_class_without_samples_is_never_the_truth),
        cmocka_unit_test(all_wrong_is_all_issues),
        cmocka_unit_test(one_class_has_nothing_to_be_taken_for),
        cmocka_unit_test(what_is_missing_takes_no_part),
        cmocka_unit_test(the_plain_rule_finds_the_same),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
