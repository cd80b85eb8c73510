/* Which labels are listed, in which order, with which words beside them. */
#include "project/find_labels.h"

#include "support/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 7, CLASSES = 2 };

/* Rows 2 and 5 are swapped, row 6 has no label. */
static double values[ROWS * CLASSES] = {.9, .1, .8, .2, .2, .8, .3, .7, .1, .9, .9, .1, .5, .5};
static uint16_t labels[ROWS] = {0, 0, 0, 1, 1, 1, CLASS_MISSING};
static uint16_t predictions[ROWS];
static double confidences[ROWS];
static char *names[CLASSES] = {(char[]){"cat"}, (char[]){"dog"}};
static double rated[ROWS] = {1, .9, .2, 1, 1, (double)NAN, 1};
static uint32_t codes[ROWS] = {0, 0, 1, 1, 1, ATTRIBUTE_MISSING, 0};
static metric_column metric = {.name = (char[]){"annotation_quality"}, .value = rated};
static attribute_column attribute = {
    .name = (char[]){"neighbours_label"}, .code = codes, .value = names, .value_count = CLASSES};
static probabilities made;
static char model[] = "cnn";
static frame seven;

static int make(void **state)
{
    (void)state;
    made = (probabilities){
        .values = {.at = values, .row_count = ROWS, .column_count = CLASSES, .type = MATRIX_F64}};
    probability_scan scan;
    assert_int_equal(probabilities_scan(&made, 1, predictions, confidences, &scan, NULL), ASSAY_OK);
    seven = (frame){.row_count = ROWS,
                    .classes = {.name = names, .count = CLASSES},
                    .label = labels,
                    .prediction = predictions,
                    .probability = &made,
                    .model = model};
    return 0;
}

static int drop(void **state)
{
    (void)state;
    probabilities_clear(&made);
    return 0;
}

static const label_error_request all = {.samples.thread_count = 2};

static void the_worst_margin_comes_first(void **state)
{
    (void)state;
    found_labels l;
    assert_int_equal(find_label_errors(&seven, &all, &l, NULL), ASSAY_OK);
    assert_int_equal(l.found, 2);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.row[0], 5);
    assert_int_equal(l.row[1], 2);
    assert_string_equal(l.suggested[0], "cat");
    assert_string_equal(l.suggested[1], "dog");
    assert_true(fabs(l.normalised_margin[0] - .1) < 1e-12);
    assert_true(fabs(l.self_confidence[1] - .2) < 1e-12);
    assert_int_equal(l.basis, LABELS_FROM_PROBABILITIES);
    assert_int_equal(l.judged, 6);
    assert_memory_equal(l.score, l.normalised_margin, 2 * sizeof *l.score);
    assert_null(l.embedding);
    assert_null(l.fitted_margin);
    assert_null(l.annotation_quality);
    assert_null(l.neighbours_label);
    assert_int_equal(l.noise_count, 2);
    assert_int_equal(l.overlap_count, 1);
    found_labels_clear(&l);
}

static void neighbours_stand_beside_where_they_are_known(void **state)
{
    (void)state;
    frame f = seven;
    f.metric = &metric;
    f.metric_count = 1;
    f.attribute = &attribute;
    f.attribute_count = 1;
    label_error_request first = all;
    found_labels l;
    assert_int_equal(find_label_errors(&f, &all, &l, NULL), ASSAY_OK);
    assert_true(isnan(l.annotation_quality[0]));
    assert_true(l.annotation_quality[1] == .2);
    assert_null(l.neighbours_label[0]);
    assert_string_equal(l.neighbours_label[1], "dog");
    found_labels_clear(&l);
    first.top = 1;
    assert_int_equal(find_label_errors(&f, &first, &l, NULL), ASSAY_OK);
    assert_int_equal(l.found, 2);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.row[0], 5);
    found_labels_clear(&l);
}

/* Of three classes a label may have little, and no other class much more. */
static void self_confidence_is_another_order(void **state)
{
    (void)state;
    static double three[] = {.7, .2, .1, .1, .7, .2, .1, .2, .7, .15, .8, .05, .5, .4, .1};
    static uint16_t given[] = {0, 1, 2, 0, 2}, predicted[5];
    char *three_names[] = {(char[]){"a"}, (char[]){"b"}, (char[]){"c"}};
    static double largest[5];
    probabilities p = {
        .values = {.at = three, .row_count = 5, .column_count = 3, .type = MATRIX_F64}};
    probability_scan scan;
    assert_int_equal(probabilities_scan(&p, 1, predicted, largest, &scan, NULL), ASSAY_OK);
    const frame f = {.row_count = 5,
                     .classes = {.name = three_names, .count = 3},
                     .label = given,
                     .prediction = predicted,
                     .probability = &p};
    label_error_request request = all;
    found_labels l;
    assert_int_equal(find_label_errors(&f, &request, &l, NULL), ASSAY_OK);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.row[0], 3);
    assert_int_equal(l.row[1], 4);
    found_labels_clear(&l);
    request.order = LABELS_BY_SELF_CONFIDENCE;
    assert_int_equal(find_label_errors(&f, &request, &l, NULL), ASSAY_OK);
    assert_int_equal(l.row[0], 4);
    assert_int_equal(l.row[1], 3);
    assert_memory_equal(l.score, l.self_confidence, 2 * sizeof *l.score);
    found_labels_clear(&l);
    probabilities_clear(&p);
}

static void what_cannot_be_judged_is_refused(void **state)
{
    (void)state;
    static uint16_t none[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        none[i] = CLASS_MISSING;
    frame without_model = seven, without_probabilities = seven, without_labels = seven;
    without_model.model = NULL;
    without_model.probability = NULL;
    frame unchosen = without_model;
    unchosen.unchosen_models = (char[]){"cnn, vit"};
    without_probabilities.probability = NULL;
    without_labels.label = none;
    const struct {
        const char *name;
        const frame *input;
        assay_code code;
        const char *message;
        label_basis from;
    } cases[] = {
        {"no model", &without_model, ASSAY_E_INPUT,
         "label errors are found by a model's probabilities, and the project has no predictions "
         "yet; assay add predictions brings some",
         LABELS_FROM_EITHER},
        {"no model, but wanted", &without_model, ASSAY_E_INPUT,
         "label errors are found by a model's probabilities, and the project has no predictions "
         "yet; assay add predictions brings some",
         LABELS_FROM_PROBABILITIES},
        {"several models", &unchosen, ASSAY_E_USAGE,
         "label errors are found by a model's probabilities; choose one with --model: cnn, vit",
         LABELS_FROM_PROBABILITIES},
        {"no probabilities", &without_probabilities, ASSAY_E_INPUT,
         "label errors are found by probabilities, and model cnn has none: only predictions",
         LABELS_FROM_PROBABILITIES},
        {"no labels", &without_labels, ASSAY_E_INPUT,
         "no sample has both a label and valid probabilities: there is no label to doubt",
         LABELS_FROM_EITHER},
        {"no project", &seven, ASSAY_E_USAGE, "only a project has an embedding",
         LABELS_FROM_EMBEDDING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        label_error_request request = all;
        request.from = cases[i].from;
        found_labels l;
        assay_err err;
        assert_int_equal(find_label_errors(cases[i].input, &request, &l, &err), cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
        assert_null(l.quality);
        assert_null(l.row);
    }
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    frame f = seven;
    f.metric = &metric;
    f.metric_count = 1;
    f.attribute = &attribute;
    f.attribute_count = 1;
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code == ASSAY_E_NOMEM && n < 100; n++) {
        found_labels l;
        mem_fail_after(n);
        code = find_label_errors(&f, &all, &l, NULL);
        mem_fail_after(UINT64_MAX);
        if (code)
            assert_null(l.row);
        found_labels_clear(&l);
        assert_int_equal(mem_live(), live);
    }
    assert_int_equal(code, ASSAY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_margin_comes_first),
        cmocka_unit_test(neighbours_stand_beside_where_they_are_known),
        cmocka_unit_test(self_confidence_is_another_order),
        cmocka_unit_test(what_cannot_be_judged_is_refused),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, make, drop);
}
