/* Numbers out of a project's tables. Memory is the cost of it, so each page is written once: what
 * no row tells of is filled on the way, not beforehand. */
#include "store/project_values.h"

#include "base/mem.h"
#include "base/threads.h"
#include "store/query.h"

#include <math.h>
#include <string.h>

/* A column on its way: all before `next` is written. */
typedef struct arrival {
    double *value;
    size_t count, next;
} arrival;

static void fill_until(arrival *a, size_t end)
{
    while (a->next < end)
        a->value[a->next++] = (double)NAN;
}

static bool is_run(const uint32_t *sample, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        if (sample[i] != sample[0] + i)
            return false;
    }
    return true;
}

/* Rows of which some are missing or out of order, one by one. */
static void take_singly(arrival *a, const uint32_t *sample, const query_column *from, size_t rows)
{
    const double *number = from->at;
    for (size_t i = 0; i < rows; i++) {
        if (sample[i] >= a->count)
            continue;
        fill_until(a, (size_t)sample[i] + 1);
        a->value[sample[i]] = query_is_null(from, i) ? (double)NAN : number[i];
    }
}

static void take_chunk(arrival *a, const query *q, size_t rows)
{
    const uint32_t *sample = query_get(q, 0).at;
    const query_column from = query_get(q, 1);
    if (from.validity || sample[0] + rows > a->count || sample[0] != a->next ||
        !is_run(sample, rows)) {
        take_singly(a, sample, &from, rows);
        return;
    }
    memcpy(a->value + a->next, from.at, rows * sizeof *a->value);
    a->next += rows;
}

assay_code project_read_numbers(const duck *d, const stored_numbers *column, assay_err *err)
{
    arrival a = {.value = column->value, .count = column->value_count};
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, column->sql, column->name, err));
    if (column->parameter)
        ASSAY_TRY(query_bind_count(&q, 1, column->number, err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        if (rows > 0)
            take_chunk(&a, &q, rows);
    }
    fill_until(&a, a.count);
    return ASSAY_OK;
}

/* What the threads share. */
typedef struct reading {
    const duck *d;
    const stored_numbers *column;
    assay_err *why; /* one a worker */
} reading;

static assay_code read_apart(const reading *r, size_t column, assay_err *err)
{
    duck own = {.database = r->d->database};
    if (duckdb_connect(own.database, &own.connection) != DuckDBSuccess)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a connection");
    const assay_code code = project_read_numbers(&own, &r->column[column], err);
    duckdb_disconnect(&own.connection);
    return code;
}

static int read_column(void *context, size_t column, int worker)
{
    const reading *r = context;
    return read_apart(r, column, &r->why[worker]) == ASSAY_OK ? 0 : worker + 1;
}

assay_code project_read_number_columns(const duck *d, const stored_numbers *column, size_t count,
                                       int thread_count, assay_err *err)
{
    const int workers = thread_count < 1 ? 1 : thread_count;
    ASSAY_AUTO_MEM assay_err *why = mem_zalloc((size_t)workers, sizeof *why);
    if (!why)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the metrics");
    reading r = {.d = d, .column = column, .why = why};
    const int failed = threads_run(count, workers, read_column, &r);
    return failed ? assay_fail(err, why[failed - 1].code, "%s", why[failed - 1].msg) : ASSAY_OK;
}
