/* The report for people, over evaluations made by hand. */
#include "support/check.h"

#include "base/limits.h"
#include "base/mem.h"
#include "project/warnings.h"
#include "report/page.h"
#include "support/sample_evaluation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const sample_shape shapes[] = {
    {.classes = 2, .per_class = 1000},
    {.classes = 3, .per_class = 9, .confidence = true, .missing = true},
    {.classes = 10, .per_class = 1000, .probabilities = true, .metrics = true},
    {.classes = 10,
     .per_class = 1000,
     .probabilities = true,
     .metrics = true,
     .missing = true,
     .shown = 3},
    {.classes = 20, .per_class = 3000, .probabilities = true, .metrics = true},
    {.classes = 20, .per_class = 90000000, .probabilities = true, .missing = true},
    {.classes = 40, .per_class = 300, .probabilities = true, .metrics = true, .missing = true},
    {.classes = 8,
     .per_class = 100,
     .probabilities = true,
     .metrics = true,
     .missing = true,
     .hostile_names = true},
    {.classes = 30,
     .per_class = 100,
     .confidence = true,
     .metrics = true,
     .hostile_names = true,
     .shown = 9},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static const report_style plain = {.colour = false, .unicode = true, .columns = 100};

static evaluated *make(const sample_shape *shape)
{
    evaluated *e = sample_evaluation_new(shape);
    assert_int_equal(warnings_collect(e, &e->warning, &e->warning_count, NULL), ASSAY_OK);
    return e;
}

static text draw(const evaluated *e, const report_style *style)
{
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    report_text(e, style, &out);
    assert_int_equal(text_check(&out, NULL), ASSAY_OK);
    return out;
}

static void check_contains(const text *out, const char *words)
{
    if (!strstr(text_view(out), words))
        fail_msg("'%s' is not in:\n%s", words, text_view(out));
}

static void check_lacks(const text *out, const char *words)
{
    if (strstr(text_view(out), words))
        fail_msg("'%s' is in:\n%s", words, text_view(out));
}

static void check_lines(const text *out, size_t columns)
{
    for (const char *line = text_view(out); *line;) {
        size_t length = strcspn(line, "\n");
        if (drawn_columns(line, length) > columns)
            fail_msg("wider than %zu columns: %.*s", columns, (int)length, line);
        if (length > 0 && line[length - 1] == ' ')
            fail_msg("ends in a space: %.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

static void no_line_is_wider_than_the_page(void **state)
{
    (void)state;
    static const int widths[] = {60, 67, 72, 80, 93, 100};
    for (size_t i = 0; i < SHAPES; i++) {
        evaluated *e = make(&shapes[i]);
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++) {
            for (int kind = 0; kind < 4; kind++) {
                report_style style = {
                    .colour = kind & 1, .unicode = kind & 2, .columns = widths[w]};
                text out = draw(e, &style);
                check_lines(&out, (size_t)widths[w]);
                text_clear(&out);
            }
        }
        sample_evaluation_free(e);
    }
}

static void a_width_out_of_range_is_brought_into_it(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    text narrow = draw(e, &(report_style){.columns = 1});
    text wide = draw(e, &(report_style){.columns = 4000});
    check_lines(&narrow, 60);
    check_lines(&wide, 100);
    text_clear(&narrow);
    text_clear(&wide);
    sample_evaluation_free(e);
}

/* Nothing but line ends and, where colours are wanted, ESC [ digits and semicolons m. */
static void check_controls(const text *out, bool colour)
{
    const char *s = text_view(out);
    for (size_t i = 0; i < out->length; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '\033' && colour) {
            assert_int_equal(s[i + 1], '[');
            i += 2 + strspn(s + i + 2, "0123456789;");
            assert_int_equal(s[i], 'm');
        } else if (c < 0x20 && c != '\n') {
            fail_msg("control character %d at byte %zu", c, i);
        }
        assert_false(c == 0x7F);
        assert_false(c == 0xC2 && (unsigned char)s[i + 1] < 0xA0);
    }
}

static void names_cannot_steer_the_terminal(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[7]);
    mem_free(e->warning[0].message);
    e->warning[0].message = mem_copy_text("\033]0;owned\007", 10);
    for (int colour = 0; colour < 2; colour++) {
        text out = draw(e, &(report_style){.colour = colour, .unicode = true, .columns = 100});
        check_controls(&out, colour);
        check_contains(&out, "\\x1b]0;owned");
        check_contains(&out, "\\x1b[31mred");
        text_clear(&out);
    }
    sample_evaluation_free(e);
}

static void without_colours_there_is_no_escape_and_without_unicode_only_ascii(void **state)
{
    (void)state;
    for (size_t i = 0; i < 7; i++) {
        evaluated *e = make(&shapes[i]);
        text out = draw(e, &(report_style){.columns = 100});
        for (size_t b = 0; b < out.length; b++)
            assert_true(out.at[b] == '\n' || (out.at[b] >= ' ' && out.at[b] <= '~'));
        text_clear(&out);
        sample_evaluation_free(e);
    }
}

static void colours_add_nothing_but_escapes(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    text without = draw(e, &plain);
    text with = draw(e, &(report_style){.colour = true, .unicode = true, .columns = 100});
    text stripped;
    text_init(&stripped, REPORT_BYTES_MOST);
    for (size_t i = 0; i < with.length; i++) {
        if (with.at[i] == '\033')
            i += strcspn(with.at + i, "m");
        else
            text_put(&stripped, with.at + i, 1);
    }
    /* Only the heat's scale is drawn in colours alone. */
    char *scale = strstr(stripped.at, "   <1 %");
    assert_non_null(scale);
    size_t length = strcspn(scale, "\n") + 1;
    memmove(scale, scale + length, strlen(scale + length) + 1);
    assert_string_equal(stripped.at, text_view(&without));
    text_clear(&without);
    text_clear(&with);
    text_clear(&stripped);
    sample_evaluation_free(e);
}

static void headline_numbers_stand_with_their_intervals(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    e->evaluation->matrix->accuracy =
        (score){.value = 0.9161, .low = 0.91049, .high = 0.92138, .method = "wilson"};
    e->evaluation->matrix->mcc =
        (score){.value = -0.00001, .low = -0.1, .high = 0.1, .method = "fisher"};
    e->evaluation->proper.log_loss = score_none();
    text out = draw(e, &plain);
    check_contains(&out, "accuracy           0.9161  [0.9105, 0.9214]");
    check_contains(&out, "MCC                0.0000  [-0.1000, 0.1000]");
    check_contains(&out, "log loss                –  ");
    check_contains(&out, "AUROC, macro    0.9712  [0.9691, 0.9733]");
    check_contains(&out, "the 95 % interval");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void many_classes_are_cut_to_the_worst(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[6]);
    e->evaluation->matrix->per_class[33].f1.value = 0.0123;
    text out = draw(e, &plain);
    check_contains(&out, "10 worst of 40, by F1");
    check_lacks(&out, " Confusion ");
    const char *table = strstr(text_view(&out), "\n  class ");
    assert_non_null(table);
    assert_memory_equal(strchr(table + 1, '\n'), "\n  class_033", 12);
    text_clear(&out);
    sample_evaluation_free(e);
}

static void the_missing_and_the_rest_have_rows_of_their_own(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[3]);
    text out = draw(e, &plain);
    const confusion *c = e->evaluation->confusion;
    uint64_t rest = 0;
    for (size_t i = 0; i < c->cell_count; i++)
        rest += c->cell[i].label >= 3 && c->cell[i].prediction >= 3 ? c->cell[i].count : 0;
    char row[32];
    snprintf(row, sizeof row, " %zu ", (size_t)rest);
    const char *other = strstr(text_view(&out), " + other ");
    assert_non_null(other);
    char line[200];
    snprintf(line, sizeof line, "%.*s", (int)strcspn(other + 1, "\n"), other + 1);
    assert_non_null(strstr(line, row));
    check_contains(&out, "3 of 10 shown: T-shirt/top, Trouser, Pullover");
    check_contains(&out, "(missing)");
    check_lacks(&out, "MCC");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void the_report_says_whether_the_ece_is_evidence(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    text out = draw(e, &plain);
    check_contains(&out, "This is evidence of miscalibration");
    text_clear(&out);
    e->evaluation->calibration.ece = (calibration_error){0.0050, 0.0051, 0.0078};
    out = draw(e, &plain);
    check_contains(&out, "This is no evidence of miscalibration");
    text_clear(&out);
    e->evaluation->calibration.temperature = (double)NAN;
    out = draw(e, &plain);
    check_lacks(&out, "Temperature");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void only_all_is_one_and_only_none_is_nothing(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    evaluation *v = e->evaluation;
    v->matrix->accuracy =
        (score){.value = 0.99996, .low = 0.99991, .high = 1, .method = "wilson", .few = true};
    v->matrix->per_class[0].precision =
        (score){.value = 0.9996, .low = 0.9991, .high = 0.9999, .method = "wilson"};
    v->pair[0].share = 0.9999;
    v->pair[1].share = 0.0001;
    text out = draw(e, &plain);
    check_contains(&out, "accuracy           0.9999  [0.9999, 1.0000]*");
    check_contains(&out, "0.999 .999–1.00");
    check_contains(&out, "   99 % ");
    check_contains(&out, " <0.1 % ");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void the_coverages_are_those_of_the_points(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    curve *kept = &e->evaluation->risk.kept;
    kept->count = 2;
    kept->point[0] = (curve_point){2.0 / 3, 0.00001, 0.9};
    kept->point[1] = (curve_point){1, 0.1, 0.5};
    text out = draw(e, &plain);
    check_contains(&out, "kept                 100 %     67 %\n");
    check_contains(&out, "wrong among them   10.00 %  <0.01 %\n");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void a_model_may_be_too_sure_and_too_modest(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    calibration *c = &e->evaluation->calibration;
    for (size_t b = 0; b < CALIBRATION_BINS; b++)
        c->bin[b].count = b < 2 ? c->samples / 2 : 0;
    c->bin[0].confidence = 0.01, c->bin[0].accuracy.value = 0.11;
    c->bin[1].confidence = 0.12, c->bin[1].accuracy.value = 0.01;
    c->ece = (calibration_error){0.105, 0.01, 0.02};
    text out = draw(e, &plain);
    check_contains(&out, "too sure of itself here");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void what_may_be_chance_is_marked(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    text out = draw(e, &plain);
    check_contains(&out, "0.6100 n.s.");
    check_contains(&out, "No p: no two groups have the same size.");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void the_foremost_property_is_told_in_a_sentence(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    text out = draw(e, &plain);
    check_contains(&out, "  confidence goes with errors most: the accuracy is 0.");
    text_clear(&out);
    metric_analyses *m = e->evaluation->metrics;
    e->frame->metric[1].from_prediction = true;
    metric_performance *f = &m->metric[2].performance;
    f->count = 3;
    for (size_t b = 0; b < 3; b++)
        f->bin[b].count = 100, f->bin[b].correct = 50 + 20 * b;
    out = draw(e, &plain);
    check_contains(&out, "  brightness goes with errors most, beside the model's own doubt: the "
                         "accuracy is 0.500 where it is\n  lowest, and 0.900 where it is highest");
    text_clear(&out);
    for (size_t i = 0; i < m->count; i++)
        m->metric[i].importance.p_adjusted = 0.5;
    out = draw(e, &plain);
    check_lacks(&out, "goes with errors most");
    text_clear(&out);
    sample_evaluation_free(e);
}

/* As the width of pictures that are all of one size. */
static void constant_metrics_take_one_line_and_no_row(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    metric_analyses *m = e->evaluation->metrics;
    for (size_t i = 0; i < m->count; i++) {
        if (i != 2 && i != 4)
            continue;
        m->metric[i].performance.count = 1;
        m->metric[i].performance.bin[0].high = m->metric[i].performance.bin[0].low;
    }
    text out = draw(e, &plain);
    check_contains(&out, "  One value only: brightness, margin\n");
    check_lacks(&out, "  brightness ");
    check_lacks(&out, "  margin ");
    text_clear(&out);
    for (size_t i = 0; i < m->count; i++) {
        m->metric[i].performance.count = 1;
        m->metric[i].performance.bin[0].high = m->metric[i].performance.bin[0].low;
    }
    out = draw(e, &plain);
    check_contains(&out, "  One value only: confidence, brightness, sharpness,");
    check_lacks(&out, "Importance:");
    check_lacks(&out, " Performance by metric ");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void a_project_is_named_as_one(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    e->request.project = "pets.assay";
    e->notes.shape = "with probabilities";
    text out = draw(e, &plain);
    check_contains(&out, "  project       pets.assay (with probabilities)\n");
    check_lacks(&out, "  file ");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void sections_without_their_data_are_left_out(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[0]);
    text out = draw(e, &plain);
    check_contains(&out, " Scores ");
    check_lacks(&out, "log loss");
    check_lacks(&out, " Calibration ");
    check_lacks(&out, " Risk and coverage ");
    check_lacks(&out, " Metrics ");
    check_lacks(&out, "AUROC");
    text_clear(&out);
    sample_evaluation_free(e);
}

static void the_range_of_accuracy_is_that_of_the_bins_at_any_width(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[2]);
    const metric_performance *f = &e->evaluation->metrics->metric[0].performance;
    double low = 1;
    double high = 0;
    for (size_t b = 0; b < f->count; b++) {
        low = fmin(low, f->bin[b].rate.value);
        high = fmax(high, f->bin[b].rate.value);
    }
    char range[32];
    snprintf(range, sizeof range, "%.3f-%.3f\n", low, high);
    for (int columns = 60; columns <= 140; columns += 40) {
        text out = draw(e, &(report_style){.columns = columns});
        check_contains(&out, range);
        text_clear(&out);
    }
    sample_evaluation_free(e);
}

static void warnings_stand_before_the_scores(void **state)
{
    (void)state;
    evaluated *e = make(&shapes[1]);
    text out = draw(e, &plain);
    const char *first = strstr(text_view(&out), "fewer than 10 samples");
    assert_non_null(first);
    assert_true(first < strstr(text_view(&out), " Scores "));
    text_clear(&out);
    sample_evaluation_free(e);
}

static void without_memory_the_text_is_broken_and_nothing_leaks(void **state)
{
    (void)state;
    for (size_t i = 2; i < 4; i++) {
        evaluated *e = make(&shapes[i]);
        const size_t live = mem_live();
        bool whole = false;
        for (uint64_t n = 0; !whole; n++) {
            assert_true(n < 2000);
            text out;
            text_init(&out, REPORT_BYTES_MOST);
            mem_fail_after(n);
            report_text(e, &plain, &out);
            mem_fail_after(UINT64_MAX);
            whole = !out.broken;
            if (!whole)
                assert_int_equal(text_check(&out, NULL), ASSAY_E_NOMEM);
            text_clear(&out);
            assert_int_equal(mem_live(), live);
            assert_true(!whole || n > 10);
        }
        sample_evaluation_free(e);
    }
    assert_int_equal(mem_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_is_wider_than_the_page),
        cmocka_unit_test(a_width_out_of_range_is_brought_into_it),
        cmocka_unit_test(names_cannot_steer_the_terminal),
        cmocka_unit_test(without_colours_there_is_no_escape_and_without_unicode_only_ascii),
        cmocka_unit_test(colours_add_nothing_but_escapes),
        cmocka_unit_test(headline_numbers_stand_with_their_intervals),
        cmocka_unit_test(many_classes_are_cut_to_the_worst),
        cmocka_unit_test(the_missing_and_the_rest_have_rows_of_their_own),
        cmocka_unit_test(the_report_says_whether_the_ece_is_evidence),
        cmocka_unit_test(only_all_is_one_and_only_none_is_nothing),
        cmocka_unit_test(the_coverages_are_those_of_the_points),
        cmocka_unit_test(a_model_may_be_too_sure_and_too_modest),
        cmocka_unit_test(what_may_be_chance_is_marked),
        cmocka_unit_test(the_foremost_property_is_told_in_a_sentence),
        cmocka_unit_test(constant_metrics_take_one_line_and_no_row),
        cmocka_unit_test(a_project_is_named_as_one),
        cmocka_unit_test(sections_without_their_data_are_left_out),
        cmocka_unit_test(the_range_of_accuracy_is_that_of_the_bins_at_any_width),
        cmocka_unit_test(warnings_stand_before_the_scores),
        cmocka_unit_test(without_memory_the_text_is_broken_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
