/* One statement that only reads, and every kind of value it may answer with. */
#include "store/sql_query.h"

#include "base/mem.h"
#include "base/text.h"
#include "store/duck.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Gathers "name:kind|…" and then "value|…;" a row, NULL as ∅. */
typedef struct gathered {
    text columns, rows;
    size_t count;
    uint64_t fail_at; /* a row that the sink refuses; 0: none */
    uint64_t seen;
} gathered;

static const char kinds[] = "tbidr";

static assay_code take_columns(void *context, const sql_column *column, size_t count,
                               assay_err *err)
{
    (void)err;
    gathered *g = context;
    g->count = count;
    for (size_t i = 0; i < count; i++)
        text_printf(&g->columns, "%s:%c|", column[i].name, kinds[column[i].kind]);
    return ASSAY_OK;
}

static assay_code take_row(void *context, const sql_cell *cell, assay_err *err)
{
    gathered *g = context;
    if (++g->seen == g->fail_at)
        return assay_fail(err, ASSAY_E_IO, "the disk is full");
    for (size_t i = 0; i < g->count; i++) {
        if (cell[i].at)
            text_put(&g->rows, cell[i].at, cell[i].length);
        text_puts(&g->rows, cell[i].at ? "|" : "∅|");
    }
    text_puts(&g->rows, ";");
    return ASSAY_OK;
}

static duck database;

static assay_code ask(const char *sql, const sql_options *options, gathered *g, sql_notes *notes,
                      assay_err *err)
{
    const uint64_t fail_at = g->fail_at;
    *g = (gathered){.fail_at = fail_at};
    text_init(&g->columns, 1 << 20);
    text_init(&g->rows, (size_t)1 << 30);
    const sql_sink sink = {.context = g, .begin = take_columns, .row = take_row};
    return sql_query_run(&database, sql, options, &sink, notes, err);
}

static void drop(gathered *g)
{
    text_clear(&g->columns);
    text_clear(&g->rows);
}

static void every_kind_of_value_is_read(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        char kind;
        const char *value;
    } cases[] = {
        {"true", 'b', "true"},
        {"NULL", 'i', "∅"},
        {"NULL::DOUBLE", 'r', "∅"},
        {"(-128)::TINYINT", 'i', "-128"},
        {"32767::SMALLINT", 'i', "32767"},
        {"(-2147483648)::INTEGER", 'i', "-2147483648"},
        {"9223372036854775807", 'i', "9223372036854775807"},
        {"18446744073709551615::UBIGINT", 'i', "18446744073709551615"},
        {"255::UTINYINT", 'i', "255"},
        {"170141183460469231731687303715884105727::HUGEINT", 'i',
         "170141183460469231731687303715884105727"},
        {"340282366920938463463374607431768211455::UHUGEINT", 'i',
         "340282366920938463463374607431768211455"},
        {"1.50::DECIMAL(4, 2)", 'd', "1.50"},
        {"(-0.05)::DECIMAL(18, 3)", 'd', "-0.050"},
        {"12345678901234567890123456789012345.678::DECIMAL(38, 3)", 'd',
         "12345678901234567890123456789012345.678"},
        {"0.1::FLOAT", 'r', "0.1"},
        {"0.1::DOUBLE + 0.2::DOUBLE", 'r', "0.30000000000000004"},
        {"1e300::DOUBLE", 'r', "1e+300"},
        {"5e-324::DOUBLE", 'r', "5e-324"},
        {"'nan'::DOUBLE", 'r', "nan"},
        {"'-infinity'::DOUBLE", 'r', "-inf"},
        {"DATE '2024-02-29'", 't', "2024-02-29"},
        {"TIME '01:02:03.5'", 't', "01:02:03.5"},
        {"TIMESTAMP '2024-02-29 01:02:03.000001'", 't', "2024-02-29 01:02:03.000001"},
        {"'2024-02-29 01:02:03'::TIMESTAMP_NS", 't', "2024-02-29 01:02:03"},
        {"'2024-02-29 01:02:03'::TIMESTAMP_S", 't', "2024-02-29 01:02:03"},
        {"INTERVAL '3 days 2 hours'", 't', "3 days 02:00:00"},
        {"'\\xAA\\x00z'::BLOB", 't', "\\xAA\\x00z"},
        {"'0101'::BIT", 't', "0101"},
        {"'11111111-2222-3333-4444-555555555555'::UUID", 't',
         "11111111-2222-3333-4444-555555555555"},
        {"[1, NULL, 3]", 't', "[1, NULL, 3]"},
        {"[['a'], []]", 't', "[[a], []]"},
        {"{'a': 1, 'b': [true]}", 't', "{'a': 1, 'b': [true]}"},
        {"MAP {'k': 2}", 't', "{k=2}"},
        {"[1, 2]::INTEGER[2]", 't', "[1, 2]"},
        {"'cat'::ENUM('dog', 'cat')", 't', "cat"},
        {"union_value(n := 7)", 't', "7"},
        {"''", 't', ""},
        {"'日本 ;|'", 't', "日本 ;|"},
        {"'two' || chr(10) || 'lines'", 't', "two\nlines"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[256];
        char expected[256];
        snprintf(sql, sizeof sql, "SELECT %s AS x", cases[i].sql);
        gathered g = {0};
        sql_notes notes;
        assay_err err = {0};
        if (ask(sql, &(sql_options){0}, &g, &notes, &err) != ASSAY_OK)
            fail_msg("%s: %s", sql, err.msg);
        assert_int_equal(notes.row_count, 1);
        assert_false(notes.more);
        snprintf(expected, sizeof expected, "%s|;", cases[i].value);
        assert_string_equal(text_view(&g.rows), expected);
        snprintf(expected, sizeof expected, "x:%c|", cases[i].kind);
        assert_string_equal(text_view(&g.columns), expected);
        drop(&g);
    }
}

static void numbers_read_back_to_the_same_bits(void **state)
{
    (void)state;
    gathered g = {0};
    sql_notes notes;
    assert_int_equal(
        ask("SELECT sqrt(i::DOUBLE) * pow(10, i % 600 - 300) FROM range(1, 20000) t(i) "
            "ORDER BY i",
            &(sql_options){0}, &g, &notes, NULL),
        ASSAY_OK);
    gathered again = {0};
    assert_int_equal(ask("SELECT CAST(CAST(x AS VARCHAR) AS DOUBLE) = x, count(*) FROM (SELECT "
                         "sqrt(i::DOUBLE) * pow(10, i % 600 - 300) AS x FROM range(1, 20000) t(i)) "
                         "GROUP BY 1",
                         &(sql_options){0}, &again, &notes, NULL),
                     ASSAY_OK);
    assert_string_equal(text_view(&again.rows), "true|19999|;");
    drop(&g);
    drop(&again);
}

static void statements_that_read_are_run(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *columns, *rows; /* NULL: not looked at */
    } cases[] = {
        {"SELECT 1 AS a, 2 AS a;", "a:i|a:i|", "1|2|;"},
        {" select 'x' -- a comment at the end", "'x':t|", "x|;"},
        {"SELECT 3 /* ; */ ;;\n ", "3:i|", "3|;"},
        {"FROM pets ORDER BY name DESC", "name:t|legs:i|", "dog|4|;bird|2|;∅|3|;"},
        {"WITH t AS (SELECT 1 AS x) SELECT x + 1 AS y FROM t", "y:i|", "2|;"},
        {"VALUES (1, 'a'), (2, NULL)", "col0:i|col1:t|", "1|a|;2|∅|;"},
        {"SELECT * FROM pets WHERE false", "name:t|legs:i|", ""},
        {"SELECT legs FROM pets UNION ALL SELECT 0 ORDER BY 1 LIMIT 2", "legs:i|", "0|;2|;"},
        {"SELECT ')' || '(' AS \"a)\"", "a):t|", ")(|;"},
        {"DESCRIBE pets", NULL, "name|VARCHAR|YES|∅|∅|∅|;legs|INTEGER|YES|∅|∅|∅|;"},
        {"SHOW TABLES", "name:t|", "pets|;"},
        {"SUMMARIZE pets", NULL, NULL},
        {"EXPLAIN SELECT * FROM pets", NULL, NULL},
        {"SELECT column_name FROM (DESCRIBE pets)", "column_name:t|", "name|;legs|;"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gathered g = {0};
        sql_notes notes;
        assay_err err = {0};
        const assay_code code = ask(cases[i].sql, &(sql_options){0}, &g, &notes, &err);
        if (code != ASSAY_OK)
            fail_msg("%s: %s", cases[i].sql, err.msg);
        if (cases[i].columns)
            assert_string_equal(text_view(&g.columns), cases[i].columns);
        if (cases[i].rows)
            assert_string_equal(text_view(&g.rows), cases[i].rows);
        drop(&g);
    }
}

typedef struct refusal {
    const char *name, *sql;
    assay_code code;
    const char *msg; /* how it begins */
} refusal;

static void what_does_not_only_read_is_refused(void **state)
{
    (void)state;
#define READS "sql: only reads: SELECT, DESCRIBE, SHOW, SUMMARIZE or EXPLAIN"
    static const refusal cases[] = {
        {"nothing", "", ASSAY_E_USAGE, "sql: there is no statement"},
        {"a comment", "-- nothing", ASSAY_E_USAGE, "sql: there is no statement"},
        {"two", "SELECT 1; SELECT 2", ASSAY_E_USAGE,
         "sql: there are 2 statements; one at a time is run"},
        {"syntax", "SELEC 1", ASSAY_E_USAGE, "sql: syntax error at or near \"SELEC\""},
        {"no table", "SELECT * FROM cats", ASSAY_E_USAGE,
         "sql: Table with name cats does not exist!"},
        {"closing", "SELECT 1) AS t(c0), (SELECT 2", ASSAY_E_USAGE, "sql: syntax error"},
        {"insert", "INSERT INTO pets VALUES ('ant', 6)", ASSAY_E_USAGE, READS},
        {"update", "UPDATE pets SET legs = 0", ASSAY_E_USAGE, READS},
        {"delete", "DELETE FROM pets", ASSAY_E_USAGE, READS},
        {"returning", "DELETE FROM pets RETURNING *", ASSAY_E_USAGE, READS},
        {"create", "CREATE TABLE x AS SELECT 1", ASSAY_E_USAGE, READS},
        {"drop", "DROP TABLE pets", ASSAY_E_USAGE, READS},
        {"alter", "ALTER TABLE pets RENAME TO p", ASSAY_E_USAGE, READS},
        {"copy", "COPY pets TO '/tmp/assay-must-not-exist.csv'", ASSAY_E_USAGE, "sql: "},
        {"attach", "ATTACH '/tmp/assay-must-not-exist.db'", ASSAY_E_USAGE, "sql: "},
        {"set", "SET threads = 1", ASSAY_E_USAGE, READS},
        {"pragma", "PRAGMA threads = 1", ASSAY_E_USAGE, READS},
        {"commit", "COMMIT", ASSAY_E_USAGE, READS},
        {"load", "LOAD httpfs", ASSAY_E_USAGE, READS},
        {"call", "CALL pragma_version()", ASSAY_E_USAGE, READS},
        {"explained delete", "EXPLAIN ANALYZE DELETE FROM pets", ASSAY_E_USAGE, "sql: "},
        {"sequence", "SELECT nextval('s')", ASSAY_E_USAGE, "sql: "},
        {"a file", "SELECT * FROM read_text('/etc/passwd')", ASSAY_E_USAGE, "sql: "},
        {"another file", "FROM '/etc/passwd.csv'", ASSAY_E_USAGE, "sql: "},
        {"files", "FROM glob('/etc/*')", ASSAY_E_USAGE, "sql: "},
        {"parameter", "SELECT $1", ASSAY_E_USAGE,
         "sql: has a parameter, for which there is no value"},
        {"not UTF-8", "SELECT '\xff'", ASSAY_E_USAGE, "sql: is not valid UTF-8"},
        {"what follows", "SELECT 1; -- done", ASSAY_E_USAGE,
         "sql: cannot be read as one query; leave out what follows its end"},
        {"division", "SELECT CAST('x' || legs AS INTEGER) FROM pets", ASSAY_E_USAGE,
         "sql: Could not convert string"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gathered g = {0};
        sql_notes notes = {.row_count = 7};
        assay_err err = {0};
        const assay_code code = ask(cases[i].sql, &(sql_options){0}, &g, &notes, &err);
        if (code != cases[i].code || err.code != code ||
            strncmp(err.msg, cases[i].msg, strlen(cases[i].msg)) != 0)
            fail_msg("%s: %d, %s", cases[i].name, (int)code, err.msg);
        assert_null(strchr(err.msg, '\n'));
        assert_int_equal(notes.row_count, 0);
        drop(&g);
    }
    assert_null(fopen("/tmp/assay-must-not-exist.csv", "r"));
    assert_null(fopen("/tmp/assay-must-not-exist.db", "r"));
    gathered g = {0};
    sql_notes notes;
    assert_int_equal(
        ask("SELECT count(*), sum(legs) FROM pets", &(sql_options){0}, &g, &notes, NULL), ASSAY_OK);
    assert_string_equal(text_view(&g.rows), "3|9|;");
    drop(&g);
}

static void a_statement_that_is_too_long_is_refused(void **state)
{
    (void)state;
    char *sql = malloc(70000);
    assert_non_null(sql);
    memset(sql, ' ', 70000);
    sql[65537] = '\0';
    gathered g = {0};
    sql_notes notes;
    assay_err err = {0};
    assert_int_equal(ask(sql, &(sql_options){0}, &g, &notes, &err), ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "sql: is 65537 bytes long; at most 65536 are read");
    drop(&g);
    free(sql);
}

static void rows_come_in_order_and_stop_at_their_limit(void **state)
{
    (void)state;
    static const struct {
        uint64_t most, rows;
        bool more;
    } cases[] = {{0, 300000, false}, {300000, 300000, false}, {299999, 299999, true}, {1, 1, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        gathered g = {0};
        sql_notes notes;
        const sql_options options = {.row_most = cases[i].most};
        assert_int_equal(
            ask("SELECT i FROM range(300000) t(i) ORDER BY -i", &options, &g, &notes, NULL),
            ASSAY_OK);
        assert_int_equal(notes.row_count, cases[i].rows);
        assert_true(notes.more == cases[i].more);
        const char *at = text_view(&g.rows);
        for (uint64_t row = 0; row < notes.row_count; row++) {
            char *end;
            assert_int_equal(strtoull(at, &end, 10), 299999 - row);
            at = end + 2;
        }
        drop(&g);
    }
}

static void a_statement_that_never_ends_is_interrupted(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
        "SELECT a.range FROM range(100000000) a, range(100000000) b WHERE a.range + b.range = -7",
    };
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        gathered g = {0};
        sql_notes notes;
        assay_err err = {0};
        assert_int_equal(ask(statements[i], &(sql_options){.seconds = 1}, &g, &notes, &err),
                         ASSAY_E_LIMIT);
        assert_non_null(strstr(err.msg, "sql: "));
        drop(&g);
    }
    gathered g = {0};
    sql_notes notes;
    assert_int_equal(ask("SELECT 1", &(sql_options){0}, &g, &notes, NULL), ASSAY_OK);
    drop(&g);
}

static void what_the_sink_says_ends_the_statement(void **state)
{
    (void)state;
    gathered g = {.fail_at = 5000};
    sql_notes notes;
    assay_err err = {0};
    assert_int_equal(ask("SELECT i FROM range(100000) t(i)", &(sql_options){0}, &g, &notes, &err),
                     ASSAY_E_IO);
    assert_string_equal(err.msg, "the disk is full");
    drop(&g);
    g.fail_at = 0;
    assert_int_equal(ask("SELECT 1", &(sql_options){0}, &g, &notes, NULL), ASSAY_OK);
    drop(&g);
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        gathered g = {0};
        sql_notes notes;
        mem_fail_after(n);
        const assay_code code = ask("SELECT 1, 'x', [2]", &(sql_options){0}, &g, &notes, NULL);
        mem_fail_after(UINT64_MAX);
        const bool whole =
            text_check(&g.rows, NULL) == ASSAY_OK && text_check(&g.columns, NULL) == ASSAY_OK;
        drop(&g);
        assert_int_equal(mem_live(), live);
        if (code == ASSAY_OK && whole) {
            assert_true(n > 4);
            break;
        }
        assert_true(code == ASSAY_E_NOMEM || code == ASSAY_OK);
    }
}

static int open_database(void **state)
{
    (void)state;
    const duck_options options = {.thread_count = 2, .memory_mib = 512, .no_files = true};
    if (duck_open(&database, &options, NULL) != ASSAY_OK)
        return -1;
    return duck_run(&database, "CREATE TABLE pets (name VARCHAR, legs INTEGER)", NULL) ||
           duck_run(&database, "INSERT INTO pets VALUES ('dog', 4), ('bird', 2), (NULL, 3)",
                    NULL) ||
           duck_run(&database, "CREATE SEQUENCE s", NULL);
}

static int close_database(void **state)
{
    (void)state;
    duck_close(&database);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_value_is_read),
        cmocka_unit_test(numbers_read_back_to_the_same_bits),
        cmocka_unit_test(statements_that_read_are_run),
        cmocka_unit_test(what_does_not_only_read_is_refused),
        cmocka_unit_test(a_statement_that_is_too_long_is_refused),
        cmocka_unit_test(rows_come_in_order_and_stop_at_their_limit),
        cmocka_unit_test(a_statement_that_never_ends_is_interrupted),
        cmocka_unit_test(what_the_sink_says_ends_the_statement),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
    };
    return cmocka_run_group_tests_name("sql_query", tests, open_database, close_database);
}
