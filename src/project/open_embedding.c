/* The way from a project's folder to its vectors and neighbours. */
#include "project/open_embedding.h"

#include <string.h>

bool embedding_is_own(const project_embedding *e)
{
    return e->source && strcmp(e->source, EMBEDDING_SOURCE_BUILT_IN) != 0;
}

static assay_code read_embedding(const open_embedding_request *r, project_embedding *out,
                                 bool *found, assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(r->project, r->thread_count, &db, err));
    const assay_code code = project_read_embedding(&db, r->name, out, found, err);
    duck_close(&db);
    ASSAY_TRY(code);
    *found = *found && out->neighbours;
    return ASSAY_OK;
}

static assay_code read_in_a_moment(const open_embedding_request *r, project_embedding *out,
                                   bool *found, assay_err *err)
{
    database_moment_begin(&r->moment);
    const assay_code code = read_embedding(r, out, found, err);
    database_moment_end(&r->moment);
    return code;
}

static assay_code refuse(const open_embedding_request *r, assay_err *err)
{
    if (r->name)
        return assay_fail(err, ASSAY_E_USAGE, "%s: has no embedding '%.100s'", r->project, r->name);
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: what its images look like is not known yet; assay embed %s finds out",
                      r->project, r->project);
}

static assay_code open_into(const open_embedding_request *r, opened_embedding *out, assay_err *err)
{
    bool found = false;
    ASSAY_TRY(read_in_a_moment(r, &out->embedding, &found, err));
    if (!found)
        return r->optional && !r->name ? ASSAY_OK : refuse(r, err);
    return project_neighbours_open(r->project, &out->embedding, r->sample_count, &out->files, err);
}

assay_code open_embedding(const open_embedding_request *request, opened_embedding *out,
                          assay_err *err)
{
    *out = (opened_embedding){0};
    const assay_code code = open_into(request, out, err);
    if (code != ASSAY_OK)
        opened_embedding_clear(out);
    return code;
}

void opened_embedding_clear(opened_embedding *opened)
{
    project_embedding_clear(&opened->embedding);
    project_neighbours_clear(&opened->files);
    *opened = (opened_embedding){0};
}
