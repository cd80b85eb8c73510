/* The use-case behind `assay find similar`. */
#include "project/find_similar.h"

#include "knn/exact.h"
#include "project/join.h"
#include "store/project_folder.h"
#include "store/project_neighbours.h"

#include <math.h>
#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(project_neighbours)
ASSAY_AUTO_CLEAR_DECLARE(joined)

void found_similar_clear(found_similar *found)
{
    mem_free(found->row);
    mem_free(found->similarity);
    *found = (found_similar){0};
}

static assay_code find_sample(const frame *f, const char *key, uint32_t *out, assay_err *err)
{
    const image_list images = {.count = f->row_count, .path = f->path, .id = f->id};
    uint64_t start[2] = {0, strlen(key)};
    ASSAY_AUTO_MEM char *bytes = mem_copy_text(key, strlen(key));
    if (!bytes)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    const text_column keys = {.start = start, .bytes = bytes};
    const join_request request = {.images = &images, .key = &keys, .row_count = 1};
    ASSAY_AUTO_CLEAR(joined) j = {0};
    ASSAY_TRY(join_rows(&request, &j, err));
    *out = j.sample[0];
    return j.matched == 1 ? ASSAY_OK
                          : assay_fail(err, ASSAY_E_USAGE,
                                       "no sample is called '%.300s', or several files are", key);
}

static assay_code read_embedding(const similar_request *r, project_embedding *out, assay_err *err)
{
    duck db;
    bool found = false;
    ASSAY_TRY(project_read(r->project, r->thread_count, &db, err));
    const assay_code code = project_read_embedding(&db, r->embedding, out, &found, err);
    duck_close(&db);
    ASSAY_TRY(code);
    if (found && out->neighbours)
        return ASSAY_OK;
    if (r->embedding)
        return assay_fail(err, ASSAY_E_USAGE, "%s: has no embedding '%.100s'", r->project,
                          r->embedding);
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: what its images look like is not known yet; assay embed %s finds out",
                      r->project, r->project);
}

static assay_code make_room(found_similar *out, size_t count, assay_err *err)
{
    out->row = mem_alloc(count, sizeof *out->row);
    out->similarity = mem_alloc(count, sizeof *out->similarity);
    return out->row && out->similarity
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu samples", count);
}

static void take(found_similar *out, uint32_t row, float distance)
{
    out->row[out->count] = row;
    out->similarity[out->count++] = 1.0 - (double)distance;
}

/* The list that is kept with the project. */
static assay_code take_kept(const project_neighbours *n, size_t limit, found_similar *out,
                            assay_err *err)
{
    ASSAY_TRY(make_room(out, limit, err));
    const uint32_t *index = n->index + (size_t)out->of * n->k;
    const float *distance = n->distance + (size_t)out->of * n->k;
    for (size_t i = 0; i < n->k && out->count < limit && index[i] != NEIGHBOUR_NONE; i++)
        take(out, index[i], distance[i]);
    return ASSAY_OK;
}

/* All samples compared anew, in their order of nearness, until enough of them are wanted. */
static assay_code compare_all(const project_neighbours *n, const similar_request *r, size_t limit,
                              found_similar *out, assay_err *err)
{
    const size_t all = n->row_count;
    ASSAY_AUTO_MEM uint32_t *index = mem_alloc(all, sizeof *index);
    ASSAY_AUTO_MEM float *distance = mem_alloc(all, sizeof *distance);
    if (!index || !distance)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu samples", all);
    const knn_vectors v = {n->vectors, all, n->dimensions};
    const float *query = n->vectors + (size_t)out->of * n->dimensions;
    ASSAY_TRY(knn_exact_one(&v, query, all, index, distance, err));
    ASSAY_TRY(make_room(out, limit, err));
    for (size_t i = 0; i < all && out->count < limit && index[i] != NEIGHBOUR_NONE; i++) {
        if (index[i] != out->of && (!r->rows || selection_has(r->rows, index[i])))
            take(out, index[i], distance[i]);
    }
    return ASSAY_OK;
}

static assay_code find_in(const frame *f, const similar_request *r, found_similar *out,
                          assay_err *err)
{
    ASSAY_TRY(find_sample(f, r->key, &out->of, err));
    ASSAY_AUTO_CLEAR(project_embedding) e = {0};
    ASSAY_AUTO_CLEAR(project_neighbours) n = {0};
    ASSAY_TRY(read_embedding(r, &e, err));
    ASSAY_TRY(project_neighbours_open(r->project, &e, f->row_count, &n, err));
    if (!isfinite(n.vectors[(size_t)out->of * n.dimensions]))
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%.300s: has no vector; its image could not be read, or its row of the embedding "
            "is none",
            r->key);
    const size_t limit = r->limit ? r->limit : n.k;
    const size_t most = f->row_count > 0 ? f->row_count - 1 : 0;
    if (!r->rows && limit <= n.k)
        return take_kept(&n, limit, out, err);
    return compare_all(&n, r, limit < most ? limit : most, out, err);
}

assay_code find_similar(const frame *f, const similar_request *request, found_similar *out,
                        assay_err *err)
{
    *out = (found_similar){0};
    const assay_code code = find_in(f, request, out, err);
    if (code != ASSAY_OK)
        found_similar_clear(out);
    return code;
}
