/* A user's query over a project. Finds out what a statement names, and opens that: the frame in a
 * DuckDB of its own, or the project's database with the frame beside its tables. */
#include "store/project_query.h"

#include "store/duck.h"
#include "store/frame_query.h"
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

static assay_code run(const project_load_request *request, const named_tables *names,
                      const frame *f, const frame_query *q, assay_err *err)
{
    if (names->samples && !names->others)
        return frame_query_run(f, q->sql, q->options, q->sink, q->notes, err);
    duck d;
    ASSAY_TRY(project_read(request->path, request->thread_count, &d, err));
    const assay_code code = frame_query_beside(&d, f, q, err);
    duck_close(&d);
    return code;
}

/* Where no model was chosen, what is missing may be of one. */
static assay_code explain(const project_load_request *request, const frame *f,
                          const sql_notes *notes, const assay_err *why, assay_err *err)
{
    size_t length;
    const char *column = duck_unknown_column(why->msg, &length);
    const char *models = f ? f->unchosen_models : NULL;
    if (models && (notes->wants_a_model || (column && frame_name_is_of_model(column, length)))) {
        ASSAY_AUTO(frame) none = NULL;
        ASSAY_TRY(project_load(request, &none, err)); /* refuses, and lists them */
    }
    if (models && column)
        return assay_fail(err, why->code, "%s (with --model also the columns of one of: %.400s)",
                          why->msg, models);
    return assay_fail(err, why->code, "%s", why->msg);
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
    /* Several models are no reason to refuse a statement that asks for nothing of theirs. */
    project_load_request in_doubt = *request;
    in_doubt.model_optional = true;
    if (names.samples || request->model || !names.others)
        ASSAY_TRY(project_load(&in_doubt, &f, err));
    const frame_query q = {sql, options, sink, notes};
    assay_err why = {0};
    const assay_code code = run(request, &names, f, &q, &why);
    return code == ASSAY_OK ? ASSAY_OK : explain(request, f, notes, &why, err);
}
