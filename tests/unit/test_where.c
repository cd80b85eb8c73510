/* Conditions over a small frame: which rows they choose, and what they must never be able to do. */
#include "support/check.h"

#include "base/limits.h"
#include "store/where_limited.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { ROWS = 6, BIG_ROWS = 100000 };

static uint16_t labels[ROWS] = {0, 0, 1, 1, CLASS_MISSING, 1};
static uint16_t predictions[ROWS] = {0, 1, 1, 1, 0, CLASS_MISSING};
static double confidences[ROWS] = {0.9, 0.4, (double)NAN, 0.8, 0.7, 0.1};
static double brightness[ROWS] = {1, 2, 3, 4, 5, (double)NAN};
static uint32_t splits[ROWS] = {0, 1, 0, 1, 0, ATTRIBUTE_MISSING};
static uint64_t id_starts[ROWS + 1] = {0, 1, 2, 3, 4, 5, 6};
static char id_bytes[] = "abcdef";
static char name_brightness[] = "brightness";
static char name_split[] = "my split";
static char name_label[] = "LABEL";
static char value_train[] = "train";
static char value_test[] = "test";
static char *values[] = {value_train, value_test};

static metric_column metrics[] = {{.name = name_brightness, .value = brightness}};
static attribute_column attributes[] = {
    {.name = name_split, .code = splits, .value = values, .value_count = 2},
    {.name = name_label, .code = splits, .value = values, .value_count = 2}};

static frame make_frame(void)
{
    frame f = {.row_count = ROWS,
               .label = labels,
               .prediction = predictions,
               .confidence = confidences,
               .metric = metrics,
               .metric_count = 1,
               .attribute = attributes,
               .attribute_count = 2,
               .id = {.start = id_starts, .bytes = id_bytes}};
    uint16_t code;
    assert_int_equal(class_list_add(&f.classes, "cat", 3, &code, NULL), ASSAY_OK);
    assert_int_equal(class_list_add(&f.classes, "it's", 4, &code, NULL), ASSAY_OK);
    return f;
}

static void expect_rows(const frame *f, const char *condition, const char *rows)
{
    for (int threads = 1; threads <= 2; threads++) {
        selection s;
        assay_err err = {0};
        if (where_select(f, condition, threads, &s, &err) != ASSAY_OK)
            fail_msg("%s: %s", condition, err.msg);
        char chosen[ROWS + 1] = {0};
        for (size_t i = 0, used = 0; i < f->row_count; i++) {
            if (selection_has(&s, i))
                chosen[used++] = (char)('0' + i);
        }
        assert_string_equal(chosen, rows);
        selection_clear(&s);
    }
}

static void conditions_choose_rows(void **state)
{
    (void)state;
    frame f = make_frame();
    expect_rows(&f, "true", "012345");
    expect_rows(&f, "label = 'cat'", "01");
    expect_rows(&f, "prediction = 'it''s'", "123");
    expect_rows(&f, "correct", "023");
    expect_rows(&f, "not correct", "1");
    expect_rows(&f, "correct is null", "45");
    expect_rows(&f, "confidence > 0.5", "034");
    expect_rows(&f, "confidence is null", "2");
    expect_rows(&f, "brightness between 2 and 3", "12");
    expect_rows(&f, "\"my split\" = 'test'", "13");
    expect_rows(&f, "\"my split\" is null", "5");
    expect_rows(&f, "row >= 4", "45");
    expect_rows(&f, "id in ('b', 'f')", "15");
    expect_rows(&f, "brightness > (select avg(brightness) from samples)", "34");
    expect_rows(&f, "row = 1 -- the second", "1");
    expect_rows(&f, "row = 1 /* ; */", "1");
    expect_rows(&f, "id <> ';' and row < 2", "01");
    expect_rows(&f, "false", "");
    class_list_clear(&f.classes);
}

typedef struct refusal {
    const char *condition;
    assay_code code;
    const char *part; /* of the message */
} refusal;

static void what_is_no_condition_is_refused(void **state)
{
    (void)state;
    frame f = make_frame();
    const refusal table[] = {
        {"", ASSAY_E_USAGE, "not an SQL expression"},
        {"--", ASSAY_E_USAGE, "not an SQL expression"},
        {"/*", ASSAY_E_USAGE, "not an SQL expression"},
        {"label =", ASSAY_E_USAGE, "not an SQL expression"},
        {"(label = 'a'", ASSAY_E_USAGE, "not an SQL expression"},
        {"label = 'a", ASSAY_E_USAGE, "not an SQL expression"},
        {"1) OR (1", ASSAY_E_USAGE, "not an SQL expression"},
        {"true) UNION SELECT (1", ASSAY_E_USAGE, "not an SQL expression"},
        {"true THEN 1 END, CASE WHEN true", ASSAY_E_USAGE, "not an SQL expression"},
        {"true, false", ASSAY_E_USAGE, "not an SQL expression"},
        {"SELECT 1", ASSAY_E_USAGE, "not an SQL expression"},
        {"1=1; DROP VIEW samples", ASSAY_E_USAGE, "not an SQL expression"},
        {"true); SELECT (true", ASSAY_E_USAGE, "not an SQL expression"},
        {"true) TO 'made.csv' --", ASSAY_E_USAGE, "not an SQL expression"},
        {"SET enable_external_access=true", ASSAY_E_USAGE, "not an SQL expression"},
        {"row = ?", ASSAY_E_USAGE, "parameter"},
        {"'maybe'", ASSAY_E_USAGE, "the condition: "},
        {"colour = 'red'", ASSAY_E_USAGE,
         "the columns are: row, label, prediction, correct, confidence, id, brightness, my split"},
        {"(SELECT count(*) FROM read_csv('/etc/passwd')) > 0", ASSAY_E_USAGE, "the condition: "},
        {"(SELECT content FROM read_text('/etc/passwd')) LIKE '%'", ASSAY_E_USAGE,
         "the condition: "},
        {"EXISTS (SELECT * FROM glob('/*'))", ASSAY_E_USAGE, "the condition: "},
        {"EXISTS (SELECT * FROM '/etc/passwd')", ASSAY_E_USAGE, "the condition: "},
        {"EXISTS (SELECT * FROM read_blob('/etc/passwd'))", ASSAY_E_USAGE, "the condition: "},
        {"EXISTS (SELECT * FROM read_parquet('s3://bucket/x'))", ASSAY_E_USAGE, "the condition: "},
        {"getenv('HOME') LIKE '%'", ASSAY_E_USAGE, "the condition: "},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        selection s = {.row_count = 77};
        assay_err err = {0};
        const assay_code code = where_select(&f, table[i].condition, 1, &s, &err);
        if (code != table[i].code || !strstr(err.msg, table[i].part))
            fail_msg("%s: code %d: %s", table[i].condition, code, err.msg);
        assert_null(s.word);
    }
    class_list_clear(&f.classes);
}

static void a_condition_that_does_not_end_is_ended(void **state)
{
    (void)state;
    frame f = make_frame();
    const char *conditions[] = {"(SELECT count(*) FROM range(100000000000) a(i), range(1000000) "
                                "b(j) WHERE (i * j) % 7 = 3) > brightness",
                                "EXISTS (WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 0 * "
                                "n FROM t) SELECT * FROM t WHERE n = 2)"};
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        const where_limits limits = {conditions[i], 300};
        selection s;
        assay_err err = {0};
        const time_t before = time(NULL);
        assert_int_equal(where_select_limited(&f, &limits, 2, &s, &err), ASSAY_E_LIMIT);
        assert_string_equal(err.msg, "the condition takes longer than 1 s");
        assert_true(time(NULL) - before <= 5);
        assert_null(s.word);
    }
    class_list_clear(&f.classes);
}

static void a_long_condition_and_a_greedy_one_are_refused(void **state)
{
    (void)state;
    frame f = make_frame();
    static char longest[CONDITION_BYTES_MOST + 2];
    memset(longest, ' ', sizeof longest - 1);
    memcpy(longest, "true", 4);
    selection s;
    assay_err err = {0};
    assert_int_equal(where_select(&f, longest, 1, &s, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "the condition is longer than 16384 bytes");
    longest[CONDITION_BYTES_MOST] = '\0';
    assert_int_equal(where_select(&f, longest, 1, &s, &err), ASSAY_OK);
    selection_clear(&s);
    const char *greedy =
        "(SELECT count(*) FROM (SELECT DISTINCT i FROM range(60000000) t(i))) > row";
    assert_int_equal(where_select(&f, greedy, 1, &s, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "the condition needs more than 512 MiB of memory");
    class_list_clear(&f.classes);
}

static void many_rows_come_in_many_chunks(void **state)
{
    (void)state;
    static uint16_t many[BIG_ROWS];
    frame f = {.row_count = BIG_ROWS, .label = many, .prediction = many};
    uint16_t code;
    assert_int_equal(class_list_add(&f.classes, "only", 4, &code, NULL), ASSAY_OK);
    selection s;
    assert_int_equal(where_select(&f, "row % 3 = 1", 2, &s, NULL), ASSAY_OK);
    for (size_t i = 0; i < BIG_ROWS; i++)
        assert_int_equal(selection_has(&s, i), i % 3 == 1);
    selection_clear(&s);
    class_list_clear(&f.classes);
}

static void a_failed_allocation_leaks_nothing(void **state)
{
    (void)state;
    frame f = make_frame();
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        selection s;
        assay_err err = {0};
        mem_fail_after(n);
        const assay_code code = where_select(&f, "row = 1", 1, &s, &err);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            assert_true(n > 2);
            selection_clear(&s);
            break;
        }
        assert_true(code == ASSAY_E_NOMEM || code == ASSAY_E_LIMIT);
        assert_null(s.word);
        assert_int_equal(mem_live(), live);
    }
    class_list_clear(&f.classes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_choose_rows),
        cmocka_unit_test(what_is_no_condition_is_refused),
        cmocka_unit_test(a_condition_that_does_not_end_is_ended),
        cmocka_unit_test(a_long_condition_and_a_greedy_one_are_refused),
        cmocka_unit_test(many_rows_come_in_many_chunks),
        cmocka_unit_test(a_failed_allocation_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
