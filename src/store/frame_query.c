/* A user's query over a frame, where it can do no harm. */
#include "store/frame_query.h"

#include "store/frame_table.h"

assay_code frame_query_beside(const duck *d, const frame *f, const frame_query *q, assay_err *err)
{
    frame_table *table = NULL;
    *q->notes = (sql_notes){0};
    assay_code code =
        f ? frame_table_for_query(f, d, q->options->thread_count, &table, err) : ASSAY_OK;
    if (code == ASSAY_OK)
        code = duck_run(d, "SET lock_configuration = true", err);
    if (code == ASSAY_OK)
        code = sql_query_run(d, q->sql, q->options, q->sink, q->notes, err);
    if (code != ASSAY_OK && table && frame_table_short_of_memory(table))
        code = assay_fail(err, ASSAY_E_NOMEM, "out of memory for the samples");
    q->notes->wants_a_model = table && frame_table_wants_a_model(table);
    frame_table_free(table);
    return code;
}

assay_code frame_query_run(const frame *f, const char *sql, const sql_options *options,
                           const sql_sink *sink, sql_notes *notes, assay_err *err)
{
    duck d;
    *notes = (sql_notes){0};
    const duck_options closed = {.thread_count = options->thread_count, .no_files = true};
    ASSAY_TRY(duck_open(&d, &closed, err));
    const assay_code code =
        frame_query_beside(&d, f, &(frame_query){sql, options, sink, notes}, err);
    duck_close(&d);
    return code;
}
