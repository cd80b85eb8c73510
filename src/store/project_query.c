/* A user's query over a project. Finds out what a statement names, and opens that: the frame in a
 * DuckDB of its own, or the project's database with the frame beside its tables. */
#include "store/project_query.h"

#include "store/duck.h"
#include "store/frame_query.h"
#include "store/frame_table.h"
#include "store/project_folder.h"

#include <strings.h>

ASSAY_AUTO_DECLARE(frame)

/* What a statement names. */
typedef struct named_tables {
    bool samples; /* the table of that name */
    bool others;
} named_tables;

static void note_name(const char *name, named_tables *out)
{
    if (!strcasecmp(name, "samples"))
        out->samples = true;
    else
        out->others = true;
}

/* None where DuckDB finds no table in it, or cannot tell: PIVOT, SHOW TABLES, a wrong statement. */
static assay_code find_names(const char *sql, named_tables *out, assay_err *err)
{
    *out = (named_tables){0};
    duck d;
    const duck_options closed = {.thread_count = 1, .no_files = true};
    ASSAY_TRY(duck_open(&d, &closed, err));
    duckdb_value names = duckdb_get_table_names(d.connection, sql, false);
    const idx_t count = names ? duckdb_get_list_size(names) : 0;
    for (idx_t i = 0; i < count; i++) {
        duckdb_value value = duckdb_get_list_child(names, i);
        char *name = duckdb_get_varchar(value);
        if (name)
            note_name(name, out);
        duckdb_free(name);
        duckdb_destroy_value(&value);
    }
    if (names)
        duckdb_destroy_value(&names);
    duck_close(&d);
    return ASSAY_OK;
}

/* A statement, and who is told of its answer. */
typedef struct asked {
    const char *sql;
    const sql_options *options;
    const sql_sink *sink;
    sql_notes *notes;
} asked;

static assay_code run_beside_tables(const duck *d, const frame *f, const asked *a, assay_err *err)
{
    frame_table *table = NULL;
    assay_code code = f ? frame_table_new(f, d, a->options->thread_count, &table, err) : ASSAY_OK;
    if (code == ASSAY_OK)
        code = duck_run(d, "SET lock_configuration = true", err);
    if (code == ASSAY_OK)
        code = sql_query_run(d, a->sql, a->options, a->sink, a->notes, err);
    if (code != ASSAY_OK && table && frame_table_short_of_memory(table))
        code = assay_fail(err, ASSAY_E_NOMEM, "out of memory for the samples");
    frame_table_free(table);
    return code;
}

assay_code project_query_run(const project_load_request *request, const char *sql,
                             const sql_options *options, const sql_sink *sink, sql_notes *notes,
                             assay_err *err)
{
    *notes = (sql_notes){0};
    named_tables names;
    ASSAY_TRY(sql_query_check(sql, err));
    ASSAY_TRY(find_names(sql, &names, err));
    ASSAY_AUTO(frame) f = NULL;
    /* A statement that may not even ask for predictions: several models are no reason to refuse it.
     */
    project_load_request in_doubt = *request;
    in_doubt.model_optional = true;
    if (names.samples || request->model)
        ASSAY_TRY(project_load(request, &f, err));
    else if (!names.others)
        ASSAY_TRY(project_load(&in_doubt, &f, err));
    if (names.samples && !names.others)
        return frame_query_run(f, sql, options, sink, notes, err);
    duck d;
    ASSAY_TRY(project_read(request->path, request->thread_count, &d, err));
    const assay_code code = run_beside_tables(&d, f, &(asked){sql, options, sink, notes}, err);
    duck_close(&d);
    return code;
}
