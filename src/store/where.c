/* A user's SQL condition over the samples: an in-memory DuckDB without files, network or settings,
 * a text that must be one expression, and a watchdog that ends what does not end. */
#include "store/where_limited.h"

#include "base/limits.h"
#include "base/text.h"
#include "store/samples_table.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SQL_ROOM = 256, COLUMNS_BYTES = 900, POKE_MS = 50 };

/* Interrupts the connection from the deadline on, again and again: an interrupt between two steps
 * of a query is forgotten by DuckDB. */
typedef struct watchdog {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    duckdb_connection connection;
    struct timespec deadline;
    bool done, fired;
} watchdog;

static void add_ms(struct timespec *t, long ms)
{
    t->tv_sec += ms / 1000;
    t->tv_nsec += ms % 1000 * 1000000;
    if (t->tv_nsec >= 1000000000) {
        t->tv_nsec -= 1000000000;
        t->tv_sec++;
    }
}

static void *watch(void *argument)
{
    watchdog *w = argument;
    pthread_mutex_lock(&w->lock);
    while (!w->done) {
        if (pthread_cond_timedwait(&w->changed, &w->lock, &w->deadline) == ETIMEDOUT && !w->done) {
            w->fired = true;
            duckdb_interrupt(w->connection);
            add_ms(&w->deadline, POKE_MS);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

static assay_code watchdog_start(watchdog *w, duckdb_connection connection, int limit_ms,
                                 assay_err *err)
{
    *w = (watchdog){.connection = connection};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&w->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&w->lock, NULL);
    clock_gettime(CLOCK_MONOTONIC, &w->deadline);
    add_ms(&w->deadline, limit_ms);
    if (!pthread_create(&w->thread, NULL, watch, w))
        return ASSAY_OK;
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    return assay_fail(err, ASSAY_E_NOMEM, "no thread to watch over the condition");
}

static bool watchdog_stop(watchdog *w)
{
    pthread_mutex_lock(&w->lock);
    w->done = true;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->changed);
    pthread_mutex_destroy(&w->lock);
    return w->fired;
}

static void list_columns(const samples_table *t, char out[COLUMNS_BYTES])
{
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < t->column_count; i++) {
        if (used + strlen(t->column[i].name) + 16 > COLUMNS_BYTES) {
            snprintf(out + used, COLUMNS_BYTES - used, ", … (%zu)", t->column_count);
            return;
        }
        used += (size_t)snprintf(out + used, COLUMNS_BYTES - used, "%s%s", i ? ", " : "",
                                 t->column[i].name);
    }
}

/* Whatever DuckDB says of a condition is about what the user typed. */
static assay_code blame_condition(const samples_table *t, assay_code code, const assay_err *why,
                                  assay_err *err)
{
    if (code == ASSAY_E_NOMEM)
        return assay_fail(err, ASSAY_E_LIMIT, "the condition needs more than %d MiB of memory",
                          CONDITION_MEMORY_MIB);
    if (!strstr(why->msg, "Referenced column") && !strstr(why->msg, "not found in FROM"))
        return assay_fail(err, ASSAY_E_USAGE, "%s", why->msg);
    char columns[COLUMNS_BYTES];
    list_columns(t, columns);
    return assay_fail(err, ASSAY_E_USAGE, "%s; the columns are: %s", why->msg, columns);
}

static assay_code make_sql(text *sql, const char *before, const char *condition, const char *after,
                           assay_err *err)
{
    text_init(sql, CONDITION_BYTES_MOST + SQL_ROOM);
    text_puts(sql, before);
    text_puts(sql, condition);
    text_puts(sql, after);
    return text_check(sql, err);
}

/* Whether the text around the condition is exactly one statement. */
static assay_code check_one(const duck *d, const char *before, const char *condition,
                            const char *after, assay_err *err)
{
    text sql;
    assay_code code = make_sql(&sql, before, condition, after, err);
    if (code == ASSAY_OK) {
        duckdb_extracted_statements statements = NULL;
        const idx_t count = duckdb_extract_statements(d->connection, text_view(&sql), &statements);
        if (count == 0)
            code = duck_fail(DUCKDB_ERROR_PARSER, duckdb_extract_statements_error(statements),
                             "the condition is not an SQL expression", err);
        else if (count != 1)
            code = assay_fail(err, ASSAY_E_USAGE, "the condition must be one SQL expression");
        duckdb_destroy_extracted(&statements);
    }
    text_clear(&sql);
    return code;
}

/* An expression stands between CASE WHEN and THEN, and in brackets. Nothing else stands in both: a
 * list, a statement or an unpaired bracket fails the first, a trick with THEN the second. */
static assay_code check_expression(const duck *d, const char *condition, assay_err *err)
{
    ASSAY_TRY(check_one(d, "SELECT CASE WHEN\n", condition, "\nTHEN 1 END", err));
    return check_one(d, "SELECT 1 WHERE (\n", condition, "\n)", err);
}

static assay_code take_rows(duckdb_result *result, selection *out, assay_err *err)
{
    duckdb_data_chunk chunk;
    while ((chunk = duckdb_fetch_chunk(*result))) {
        const size_t count = duckdb_data_chunk_get_size(chunk);
        const int64_t *row = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
        for (size_t i = 0; i < count; i++) {
            if ((uint64_t)row[i] < out->row_count)
                selection_set(out, (size_t)row[i], true);
        }
        duckdb_destroy_data_chunk(&chunk);
    }
    const char *why = duckdb_result_error(result);
    return why ? duck_fail(duckdb_result_error_type(result), why, "the condition", err) : ASSAY_OK;
}

static assay_code run_condition(const duck *d, const char *condition, selection *out,
                                assay_err *err)
{
    ASSAY_TRY(check_expression(d, condition, err));
    text sql;
    duckdb_prepared_statement statement = NULL;
    assay_code code =
        make_sql(&sql, "SELECT samples.\"row\" FROM samples WHERE (\n", condition, "\n)", err);
    if (code == ASSAY_OK)
        code = duck_prepare(d, text_view(&sql), "the condition", &statement, err);
    text_clear(&sql);
    ASSAY_TRY(code);
    duckdb_result result = {0};
    if (duckdb_nparams(statement) > 0)
        code = assay_fail(err, ASSAY_E_USAGE, "the condition has a parameter without a value");
    else if (duckdb_execute_prepared_streaming(statement, &result) != DuckDBSuccess)
        code = duck_fail(duckdb_result_error_type(&result), duckdb_result_error(&result),
                         "the condition", err);
    else
        code = take_rows(&result, out, err);
    duckdb_destroy_result(&result);
    duckdb_destroy_prepare(&statement);
    return code;
}

static assay_code run_watched(const samples_table *t, const duck *d, const where_limits *limits,
                              selection *out, assay_err *err)
{
    watchdog w;
    assay_err why = {0};
    ASSAY_TRY(watchdog_start(&w, d->connection, limits->milliseconds, err));
    const assay_code code = run_condition(d, limits->condition, out, &why);
    const bool fired = watchdog_stop(&w);
    if (code == ASSAY_OK)
        return ASSAY_OK;
    if (fired && code == ASSAY_E_CANCELLED)
        return assay_fail(err, ASSAY_E_LIMIT, "the condition takes longer than %d s",
                          (limits->milliseconds + 999) / 1000);
    return blame_condition(t, code, &why, err);
}

static assay_code run_in_duck(const samples_table *t, const where_limits *limits, selection *out,
                              assay_err *err)
{
    const duck_options options = {
        .thread_count = t->thread_count, .memory_mib = CONDITION_MEMORY_MIB, .no_files = true};
    duck d;
    ASSAY_TRY(duck_open(&d, &options, err));
    assay_code code = samples_table_register(t, &d, err);
    if (code == ASSAY_OK)
        code = duck_run(&d, "SET lock_configuration = true", err);
    if (code == ASSAY_OK)
        code = run_watched(t, &d, limits, out, err);
    duck_close(&d);
    return code;
}

assay_code where_select_limited(const frame *f, const where_limits *limits, int thread_count,
                                selection *out, assay_err *err)
{
    *out = (selection){0};
    if (strlen(limits->condition) > CONDITION_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "the condition is longer than %d bytes",
                          CONDITION_BYTES_MOST);
    selection rows;
    ASSAY_TRY(selection_init(&rows, f->row_count, false, err));
    samples_table t;
    assay_code code = samples_table_init(&t, f, thread_count, err);
    if (code == ASSAY_OK)
        code = run_in_duck(&t, limits, &rows, err);
    samples_table_clear(&t);
    if (code != ASSAY_OK) {
        selection_clear(&rows);
        return code;
    }
    *out = rows;
    return ASSAY_OK;
}

assay_code where_select(const frame *f, const char *condition, int thread_count, selection *out,
                        assay_err *err)
{
    const where_limits limits = {condition, CONDITION_SECONDS_MOST * 1000};
    return where_select_limited(f, &limits, thread_count, out, err);
}
