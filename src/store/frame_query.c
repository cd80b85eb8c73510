/* A user's query over a frame, where it can do no harm. */
#include "store/frame_query.h"

#include "store/duck.h"
#include "store/frame_table.h"

static assay_code run(const duck *d, frame_table *table, const char *sql,
                      const sql_options *options, const sql_sink *sink, sql_notes *notes,
                      assay_err *err)
{
    ASSAY_TRY(duck_run(d, "SET lock_configuration = true", err));
    const assay_code code = sql_query_run(d, sql, options, sink, notes, err);
    if (code != ASSAY_OK && frame_table_short_of_memory(table))
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the samples");
    return code;
}

assay_code frame_query_run(const frame *f, const char *sql, int thread_count,
                           const sql_options *options, const sql_sink *sink, sql_notes *notes,
                           assay_err *err)
{
    *notes = (sql_notes){0};
    duck d;
    ASSAY_TRY(duck_open(&d, &(duck_options){.thread_count = thread_count, .no_files = true}, err));
    frame_table *table = NULL;
    assay_code code = frame_table_new(f, &d, thread_count, &table, err);
    if (code == ASSAY_OK)
        code = run(&d, table, sql, options, sink, notes, err);
    duck_close(&d);
    frame_table_free(table);
    return code;
}
