/* A comparison as people and programs see it. With --json, print a report for the test of the
 * schema. */
#include "report/compared.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "stats/interval.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CLASSES = 25 };

/* Numbers by hand; they need not agree with one another. */
typedef struct fixture {
    comparison c;
    class_difference of[CLASSES];
    char names[CLASSES][64];
    char *name[CLASSES];
    class_list classes;
    comparison_shown shown;
    text out;
} fixture;

static score with(double value, double half, const char *method)
{
    return (score){.value = value, .low = value - half, .high = value + half, .method = method};
}

static score_difference row(const char *name, bool lower, double a, double d, double half)
{
    return (score_difference){name, lower, with(a, 0.01, "wilson"), with(a + d, 0.01, "wilson"),
                              with(d, half, "tango")};
}

static void set_up(fixture *f, size_t classes)
{
    *f = (fixture){0};
    f->c = (comparison){.samples = 12345,
                        .left_out = 7,
                        .both_right = 11000,
                        .fixed = 800,
                        .broken = 1,
                        .both_wrong = 544,
                        .with_probabilities = 12000,
                        .p_value = 0.01234,
                        .p_method = "mcnemar-mid-p",
                        .per_class = f->of,
                        .class_count = classes};
    f->c.score[0] = row("accuracy", false, 0.9, 0.05, 0.01);
    f->c.score[1] = row("mcc", false, 0.8, -0.03, 0.01);
    f->c.score[2] = row("kappa", false, 0.8, 0.001, 0.02);
    f->c.score[3] = row("log_loss", true, 0.5, -0.2, 0.1);
    f->c.score[4] = row("brier", true, 0.5, 0.2, 0.1);
    f->c.score[5] = row("aurc", true, 0.0, 0.0, 0.1);
    f->c.score[5].difference.low = f->c.score[5].difference.high = (double)NAN;
    f->c.score[2].difference.few = true;
    f->c.score_count = 6;
    for (size_t k = 0; k < classes; k++) {
        snprintf(f->names[k], sizeof f->names[k], "class %zu \033[31m", k);
        f->name[k] = f->names[k];
        const double d = 0.01 * (double)(k % 5) - 0.02;
        f->of[k] = (class_difference){.class_code = (uint16_t)k,
                                      .support = 100 + k,
                                      .a = with(0.5, 0.1, "wilson"),
                                      .b = with(0.5 + d, 0.1, "wilson"),
                                      .difference = with(d, 0.005, "tango"),
                                      .p_value = 0.5 / (double)(k + 1),
                                      .p_adjusted = k > 20 ? 0.00001 : 0.5};
    }
    f->classes = (class_list){.name = f->name, .count = (uint32_t)classes};
    f->shown = (comparison_shown){.comparison = &f->c,
                                  .classes = &f->classes,
                                  .a = "resnet",
                                  .b = "vit \033[31m",
                                  .path = "pets.assay",
                                  .confidence_level = 0.95};
    text_init(&f->out, REPORT_BYTES_MOST);
}

static void expect_in(const char *where, const char *what)
{
    if (!strstr(where, what))
        fail_msg("'%s' is not in:\n%s", what, where);
}

static void the_page_says_who_is_better_at_what(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, 3);
    f.shown.where = "split = 'test'";
    comparison_text(&f.shown, &(report_style){.unicode = true, .columns = 100}, &f.out);
    assert_int_equal(text_check(&f.out, NULL), ASSAY_OK);
    const char *at = text_view(&f.out);
    expect_in(at, "12,345 samples, 7 left out\n");
    expect_in(at, "  where         split = 'test'\n");
    expect_in(at, "  samples   b right   b wrong\n"
                  "  a right    11,000         1\n"
                  "  a wrong       800       544\n");
    expect_in(at,
              "b fixes 800 samples that a has wrong, and breaks 1. p = 0.0123 (McNemar, mid-p)");
    expect_in(at, "  accuracy       0.9000  0.9500   +0.0500  [0.0400, 0.0600]    b is better\n");
    expect_in(at, "  MCC            0.8000  0.7700   -0.0300  [-0.0400, -0.0200]  a is better\n");
    expect_in(at, "  Cohen's kappa  0.8000  0.8010   +0.0010  [-0.0190, 0.0210]*\n");
    expect_in(at, "  log loss       0.5000  0.3000   -0.2000  [-0.3000, -0.1000]  b is better\n");
    expect_in(at, "  Brier score    0.5000  0.7000   +0.2000  [0.1000, 0.3000]    a is better\n");
    expect_in(at, "  AURC           0.0000  0.0000    0.0000\n");
    expect_in(at, "* rests on fewer than 10 samples");
    assert_null(strstr(at, "\033"));
    text_clear(&f.out);
}

static void the_surest_classes_come_first_and_not_all_are_shown(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, CLASSES);
    f.c.p_value = 1e-9;
    f.c.p_method = "mcnemar-exact";
    comparison_text(&f.shown, &(report_style){.columns = 100}, &f.out);
    const char *at = text_view(&f.out);
    expect_in(at, "p < 0.0001 (McNemar, exact)");
    expect_in(at, "the 20 surest differences of 25 classes\n");
    const char *first = strstr(at, "class 24"), *later = strstr(at, "class 5 ");
    assert_true(first && later && first < later);
    assert_null(strstr(at, "class 4 "));
    expect_in(at, "< 0.0001\n");
    text_clear(&f.out);
}

static void no_samples_are_said_so(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, 0);
    f.c.samples = 0;
    comparison_text(&f.shown, &(report_style){.columns = 80}, &f.out);
    expect_in(text_view(&f.out), "No sample has a label and a prediction of both.\n");
    text_clear(&f.out);
}

static void no_line_is_wider_than_the_page(void **state)
{
    (void)state;
    for (int columns = 60; columns <= 100; columns += 20) {
        fixture f;
        set_up(&f, CLASSES);
        comparison_text(&f.shown, &(report_style){.unicode = true, .columns = columns}, &f.out);
        for (const char *line = text_view(&f.out); *line;) {
            const size_t length = strcspn(line, "\n");
            assert_true(utf8_columns(line, length) <= (size_t)columns);
            line += length + (line[length] == '\n');
        }
        text_clear(&f.out);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    json_use_our_memory();
    fixture f;
    set_up(&f, CLASSES);
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        text out[2];
        text_init(&out[0], REPORT_BYTES_MOST);
        text_init(&out[1], REPORT_BYTES_MOST);
        mem_fail_after(n);
        code = comparison_json(&f.shown, &out[0], NULL);
        comparison_text(&f.shown, &(report_style){.columns = 80}, &out[1]);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK)
            code = text_check(&out[1], NULL);
        assert_true(code == ASSAY_OK || code == ASSAY_E_NOMEM);
        text_clear(&out[0]);
        text_clear(&out[1]);
        assert_int_equal(mem_live(), live);
    }
}

static int print_json(void)
{
    fixture f;
    set_up(&f, CLASSES);
    const assay_code code = comparison_json(&f.shown, &f.out, NULL);
    fputs(text_view(&f.out), stdout);
    text_clear(&f.out);
    return code != ASSAY_OK;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_says_who_is_better_at_what),
        cmocka_unit_test(the_surest_classes_come_first_and_not_all_are_shown),
        cmocka_unit_test(no_samples_are_said_so),
        cmocka_unit_test(no_line_is_wider_than_the_page),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("compared", tests, NULL, NULL);
}
