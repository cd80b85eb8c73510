#include "assay/evaluate.h"

#include "base/json.h"
#include "base/mem.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/assay-test-library-XXXXXX.csv";

static int write_table(void **state)
{
    (void)state;
    json_use_our_memory();
    const int file = mkstemps(path, 4);
    assert_true(file >= 0);
    static const char table[] =
        "id,label,prediction,confidence,size\n"
        "1,cat,cat,0.9,3\n2,dog,cat,0.6,9\n3,dog,dog,0.8,4\n4,cat,cat,0.7,5\n";
    assert_int_equal(write(file, table, sizeof table - 1), sizeof table - 1);
    return close(file);
}

static int remove_table(void **state)
{
    (void)state;
    return unlink(path);
}

static void a_file_is_evaluated_with_default_options(void **state)
{
    (void)state;
    assay_evaluation *evaluation = NULL;
    assay_err err;
    assert_int_equal(assay_evaluate(path, NULL, &evaluation, &err), ASSAY_OK);
    char *json = NULL;
    assert_int_equal(assay_evaluation_json(evaluation, &json, &err), ASSAY_OK);
    json_t *root = json_loads(json, 0, NULL);
    assert_non_null(root);
    assert_true(json_real_value(json_object_get(json_object_get(root, "accuracy"), "value")) ==
                0.75);
    json_decref(root);
    char *report = NULL;
    assert_int_equal(assay_evaluation_text(evaluation, 80, &report, &err), ASSAY_OK);
    assert_non_null(strstr(report, "0.75"));
    assert_int_equal(assay_evaluation_text(evaluation, 59, &(char *){NULL}, &err), ASSAY_E_USAGE);
    assert_string_equal(err.msg, "columns is 59; use 60 to 100");
    assay_text_free(json);
    assay_text_free(report);
    assay_evaluation_free(evaluation);
}

static void options_outlive_the_callers_texts(void **state)
{
    (void)state;
    char where[] = "size > 3";
    char *file = strdup(path);
    const assay_evaluate_options options = {.size = sizeof options, .where = where};
    assay_evaluation *evaluation = NULL;
    assert_int_equal(assay_evaluate(file, &options, &evaluation, NULL), ASSAY_OK);
    memset(where, 'x', sizeof where - 1);
    memset(file, 'x', strlen(file));
    free(file);
    char *json = NULL;
    assert_int_equal(assay_evaluation_json(evaluation, &json, NULL), ASSAY_OK);
    assert_non_null(strstr(json, "size > 3"));
    assay_text_free(json);
    assay_evaluation_free(evaluation);
}

static void bad_calls_are_refused(void **state)
{
    (void)state;
    const assay_evaluate_options no_size = {0};
    const assay_evaluate_options too_large = {.size = sizeof too_large + 1};
    const assay_evaluate_options bad_bins = {.size = sizeof bad_bins, .bins = 3};
    const struct {
        const char *path;
        const assay_evaluate_options *options;
        assay_code code;
    } cases[] = {
        {NULL, NULL, ASSAY_E_USAGE},
        {path, &no_size, ASSAY_E_USAGE},
        {path, &too_large, ASSAY_E_USAGE},
        {path, &bad_bins, ASSAY_E_USAGE},
        {"/nowhere/at/all.csv", NULL, ASSAY_E_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assay_evaluation *evaluation = NULL;
        assay_err err;
        assert_int_equal(assay_evaluate(cases[i].path, cases[i].options, &evaluation, &err),
                         cases[i].code);
        assert_true(err.msg[0] != '\0');
        assert_null(evaluation);
    }
}

static void freeing_nothing_does_nothing(void **state)
{
    (void)state;
    assay_evaluation_free(NULL);
    assay_text_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_evaluated_with_default_options),
        cmocka_unit_test(options_outlive_the_callers_texts),
        cmocka_unit_test(bad_calls_are_refused),
        cmocka_unit_test(freeing_nothing_does_nothing),
    };
    return cmocka_run_group_tests_name("library", tests, write_table, remove_table);
}
