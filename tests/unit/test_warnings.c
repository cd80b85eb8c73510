/* Warnings: which, in what order, in what words. */
#include "support/check.h"

#include "base/mem.h"
#include "project/warnings.h"
#include "project/wording.h"
#include "support/sample_evaluation.h"

#include <math.h>
#include <string.h>

static const sample_shape quiet = {
    .classes = 4, .per_class = 1000, .probabilities = true, .metrics = true};

static void few_samples(evaluated *e)
{
    e->evaluation->matrix->per_class[1].support = 9;
}

static void few_samples_of_many(evaluated *e)
{
    for (size_t k = 0; k < 4; k++)
        e->evaluation->matrix->per_class[k].support = 1 + k;
}

static void class_never_predicted(evaluated *e)
{
    e->evaluation->matrix->per_class[2].predicted = 0;
}

static void class_never_true(evaluated *e)
{
    e->evaluation->matrix->per_class[0].support = 0;
    e->evaluation->matrix->per_class[3].support = 0;
}

static void names_and_indices(evaluated *e)
{
    for (size_t k = 0; k < 4; k++) {
        class_scores *s = &e->evaluation->matrix->per_class[k];
        *(k < 2 ? &s->support : &s->predicted) = 0;
    }
}

static void few_groups(evaluated *e)
{
    e->evaluation->group_count = 19;
}

static void rows_divided(evaluated *e)
{
    e->notes.sums_divided = 12345;
    e->notes.largest_gap = 0.00042;
}

static void not_argmax(evaluated *e)
{
    e->notes.prediction_is_not_argmax = 1;
}

static void duplicates(evaluated *e)
{
    e->notes.duplicate_ids = 2;
}

static void unknown_classes(evaluated *e)
{
    e->notes.unknown_classes = 1;
}

static void not_finite(evaluated *e)
{
    e->notes.not_finite = 1000;
}

static void missing_labels(evaluated *e)
{
    e->evaluation->missing_label = 1;
}

static void missing_predictions(evaluated *e)
{
    e->evaluation->missing_prediction = 1000000;
}

static void ties(evaluated *e)
{
    e->evaluation->proper.top_k[0].value = 0.9;
    e->evaluation->proper.top_k_ties = 3;
}

static void one_class(evaluated *e)
{
    for (size_t k = 0; k < 3; k++)
        e->evaluation->confusion->support[k] = 0;
}

static void wild_confidence(evaluated *e)
{
    e->evaluation->has_calibration = false;
    e->frame->confidence_in_unit_range = false;
}

static void import_warning(evaluated *e)
{
    static char words[] = "Column 'x' is text and number.";
    static char *list[] = {words};
    e->notes.warning = list;
    e->notes.warning_count = 1;
}

static void few_errors(evaluated *e)
{
    const double scored = (double)e->evaluation->scored;
    e->evaluation->matrix->accuracy.value = (scored - 1) / scored;
}

static void few_right(evaluated *e)
{
    e->evaluation->matrix->accuracy.value = 19 / (double)e->evaluation->scored;
}

static void hardly_enough(evaluated *e)
{
    e->evaluation->scored = 319;
    e->evaluation->matrix->accuracy.value = 20 / 319.0;
}

/* Three images, of which one has its measures. */
static void images_not_measured(evaluated *e)
{
    static double brightness[] = {0.5, (double)NAN, (double)NAN};
    e->request.project = "pets.assay";
    e->frame->row_count = 3;
    for (size_t m = 0; m < e->frame->metric_count; m++) {
        if (!strcmp(e->frame->metric[m].name, "brightness")) {
            e->frame->metric[m].value = brightness;
            e->frame->metric[m].value_borrowed = true;
        }
    }
}

/* The same, and the other two could not be read. */
static void images_unreadable(evaluated *e)
{
    images_not_measured(e);
    frame *f = e->frame;
    f->attribute = mem_zalloc(1, sizeof *f->attribute);
    uint32_t *code = mem_zalloc(3, sizeof *code);
    assert_non_null(f->attribute);
    assert_non_null(code);
    code[0] = ATTRIBUTE_MISSING;
    f->attribute_count = 1;
    f->attribute->name = mem_copy_text("unreadable", 10);
    assert_non_null(f->attribute->name);
    f->attribute->code = code;
}

static void all_right(evaluated *e)
{
    e->evaluation->matrix->accuracy.value = 1;
}

static void all_wrong(evaluated *e)
{
    e->evaluation->matrix->accuracy.value = 0;
}

static void nothing_scored(evaluated *e)
{
    e->evaluation->scored = 0;
    e->evaluation->matrix->accuracy = score_none();
}

static void each_warning_has_its_code_and_words(void **state)
{
    (void)state;
    static const struct {
        void (*change)(evaluated *e);
        const char *code, *message;
    } cases[] = {
        {few_samples, "few-samples",
         "1 class has fewer than 10 samples (Trouser): its numbers say little."},
        {few_samples_of_many, "few-samples",
         "4 classes have fewer than 10 samples (T-shirt/top, Trouser, Pullover, Dress): their "
         "numbers say little."},
        {class_never_predicted, "never-predicted",
         "1 class is never predicted (Pullover): its recall is 0, and its precision has nothing to "
         "divide by and counts as 0."},
        {class_never_true, "never-true",
         "2 classes have no samples (T-shirt/top, Dress): how well the model finds them is not "
         "known."},
        {few_groups, "few-groups",
         "There are only 19 groups: intervals that rest on fewer than 20 groups promise too much."},
        {rows_divided, "rows-divided",
         "12,345 rows of probabilities did not add up to 1 and were divided by their sums (at most "
         "0.00042 away from 1)."},
        {not_argmax, "prediction-not-argmax",
         "1 row predicts another class than the one with its largest probability: the predictions "
         "are "
         "taken as they are, and the probabilities too."},
        {duplicates, "relaxed-duplicates",
         "2 rows repeat an id and were kept, as asked: intervals are too narrow if these are the "
         "same "
         "samples."},
        {unknown_classes, "relaxed-unknown-classes",
         "1 name is not in the list of classes and counts as missing, as asked."},
        {not_finite, "relaxed-not-finite",
         "1,000 rows have a confidence or probability that is not a finite number and count as "
         "missing, "
         "as asked."},
        {missing_labels, "missing-labels", "1 sample has no label: it is in no score."},
        {missing_predictions, "missing-predictions",
         "1,000,000 samples have no prediction: they are in no score."},
        {ties, "top-k-ties",
         "3 samples have a true class whose probability ties with another's: in top-k accuracy the "
         "class that comes first in the list wins."},
        {one_class, "one-class",
         "Every scored sample is of the same class (Dress): this says nothing of how well the "
         "model tells "
         "classes apart."},
        {wild_confidence, "confidence-out-of-range",
         "The confidence is not always between 0 and 1, so it is no probability: calibration is "
         "not "
         "given."},
        {few_errors, "few-errors",
         "Only 1 prediction is wrong: what goes with errors can hardly be told from so few."},
        {few_right, "few-errors",
         "Only 19 predictions are right: what goes with errors can hardly be told from so few."},
        {hardly_enough, "few-for-importance",
         "319 samples are few for what goes with errors: a metric of many different values gets "
         "some importance by chance alone. Its p-value says whether there is more to it."},
        {images_not_measured, "images-not-measured",
         "2 images are not measured yet: assay measure pets.assay does it."},
        {images_unreadable, "images-unreadable",
         "2 images could not be read and have no measures: assay find unreadable pets.assay says "
         "why."},
        {import_warning, "import", "Column 'x' is text and number."},
        {all_right, "no-answer",
         "Every prediction is right: what goes with errors has no answer, so metrics have no "
         "importance "
         "and no correlation."},
        {all_wrong, "no-answer",
         "Every prediction is wrong: what goes with errors has no answer, so metrics have no "
         "importance "
         "and no correlation."},
        {nothing_scored, "no-answer",
         "No sample has both a label and a prediction: no score has an answer."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        evaluated *e = sample_evaluation_new(&quiet);
        cases[i].change(e);
        assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
        assert_int_equal(e->warning_count, 1);
        assert_string_equal(e->warning[0].code, cases[i].code);
        assert_string_equal(e->warning[0].message, cases[i].message);
        e->notes.warning = NULL;
        sample_evaluation_free(e);
    }
}

static void nothing_is_said_where_nothing_is_wrong(void **state)
{
    (void)state;
    evaluated *e = sample_evaluation_new(&quiet);
    assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
    assert_int_equal(e->warning_count, 0);
    assert_null(e->warning);
    sample_evaluation_free(e);
}

static void names_beside_indices_are_told_first(void **state)
{
    (void)state;
    for (int given = 0; given < 2; given++) {
        evaluated *e = sample_evaluation_new(&quiet);
        names_and_indices(e);
        e->notes.classes_given = given;
        assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
        assert_int_equal(e->warning_count, given ? 2 : 3);
        assert_string_equal(e->warning[0].code, given ? "never-predicted" : "no-common-class");
        sample_evaluation_free(e);
    }
}

static void classes_written_in_two_ways_are_told(void **state)
{
    (void)state;
    for (int chosen = 0; chosen < 2; chosen++) {
        evaluated *e = sample_evaluation_new(&quiet);
        mem_free(e->frame->classes.name[3]);
        e->frame->classes.name[3] = mem_copy_text("trouser ", 8);
        e->evaluation->matrix->per_class[3].support = 0;
        e->frame->row_count += (size_t)chosen; /* one of them is left out */
        assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
        assert_int_equal(e->warning_count, chosen ? 1 : 2);
        assert_string_equal(e->warning[chosen ? 0 : 1].code, "never-true");
        if (!chosen) {
            assert_string_equal(e->warning[0].code, "classes-alike");
            assert_string_equal(
                e->warning[0].message,
                "1 class seems to be written in two ways ('trouser ' and 'Trouser'), one of them "
                "among the labels or the predictions only: the scores take them for different "
                "classes.");
        }
        sample_evaluation_free(e);
    }
}

static void only_five_names_are_listed(void **state)
{
    (void)state;
    evaluated *e = sample_evaluation_new(&(sample_shape){.classes = 1500, .per_class = 5});
    assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
    assert_true(e->warning_count > 0);
    assert_string_equal(
        e->warning[0].message,
        "1,500 classes have fewer than 10 samples (class_000, class_001, class_002, "
        "class_003, class_004 and 1,495 more): their numbers say little.");
    sample_evaluation_free(e);
}

static void classes_that_are_not_shown_are_not_warned_of(void **state)
{
    (void)state;
    evaluated *e =
        sample_evaluation_new(&(sample_shape){.classes = 4, .per_class = 1000, .shown = 2});
    e->evaluation->matrix->per_class[3].support = 1;
    assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
    assert_int_equal(e->warning_count, 0);
    sample_evaluation_free(e);
}

static void an_endless_import_warning_is_cut_between_characters(void **state)
{
    (void)state;
    enum { LENGTH = 100000 };
    char *words = mem_alloc(LENGTH + 1, 1);
    assert_non_null(words);
    for (size_t i = 0; i < LENGTH; i++)
        words[i] = i % 2 == 1 ? '\xC3' : '\xA9';
    words[0] = 'x';
    words[LENGTH - 1] = words[LENGTH] = '\0';
    evaluated *e = sample_evaluation_new(&quiet);
    e->notes.warning = &words;
    e->notes.warning_count = 1;
    assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
    assert_int_equal(e->warning_count, 1);
    size_t length = strlen(e->warning[0].message);
    assert_true(length > 1000 && length < LENGTH && length % 2 == 1);
    e->notes.warning = NULL;
    mem_free(words);
    sample_evaluation_free(e);
}

static void without_memory_there_is_no_list_and_no_leak(void **state)
{
    (void)state;
    evaluated *e =
        sample_evaluation_new(&(sample_shape){.classes = 9, .per_class = 30, .missing = true});
    ties(e);
    rows_divided(e);
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        assert_true(n < 200);
        warning *list = (warning *)e;
        size_t count = 77;
        assay_err err = {0};
        mem_fail_after(n);
        code = warnings_collect(e, &list, &count, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_true(n > 4);
            warnings_free(list, count);
        } else {
            assert_int_equal(code, ASSAY_E_NOMEM);
            assert_null(list);
            assert_int_equal(count, 0);
        }
        assert_int_equal(mem_live(), live);
    }
    sample_evaluation_free(e);
}

static void counts_are_worded_with_separators_and_number(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *words;
    } cases[] = {{0, "0 rows"},
                 {1, "1 row"},
                 {999, "999 rows"},
                 {1000, "1,000 rows"},
                 {12345, "12,345 rows"},
                 {1234567, "1,234,567 rows"},
                 {100000, "100,000 rows"},
                 {UINT64_MAX, "18,446,744,073,709,551,615 rows"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text t;
        text_init(&t, 100);
        wording_counted(&t, cases[i].n, "row", "rows");
        assert_string_equal(text_view(&t), cases[i].words);
        text_clear(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_warning_has_its_code_and_words),
        cmocka_unit_test(nothing_is_said_where_nothing_is_wrong),
        cmocka_unit_test(names_beside_indices_are_told_first),
        cmocka_unit_test(classes_written_in_two_ways_are_told),
        cmocka_unit_test(only_five_names_are_listed),
        cmocka_unit_test(classes_that_are_not_shown_are_not_warned_of),
        cmocka_unit_test(an_endless_import_warning_is_cut_between_characters),
        cmocka_unit_test(without_memory_there_is_no_list_and_no_leak),
        cmocka_unit_test(counts_are_worded_with_separators_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
