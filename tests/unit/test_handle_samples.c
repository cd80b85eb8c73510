/* Lists of samples as the page asks for them: which, in which order, and what is refused. With
 * --json, print replies for the test of the schema. */
#include "support/asked.h"
#include "support/served.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LAST = SERVED_SAMPLES - 1 };

/* How support/served.c made them. */
static int label_of(size_t i)
{
    return i == LAST ? -1 : (int)(i % SERVED_CLASSES);
}

static int resnet_of(size_t i)
{
    return (int)((i + (i % 5 == 2 || i < 40)) % SERVED_CLASSES);
}

static int tiny_of(size_t i)
{
    return (int)((i + i % 2) % SERVED_CLASSES);
}

static const char *const class_names[SERVED_CLASSES] = {"cat", "dog", "hen, red"};

typedef bool wanted(size_t i);

static bool is_correct(size_t i)
{
    return label_of(i) == resnet_of(i);
}

static bool is_wrong(size_t i)
{
    return label_of(i) >= 0 && !is_correct(i);
}

static bool is_dog_tp(size_t i)
{
    return is_correct(i) && label_of(i) == 1;
}

static bool is_dog_fp(size_t i)
{
    return is_wrong(i) && resnet_of(i) == 1;
}

static bool is_dog_fn(size_t i)
{
    return is_wrong(i) && label_of(i) == 1;
}

static bool is_unlabelled(size_t i)
{
    return label_of(i) < 0;
}

static bool is_fixed(size_t i)
{
    return is_correct(i) && label_of(i) != tiny_of(i);
}

static bool is_broken(size_t i)
{
    return is_wrong(i) && label_of(i) == tiny_of(i);
}

static bool is_wrong_in_both(size_t i)
{
    return is_wrong(i) && label_of(i) != tiny_of(i);
}

static bool is_right_in_both(size_t i)
{
    return is_correct(i) && label_of(i) == tiny_of(i);
}

static bool is_cat_called_dog(size_t i)
{
    return label_of(i) == 0 && resnet_of(i) == 1;
}

static bool is_of_dogs(size_t i)
{
    return label_of(i) == 1 || resnet_of(i) == 1;
}

static bool is_wrong_in_test(size_t i)
{
    return is_wrong(i) && i % 4 == 0;
}

static bool is_any(size_t i)
{
    (void)i;
    return true;
}

static const json_t *sample_at(const json_t *list, size_t i)
{
    return json_array_get(asked_in(list, "samples"), i);
}

static void expect_all(const char *query, wanted *is_wanted)
{
    const asked a = {.handle = handle_samples, .query = query};
    json_t *list = asked_answer(served, &a);
    size_t count = 0;
    for (size_t i = 0; i < SERVED_SAMPLES; i++) {
        if (!is_wanted(i))
            continue;
        if (asked_count(sample_at(list, count), "sample") != (json_int_t)i)
            fail_msg("%s: sample %zu is missing", query, i);
        count++;
    }
    assert_int_equal(asked_count(list, "count"), count);
    assert_int_equal(json_array_size(asked_in(list, "samples")), count);
    json_decref(list);
}

static void each_outcome_lists_its_samples(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        wanted *is_wanted;
    } cases[] = {
        {"count=500", is_any},
        {"count=500&outcome=all", is_any},
        {"count=500&outcome=correct", is_correct},
        {"count=500&outcome=wrong", is_wrong},
        {"count=500&outcome=tp&class=dog", is_dog_tp},
        {"count=500&outcome=fp&class=dog", is_dog_fp},
        {"count=500&outcome=fn&class=dog", is_dog_fn},
        {"count=500&outcome=unlabelled", is_unlabelled},
        {"count=500&outcome=fixed&against=tiny", is_fixed},
        {"count=500&outcome=broken&against=tiny", is_broken},
        {"count=500&outcome=both_wrong&against=tiny", is_wrong_in_both},
        {"count=500&outcome=both_right&against=tiny", is_right_in_both},
        {"count=500&true=cat&predicted=dog", is_cat_called_dog},
        {"count=500&filter={\"classes\": [\"dog\"]}", is_of_dogs},
        {"count=500&outcome=wrong&filter={\"splits\": [\"test\"]}", is_wrong_in_test},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_all(cases[i].query, cases[i].is_wanted);
}

static void a_sample_is_told_with_what_it_is(void **state)
{
    (void)state;
    const asked a = {.handle = handle_samples, .query = "from=11&count=1&sort=grain"};
    const asked plain = {.handle = handle_samples, .query = "from=11&count=1"};
    json_t *list = asked_answer(served, &plain);
    const json_t *s = sample_at(list, 0);
    assert_string_equal(asked_word(s, "id"), "photo11.png");
    assert_string_equal(asked_word(s, "path"), "photo11.png");
    assert_string_equal(asked_word(s, "label"), class_names[label_of(11)]);
    assert_string_equal(asked_word(s, "prediction"), class_names[resnet_of(11)]);
    assert_string_equal(asked_word(s, "outcome"), is_correct(11) ? "correct" : "wrong");
    assert_true(asked_number(s, "confidence") > .49);
    assert_true(json_is_null(asked_in(s, "value")));
    assert_int_equal(json_array_size(asked_in(s, "tags")), 1);
    assert_string_equal(asked_word(s, "split"), "train");
    assert_true(json_is_null(asked_in(s, "width")));
    assert_int_equal(strlen(asked_word(s, "picture")), 16);
    json_decref(list);
    list = asked_answer(served, &a);
    assert_true(asked_number(sample_at(list, 0), "value") == 0.0);
    assert_int_equal(asked_count(sample_at(list, 0), "sample"), 77);
    json_decref(list);
}

static void lists_are_ordered_by_any_metric(void **state)
{
    (void)state;
    static const char *const queries[] = {"count=500&sort=glow", "count=500&sort=glow&descending=1",
                                          "count=500&sort=confidence&descending=1&outcome=wrong",
                                          "count=500&sort=depth"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        const bool down = strstr(queries[i], "descending=1");
        const asked a = {.handle = handle_samples, .query = queries[i]};
        json_t *list = asked_answer(served, &a);
        const size_t count = json_array_size(asked_in(list, "samples"));
        assert_true(count > 50);
        for (size_t k = 1; k < count; k++) {
            const json_t *before = sample_at(list, k - 1), *now = sample_at(list, k);
            const bool none = json_is_null(asked_in(now, "value"));
            if (json_is_null(asked_in(before, "value"))) {
                assert_true(none);
                continue;
            }
            if (none)
                continue;
            const double gap = asked_number(now, "value") - asked_number(before, "value");
            assert_true(down ? gap <= 0.0 : gap >= 0.0);
            if (gap == 0.0)
                assert_true(asked_count(now, "sample") > asked_count(before, "sample"));
        }
        json_decref(list);
    }
}

static void pages_make_the_whole(void **state)
{
    (void)state;
    const asked whole = {.handle = handle_samples, .query = "count=500&sort=grain&outcome=wrong"};
    json_t *all = asked_answer(served, &whole);
    const json_int_t count = asked_count(all, "count");
    for (json_int_t from = 0; from <= count; from += 30) {
        char query[128];
        snprintf(query, sizeof query, "count=30&from=%lld&sort=grain&outcome=wrong",
                 (long long)from);
        const asked a = {.handle = handle_samples, .query = query};
        json_t *page = asked_answer(served, &a);
        assert_int_equal(asked_count(page, "from"), from);
        assert_int_equal(asked_count(page, "count"), count);
        const size_t size = json_array_size(asked_in(page, "samples"));
        assert_int_equal(size, count - from < 30 ? count - from : 30);
        for (size_t i = 0; i < size; i++)
            assert_true(json_equal(sample_at(page, i), sample_at(all, (size_t)from + i)));
        json_decref(page);
    }
    json_decref(all);
}

static void what_makes_no_sense_is_refused_in_words(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        const char *message;
    } cases[] = {
        {"sort=shine", "there is no metric 'shine'; there are: glow, grain, depth, "
                       "confidence, margin, prediction_entropy, least_confidence, "
                       "self_confidence, normalised_margin"},
        {"count=501", "count is '501'; use a whole number from 0 to 500"},
        {"from=-1", "from is '-1'; use a whole number from 0 to 2147483647"},
        {"descending=2", "descending is '2'; use a whole number from 0 to 1"},
        {"outcome=good",
         "there is no outcome 'good'; there are: all, correct, wrong, tp, fp, fn, unlabelled, "
         "fixed, broken, both_wrong, both_right"},
        {"outcome=tp", "outcome tp needs a class"},
        {"outcome=tp&class=wolf", "there is no class 'wolf'"},
        {"true=wolf", "there is no class 'wolf'"},
        {"outcome=fixed", "outcome fixed needs a model to be held against"},
        {"outcome=fp&threshold=0.5", "outcome fp needs a class"},
        {"threshold=0.5", "a threshold goes with outcome tp, fp or fn"},
        {"outcome=wrong&class=dog&threshold=0.5", "a threshold goes with outcome tp, fp or fn"},
        {"outcome=fp&class=dog&threshold=half", "threshold is 'half'; use a probability, from 0 to "
                                                "1, or 2 for above them all"},
        {"outcome=fp&class=dog&threshold=", "threshold is ''; use a probability, from 0 to 1, or 2 "
                                            "for above them all"},
        {"outcome=fp&class=dog&threshold=0x1p-1", "threshold is '0x1p-1'; use a probability, from "
                                                  "0 to 1, or 2 for above them all"},
        {"outcome=fp&class=dog&threshold=1e999", "threshold is '1e999'; use a probability, from 0 "
                                                 "to 1, or 2 for above them all"},
        {"outcome=fp&class=dog&threshold=nan", "threshold is 'nan'; use a probability, from 0 to "
                                               "1, or 2 for above them all"},
        {"outcome=fp&class=dog&threshold=7", "threshold is '7'; use a probability, from 0 to 1, or "
                                             "2 for above them all"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const asked a = {.handle = handle_samples, .query = cases[i].query};
        asked_refusal(served, &a, ASSAY_E_USAGE, cases[i].message);
    }
    const asked tiny = {.handle = handle_samples,
                        .query = "outcome=fp&class=dog&threshold=0.5&filter={\"model\": "
                                 "\"tiny\"}"};
    asked_refusal(served, &tiny, ASSAY_E_INPUT,
                  "a threshold needs probabilities, and model tiny has none");
    static const route_handler of_one[] = {handle_sample, handle_similar, handle_thumbnail,
                                           handle_image};
    for (size_t i = 0; i < sizeof of_one / sizeof *of_one; i++) {
        const asked a = {.handle = of_one[i], .number = SERVED_SAMPLES};
        asked_refusal(served, &a, ASSAY_E_NOT_FOUND,
                      "there is no sample 400; they are numbered 0 to 399");
    }
}

static json_int_t count_at(const char *outcome, const char *class, double threshold,
                           const char *filter)
{
    char query[256];
    snprintf(query, sizeof query, "count=0&outcome=%s&class=%s&threshold=%.17g&filter=%s", outcome,
             class, threshold, filter);
    const asked a = {.handle = handle_samples, .query = query};
    json_t *list = asked_answer(served, &a);
    const json_int_t count = asked_count(list, "count");
    json_decref(list);
    return count;
}

/* The first point of a ROC has no threshold: nothing reaches it. */
static double threshold_of(const json_t *point)
{
    const json_t *threshold = json_array_get(point, 2);
    return json_is_null(threshold) ? 2.0 : json_real_value(threshold);
}

static double share(json_int_t a, json_int_t b)
{
    return (double)a / (double)b;
}

/* To the last bit: what the point says is these counts, divided. */
static void expect_point(const json_t *point, bool roc, const char *class, const char *filter)
{
    const double threshold = threshold_of(point);
    const json_int_t tp = count_at("tp", class, threshold, filter);
    const json_int_t fp = count_at("fp", class, threshold, filter);
    const json_int_t fn = count_at("fn", class, threshold, filter);
    const json_int_t negatives = count_at("fp", class, -1.0, filter);
    assert_int_equal(count_at("tp", class, -1.0, filter), tp + fn);
    assert_true(json_real_value(json_array_get(point, 0)) ==
                (roc ? share(fp, negatives) : share(tp, tp + fn)));
    assert_true(json_real_value(json_array_get(point, 1)) ==
                (roc ? share(tp, tp + fn) : share(tp, tp + fp)));
}

static size_t expect_curve(const json_t *curve, const char *kind, const char *filter)
{
    const json_t *points = asked_in(curve, kind);
    for (size_t i = 0; i < json_array_size(points); i++)
        expect_point(json_array_get(points, i), strcmp(kind, "roc") == 0,
                     asked_word(curve, "class"), filter);
    return json_array_size(points);
}

static void a_threshold_lists_what_the_point_of_a_curve_counts(void **state)
{
    (void)state;
    static const char *const filters[] = {"{}", "{\"splits\": [\"test\"]}",
                                          "{\"classes\": [\"dog\"]}"};
    for (size_t f = 0; f < sizeof filters / sizeof *filters; f++) {
        char query[128];
        snprintf(query, sizeof query, "class=dog%s&filter=%s", f == 2 ? "" : "&class=cat",
                 filters[f]);
        const asked a = {.handle = handle_curves, .query = query};
        json_t *told = asked_answer(served, &a);
        const json_t *curves = asked_in(told, "curves");
        for (size_t i = 0; i < json_array_size(curves); i++) {
            const json_t *curve = json_array_get(curves, i);
            const size_t roc = expect_curve(curve, "roc", filters[f]);
            const size_t pr = expect_curve(curve, "pr", filters[f]);
            assert_int_equal(roc, pr + 1);
            /* Ties: fewer thresholds than samples. */
            assert_true(pr > 50 && (f == 1 || pr < SERVED_SAMPLES - 20));
        }
        json_decref(told);
    }
}

static void exports_go_by_the_threshold_and_each_is_a_list_of_its_own(void **state)
{
    (void)state;
    const double threshold = (double)0.7F;
    const json_int_t all = count_at("fn", "cat", threshold, "{}");
    char body[256];
    snprintf(body, sizeof body,
             "{\"form\": \"paths\", \"all\": {\"outcome\": \"fn\", \"class\": \"cat\", "
             "\"threshold\": %.17g}}",
             threshold);
    const asked a = {.handle = handle_export, .body = body};
    reply out;
    assert_int_equal(asked_reply(served, &a, &out, NULL), ASSAY_OK);
    json_int_t lines = 0;
    for (const char *at = text_view(&out.body); *at; at++)
        lines += *at == '\n';
    assert_true(all > 0 && lines == all);
    reply_clear(&out);
    /* Another threshold is another list, not the one that is kept. */
    assert_true(count_at("fn", "cat", 0.9, "{}") > all);
    assert_int_equal(count_at("fn", "cat", threshold, "{}"), all);
}

static void a_sample_is_described(void **state)
{
    (void)state;
    const asked a = {.handle = handle_sample, .number = 13};
    json_t *d = asked_answer(served, &a);
    const json_t *metrics = asked_in(d, "metrics");
    const json_t *grain = json_array_get(metrics, 1), *dark = json_array_get(metrics, 0);
    assert_string_equal(asked_word(grain, "name"), "grain");
    assert_true(asked_number(grain, "value") == 6.0);
    /* 57 of 400 are 6, none is more. */
    assert_true(fabs(asked_number(grain, "percentile") - 100.0 * (343 + 28.5) / 400) < 1e-9);
    assert_true(json_is_null(asked_in(dark, "value")));
    assert_true(json_is_null(asked_in(dark, "percentile")));
    const json_t *p = asked_in(d, "probabilities");
    assert_int_equal(json_array_size(p), SERVED_CLASSES);
    assert_string_equal(asked_word(json_array_get(p, 0), "class"), class_names[resnet_of(13)]);
    double sum = 0.0;
    for (size_t i = 0; i < SERVED_CLASSES; i++)
        sum += asked_number(json_array_get(p, i), "probability");
    assert_true(fabs(sum - 1.0) < 1e-6);
    assert_int_equal(json_array_size(asked_in(d, "attributes")), 2);
    assert_int_equal(json_array_size(asked_in(d, "similar")), 0);
    assert_int_equal(json_array_size(asked_in(d, "duplicates")), 0);
    assert_true(json_is_null(asked_in(d, "decision")));
    json_decref(d);
    const asked none = {.handle = handle_sample, .number = 13, .query = "filter={\"model\": null}"};
    d = asked_answer(served, &none);
    assert_int_equal(json_array_size(asked_in(d, "probabilities")), 0);
    assert_true(json_is_null(asked_in(asked_in(d, "sample"), "prediction")));
    json_decref(d);
}

static void what_the_project_lacks_is_said(void **state)
{
    (void)state;
    const asked similar = {.handle = handle_similar, .number = 1};
    asked_refusal(served, &similar, ASSAY_E_INPUT,
                  "served.assay: what its images look like is not known yet; assay embed "
                  "served.assay finds out");
    const asked groups = {.handle = handle_groups, .query = "outcome=wrong"};
    asked_refusal(served, &groups, ASSAY_E_INPUT,
                  "served.assay: what its images look like is not known yet; assay embed "
                  "served.assay finds out");
    const asked duplicates = {.handle = handle_duplicates};
    asked_refusal(served, &duplicates, ASSAY_E_INPUT,
                  "served.assay: its images have not been measured; assay embed served.assay does "
                  "it");
    const asked image = {.handle = handle_image, .number = 1};
    asked_refusal(served, &image, ASSAY_E_NOT_FOUND,
                  "the image cannot be shown: there is no such file");
    const asked unreadable = {.handle = handle_unreadable};
    json_t *none = asked_answer(served, &unreadable);
    assert_int_equal(asked_count(none, "count"), 0);
    json_decref(none);
}

static void suspects_are_those_that_the_probabilities_contradict(void **state)
{
    (void)state;
    const asked a = {.handle = handle_suspects, .query = "count=3"};
    json_t *list = asked_answer(served, &a);
    assert_string_equal(asked_word(list, "basis"), "probabilities");
    assert_true(asked_count(list, "count") > 3);
    const json_t *all = asked_in(list, "suspects");
    assert_int_equal(json_array_size(all), 3);
    for (size_t i = 0; i < 3; i++) {
        const json_t *s = json_array_get(all, i);
        const size_t row = (size_t)asked_count(asked_in(s, "sample"), "sample");
        assert_true(is_wrong(row));
        assert_string_equal(asked_word(s, "suggested"), class_names[resnet_of(row)]);
        assert_true(asked_number(s, "self_confidence") < .5);
        assert_int_equal(json_array_size(asked_in(s, "neighbours")), 0);
        assert_true(json_is_null(asked_in(s, "decision")));
        if (i > 0)
            assert_true(asked_number(s, "normalised_margin") >=
                        asked_number(json_array_get(all, i - 1), "normalised_margin"));
    }
    assert_true(json_array_size(asked_in(list, "noise")) > 0);
    assert_true(asked_number(list, "health") > .5);
    const asked dogs = {.handle = handle_suspects,
                        .query = "count=200&filter={\"classes\": [\"dog\"]}"};
    json_t *fewer = asked_answer(served, &dogs);
    assert_true(asked_count(fewer, "count") < asked_count(list, "count"));
    json_decref(fewer);
    json_decref(list);
    const asked tiny = {.handle = handle_suspects, .query = "filter={\"model\": \"tiny\"}"};
    reply out;
    assay_err err;
    assert_int_equal(asked_reply(served, &tiny, &out, &err), ASSAY_E_INPUT);
    reply_clear(&out);
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    const asked cases[] = {
        {.handle = handle_samples, .query = "count=3&sort=depth&descending=1&outcome=wrong"},
        {.handle = handle_samples, .query = "count=3&outcome=fixed&against=tiny"},
        {.handle = handle_samples, .query = "count=3&outcome=fp&class=dog&threshold=0.25"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        asked_fail_each_allocation(served, &cases[i]);
}

static int print_json(void)
{
    void *state = NULL;
    if (served_set_up(&state))
        return 1;
    static const struct {
        const char *definition;
        asked a;
    } replies[] = {
        {"Samples", {.handle = handle_samples, .query = "sort=glow&outcome=wrong"}},
        {"SampleDetail", {.handle = handle_sample, .number = 3}},
        {"SampleDetail", {.handle = handle_sample, .number = LAST}},
        {"Suspects", {.handle = handle_suspects}},
        {"Unreadable", {.handle = handle_unreadable}},
    };
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++)
        asked_print(served, replies[i].definition, &replies[i].a);
    return served_tear_down(&state);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_outcome_lists_its_samples),
        cmocka_unit_test(a_sample_is_told_with_what_it_is),
        cmocka_unit_test(lists_are_ordered_by_any_metric),
        cmocka_unit_test(pages_make_the_whole),
        cmocka_unit_test(what_makes_no_sense_is_refused_in_words),
        cmocka_unit_test(a_threshold_lists_what_the_point_of_a_curve_counts),
        cmocka_unit_test(exports_go_by_the_threshold_and_each_is_a_list_of_its_own),
        cmocka_unit_test(a_sample_is_described),
        cmocka_unit_test(what_the_project_lacks_is_said),
        cmocka_unit_test(suspects_are_those_that_the_probabilities_contradict),
        cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests_name("handle_samples", tests, served_set_up, served_tear_down);
}
