/* A plan as people and programs see it. With --json, print a report for the test of the schema. */
#include "report/planned.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CLASSES = 60 };

typedef struct fixture {
    label_plan plan;
    class_plan of[CLASSES];
    char names[CLASSES][64];
    char *name[CLASSES];
    class_list classes;
    plan_shown shown;
    text out;
} fixture;

static void set_up(fixture *f, size_t classes)
{
    *f = (fixture){0};
    f->plan =
        (label_plan){.half_width = 0.05, .confidence_level = 0.95, .of = f->of, .count = classes};
    for (size_t k = 0; k < classes; k++) {
        snprintf(f->names[k], sizeof f->names[k], "class %zu \033[31m", k);
        f->name[k] = f->names[k];
        f->of[k] = (class_plan){
            .class_code = (uint16_t)k,
            .labelled = k + 1 == classes ? 0 : 1000 + k,
            .recall = {.value = 0.75, .low = 0.7, .high = 0.8, .method = "wilson", .few = k == 1},
            .half_width = 0.05,
            .more = k == 0 ? 1234 : 0};
    }
    if (classes > 0) {
        f->of[classes - 1].recall = score_none();
        f->of[classes - 1].half_width = (double)NAN;
        f->plan.without_samples = 1;
        f->plan.more = 1234;
    }
    f->classes = (class_list){.name = f->name, .count = (uint32_t)classes};
    f->shown = (plan_shown){
        .plan = &f->plan, .classes = &f->classes, .model = "vit", .path = "pets.assay"};
    text_init(&f->out, REPORT_BYTES_MOST);
}

static void expect_in(const char *where, const char *what)
{
    if (!strstr(where, what))
        fail_msg("'%s' is not in:\n%s", what, where);
}

static void a_line_a_class_says_how_many_are_missing(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, 3);
    f.shown.where = "split = 'test'";
    plan_text(&f.shown, &(report_style){.unicode = true, .columns = 100}, &f.out);
    assert_int_equal(text_check(&f.out, NULL), ASSAY_OK);
    const char *at = text_view(&f.out);
    expect_in(at, "  model         vit\n  where         split = 'test'\n");
    expect_in(at,
              "  class 0 \\x1b[31m     1,000  0.7500  [0.7000, 0.8000]      ±0.0500       1,234\n");
    expect_in(at,
              "  class 1 \\x1b[31m     1,001  0.7500  [0.7000, 0.8000]*     ±0.0500           0\n");
    expect_in(at,
              "  class 2 \\x1b[31m         0       –                              –           0\n");
    expect_in(at, "With 1,234 more labels the recall of every class is known to ±0.05 at 95 %");
    expect_in(at, "Of 1 class nothing is known yet");
    expect_in(at, "* rests on fewer than 10 samples");
    text_clear(&f.out);
}

static void nothing_missing_is_said_so(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, 2);
    f.plan.more = 0;
    plan_text(&f.shown, &(report_style){.columns = 100}, &f.out);
    expect_in(text_view(&f.out), "The recall of every class is known to +-0.05 at 95 %.");
    text_clear(&f.out);
}

static void many_classes_are_cut_to_the_widest(void **state)
{
    (void)state;
    fixture f;
    set_up(&f, CLASSES);
    plan_text(&f.shown, &(report_style){.columns = 60}, &f.out);
    const char *at = text_view(&f.out);
    expect_in(at, "class 49 ");
    assert_null(strstr(at, "class 50 "));
    expect_in(at, "The 50 widest of 60");
    for (const char *line = at; *line;) {
        const size_t length = strcspn(line, "\n");
        assert_true(utf8_columns(line, length) <= 60);
        line += length + (line[length] == '\n');
    }
    text_clear(&f.out);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    json_use_our_memory();
    fixture f;
    set_up(&f, 4);
    const size_t live = mem_live();
    assay_code code = ASSAY_E_NOMEM;
    for (uint64_t n = 0; code != ASSAY_OK; n++) {
        text out[2];
        text_init(&out[0], REPORT_BYTES_MOST);
        text_init(&out[1], REPORT_BYTES_MOST);
        mem_fail_after(n);
        code = plan_json(&f.shown, &out[0], NULL);
        plan_text(&f.shown, &(report_style){.columns = 80}, &out[1]);
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
    const assay_code code = plan_json(&f.shown, &f.out, NULL);
    fputs(text_view(&f.out), stdout);
    text_clear(&f.out);
    return code != ASSAY_OK;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_a_class_says_how_many_are_missing),
        cmocka_unit_test(nothing_missing_is_said_so),
        cmocka_unit_test(many_classes_are_cut_to_the_widest),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("planned", tests, NULL, NULL);
}
