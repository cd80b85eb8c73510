/* A query over a frame's samples. */
#include "store/frame_query.h"

#include "base/text.h"
#include "support/check.h"

#include <string.h>

enum { ROWS = 3 };

static char *classes[] = {(char[]){"cat"}, (char[]){"dog"}};
static uint16_t labels[ROWS] = {0, 1, 1}, predictions[ROWS] = {0, 0, CLASS_MISSING};
static double brightness[ROWS] = {0.5, 0.25, 1};
static char name[] = "brightness";
static metric_column metric = {.name = name, .value = brightness};
static const frame three = {.row_count = ROWS,
                            .classes = {.name = classes, .count = 2},
                            .label = labels,
                            .prediction = predictions,
                            .metric = &metric,
                            .metric_count = 1};

static size_t column_count;

static assay_code begin(void *context, const sql_column *column, size_t count, assay_err *err)
{
    (void)context;
    (void)column;
    (void)err;
    column_count = count;
    return ASSAY_OK;
}

static assay_code row(void *context, const sql_cell *cell, assay_err *err)
{
    (void)err;
    for (size_t i = 0; i < column_count; i++) {
        if (cell[i].at)
            text_put(context, cell[i].at, cell[i].length);
        text_puts(context, "|");
    }
    return ASSAY_OK;
}

static assay_code ask(const char *sql, text *out, assay_err *err)
{
    text_init(out, 1 << 20);
    const sql_sink sink = {.context = out, .begin = begin, .row = row};
    sql_notes notes;
    return frame_query_run(&three, sql, &(sql_options){.thread_count = 2}, &sink, &notes, err);
}

static void the_samples_are_a_table(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"SELECT label, avg(brightness) FROM samples GROUP BY label ORDER BY 1",
         "cat|0.5|dog|0.625|"},
        {"SELECT count(correct) FROM samples", "2|"},
        {"SELECT row, prediction FROM samples WHERE label = 'dog' ORDER BY row DESC", "3||2|cat|"},
        {"SHOW TABLES", "samples|"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text out;
        assay_err err = {0};
        if (ask(cases[i][0], &out, &err) != ASSAY_OK)
            fail_msg("%s: %s", cases[i][0], err.msg);
        assert_string_equal(text_view(&out), cases[i][1]);
        text_clear(&out);
    }
}

static void nothing_else_can_be_reached(void **state)
{
    (void)state;
    static const char *const cases[] = {"FROM read_text('/etc/passwd')", "DROP VIEW samples",
                                        "SET threads = 1", "FROM '/etc/passwd'"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text out;
        assay_err err = {0};
        assert_int_equal(ask(cases[i], &out, &err), ASSAY_E_USAGE);
        assert_int_equal(out.length, 0);
        text_clear(&out);
    }
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        text out;
        mem_fail_after(n);
        const assay_code code = ask("SELECT count(*) FROM samples", &out, NULL);
        mem_fail_after(UINT64_MAX);
        const bool whole = code == ASSAY_OK && text_check(&out, NULL) == ASSAY_OK;
        text_clear(&out);
        assert_int_equal(mem_live(), live);
        if (whole)
            break;
        assert_true(code == ASSAY_E_NOMEM || code == ASSAY_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_samples_are_a_table),
        cmocka_unit_test(nothing_else_can_be_reached),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("frame_query", tests, NULL, NULL);
}
