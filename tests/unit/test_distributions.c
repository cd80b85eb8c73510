/* Distributions as people and programs see them. With --json, print a report for the test of the
 * schema. */
#include "report/distributions.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 200, METRICS = 4 };

typedef struct fixture {
    double value[METRICS][ROWS];
    metric_column metric[METRICS];
    frame frame;
    metric_distributions *distributions;
    metrics_shown shown;
    text out;
} fixture;

static char names[METRICS][64] = {"brightness", "file_bytes", "never \033[31m measured", "area"};

static void set_up(fixture *f)
{
    *f = (fixture){0};
    for (size_t i = 0; i < ROWS; i++) {
        f->value[0][i] = i % 50 == 0 ? (double)NAN : (double)(i * i % 97) / 97;
        f->value[1][i] = i == 17 ? 3.25e8 : i == 5 ? -(double)INFINITY : 20000.0 + (double)i;
        f->value[2][i] = (double)NAN;
        f->value[3][i] = 784;
    }
    for (size_t m = 0; m < METRICS; m++)
        f->metric[m] = (metric_column){.name = names[m], .value = f->value[m]};
    f->frame = (frame){.row_count = ROWS, .metric = f->metric, .metric_count = METRICS};
    static const size_t which[] = {0, 1, 2, 3};
    assert_int_equal(metric_distributions_new(&f->frame, NULL,
                                              (metric_choice){which, METRICS, NULL}, 1,
                                              &f->distributions, NULL),
                     ASSAY_OK);
    f->shown = (metrics_shown){.distributions = f->distributions, .path = "pets.assay"};
    text_init(&f->out, REPORT_BYTES_MOST);
}

static void tear_down(fixture *f)
{
    metric_distributions_free(f->distributions);
    text_clear(&f->out);
}

static void the_table_shows_every_number(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    metrics_text(&f.shown, &(report_style){.unicode = true, .columns = 100}, &f.out);
    assert_int_equal(text_check(&f.out, NULL), ASSAY_OK);
    assert_string_equal(
        text_view(&f.out),
        "\n"
        " Metrics ─────────────────────────────────────────────────────────────────────────────── "
        "200 samples\n"
        "  metric                     min     q1 median     q3    max   mean     sd  min to max\n"
        "  brightness                   0 0.2165 0.4897 0.7526 0.9897 0.4834 0.3142  "
        "█▆▄▅▃▆▃▆▃▃▆▄▃▆▇\n"
        "  file_bytes               20000  20052  20101  20150 3.25e8 1.65e6 2.30e7  █             "
        "▁\n"
        "  never \\x1b[31m measured      –      –      –      –      –      –      –\n"
        "  area                       784    784    784    784    784    784      0  █\n"
        "\n"
        " Outliers ───────────────────────── moderate: beyond 1.5 IQRs from the quartiles; severe: "
        "beyond 2.5\n"
        "  metric                   missing  low below  high above  sev. low mod. low  mod. high "
        "sev. high\n"
        "  brightness                     4    -0.5876       1.557         0        0          0   "
        "      0\n"
        "  file_bytes                     1      19903       20299         0        0          0   "
        "      1\n"
        "  never \\x1b[31m measured      200          –           –         0        0          0  "
        "       0\n"
        "  area                           0        784         784         0        0          0   "
        "      0\n");
    tear_down(&f);
}

static void no_line_is_wider_than_the_page_nor_acts_on_the_terminal(void **state)
{
    (void)state;
    for (int columns = 60; columns <= 100; columns += 20) {
        fixture f;
        set_up(&f);
        f.shown.where =
            "brightness > 0.5 AND label = 'a very long class name that goes on' OR true";
        metrics_text(&f.shown, &(report_style){.columns = columns}, &f.out);
        const char *line = text_view(&f.out);
        assert_null(strchr(line, '\033'));
        for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
            assert_true(utf8_columns(line, (size_t)(end - line)) <= (size_t)columns);
            assert_true(end == line || end[-1] != ' ');
            for (const char *at = line; at < end; at++)
                assert_true((unsigned char)*at < 0x80);
        }
        tear_down(&f);
    }
}

static void no_metrics_are_said_so(void **state)
{
    (void)state;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    const metric_distributions none = {.samples = 1};
    const metrics_shown shown = {.distributions = &none, .path = "x"};
    metrics_text(&shown, &(report_style){.columns = 60}, &out);
    assert_string_equal(text_view(&out),
                        "\n Metrics ------------------------------------------ 1 sample\n"
                        "  There are no metrics.\n");
    text_clear(&out);
}

static void json_holds_every_number(void **state)
{
    (void)state;
    fixture f;
    set_up(&f);
    assert_int_equal(metrics_json(&f.shown, &f.out, NULL), ASSAY_OK);
    json_t *root = json_loads(text_view(&f.out), 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "samples")), ROWS);
    json_t *list = json_object_get(root, "metrics");
    assert_int_equal(json_array_size(list), METRICS);
    for (size_t m = 0; m < METRICS; m++) {
        const metric_distribution *d = &f.distributions->metric[m];
        json_t *o = json_array_get(list, m);
        assert_string_equal(json_string_value(json_object_get(o, "name")), d->name);
        assert_int_equal(json_integer_value(json_object_get(o, "count")), d->count);
        assert_int_equal(json_integer_value(json_object_get(o, "missing")), d->missing);
        assert_int_equal(json_integer_value(json_object_get(o, "infinite")), d->infinite);
        if (d->count == 0)
            assert_true(json_is_null(json_object_get(o, "median")));
        else
            assert_true(json_real_value(json_object_get(o, "median")) == d->median);
        json_t *outliers = json_object_get(o, "outliers");
        assert_int_equal(json_integer_value(json_object_get(outliers, "severe_high")),
                         d->outliers.severe_high);
        uint64_t sum = 0;
        json_t *histogram = json_object_get(o, "histogram");
        for (size_t b = 0; b < json_array_size(histogram); b++)
            sum += (uint64_t)json_integer_value(json_array_get(histogram, b));
        assert_int_equal(sum, d->count);
    }
    json_decref(root);
    tear_down(&f);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    json_use_our_memory();
    fixture f;
    set_up(&f);
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        text out[2];
        text_init(&out[0], REPORT_BYTES_MOST);
        text_init(&out[1], REPORT_BYTES_MOST);
        mem_fail_after(n);
        assay_code code = metrics_json(&f.shown, &out[0], NULL);
        metrics_text(&f.shown, &(report_style){.columns = 80}, &out[1]);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK)
            code = text_check(&out[1], NULL);
        text_clear(&out[0]);
        text_clear(&out[1]);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK)
            break;
        assert_int_equal(code, ASSAY_E_NOMEM);
    }
    tear_down(&f);
}

static int print_json(void)
{
    fixture f;
    set_up(&f);
    const assay_code code = metrics_json(&f.shown, &f.out, NULL);
    fputs(text_view(&f.out), stdout);
    tear_down(&f);
    return code != ASSAY_OK;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--json") == 0)
        return print_json();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_shows_every_number),
        cmocka_unit_test(no_line_is_wider_than_the_page_nor_acts_on_the_terminal),
        cmocka_unit_test(no_metrics_are_said_so),
        cmocka_unit_test(json_holds_every_number),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("distributions", tests, NULL, NULL);
}
