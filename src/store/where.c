/* A user's condition, run where it can do no harm: a DuckDB of its own that holds only the frame.
 */
#include "store/where.h"

#include "base/limits.h"
#include "base/text.h"
#include "store/condition.h"
#include "store/duck.h"
#include "store/frame_table.h"
#include "store/watchdog.h"
#include "store/where_position.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

ASSAY_AUTO_CLEAR_DECLARE(selection)

/* Everything that belongs to one condition; cleared in one place. */
typedef struct inquiry {
    duck duck;
    frame_table *table;
    duckdb_prepared_statement statement;
    const char *condition;
    const where_options *options;
} inquiry;

static void inquiry_clear(inquiry *q)
{
    duckdb_destroy_prepare(&q->statement);
    duck_close(&q->duck);
    frame_table_free(q->table);
}

ASSAY_AUTO_CLEAR_DECLARE(inquiry)

static assay_code refuse_unknown_column(const frame_table *t, const char *name, size_t length,
                                        assay_err *err)
{
    enum { LIST_BYTES = 1200 };
    const char *models = frame_table_unchosen_models(t);
    if (models && frame_name_is_of_model(name, length))
        return assay_fail(err, ASSAY_E_USAGE,
                          "--where: '%.*s' is known only of a model; choose one with --model: %s",
                          (int)length, name, models);
    text list;
    text_init(&list, LIST_BYTES);
    for (size_t i = 0; i < frame_table_column_count(t); i++)
        text_printf(&list, "%s%s", i ? ", " : "", frame_table_column_name(t, i));
    const assay_code code =
        assay_fail(err, ASSAY_E_USAGE,
                   "--where: there is no column '%.*s'; there are: %s%s "
                   "(a text stands in 'single quotes'%s%.400s)",
                   (int)(length < 100 ? length : 100), name, text_view(&list),
                   text_check(&list, NULL) == ASSAY_OK ? "" : ", …",
                   models ? "; with --model also those of one of: " : "", models ? models : "");
    text_clear(&list);
    return code;
}

/* What DuckDB says of a condition, as the user's mistake or a limit of ours. */
static assay_code explain(const inquiry *q, duckdb_error_type type, const char *why, assay_err *err)
{
    if (frame_table_short_of_memory(q->table))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the condition");
    if (q->options->position)
        *q->options->position = where_position(q->condition, why);
    size_t length;
    const char *column = why ? duck_unknown_column(why, &length) : NULL;
    if (column)
        return refuse_unknown_column(q->table, column, length, err);
    const assay_code code = duck_fail(type, why, "--where", err);
    if (code == ASSAY_E_NOMEM)
        return assay_fail(err, ASSAY_E_LIMIT, "--where: needs more than %d MiB of memory",
                          CONDITION_MEMORY_MIB);
    if (code == ASSAY_E_CANCELLED)
        return assay_fail(err, ASSAY_E_LIMIT, "--where: did not end within %d second%s",
                          q->options->seconds, q->options->seconds == 1 ? "" : "s");
    if (err)
        err->code = ASSAY_E_USAGE;
    return ASSAY_E_USAGE;
}

/* Prepares "SELECT … WHERE before CONDITION after" into q->statement. The newline ends a comment at
 * the condition's end. */
static assay_code prepare_around(inquiry *q, const char *before, const char *after, assay_err *err)
{
    duckdb_destroy_prepare(&q->statement);
    text sql;
    text_init(&sql, CONDITION_BYTES_MOST + 256);
    text_printf(&sql, "SELECT \"row\" FROM samples WHERE %s\n%s\n%s", before, q->condition, after);
    assay_code code = text_check(&sql, err);
    if (code == ASSAY_OK &&
        duckdb_prepare(q->duck.connection, text_view(&sql), &q->statement) != DuckDBSuccess)
        code = explain(q, DUCKDB_ERROR_INVALID, duckdb_prepare_error(q->statement), err);
    text_clear(&sql);
    return code;
}

/* What is valid both bare and in parentheses is one expression: bare, a query ("SELECT 1") is not;
 * in parentheses, a clause that would follow ("true LIMIT 1") is not. */
static assay_code prepare(inquiry *q, assay_err *err)
{
    ASSAY_TRY(prepare_around(q, "", "", err));
    ASSAY_TRY(prepare_around(q, "(", ")", err));
    if (duckdb_prepared_statement_type(q->statement) != DUCKDB_STATEMENT_TYPE_SELECT)
        return assay_fail(err, ASSAY_E_USAGE, "--where: is not a condition");
    return ASSAY_OK;
}

static void take_rows(duckdb_data_chunk chunk, selection *out)
{
    const idx_t count = duckdb_data_chunk_get_size(chunk);
    const int64_t *row = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    for (idx_t i = 0; i < count; i++)
        selection_set(out, (size_t)row[i] - 1, true);
}

static assay_code fetch_rows(const inquiry *q, selection *out, assay_err *err)
{
    duckdb_result result = {0};
    assay_code code = ASSAY_OK;
    if (duckdb_execute_prepared_streaming(q->statement, &result) == DuckDBSuccess) {
        for (duckdb_data_chunk chunk; (chunk = duckdb_fetch_chunk(result));) {
            take_rows(chunk, out);
            duckdb_destroy_data_chunk(&chunk);
        }
    }
    if (duckdb_result_error(&result))
        code = explain(q, duckdb_result_error_type(&result), duckdb_result_error(&result), err);
    duckdb_destroy_result(&result);
    return code;
}

/* Planning can take long too (a condition of a thousand joins), so it runs under the watchdog. */
static assay_code run(inquiry *q, selection *out, assay_err *err)
{
    watchdog dog;
    const watchdog_limits limits = {
        .what = "--where", .seconds = q->options->seconds, .give_up = q->options->give_up};
    ASSAY_TRY(watchdog_start(&dog, q->duck.connection, &limits, err));
    assay_code code = prepare(q, err);
    if (code == ASSAY_OK)
        code = fetch_rows(q, out, err);
    if (watchdog_stop(&dog) && code != ASSAY_OK)
        return explain(q, DUCKDB_ERROR_INTERRUPT, "INTERRUPT", err);
    return code;
}

/* DuckDB's own limit counts what it buffers, not the result of one function such as repeat().
 * Leaves the limit that was in *before. */
static bool limit_memory(struct rlimit *before)
{
    FILE *status = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;
    const bool known = status && fscanf(status, "%lu", &pages) == 1;
    if (status)
        fclose(status);
    if (!known || getrlimit(RLIMIT_AS, before))
        return false;
    const rlim_t most =
        (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + ((rlim_t)CONDITION_ADDRESS_MIB << 20);
    const struct rlimit lower = {.rlim_cur = most < before->rlim_cur ? most : before->rlim_cur,
                                 .rlim_max = before->rlim_max};
    return setrlimit(RLIMIT_AS, &lower) == 0;
}

static assay_code run_limited(inquiry *q, selection *out, assay_err *err)
{
    struct rlimit before;
    const bool limited = q->options->give_up && limit_memory(&before);
    const assay_code code = run(q, out, err);
    if (limited)
        (void)setrlimit(RLIMIT_AS, &before);
    return code;
}

assay_code where_select(const frame *f, const char *condition, const where_options *options,
                        selection *out, assay_err *err)
{
    *out = (selection){0};
    if (options->position)
        *options->position = -1;
    ASSAY_TRY(condition_check(condition, err));
    where_options settled = *options;
    if (settled.seconds <= 0)
        settled.seconds = CONDITION_SECONDS_MOST;
    ASSAY_AUTO_CLEAR(inquiry) q = {.condition = condition, .options = &settled};
    const duck_options closed = {
        .thread_count = settled.thread_count, .memory_mib = CONDITION_MEMORY_MIB, .no_files = true};
    ASSAY_TRY(duck_open(&q.duck, &closed, err));
    ASSAY_TRY(frame_table_new(f, &q.duck, settled.thread_count, &q.table, err));
    ASSAY_TRY(duck_run(&q.duck, "SET lock_configuration = true", err));
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(selection_init(&rows, f->row_count, false, err));
    ASSAY_TRY(run_limited(&q, &rows, err));
    *out = rows;
    rows = (selection){0};
    return ASSAY_OK;
}
