/* The report for programs, over evaluations made by hand: read back and compared. */
#include "support/check.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "project/warnings.h"
#include "report/report.h"
#include "support/sample_evaluation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const sample_shape full = {
    .classes = 10, .per_class = 1000, .probabilities = true, .metrics = true, .missing = true};

static json_t *write_and_read(const evaluated *e)
{
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    assay_err err = {0};
    assert_int_equal(report_json(e, &out, &err), ASSAY_OK);
    assert_string_equal(err.msg, "");
    assert_memory_equal(out.at + out.length - 2, "}\n", 2);
    json_error_t why;
    json_t *root = json_loads(text_view(&out), JSON_REJECT_DUPLICATES, &why);
    if (!root)
        fail_msg("%s at line %d", why.text, why.line);
    text_clear(&out);
    return root;
}

/* "a.b.2.c": members and elements. */
static const json_t *find(const json_t *value, const char *path)
{
    char part[64];
    while (*path) {
        size_t length = strcspn(path, ".");
        snprintf(part, sizeof part, "%.*s", (int)length, path);
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(part))
                                     : json_object_get(value, part);
        path += length + (path[length] == '.');
    }
    return value;
}

static void check_number(const json_t *root, const char *path, double expected)
{
    const json_t *value = find(root, path);
    assert_non_null(value);
    if (isnan(expected)) {
        assert_true(json_is_null(value));
        return;
    }
    double found = json_number_value(value);
    assert_memory_equal(&found, &expected, sizeof found);
}

static void check_score(const json_t *root, const char *path, const score *s)
{
    const json_t *o = find(root, path);
    assert_true(json_is_object(o));
    check_number(o, "value", s->value);
    check_number(o, "low", s->low);
    check_number(o, "high", s->high);
    assert_string_equal(json_string_value(find(o, "method")), s->method);
    assert_int_equal(json_is_true(find(o, "undefined")), s->undefined);
    assert_int_equal(json_is_true(find(o, "few")), s->few);
    assert_int_equal(json_object_size(o), 4u + s->undefined + s->few);
}

static void check_keys(const json_t *object, const char *const *keys, size_t count)
{
    size_t i = 0;
    for (void *at = json_object_iter((json_t *)(uintptr_t)object); at;
         at = json_object_iter_next((json_t *)(uintptr_t)object, at)) {
        assert_true(i < count);
        assert_string_equal(json_object_iter_key(at), keys[i++]);
    }
    assert_int_equal(i, count);
}

static void keys_stand_in_their_order_and_absent_is_what_the_data_cannot_say(void **state)
{
    (void)state;
    static const char *const least[] = {
        "assay",    "schema", "input",     "options",  "warnings",
        "samples",  "scored", "missing",   "classes",  "model",
        "accuracy", "macro",  "weighted",  "micro",    "balanced_accuracy",
        "mcc",      "kappa",  "per_class", "confusion"};
    static const char *const with_confidence[] = {
        "assay",       "schema", "input",    "options",   "warnings",
        "samples",     "scored", "missing",  "classes",   "model",
        "accuracy",    "macro",  "weighted", "micro",     "balanced_accuracy",
        "mcc",         "kappa",  "aurc",     "per_class", "confusion",
        "calibration", "curves"};
    static const char *const most[] = {"assay",
                                       "schema",
                                       "input",
                                       "options",
                                       "warnings",
                                       "samples",
                                       "scored",
                                       "missing",
                                       "groups",
                                       "classes",
                                       "shown",
                                       "model",
                                       "accuracy",
                                       "macro",
                                       "weighted",
                                       "micro",
                                       "balanced_accuracy",
                                       "mcc",
                                       "kappa",
                                       "log_loss",
                                       "brier",
                                       "top_k",
                                       "top_k_ties",
                                       "auroc",
                                       "average_precision",
                                       "aurc",
                                       "per_class",
                                       "confusion",
                                       "calibration",
                                       "curves",
                                       "metrics",
                                       "performance"};
    evaluated *e = sample_evaluation_new(&(sample_shape){.classes = 2, .per_class = 50});
    json_t *root = write_and_read(e);
    check_keys(root, least, sizeof least / sizeof *least);
    json_decref(root);
    sample_evaluation_free(e);

    e = sample_evaluation_new(&(sample_shape){.classes = 3, .per_class = 50, .confidence = true});
    root = write_and_read(e);
    check_keys(root, with_confidence, sizeof with_confidence / sizeof *with_confidence);
    assert_null(find(root, "calibration.classwise_ece"));
    assert_null(find(root, "calibration.temperature"));
    assert_null(find(root, "curves.roc"));
    json_decref(root);
    sample_evaluation_free(e);

    sample_shape shape = full;
    shape.shown = 3;
    e = sample_evaluation_new(&shape);
    e->evaluation->group_count = 30;
    root = write_and_read(e);
    check_keys(root, most, sizeof most / sizeof *most);
    json_decref(root);
    sample_evaluation_free(e);
}

static void numbers_read_back_to_the_same_bits(void **state)
{
    (void)state;
    evaluated *e = sample_evaluation_new(&full);
    evaluation *v = e->evaluation;
    v->matrix->accuracy =
        (score){.value = 0.1 + 0.2, .low = nextafter(0.3, 0), .high = 1.0 / 3, .method = "wilson"};
    v->matrix->per_class[4].precision = (score){.value = 0,
                                                .low = (double)NAN,
                                                .high = (double)NAN,
                                                .method = "none",
                                                .undefined = true,
                                                .few = true};
    json_t *root = write_and_read(e);
    check_score(root, "accuracy", &v->matrix->accuracy);
    check_score(root, "macro.f1", &v->matrix->macro_f1);
    check_score(root, "weighted.recall", &v->matrix->weighted_recall);
    check_score(root, "micro.precision", &v->matrix->micro_precision);
    check_score(root, "balanced_accuracy", &v->matrix->balanced_accuracy);
    check_score(root, "mcc", &v->matrix->mcc);
    check_score(root, "kappa", &v->matrix->kappa);
    check_score(root, "log_loss", &v->proper.log_loss);
    check_score(root, "brier", &v->proper.brier);
    check_score(root, "top_k.3", &v->proper.top_k[1]);
    check_score(root, "auroc.macro", &v->ranking->macro_auroc);
    check_score(root, "average_precision.macro", &v->ranking->macro_average_precision);
    check_score(root, "aurc", &v->risk.aurc);
    check_score(root, "per_class.4.precision", &v->matrix->per_class[4].precision);
    check_score(root, "per_class.9.f1", &v->matrix->per_class[9].f1);
    check_score(root, "per_class.9.auroc", &v->ranking->per_class[9].auroc);
    check_number(root, "calibration.ece.if_calibrated.p95", v->calibration.ece.calibrated_p95);
    check_number(root, "calibration.temperature.ece_after", v->calibration.ece_after);
    check_number(root, "calibration.bins.0.confidence", (double)NAN);
    check_score(root, "calibration.bins.14.accuracy", &v->calibration.bin[14].accuracy);
    check_score(root, "metrics.1.importance.nats", &v->metrics->metric[1].importance.information);
    check_number(root, "metrics.1.importance.share", v->metrics->metric[1].importance.share);
    check_number(root, "metrics.6.importance.p_value", (double)NAN);
    assert_string_equal(json_string_value(find(root, "metrics.6.importance.p_missing")),
                        v->metrics->metric[6].importance.p_missing);
    check_score(root, "performance.brightness.bins.49.rate",
                &v->metrics->metric[2].performance.bin[49].rate);
    assert_int_equal(json_integer_value(find(root, "samples")), (json_int_t)v->samples);
    assert_int_equal(json_integer_value(find(root, "missing.prediction")), 15);
    assert_string_equal(json_string_value(find(root, "model")), "cnn");
    json_decref(root);
    sample_evaluation_free(e);
}

static void the_matrix_is_written_cell_by_cell(void **state)
{
    (void)state;
    evaluated *e = sample_evaluation_new(&full);
    const confusion *c = e->evaluation->confusion;
    json_t *root = write_and_read(e);
    const json_t *rows = find(root, "confusion.counts");
    json_int_t total = 0;
    for (size_t i = 0; i < 10; i++) {
        for (size_t j = 0; j < 10; j++)
            total += json_integer_value(json_array_get(json_array_get(rows, i), j));
    }
    assert_int_equal(total, (json_int_t)c->total);
    for (size_t i = 0; i < c->cell_count; i++) {
        const json_t *row = json_array_get(rows, c->cell[i].label);
        assert_int_equal(json_integer_value(json_array_get(row, c->cell[i].prediction)),
                         c->cell[i].count);
    }
    assert_int_equal(json_integer_value(find(root, "confusion.missing.prediction.0")), 12);
    assert_int_equal(json_integer_value(find(root, "confusion.missing.label.1")), 3);
    assert_int_equal(json_integer_value(find(root, "confusion.missing.both")), 2);
    assert_string_equal(json_string_value(find(root, "confusion.top_pairs.0.true")), "T-shirt/top");
    assert_string_equal(json_string_value(find(root, "confusion.top_pairs.0.predicted")),
                        "Trouser");
    json_decref(root);
    sample_evaluation_free(e);
}

static void a_class_filter_leaves_one_other_row_and_column(void **state)
{
    (void)state;
    sample_shape shape = full;
    shape.shown = 4;
    evaluated *e = sample_evaluation_new(&shape);
    /* Not a prefix: positions in the matrix differ from codes. */
    e->shown[0] = false;
    e->shown[7] = true;
    json_t *root = write_and_read(e);
    const confusion *c = e->evaluation->confusion;
    static const size_t position[] = {4, 0, 1, 2, 4, 4, 4, 3, 4, 4};
    uint64_t folded[5][5] = {{0}};
    for (size_t i = 0; i < c->cell_count; i++)
        folded[position[c->cell[i].label]][position[c->cell[i].prediction]] += c->cell[i].count;
    const json_t *rows = find(root, "confusion.counts");
    assert_int_equal(json_array_size(rows), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(json_array_size(json_array_get(rows, i)), 5);
        for (size_t j = 0; j < 5; j++)
            assert_int_equal(json_integer_value(json_array_get(json_array_get(rows, i), j)),
                             folded[i][j]);
    }
    assert_true(json_is_true(find(root, "confusion.other")));
    assert_string_equal(json_string_value(find(root, "confusion.classes.3")), "Sneaker");
    assert_int_equal(json_array_size(find(root, "per_class")), 4);
    assert_string_equal(json_string_value(find(root, "per_class.3.class")), "Sneaker");
    assert_int_equal(json_object_size(find(root, "curves.roc")), 4);
    assert_int_equal(json_array_size(find(root, "classes")), 10);
    assert_int_equal(json_integer_value(find(root, "confusion.missing.prediction.4")), 13);
    json_decref(root);
    sample_evaluation_free(e);
}

static void above_a_thousand_classes_the_matrix_is_sparse(void **state)
{
    (void)state;
    for (uint32_t classes = 1000; classes <= 1001; classes++) {
        evaluated *e = sample_evaluation_new(
            &(sample_shape){.classes = classes, .per_class = 40, .missing = true});
        const confusion *c = e->evaluation->confusion;
        json_t *root = write_and_read(e);
        if (classes == 1000) {
            assert_int_equal(json_array_size(find(root, "confusion.counts")), 1000);
            assert_int_equal(json_array_size(find(root, "confusion.counts.999")), 1000);
        } else {
            const json_t *cells = find(root, "confusion.counts.sparse");
            assert_int_equal(json_array_size(cells), c->cell_count);
            size_t last = c->cell_count - 1;
            const json_t *cell = json_array_get(cells, last);
            assert_int_equal(json_integer_value(json_array_get(cell, 0)), c->cell[last].label);
            assert_int_equal(json_integer_value(json_array_get(cell, 1)), c->cell[last].prediction);
            assert_int_equal(json_integer_value(json_array_get(cell, 2)), c->cell[last].count);
            assert_int_equal(
                json_integer_value(find(root, "confusion.missing.sparse.prediction.1.0")), 1000);
        }
        json_decref(root);
        sample_evaluation_free(e);
    }
}

static void curves_keep_their_ends_and_an_infinite_threshold_is_null(void **state)
{
    (void)state;
    evaluated *e = sample_evaluation_new(
        &(sample_shape){.classes = 300, .per_class = 40, .probabilities = true});
    json_t *root = write_and_read(e);
    const json_t *roc = find(root, "curves.roc.class_123");
    size_t points = json_array_size(roc);
    assert_true(points >= 50 && points < 500);
    check_number(roc, "0.0", 0);
    assert_true(json_is_null(find(roc, "0.2")));
    const json_t *last = json_array_get(roc, points - 1);
    check_number(last, "0", 1);
    check_number(last, "1", 1);
    for (size_t i = 1; i < points; i++)
        assert_true(json_number_value(json_array_get(json_array_get(roc, i), 0)) >
                    json_number_value(json_array_get(json_array_get(roc, i - 1), 0)));
    assert_int_equal(json_array_size(find(root, "curves.risk_coverage")), 500);
    json_decref(root);
    sample_evaluation_free(e);
}

static void bytes_that_are_no_utf8_and_controls_are_no_trouble(void **state)
{
    (void)state;
    evaluated *e = sample_evaluation_new(&(sample_shape){.classes = 8,
                                                         .per_class = 100,
                                                         .probabilities = true,
                                                         .metrics = true,
                                                         .hostile_names = true});
    e->request.where = "x = '\xff'";
    assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
    json_t *root = write_and_read(e);
    assert_string_equal(json_string_value(find(root, "classes.0")), "\033[31mred\033[0m");
    assert_string_equal(json_string_value(find(root, "classes.3")),
                        "\xEF\xBF\xBD\xEF\xBF\xBDstray bytes");
    assert_non_null(
        json_object_get(find(root, "curves.roc"), "\xEF\xBF\xBD\xEF\xBF\xBDstray bytes"));
    assert_string_equal(json_string_value(find(root, "options.where")), "x = '\xEF\xBF\xBD'");
    json_decref(root);
    sample_evaluation_free(e);
}

static void each_row_point_and_class_is_a_line(void **state)
{
    (void)state;
    evaluated *e =
        sample_evaluation_new(&(sample_shape){.classes = 2, .per_class = 50, .missing = true});
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    assert_int_equal(report_json(e, &out, NULL), ASSAY_OK);
    assert_non_null(strstr(text_view(&out), "\n    \"counts\": [\n      ["));
    assert_non_null(strstr(text_view(&out), "\n    {\"class\": \"T-shirt/top\", "));
    assert_non_null(
        strstr(text_view(&out), "\n  \"missing\": {\"label\": 5, \"prediction\": 15},\n"));
    text_clear(&out);
    sample_evaluation_free(e);
}

static void too_long_a_report_is_refused(void **state)
{
    (void)state;
    evaluated *e = sample_evaluation_new(&full);
    text out;
    text_init(&out, 1000);
    assay_err err = {0};
    assert_int_equal(report_json(e, &out, &err), ASSAY_E_LIMIT);
    text_clear(&out);
    sample_evaluation_free(e);
}

static void without_memory_the_code_says_so_and_nothing_leaks(void **state)
{
    (void)state;
    sample_shape shape = {
        .classes = 2, .per_class = 50, .confidence = true, .metrics = true, .missing = true};
    evaluated *e = sample_evaluation_new(&shape);
    e->evaluation->risk.kept.count = 3;
    const size_t metrics = e->evaluation->metrics->count;
    e->evaluation->metrics->count = 1;
    e->evaluation->metrics->metric[0].performance.count = 2;
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        assert_true(n < 20000);
        text out;
        text_init(&out, REPORT_BYTES_MOST);
        assay_err err = {0};
        mem_fail_after(n);
        code = report_json(e, &out, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK)
            assert_true(n > 500);
        else
            assert_int_equal(code, ASSAY_E_NOMEM);
        text_clear(&out);
        assert_int_equal(mem_live(), live);
    }
    e->evaluation->metrics->count = metrics;
    sample_evaluation_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_stand_in_their_order_and_absent_is_what_the_data_cannot_say),
        cmocka_unit_test(numbers_read_back_to_the_same_bits),
        cmocka_unit_test(the_matrix_is_written_cell_by_cell),
        cmocka_unit_test(a_class_filter_leaves_one_other_row_and_column),
        cmocka_unit_test(above_a_thousand_classes_the_matrix_is_sparse),
        cmocka_unit_test(curves_keep_their_ends_and_an_infinite_threshold_is_null),
        cmocka_unit_test(bytes_that_are_no_utf8_and_controls_are_no_trouble),
        cmocka_unit_test(each_row_point_and_class_is_a_line),
        cmocka_unit_test(too_long_a_report_is_refused),
        cmocka_unit_test(without_memory_the_code_says_so_and_nothing_leaks),
    };
    json_use_our_memory();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
