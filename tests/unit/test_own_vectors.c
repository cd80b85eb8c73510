/* Vectors of the user's own find their samples, or are refused with the reason. */
#include "project/own_vectors.h"

#include "base/mem.h"
#include "support/listed.h"
#include "support/small_project.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SAMPLES = 5, WIDTH = 2 };

static const float rows[SAMPLES * WIDTH] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};

static int make(void **state)
{
    if (listed_make_folder(state))
        return 1;
    const small_project p = {.count = SAMPLES};
    small_project_make(&p);
    listed_put_npy("five.npy", "<f4", "5, 2", rows, sizeof rows);
    listed_put_npy("three.npy", "<f4", "3, 2", rows, 3 * WIDTH * sizeof *rows);
    const double wide[SAMPLES * WIDTH] = {1, 2,     0, 0, (double)NAN,
                                          1, 1e300, 1, 1, -(double)INFINITY};
    listed_put_npy("mixed.npy", "<f8", "5, 2", wide, sizeof wide);
    listed_put_npy("none.npy", "<f8", "4, 2", wide + 2, sizeof wide - 2 * sizeof *wide);
    listed_put_npy("five_whole.npy", "<i8", "5, 2", wide, sizeof wide);
    listed_put("cut.npy", "\x93NUMPY\x01\x00", 8);
    static const char turned[] = "4\n3\n2\n1\n0\n", three[] = "4\n2\n0\n", twice[] = "4\n2\n4\n",
                      strange[] = "4\n77\n0\n", strangers[] = "70\n71\n72\n";
    static const char table[] = "id,note\n2,a\n1,b\n0,c\n";
    listed_put("turned.txt", turned, sizeof turned - 1);
    listed_put("three.txt", three, sizeof three - 1);
    listed_put("twice.txt", twice, sizeof twice - 1);
    listed_put("strange.txt", strange, sizeof strange - 1);
    listed_put("strangers.txt", strangers, sizeof strangers - 1);
    listed_put("three.csv", table, sizeof table - 1);
    return 0;
}

static assay_code read_own(const own_vectors_request *r, own_vectors *out, assay_err *err)
{
    project_writer *const w = small_project_open();
    const assay_code code = own_vectors_read(w, r, out, err);
    project_writer_close(w);
    return code;
}

static void rows_go_to_the_samples_that_they_are_of(void **state)
{
    (void)state;
    static const struct {
        own_vectors_request request;
        size_t matched;
        float first[SAMPLES]; /* of each sample; NaN: none */
    } cases[] = {
        {{.from = "five.npy", .rows_in_order = true}, 5, {0, 2, 4, 6, 8}},
        {{.from = "five.npy", .ids = "turned.txt"}, 5, {8, 6, 4, 2, 0}},
        {{.from = "three.npy", .ids = "three.txt"}, 3, {4, NAN, 2, NAN, 0}},
        {{.from = "three.npy", .ids = "three.csv"}, 3, {4, 2, 0, NAN, NAN}},
        {{.from = "three.npy", .ids = "strange.txt", .allow_unmatched = true},
         2,
         {4, NAN, NAN, NAN, 0}},
        {{.from = "three.npy", .ids = "twice.txt", .allow_unmatched = true},
         2,
         {NAN, NAN, 2, NAN, 0}},
        {{.from = "mixed.npy", .rows_in_order = true}, 1, {1, NAN, NAN, NAN, NAN}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        own_vectors own;
        assay_err err = {0};
        if (read_own(&cases[i].request, &own, &err) != ASSAY_OK)
            fail_msg("%s", err.msg);
        assert_int_equal(own.sample_count, SAMPLES);
        assert_int_equal(own.dimensions, WIDTH);
        assert_int_equal(own.matched, cases[i].matched);
        for (size_t s = 0; s < SAMPLES; s++) {
            const float first = own.vectors[s * WIDTH];
            assert_true(isnan(cases[i].first[s]) ? isnan(first) : first == cases[i].first[s]);
            /* All of a vector or nothing of it. */
            assert_int_equal(isnan(own.vectors[s * WIDTH + 1]), isnan(first));
        }
        mem_free(own.vectors);
    }
}

static void what_is_no_vector_or_no_sample_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        own_vectors_request request;
        assay_code code;
        const char *message;
    } cases[] = {
        {"nothing says whose",
         {.from = "five.npy"},
         ASSAY_E_USAGE,
         "five.npy: nothing says which sample a row is of; give --ids, or --rows-in-order where "
         "they are the project's samples in their order"},
        {"no file",
         {.from = "seven.npy", .rows_in_order = true},
         ASSAY_E_NOT_FOUND,
         "seven.npy: there is no such file"},
        {"too few in order",
         {.from = "three.npy", .rows_in_order = true},
         ASSAY_E_INPUT,
         "three.npy: has 3 rows and the project 5 samples; rows in order need as many"},
        {"more ids than rows",
         {.from = "three.npy", .ids = "turned.txt"},
         ASSAY_E_INPUT,
         "three.npy: has 3 rows, and turned.txt 5"},
        {"a table of fewer rows",
         {.from = "five.npy", .ids = "three.csv"},
         ASSAY_E_INPUT,
         "five.npy: has 5 rows, and three.csv 3"},
        {"no such list",
         {.from = "five.npy", .ids = "seven.txt"},
         ASSAY_E_NOT_FOUND,
         "seven.txt: there is no such file"},
        {"a stranger",
         {.from = "three.npy", .ids = "strange.txt"},
         ASSAY_E_INPUT,
         "strange.txt: row 2: no sample is called '77'; --allow-unmatched leaves such rows out"},
        {"one sample twice",
         {.from = "three.npy", .ids = "twice.txt"},
         ASSAY_E_INPUT,
         "twice.txt: row 3: an earlier row is of the same sample as '4'; --allow-unmatched leaves "
         "such rows out"},
        {"only strangers",
         {.from = "three.npy", .ids = "strangers.txt", .allow_unmatched = true},
         ASSAY_E_INPUT,
         "three.npy: gives no sample a vector: its rows are of none, all zeros, or hold a value "
         "that is not finite"},
        {"nothing finite",
         {.from = "none.npy", .ids = "four.txt"},
         ASSAY_E_INPUT,
         "none.npy: gives no sample a vector: its rows are of none, all zeros, or hold a value "
         "that "
         "is not finite"},
        {"cut",
         {.from = "cut.npy", .rows_in_order = true},
         ASSAY_E_INPUT,
         "cut.npy: is not an .npy file"},
        {"whole numbers",
         {.from = "five_whole.npy", .rows_in_order = true},
         ASSAY_E_INPUT,
         "five_whole.npy: does not hold floating-point numbers; expected float16, float32 or "
         "float64"},
        {"one dimension",
         {.from = "flat.npy", .rows_in_order = true},
         ASSAY_E_INPUT,
         "flat.npy: has the shape (5,); expected (samples, dimensions)"},
    };
    listed_put("four.txt", "0\n1\n2\n3\n", 8);
    listed_put_npy("flat.npy", "<f4", "5,", rows, 5 * sizeof *rows);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        own_vectors own;
        assay_err err = {0};
        const assay_code code = read_own(&cases[i].request, &own, &err);
        assert_int_equal(code, cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
        assert_null(own.vectors);
    }
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    static const own_vectors_request requests[] = {{.from = "five.npy", .rows_in_order = true},
                                                   {.from = "five.npy", .ids = "turned.txt"},
                                                   {.from = "three.npy", .ids = "three.csv"}};
    project_writer *const w = small_project_open();
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const size_t live = mem_live();
        assay_code code = ASSAY_E_NOMEM;
        for (uint64_t n = 0; code == ASSAY_E_NOMEM && n < 300; n++) {
            own_vectors own;
            mem_fail_after(n);
            code = own_vectors_read(w, &requests[i], &own, NULL);
            mem_fail_after(UINT64_MAX);
            assert_int_equal(own.vectors == NULL, code != ASSAY_OK);
            mem_free(own.vectors);
            assert_int_equal(mem_live(), live);
        }
        assert_int_equal(code, ASSAY_OK);
    }
    project_writer_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_go_to_the_samples_that_they_are_of),
        cmocka_unit_test(what_is_no_vector_or_no_sample_is_refused),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, make, listed_drop_folder);
}
