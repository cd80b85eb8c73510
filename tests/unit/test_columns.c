/* Which column is what, by its name and by what the first rows show. */
#include "support/check.h"

#include "store/columns.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 12 };

/* "name:kind" with kinds n(umber), t(ext), l(ist of texts), p (list of numbers), e(mpty), o(ther).
 */
static size_t make_facts(const char *text, column_facts *facts, char names[MOST][32])
{
    size_t count = 0;
    for (const char *at = text; *at; at += strspn(at, " ")) {
        const size_t length = strcspn(at, ":");
        memcpy(names[count], at, length);
        names[count][length] = '\0';
        for (char *p = names[count]; *p; p++)
            *p = *p == '+' ? ' ' : *p;
        const char kind = at[length + 1];
        facts[count] = (column_facts){.name = names[count],
                                      .kind = kind == 'n'   ? KIND_NUMBER
                                              : kind == 't' ? KIND_TEXT
                                              : kind == 'l' ? KIND_LIST_TEXT
                                              : kind == 'p' ? KIND_LIST_NUMBER
                                              : kind == 'e' ? KIND_EMPTY
                                                            : KIND_OTHER,
                                      .first_number = (double)NAN};
        count++;
        at += length + 2;
    }
    return count;
}

/* L(abel) P(rediction) C(onfidence) I(d) G(roup) p(robability) T(op labels) t(op probabilities) K
 * (class) M(etric) A(ttribute) - */
static void expect_roles(const char *text, const import_request *request, const char *roles)
{
    column_facts facts[MOST];
    char names[MOST][32];
    column_role role[MOST];
    table_shape shape;
    import_request r = *request;
    r.path = "t.csv";
    const column_list list = {facts, make_facts(text, facts, names), NULL};
    assay_err err = {0};
    if (columns_recognise(&list, &r, role, &shape, &err) != ASSAY_OK)
        fail_msg("%s: %s", text, err.msg);
    char found[MOST + 1] = {0};
    for (size_t i = 0; i < list.count; i++)
        found[i] = "LPCIGpTtKMA-"[role[i]];
    if (strcmp(found, roles) != 0)
        fail_msg("%s: %s instead of %s", text, found, roles);
}

static void usual_names_are_recognised(void **state)
{
    (void)state;
    const import_request none = {0};
    expect_roles("label:t prediction:t", &none, "LP");
    expect_roles("Y-True:n Y+Pred:n Confidence:n", &none, "LPC");
    expect_roles("ground_truth:t pred:t score:n", &none, "LPC");
    expect_roles("path:t target:t predicted_label:t probability:n blur:n split:t", &none, "ILPCMA");
    expect_roles("image:t filename:t id:n label:t pred:t", &none, "AAILP");
    expect_roles("label:t true_label:t pred:t", &none, "ALP");
    expect_roles("class:t pred:t", &none, "LP");
    expect_roles("label:t pred:t extra:o nothing:e vector:p", &none, "LP---");
    expect_roles("label:t pred:t p_value:n", &none, "LPM");
    expect_roles("label:t pred:t prob:n prob_a:n prob_b:n", &none, "LPCpp");
    expect_roles("label:t proba_a:n proba_b:n", &none, "Lpp");
    expect_roles("filename:t target:t label:l prob:p", &none, "ILTt");
    expect_roles("filename:t target:n index:p prob:p", &none, "ILTt");
    expect_roles("sample:t class:t probability:n label:t", &none, "IKCL");
    expect_roles("sample:t label:t score:n target:t", &none, "IKCL");
    expect_roles("id:t class:t score:n prediction:t", &none, "ILCP");
}

static void names_in_the_request_win(void **state)
{
    (void)state;
    expect_roles("label:t prediction:t b:t", &(import_request){.prediction = "b"}, "LAP");
    expect_roles("label:t prediction:t b:t", &(import_request){.label = "b"}, "APL");
    expect_roles("label:t pred:t score:n m:n", &(import_request){.confidence = "m"}, "LPMC");
    expect_roles("label:t pred:t patient:n", &(import_request){.group = "patient"}, "LPG");
    expect_roles("label:t pred:t", &(import_request){.labels_path = "y.npy"}, "-P");
    expect_roles("label:t prob_a:n prob_b:n", &(import_request){.probabilities_path = "p.npy"},
                 "LMM");
    expect_roles("target:t best:l", &(import_request){.prediction = "best"}, "LT");
}

static void a_class_is_named_by_its_column(void **state)
{
    (void)state;
    assert_string_equal(columns_class_name("prob_dog"), "dog");
    assert_string_equal(columns_class_name("P Dog"), "Dog");
    assert_string_equal(columns_class_name("probability-prob_x"), "prob_x");
    assert_string_equal(columns_class_name("dog"), "dog");
    assert_string_equal(columns_class_name("prob_"), "prob_");
}

static void a_missing_column_lists_those_there_are(void **state)
{
    (void)state;
    column_facts facts[MOST];
    char names[MOST][32];
    column_role role[MOST];
    table_shape shape;
    assay_err err;
    const column_list list = {facts, make_facts("label:t what:l", facts, names), NULL};
    assert_int_equal(columns_recognise(&list, &(import_request){.path = "t.csv", .group = "g"},
                                       role, &shape, &err),
                     ASSAY_E_USAGE);
    assert_string_equal(err.msg, "t.csv: there is no column 'g'; the columns are: label, what");
    assert_int_equal(columns_recognise(&list, &(import_request){.path = "t.csv", .group = "what"},
                                       role, &shape, &err),
                     ASSAY_E_INPUT);
    assert_string_equal(err.msg,
                        "t.csv: column 'what' holds lists or records, not one value a row");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_names_are_recognised),
        cmocka_unit_test(names_in_the_request_win),
        cmocka_unit_test(a_class_is_named_by_its_column),
        cmocka_unit_test(a_missing_column_lists_those_there_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
