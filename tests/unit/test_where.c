#include "store/where_apart.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include "support/check.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROWS = 6 };

/* cat cat 0.9 | cat dog 0.4 | dog dog NaN | (missing) dog 0.7 | dog (missing) 0.6 | it's cat 0.2 */
typedef struct six_rows {
    frame frame;
    uint16_t label[ROWS], prediction[ROWS];
    double confidence[ROWS], brightness[ROWS], clash[ROWS];
    metric_column metric[2];
    uint32_t split_code[ROWS];
    attribute_column attribute;
    uint64_t id_start[ROWS + 1];
} six_rows;

static char *class_names[] = {(char[]){"cat"}, (char[]){"dog"}, (char[]){"it's"}};
static char *splits[] = {(char[]){"train"}, (char[]){"test"}};
static char names[][12] = {"brightness", "Label", "split", "path"};
static char ids[] = "a/1a/2b/3b/4c/5c/6";

static void six_rows_make(six_rows *s)
{
    *s = (six_rows){
        .label = {0, 0, 1, CLASS_MISSING, 1, 2},
        .prediction = {0, 1, 1, 1, CLASS_MISSING, 0},
        .confidence = {0.9, 0.4, (double)NAN, 0.7, 0.6, 0.2},
        .brightness = {0.1, 0.2, 0.3, (double)NAN, 0.5, 0.6},
        .clash = {1, 2, 3, 4, 5, 6},
        .split_code = {0, 0, 1, 1, ATTRIBUTE_MISSING, 1},
    };
    s->metric[0] = (metric_column){.name = names[0], .value = s->brightness};
    s->metric[1] = (metric_column){.name = names[1], .value = s->clash};
    s->attribute = (attribute_column){
        .name = names[2], .code = s->split_code, .value = splits, .value_count = 2};
    for (size_t i = 0; i <= ROWS; i++)
        s->id_start[i] = 3 * i;
    s->frame = (frame){
        .row_count = ROWS,
        .classes = {.name = class_names, .count = 3},
        .label = s->label,
        .prediction = s->prediction,
        .confidence = s->confidence,
        .metric = s->metric,
        .metric_count = 2,
        .attribute = &s->attribute,
        .attribute_count = 1,
        .id = {.name = names[3], .start = s->id_start, .bytes = ids},
    };
}

static void conditions_choose_the_rows_for_which_they_are_true(void **state)
{
    (void)state;
    static const struct {
        const char *condition;
        const char *rows;
    } cases[] = {
        {"true", "123456"},
        {"confidence < 0.5", "26"},
        {"confidence IS NULL", "3"},
        {"label = 'cat'", "12"},
        {"label = 'no such class'", ""},
        {"label = 'it''s'", "6"},
        {"label IS NULL OR prediction IS NULL", "45"},
        {"correct", "13"},
        {"NOT correct", "26"},
        {"brightness > 0.25 AND split = 'test'", "36"},
        {"split IS NULL", "5"},
        {"path LIKE 'b/%'", "34"},
        {"row BETWEEN 2 AND 3", "23"},
        {"label_2 >= 5", "56"},
        {"brightness > (SELECT avg(brightness) FROM samples)", "56"},
        {"label = prediction -- a comment at the end", "13"},
        {"/* ) */ correct", "13"},
        {"hash(row) % 1 = 0", "123456"},
        {"path <> 'random()' AND row = 1", "1"},
        {"(row = 1) OR ((row = 6))", "16"},
        {"\"row\" = 1 OR label = ')'", "1"},
    };
    static six_rows s;
    six_rows_make(&s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        selection rows = {0};
        assay_err err = {0};
        if (where_select(&s.frame, cases[i].condition, &(where_options){.thread_count = 2}, &rows,
                         &err) != ASSAY_OK)
            fail_msg("%s: %s", cases[i].condition, err.msg);
        char got[ROWS + 1] = "";
        for (size_t row = 0; row < ROWS; row++) {
            if (selection_has(&rows, row))
                snprintf(got + strlen(got), 2, "%zu", row + 1);
        }
        assert_string_equal(got, cases[i].rows);
        selection_clear(&rows);
    }
}

static void what_is_not_a_condition_is_refused_in_words(void **state)
{
    (void)state;
#define EXPECTED "; expected one SQL condition such as \"confidence < 0.5 AND label = 'cat'\""
    static const struct {
        const char *condition;
        const char *msg; /* how the message begins */
    } cases[] = {
        {" ", "--where: is empty" EXPECTED},
        {"true; DROP VIEW samples", "--where: has a ';'" EXPECTED},
        {"true) OR (true", "--where: closes a parenthesis that it did not open" EXPECTED},
        {"(true", "--where: has a parenthesis that never closes" EXPECTED},
        {"label = 'cat", "--where: has a quote that never ends" EXPECTED},
        {"true /* ", "--where: has a comment that never ends" EXPECTED},
        {"label = E'\\''", "--where: has an escape string (E'…')" EXPECTED},
        {"row = $1", "--where: has a '$'" EXPECTED},
        {"label = '\xff'", "--where: is not valid UTF-8" EXPECTED},
        {"brihgtness > 1", "--where: there is no column 'brihgtness'; there are: row, label, "
                           "prediction, correct, confidence, path, brightness, Label_2, split"},
        {"random() < 0.5", "--where: calls a random function"},
        {"row = 1 OR RANDOM ( ) < 0.5", "--where: calls a random function"},
        {"true --\r AND random() < 0.5", "--where: calls a random function"},
        {"SELECT 1", "--where: "},
        {"FROM samples SELECT true", "--where: "},
        {"VALUES (true)", "--where: "},
        {"true LIMIT 1", "--where: "},
        {"true ORDER BY row", "--where: "},
        {"label = ", "--where: syntax error at end of input"},
        {"(DELETE FROM samples)", "--where: "},
        {"count(*) > 1", "--where: "},
        {"label", "--where: "},
    };
    static six_rows s;
    six_rows_make(&s);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        selection rows = {0};
        assay_err err = {0};
        assert_int_equal(where_select(&s.frame, cases[i].condition,
                                      &(where_options){.thread_count = 1}, &rows, &err),
                         ASSAY_E_USAGE);
        if (strncmp(err.msg, cases[i].msg, strlen(cases[i].msg)) != 0)
            fail_msg("%s: %s", cases[i].condition, err.msg);
        assert_null(strchr(err.msg, '\n'));
        assert_null(rows.word);
    }
}

static void a_column_that_was_not_loaded_is_not_read(void **state)
{
    (void)state;
    static six_rows s;
    six_rows_make(&s);
    s.metric[1].value = NULL;
    s.attribute.code = NULL;
    s.frame.confidence = NULL; /* nor is such a column taken for the confidence */
    static const struct {
        const char *condition;
        assay_code code;
    } cases[] = {{"brightness > 0.1", ASSAY_OK},
                 {"label_2 > 3", ASSAY_E_USAGE},
                 {"split = 'x'", ASSAY_E_USAGE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        selection rows = {0};
        assay_err err = {0};
        assert_int_equal(where_select(&s.frame, cases[i].condition,
                                      &(where_options){.thread_count = 2}, &rows, &err),
                         cases[i].code);
        if (cases[i].code)
            assert_string_equal(err.msg, "--where: names a column in a way that is not understood");
        selection_clear(&rows);
    }
}

static void nothing_outside_the_samples_can_be_read_or_written(void **state)
{
    (void)state;
    static const char *const conditions[] = {
        "(SELECT count(*) FROM read_csv('/etc/passwd')) > 0",
        "(SELECT count(*) FROM read_text('/etc/passwd')) > 0",
        "(SELECT count(*) FROM glob('/etc/*')) > 0",
        "(SELECT count(*) FROM '/etc/passwd') > 0",
        "(SELECT count(*) FROM read_parquet('https://example.org/x')) > 0",
        "(COPY samples TO '/tmp/assay-must-not-exist.csv')",
        "(SET threads = 1)",
        "(PRAGMA database_list)",
        "(ATTACH '/tmp/assay-must-not-exist.db')",
        "(INSTALL httpfs)",
    };
    static six_rows s;
    six_rows_make(&s);
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        selection rows = {0};
        assay_err err = {0};
        assert_int_equal(
            where_select(&s.frame, conditions[i], &(where_options){.thread_count = 1}, &rows, &err),
            ASSAY_E_USAGE);
        assert_null(rows.word);
    }
    assert_null(fopen("/tmp/assay-must-not-exist.csv", "r"));
    assert_null(fopen("/tmp/assay-must-not-exist.db", "r"));
}

static void a_condition_that_never_ends_is_interrupted(void **state)
{
    (void)state;
    static const char *const conditions[] = {
        "(WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t) "
        "> 0",
        "(SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE a.range + b.range = 7) "
        "> 0",
    };
    static six_rows s;
    six_rows_make(&s);
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        selection rows = {0};
        assay_err err = {0};
        assert_int_equal(where_select(&s.frame, conditions[i],
                                      &(where_options){.thread_count = 2, .seconds = 1}, &rows,
                                      &err),
                         ASSAY_E_LIMIT);
        assert_non_null(strstr(err.msg, "--where: "));
        assert_null(rows.word);
    }
}

static void end_child(const char *why)
{
    _exit(strstr(why, "cannot be interrupted") ? 42 : 1);
}

/* One call of a function that DuckDB does not interrupt; in a child, because giving up ends the
 * process. */
static void a_condition_that_is_deaf_to_its_interruption_is_given_up(void **state)
{
    (void)state;
    static six_rows s;
    six_rows_make(&s);
    const where_options options = {.thread_count = 1, .seconds = 1, .give_up = end_child};
    const pid_t child = fork();
    if (child == 0) {
        selection rows = {0};
        _exit(where_select(&s.frame, "levenshtein(repeat('ab', 300000), repeat('ba', 300000)) > 1",
                           &options, &rows, NULL) == ASSAY_OK
                  ? 2
                  : 3);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

static void a_condition_that_is_too_long_is_refused(void **state)
{
    (void)state;
    static six_rows s;
    six_rows_make(&s);
    static char condition[16386];
    memset(condition, ' ', sizeof condition - 1);
    selection rows = {0};
    assay_err err = {0};
    assert_int_equal(
        where_select(&s.frame, condition, &(where_options){.thread_count = 1}, &rows, &err),
        ASSAY_E_LIMIT);
    assert_string_equal(err.msg, "--where: is 16385 bytes long; at most 16384 are read");
}

static void many_rows_are_scanned_on_several_threads(void **state)
{
    (void)state;
    enum { MANY = 300000 };
    uint16_t *label = mem_zalloc(MANY, sizeof *label);
    double *value = mem_alloc(MANY, sizeof *value);
    assert_non_null(label);
    assert_non_null(value);
    for (size_t i = 0; i < MANY; i++)
        value[i] = (double)(i % 7);
    metric_column metric = {.name = names[0], .value = value};
    const frame f = {.row_count = MANY,
                     .classes = {.name = class_names, .count = 1},
                     .label = label,
                     .prediction = label,
                     .metric = &metric,
                     .metric_count = 1};
    for (int threads = 1; threads <= 7; threads += 3) {
        selection rows = {0};
        assert_int_equal(where_select(&f, "brightness = 3",
                                      &(where_options){.thread_count = threads}, &rows, NULL),
                         ASSAY_OK);
        for (size_t i = 0; i < MANY; i++)
            assert_true(selection_has(&rows, i) == (i % 7 == 3));
        selection_clear(&rows);
    }
    mem_free(label);
    mem_free(value);
}

/* Where none of several models is loaded, a condition is about what is there without one. */
static void of_unchosen_models_a_condition_is_told(void **state)
{
    (void)state;
    static six_rows s;
    six_rows_make(&s);
    s.frame.confidence = NULL;
    s.frame.unchosen_models = (char[]){"cnn, vit"};
    static const struct {
        const char *condition, *msg; /* msg NULL: it is answered */
    } cases[] = {
        {"label = 'cat' AND brightness > 0", NULL},
        {"correct",
         "--where: 'correct' is known only of a model; choose one with --model: cnn, vit"},
        {"label <> Prediction",
         "--where: 'Prediction' is known only of a model; choose one with --model: cnn, vit"},
        {"confidence < 0.5",
         "--where: 'confidence' is known only of a model; choose one with --model: cnn, vit"},
        {"self_confidence < 0.5",
         "--where: 'self_confidence' is known only of a model; choose one with --model: cnn, vit"},
        {"rain > 1", "--where: there is no column 'rain'; there are: row, label, path, brightness, "
                     "Label_2, split (a text stands in 'single quotes'; with --model also those of "
                     "one of: cnn, vit)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        selection rows = {0};
        assay_err err = {0};
        const assay_code code = where_select(&s.frame, cases[i].condition,
                                             &(where_options){.thread_count = 1}, &rows, &err);
        assert_int_equal(code, cases[i].msg ? ASSAY_E_USAGE : ASSAY_OK);
        if (cases[i].msg)
            assert_string_equal(err.msg, cases[i].msg);
        selection_clear(&rows);
    }
}

static void every_allocation_of_ours_may_fail(void **state)
{
    (void)state;
    static six_rows s;
    six_rows_make(&s);
    const size_t live = mem_live();
    for (uint64_t n = 0;; n++) {
        selection rows = {0};
        mem_fail_after(n);
        const assay_code code =
            where_select(&s.frame, "correct", &(where_options){.thread_count = 1}, &rows, NULL);
        mem_fail_after(UINT64_MAX);
        if (code == ASSAY_OK) {
            selection_clear(&rows);
            assert_int_equal(mem_live(), live);
            assert_true(n > 5);
            return;
        }
        assert_true(code == ASSAY_E_NOMEM || code == ASSAY_E_LIMIT);
        assert_null(rows.word);
        assert_int_equal(mem_live(), live);
    }
}

static void apart_it_is_as_here(void **state)
{
    (void)state;
    static const char *const conditions[] = {
        "true",  "NOT correct",   "brightness > 0.25 AND split = 'test'",
        "false", "brightnes > 1", "label = ",
        "1; 2",  "error('no')",
    };
    static six_rows s;
    six_rows_make(&s);
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        selection here = {0}, apart = {0};
        assay_err here_err = {0}, apart_err = {0};
        long here_at = 7, apart_at = 8;
        const where_options in_here = {.thread_count = 1, .position = &here_at};
        const where_options in_apart = {.thread_count = 1, .position = &apart_at};
        const assay_code code = where_select(&s.frame, conditions[i], &in_here, &here, &here_err);
        assert_int_equal(where_select_apart(&s.frame, conditions[i], &in_apart, &apart, &apart_err),
                         code);
        assert_string_equal(apart_err.msg, here_err.msg);
        assert_int_equal(apart_at, here_at);
        assert_int_equal(apart.row_count, here.row_count);
        if (code == ASSAY_OK)
            assert_int_equal(apart.word[0], here.word[0]);
        else
            assert_null(apart.word);
        selection_clear(&here);
        selection_clear(&apart);
    }
}

#define DEAF "levenshtein(repeat('ab', 300000), repeat('ba', 300000)) > 1"

static void apart_it_is_killed_when_it_is_deaf_or_greedy(void **state)
{
    (void)state;
    static const char *const conditions[] = {DEAF, "length(lpad('a', 2000000000, 'b')) > row",
                                             "len(range(500000000)) > row"};
    static six_rows s;
    six_rows_make(&s);
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        selection rows = {0};
        assay_err err = {0};
        const double began = clock_seconds();
        assert_int_equal(where_select_apart(&s.frame, conditions[i],
                                            &(where_options){.thread_count = 1, .seconds = 1},
                                            &rows, &err),
                         ASSAY_E_LIMIT);
        /* Far below what any of them takes; a machine under load is slow. */
        assert_true(clock_seconds() - began < 60);
        if (i == 0)
            assert_string_equal(err.msg, "--where: did not end within 1 second");
        assert_null(rows.word);
    }
    selection rows = {0};
    assert_int_equal(
        where_select_apart(&s.frame, "correct", &(where_options){.thread_count = 1}, &rows, NULL),
        ASSAY_OK);
    selection_clear(&rows);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* none is left */
}

typedef struct asker {
    const frame *frame;
    pthread_t thread;
    assay_code code;
} asker;

static void *ask_deaf(void *context)
{
    asker *a = context;
    selection rows = {0};
    a->code = where_select_apart(a->frame, DEAF, &(where_options){.thread_count = 1, .seconds = 1},
                                 &rows, NULL);
    return NULL;
}

static void apart_only_some_run_at_once(void **state)
{
    (void)state;
    enum { ASKERS = 2 * CONDITIONS_AT_ONCE };
    static six_rows s;
    six_rows_make(&s);
    asker askers[ASKERS];
    int killed = 0, sent_away = 0;
    for (size_t i = 0; i < ASKERS; i++) {
        askers[i] = (asker){.frame = &s.frame};
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_deaf, &askers[i]), 0);
    }
    for (size_t i = 0; i < ASKERS; i++) {
        pthread_join(askers[i].thread, NULL);
        killed += askers[i].code == ASSAY_E_LIMIT;
        sent_away += askers[i].code == ASSAY_E_CONFLICT;
    }
    /* A place is free after two seconds, and nobody waits for longer than one. */
    assert_int_equal(killed, CONDITIONS_AT_ONCE);
    assert_int_equal(sent_away, ASKERS - CONDITIONS_AT_ONCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_choose_the_rows_for_which_they_are_true),
        cmocka_unit_test(what_is_not_a_condition_is_refused_in_words),
        cmocka_unit_test(a_column_that_was_not_loaded_is_not_read),
        cmocka_unit_test(nothing_outside_the_samples_can_be_read_or_written),
        cmocka_unit_test(a_condition_that_never_ends_is_interrupted),
        cmocka_unit_test(a_condition_that_is_deaf_to_its_interruption_is_given_up),
        cmocka_unit_test(a_condition_that_is_too_long_is_refused),
        cmocka_unit_test(many_rows_are_scanned_on_several_threads),
        cmocka_unit_test(of_unchosen_models_a_condition_is_told),
        cmocka_unit_test(every_allocation_of_ours_may_fail),
        cmocka_unit_test(apart_it_is_as_here),
        cmocka_unit_test(apart_it_is_killed_when_it_is_deaf_or_greedy),
        cmocka_unit_test(apart_only_some_run_at_once),
    };
    return cmocka_run_group_tests_name("where", tests, NULL, NULL);
}
