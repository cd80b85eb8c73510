/* Answers of queries as tables, CSV and JSON. */
#include "report/answer.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "support/check.h"

#include <stdio.h>
#include <string.h>

static char column_names[][16] = {"name", "n", "share", "price", "ok", "name"};
static const sql_column columns[] = {
    {column_names[0], SQL_TEXT},    {column_names[1], SQL_INTEGER}, {column_names[2], SQL_REAL},
    {column_names[3], SQL_DECIMAL}, {column_names[4], SQL_BOOLEAN}, {column_names[5], SQL_TEXT},
};
enum { COLUMNS = sizeof columns / sizeof *columns, ROWS = 5 };

static const char *const values[ROWS][COLUMNS] = {
    {"cat, \"big\"", "7", "0.5", "1.50", "true", "[1, 2]"},
    {"", "-9007199254740992", "nan", "123456789012345.6", "false", NULL},
    {NULL, "9007199254740993", "-inf", "-0.05", NULL, "two\nlines"},
    {"\033[31mred", "170141183460469231731687303715884105727", "1e+300", NULL, "true", "日本"},
    {"a long text that goes on for so long that no table of a terminal's width holds it whole",
     NULL, "inf", "7", "true", "x"},
};

static assay_code play(const sql_sink *sink, size_t count, assay_err *err)
{
    ASSAY_TRY(sink->begin(sink->context, columns, count, err));
    for (size_t row = 0; row < ROWS; row++) {
        sql_cell cell[COLUMNS];
        for (size_t c = 0; c < COLUMNS; c++)
            cell[c] = (sql_cell){values[row][c], values[row][c] ? strlen(values[row][c]) : 0};
        ASSAY_TRY(sink->row(sink->context, cell, err));
    }
    return ASSAY_OK;
}

static assay_code write_answer(answer_writer *w, size_t count, assay_err *err)
{
    const sql_sink sink = answer_sink(w);
    ASSAY_TRY(play(&sink, count, err));
    return answer_finish(w, &(sql_notes){.row_count = ROWS}, err);
}

static void csv_is_as_the_standard_has_it(void **state)
{
    (void)state;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    answer_writer w = {.form = ANSWER_CSV, .out = &out};
    assert_int_equal(write_answer(&w, COLUMNS, NULL), ASSAY_OK);
    assert_string_equal(
        text_view(&out),
        "name,n,share,price,ok,name\n"
        "\"cat, \"\"big\"\"\",7,0.5,1.50,true,\"[1, 2]\"\n"
        "\"\",-9007199254740992,nan,123456789012345.6,false,\n"
        ",9007199254740993,-inf,-0.05,,\"two\nlines\"\n"
        "\033[31mred,170141183460469231731687303715884105727,1e+300,,true,日本\n"
        "a long text that goes on for so long that no table of a terminal's width holds it "
        "whole,,inf,7,true,x\n");
    answer_writer_clear(&w);
    text_clear(&out);
}

static void json_keeps_what_a_double_would_lose_as_text(void **state)
{
    (void)state;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    answer_writer w = {.form = ANSWER_JSON, .out = &out};
    assert_int_equal(write_answer(&w, COLUMNS, NULL), ASSAY_OK);
    assert_string_equal(
        text_view(&out),
        "[\n"
        "  {\"name\": \"cat, \\\"big\\\"\", \"n\": 7, \"share\": 0.5, \"price\": 1.50, \"ok\": "
        "true, \"name_2\": \"[1, 2]\"},\n"
        "  {\"name\": \"\", \"n\": -9007199254740992, \"share\": \"NaN\", \"price\": "
        "\"123456789012345.6\", \"ok\": false, \"name_2\": null},\n"
        "  {\"name\": null, \"n\": \"9007199254740993\", \"share\": \"-Infinity\", \"price\": "
        "-0.05, \"ok\": null, \"name_2\": \"two\\nlines\"},\n"
        "  {\"name\": \"\\u001b[31mred\", \"n\": \"170141183460469231731687303715884105727\", "
        "\"share\": 1e+300, \"price\": null, \"ok\": true, \"name_2\": \"日本\"},\n"
        "  {\"name\": \"a long text that goes on for so long that no table of a terminal's width "
        "holds it whole\", \"n\": null, \"share\": \"Infinity\", \"price\": 7, \"ok\": "
        "true, \"name_2\": \"x\"}\n"
        "]\n");
    json_t *root = json_loads(text_view(&out), JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(root), ROWS);
    json_decref(root);
    answer_writer_clear(&w);
    text_clear(&out);
}

static void an_answer_without_rows_is_still_one(void **state)
{
    (void)state;
    static const struct {
        answer_form form;
        const char *shown;
    } cases[] = {
        {ANSWER_JSON, "[]\n"}, {ANSWER_CSV, "name,n\n"}, {ANSWER_TABLE, "  name  n\n  0 rows\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text out;
        text_init(&out, REPORT_BYTES_MOST);
        answer_writer w = {.form = cases[i].form, .style = {.columns = 80}, .out = &out};
        const sql_sink sink = answer_sink(&w);
        assert_int_equal(sink.begin(sink.context, columns, 2, NULL), ASSAY_OK);
        assert_int_equal(answer_finish(&w, &(sql_notes){0}, NULL), ASSAY_OK);
        assert_string_equal(text_view(&out), cases[i].shown);
        answer_writer_clear(&w);
        text_clear(&out);
    }
}

static void the_table_is_aligned_cut_and_safe(void **state)
{
    (void)state;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    answer_writer w = {
        .form = ANSWER_TABLE, .style = {.unicode = true, .columns = 100}, .out = &out};
    assert_int_equal(write_answer(&w, COLUMNS, NULL), ASSAY_OK);
    assert_string_equal(text_view(&out), "  name                                              n   "
                                         "share              price  ok     name\n"
                                         "  cat, \"big\"                                        7  "
                                         "   0.5               1.50  true   [1, 2]\n"
                                         "                                    -9007199254740992    "
                                         " nan  123456789012345.6  false  NULL\n"
                                         "  NULL                               9007199254740993    "
                                         "-inf              -0.05  NULL   two\\x0alin…\n"
                                         "  \\x1b[31mr…  170141183460469231731687303715884105727  "
                                         "1e+300               NULL  true   日本\n"
                                         "  a long te…                                     NULL    "
                                         " inf                  7  true   x\n"
                                         "  5 rows\n");
    answer_writer_clear(&w);
    text_clear(&out);
}

static void no_line_is_wider_than_the_page(void **state)
{
    (void)state;
    for (int width = 60; width <= 100; width += 5) {
        text out;
        text_init(&out, REPORT_BYTES_MOST);
        answer_writer w = {.form = ANSWER_TABLE, .style = {.columns = width}, .out = &out};
        assert_int_equal(write_answer(&w, COLUMNS, NULL), ASSAY_OK);
        const char *line = text_view(&out);
        for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
            const size_t length = (size_t)(end - line);
            if (utf8_columns(line, length) > (size_t)width || (length && end[-1] == ' '))
                fail_msg("%d: %.*s", width, (int)length, line);
        }
        assert_non_null(strstr(text_view(&out), "9007199254740993"));
        answer_writer_clear(&w);
        text_clear(&out);
    }
}

static void a_wide_table_shows_all(void **state)
{
    (void)state;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    answer_writer w = {
        .form = ANSWER_TABLE, .style = {.colour = true, .columns = 60}, .wide = true, .out = &out};
    assert_int_equal(write_answer(&w, COLUMNS, NULL), ASSAY_OK);
    assert_non_null(strstr(text_view(&out), "holds it whole"));
    assert_non_null(strstr(text_view(&out), "\033[38;5;244mNULL\033[0m"));
    assert_non_null(strstr(text_view(&out), "\\x1b[31mred"));
    answer_writer_clear(&w);
    text_clear(&out);
}

static assay_code count_bytes(void *context, text *out, assay_err *err)
{
    (void)err;
    *(size_t *)context += out->length;
    text_clear(out);
    return ASSAY_OK;
}

static void much_is_handed_on_as_it_gathers(void **state)
{
    (void)state;
    size_t bytes = 0;
    text out;
    text_init(&out, (size_t)2 << 20);
    answer_writer w = {.form = ANSWER_CSV, .out = &out, .flush = count_bytes, .context = &bytes};
    const sql_sink sink = answer_sink(&w);
    assert_int_equal(sink.begin(sink.context, columns, 1, NULL), ASSAY_OK);
    static char long_text[100000];
    memset(long_text, 'x', sizeof long_text);
    const sql_cell cell = {long_text, sizeof long_text};
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(sink.row(sink.context, &cell, NULL), ASSAY_OK);
    assert_true(bytes > 8000000);
    assert_int_equal(answer_finish(&w, &(sql_notes){.row_count = 100}, NULL), ASSAY_OK);
    assert_int_equal(bytes, 5 + 100 * 100001);
    answer_writer_clear(&w);
    text_clear(&out);
}

static void a_table_of_too_much_is_refused(void **state)
{
    (void)state;
    text out;
    text_init(&out, REPORT_BYTES_MOST);
    answer_writer w = {.form = ANSWER_TABLE, .wide = true, .out = &out};
    const sql_sink sink = answer_sink(&w);
    assert_int_equal(sink.begin(sink.context, columns, 1, NULL), ASSAY_OK);
    static char long_text[1 << 20];
    memset(long_text, 'x', sizeof long_text);
    const sql_cell cell = {long_text, sizeof long_text};
    assay_err err = {0};
    assay_code code = ASSAY_OK;
    for (size_t i = 0; i < 65 && code == ASSAY_OK; i++)
        code = sink.row(sink.context, &cell, &err);
    assert_int_equal(code, ASSAY_E_LIMIT);
    assert_string_equal(err.msg,
                        "sql: the table would hold more than 64 MiB; --csv or --json has no limit");
    answer_writer_clear(&w);
    text_clear(&out);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (int form = ANSWER_TABLE; form <= ANSWER_JSON; form++) {
        for (uint64_t n = 0;; n++) {
            text out;
            text_init(&out, REPORT_BYTES_MOST);
            answer_writer w = {.form = (answer_form)form, .style = {.columns = 80}, .out = &out};
            mem_fail_after(n);
            const assay_code code = write_answer(&w, COLUMNS, NULL);
            mem_fail_after(UINT64_MAX);
            answer_writer_clear(&w);
            text_clear(&out);
            assert_int_equal(mem_live(), live);
            if (code == ASSAY_OK)
                break;
            assert_int_equal(code, ASSAY_E_NOMEM);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_as_the_standard_has_it),
        cmocka_unit_test(json_keeps_what_a_double_would_lose_as_text),
        cmocka_unit_test(an_answer_without_rows_is_still_one),
        cmocka_unit_test(the_table_is_aligned_cut_and_safe),
        cmocka_unit_test(no_line_is_wider_than_the_page),
        cmocka_unit_test(a_wide_table_shows_all),
        cmocka_unit_test(much_is_handed_on_as_it_gathers),
        cmocka_unit_test(a_table_of_too_much_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}
