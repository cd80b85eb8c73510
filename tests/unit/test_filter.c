/* Which samples a filter leaves, what it refuses with which words, and what the project says of
 * itself. */
#include "server/filter.h"

#include "base/mem.h"
#include "support/served.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

static filter *ask(const char *words)
{
    json_t *value = json_loads(words, 0, NULL);
    assert_non_null(value);
    filter *f;
    assay_err err = {0};
    if (filter_of_json(served, value, &f, NULL, &err) != ASSAY_OK)
        fail_msg("%s: %s", words, err.msg);
    json_decref(value);
    return f;
}

static double glow(size_t i)
{
    return i % 10 == 3 ? (double)NAN : (double)i / SERVED_SAMPLES;
}

/* What each filter should leave, from how the project was made. */
typedef bool passes(size_t i);

static bool all(size_t i)
{
    return i < SERVED_SAMPLES;
}
static bool is_bright(size_t i)
{
    return glow(i) >= 0.25 && glow(i) <= 0.75;
}
static bool has_glow(size_t i)
{
    return i % 10 != 3;
}
static bool is_test(size_t i)
{
    return i % 4 == 0;
}
static bool is_tagged(size_t i)
{
    return i % 11 == 0 || i < 5;
}
static bool is_left_or_top(size_t i)
{
    return i % 5 != 0 && i % 3 != 1;
}
static bool is_dog(size_t i)
{
    return i % 3 == 1 && i != SERVED_SAMPLES - 1;
}
static bool is_everything_at_once(size_t i)
{
    return is_bright(i) && is_test(i) && is_tagged(i) && i % 7 < 3;
}

static void filters_leave_the_samples_that_pass(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        passes *passes;
    } cases[] = {
        {"{}", all},
        {"{\"classes\": [\"dog\"]}", all},
        {"{\"splits\": [], \"where\": \" \", \"tags\": []}", all},
        {"{\"ranges\": [{\"metric\": \"glow\", \"low\": 0.25, \"high\": 0.75}]}", is_bright},
        {"{\"ranges\": [{\"metric\": \"glow\", \"low\": null, \"high\": 0.75},"
         "{\"metric\": \"glow\", \"low\": 0.25, \"high\": null}]}",
         is_bright},
        {"{\"ranges\": [{\"metric\": \"glow\", \"low\": null, \"high\": null}]}", has_glow},
        {"{\"splits\": [\"test\"]}", is_test},
        {"{\"splits\": [\"test\", \"train\"]}", all},
        {"{\"tags\": [\"odd\", \"night\"]}", is_tagged},
        {"{\"attributes\": [{\"name\": \"camera\", \"values\": [\"top\", \"left\"]}]}",
         is_left_or_top},
        {"{\"where\": \"label = 'dog' -- a comment\"}", is_dog},
        {"{\"splits\": [\"test\"], \"tags\": [\"night\", \"odd\"], \"where\": \"grain < 3\","
         "\"ranges\": [{\"metric\": \"glow\", \"low\": 0.25, \"high\": 0.75}]}",
         is_everything_at_once},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        filter *f = ask(cases[i].words);
        size_t count = 0;
        for (size_t row = 0; row < SERVED_SAMPLES; row++) {
            count += cases[i].passes(row);
            if (selection_has(filter_rows(f), row) != cases[i].passes(row))
                fail_msg("%s: sample %zu", cases[i].words, row);
        }
        assert_int_equal(filter_count(f), count);
        filter_release(f);
    }
}

static void classes_choose_what_is_shown(void **state)
{
    (void)state;
    filter *f = ask("{\"classes\": [\"hen, red\", \"cat\", \"cat\"]}");
    assert_true(filter_shown(f)[0] && !filter_shown(f)[1] && filter_shown(f)[2]);
    assert_int_equal(filter_shown_count(f), 2);
    filter_release(f);
    f = ask("{}");
    assert_null(filter_shown(f));
    assert_int_equal(filter_shown_count(f), SERVED_CLASSES);
    filter_release(f);
}

static void equal_filters_are_one(void **state)
{
    (void)state;
    static const char *const same[] = {
        "{\"classes\": [\"cat\", \"dog\"], \"tags\": [\"odd\", \"night\"], \"ranges\": "
        "[{\"metric\": \"glow\", \"low\": 0.5, \"high\": 1},"
        "{\"metric\": \"grain\", \"low\": 1, \"high\": null}]}",
        "{\"ranges\": [{\"high\": null, \"low\": 1.0, \"metric\": \"grain\"},"
        "{\"metric\": \"glow\", \"low\": 5e-1, \"high\": 1.0}], \"model\": \"resnet\","
        "\"tags\": [\"night\", \"odd\"], \"classes\": [\"dog\", \"cat\"]}"};
    filter *first = ask(same[0]);
    filter *second = ask(same[1]);
    filter *other = ask("{\"model\": \"tiny\"}");
    filter *none = ask("{\"model\": null}");
    assert_ptr_equal(first, second);
    assert_string_not_equal(filter_key(first), filter_key(other));
    assert_string_equal(filter_frame(other)->model, "tiny");
    assert_null(filter_frame(none)->model);
    filter_release(first);
    filter_release(second);
    filter_release(other);
    filter_release(none);
}

static void what_is_no_filter_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *words, *message;
    } cases[] = {
        {"filter=[]", "filter: must be an object"},
        {"filter={\"colour\": 1}", "filter: there is no key 'colour'"},
        {"filter={\"classes\": [1]}", "filter: 'classes' must be a list of texts"},
        {"filter={\"tags\": \"odd\"}", "filter: 'tags' must be a list of texts"},
        {"filter={\"ranges\": {}}", "filter: 'ranges' must be a list"},
        {"filter={\"ranges\": [1]}", "filter: each of 'ranges' must be an object"},
        {"filter={\"ranges\": [{\"metric\": \"x\", \"low\": 1, \"high\": 2, \"step\": 1}]}",
         "a range: there is no key 'step'"},
        {"filter={\"ranges\": [{\"low\": 1, \"high\": 2}]}",
         "filter: a range needs the name of its metric"},
        {"filter={\"ranges\": [{\"metric\": \"x\", \"low\": 1}]}",
         "filter: a range needs low and high, each a number or null"},
        {"filter={\"ranges\": [{\"metric\": \"x\", \"low\": 1, \"high\": \"2\"}]}",
         "filter: a range needs low and high, each a number or null"},
        {"filter={\"ranges\": [{\"metric\": \"x\", \"low\": 1, \"high\": 2}]}",
         "there is no metric 'x'"},
        {"filter={\"attributes\": [[]]}", "filter: each of 'attributes' must be an object"},
        {"filter={\"attributes\": [{\"name\": \"camera\"}]}",
         "filter: an attribute needs name and values"},
        {"filter={\"attributes\": [{\"name\": \"lens\", \"values\": [\"a\"]}]}",
         "there is no attribute 'lens'"},
        {"filter={\"attributes\": [{\"name\": \"camera\", \"values\": [\"a\"]}]}",
         "there is no value of camera: 'a'"},
        {"filter={\"splits\": [\"val\"]}", "there is no split 'val'"},
        {"filter={\"tags\": [\"new\"]}", "there is no tag 'new'"},
        {"filter={\"classes\": [\"cow\"]}", "there is no class 'cow'"},
        {"filter={\"model\": \"\"}", "filter: 'model' must be a name or null"},
        {"filter={\"model\": 3}", "filter: 'model' must be a name or null"},
        {"filter={\"model\": \"huge\"}", "there is no model 'huge'"},
        {"filter={\"where\": 3}", "filter: 'where' must be a text"},
        {"filter={\"tags\": [], \"tags\": []}",
         "filter: is not JSON: duplicate object key near '\"tags\"'"},
        {"filter={", "filter: is not JSON: string or '}' expected near end of file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reply out;
        assay_err err = {0};
        assert_int_equal(
            served_ask(served, handle_selection, &out, &err, cases[i].words, (char *)NULL),
            ASSAY_E_USAGE);
        assert_string_equal(err.msg, cases[i].message);
        assert_false(out.field_is_where);
        reply_clear(&out);
    }
}

static void a_bad_condition_is_shown_at_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *words, *begins;
        long position;
    } cases[] = {
        {"filter={\"where\": \"brihgtness > 3\"}",
         "there is no column 'brihgtness'; there are: ", 0},
        {"filter={\"where\": \"label = 'é' AND\\n  grain = = 3\"}", "syntax error", 26},
        {"filter={\"where\": \"grain > foo(3)\"}", "Scalar Function with name foo", 8},
        {"filter={\"where\": \"(grain > 3\"}", "has a parenthesis that never closes", -1},
        {"filter={\"where\": \"grain > 3 limit 1\"}", "syntax error", 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        reply out;
        assay_err err = {0};
        assert_int_equal(
            served_ask(served, handle_selection, &out, &err, cases[i].words, (char *)NULL),
            ASSAY_E_USAGE);
        assert_int_equal(strncmp(err.msg, cases[i].begins, strlen(cases[i].begins)), 0);
        assert_true(out.field_is_where);
        assert_int_equal(out.position, cases[i].position);
        reply_clear(&out);
    }
}

static void the_number_of_samples_is_told(void **state)
{
    (void)state;
    json_t *value =
        served_answer(served, handle_selection, "filter={\"splits\": [\"test\"]}", (char *)NULL);
    assert_int_equal(json_integer_value(json_object_get(value, "samples")), SERVED_SAMPLES / 4);
    assert_int_equal(json_integer_value(json_object_get(value, "of")), SERVED_SAMPLES);
    json_decref(value);
}

static const json_t *named(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (!strcmp(json_string_value(json_object_get(one, "name")), name))
            return one;
    }
    return NULL;
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void the_project_says_what_it_holds(void **state)
{
    (void)state;
    json_t *p = served_answer(served, handle_project, (char *)NULL);
    assert_string_equal(json_string_value(json_object_get(p, "name")), "served");
    assert_int_equal(number(p, "samples"), SERVED_SAMPLES);
    assert_int_equal(number(p, "labelled"), SERVED_SAMPLES - 1);
    assert_int_equal(number(named(json_object_get(p, "classes"), "hen, red"), "labelled"), 133);
    assert_true(json_is_true(
        json_object_get(named(json_object_get(p, "models"), "resnet"), "has_probabilities")));
    const json_t *metrics = json_object_get(p, "metrics");
    static const char *const kinds[][2] = {{"glow", "user"},
                                           {"grain", "embedding"},
                                           {"depth", "user"},
                                           {"margin", "prediction"},
                                           {"confidence", "prediction"}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        assert_string_equal(json_string_value(json_object_get(named(metrics, kinds[i][0]), "kind")),
                            kinds[i][1]);
    assert_int_equal(number(named(metrics, "glow"), "count"), 360);
    assert_int_equal(json_array_size(json_object_get(named(metrics, "grain"), "histogram")), 30);
    assert_int_equal(number(named(json_object_get(p, "splits"), "train"), "count"), 300);
    assert_int_equal(number(named(json_object_get(p, "tags"), "odd"), "count"), 5);
    const json_t *camera = named(json_object_get(p, "attributes"), "camera");
    assert_int_equal(number(camera, "distinct"), 3);
    assert_string_equal(
        json_string_value(json_object_get(named(json_object_get(p, "columns"), "tag_odd"), "type")),
        "boolean");
    assert_true(json_is_true(json_object_get(json_object_get(p, "has"), "predictions")));
    assert_true(json_is_false(json_object_get(json_object_get(p, "has"), "measures")));
    json_decref(p);
}

static void *filter_often(void *context)
{
    for (int i = 0; i < 40; i++) {
        char words[160];
        snprintf(words, sizeof words,
                 "{\"ranges\": [{\"metric\": \"glow\", \"low\": %g, \"high\": null}]}",
                 (double)(i % 10) / 10.0);
        json_t *value = json_loads(words, 0, NULL);
        filter *f = NULL;
        const assay_code code = filter_of_json(served, value, &f, NULL, NULL);
        json_decref(value);
        if (code != ASSAY_OK || filter_count(f) == 0)
            return context;
        filter_release(f);
    }
    return NULL;
}

static void many_filter_while_the_project_changes(void **state)
{
    (void)state;
    pthread_t thread[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, filter_often, served), 0);
    for (size_t i = 0; i < 3; i++) {
        served_tag_own(served, "more", 10 * i);
    }
    for (size_t i = 0; i < 3; i++) {
        void *failed;
        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    json_t *value = json_loads(
        "{\"classes\": [\"cat\"], \"splits\": [\"test\"], \"tags\": [\"odd\"], \"ranges\": "
        "[{\"metric\": \"grain\", \"low\": 1, \"high\": 2}]}",
        0, NULL);
    filter_release(ask("{}")); /* the view is there */
    kept_forget(workspace_filters(served));
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        filter *f = NULL;
        mem_fail_after(n);
        const assay_code code = filter_of_json(served, value, &f, NULL, NULL);
        mem_fail_after(UINT64_MAX);
        filter_release(f);
        kept_forget(workspace_filters(served));
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filters_leave_the_samples_that_pass),
        cmocka_unit_test(classes_choose_what_is_shown),
        cmocka_unit_test(equal_filters_are_one),
        cmocka_unit_test(what_is_no_filter_is_refused),
        cmocka_unit_test(a_bad_condition_is_shown_at_its_place),
        cmocka_unit_test(the_number_of_samples_is_told),
        cmocka_unit_test(the_project_says_what_it_holds),
        cmocka_unit_test(many_filter_while_the_project_changes),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("filter", tests, served_set_up, served_tear_down);
}
