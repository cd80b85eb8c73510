/* Decisions, read once a revision. */
#include "server/decisions.h"

#include "store/project_folder.h"

#include <inttypes.h>
#include <stdio.h>

static void free_decisions(void *at)
{
    decided_labels_clear(at);
    mem_free(at);
}

static assay_code read_decisions(workspace *w, size_t sample_count, decided_labels *out,
                                 assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(workspace_path(w), workspace_threads(w), &db, err));
    const assay_code code = project_read_decisions(&db, sample_count, out, err);
    duck_close(&db);
    return code;
}

static assay_code make(workspace *w, const workspace_view *v, kept_item *item, assay_err *err)
{
    decided_labels *list = mem_zalloc(1, sizeof *list);
    if (!list)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the decisions");
    workspace_lock_database(w);
    const assay_code code = read_decisions(w, workspace_frame(v)->row_count, list, err);
    workspace_unlock_database(w);
    if (code == ASSAY_OK)
        kept_finish(workspace_answers(w), item, list, sizeof *list + list->count * sizeof *list->at,
                    free_decisions);
    else
        mem_free(list);
    return code;
}

assay_code decisions_get(workspace *w, const workspace_view *v, kept_item **out, assay_err *err)
{
    char key[64];
    bool made;
    kept *k = workspace_answers(w);
    snprintf(key, sizeof key, "decisions %" PRIu64, workspace_revision(v));
    ASSAY_TRY(kept_take(k, key, out, &made, err));
    if (made)
        return ASSAY_OK;
    const assay_code code = make(w, v, *out, err);
    if (code != ASSAY_OK)
        kept_abandon(k, ASSAY_GIVE(*out));
    return code;
}
