/* The use-case behind `assay find similar`. */
#include "project/find_similar.h"

#include "knn/exact.h"
#include "project/join.h"
#include "project/open_embedding.h"
#include "store/project_images.h"

#include <assert.h>
#include <math.h>
#include <string.h>

ASSAY_AUTO_CLEAR_DECLARE(joined)

void found_similar_clear(found_similar *found)
{
    mem_free(found->row);
    mem_free(found->similarity);
    *found = (found_similar){0};
}

static assay_code read_root(const similar_request *r, char **out, assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(r->project, r->thread_count, &db, err));
    const assay_code code = project_read_root(&db, out, err);
    duck_close(&db);
    return code;
}

static assay_code find_sample(const frame *f, const similar_request *r, uint32_t *out,
                              assay_err *err)
{
    const char *key = r->key;
    ASSAY_AUTO_MEM char *root = NULL;
    ASSAY_TRY(read_root(r, &root, err));
    const image_list images = {.count = f->row_count, .path = f->path, .id = f->id, .root = root};
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
                          : assay_fail(err, ASSAY_E_USAGE, "%s", j.unmatched.first[0].what);
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

struct similar_index {
    opened_embedding opened;
};

void similar_index_close(similar_index *s)
{
    if (!s)
        return;
    opened_embedding_clear(&s->opened);
    mem_free(s);
}

static void close_index(similar_index **s)
{
    similar_index_close(*s);
}

assay_code similar_index_open(const similar_request *request, size_t sample_count,
                              similar_index **out, assay_err *err)
{
    *out = NULL;
    __attribute__((cleanup(close_index))) similar_index *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    const open_embedding_request wanted = {.project = request->project,
                                           .name = request->embedding,
                                           .sample_count = sample_count,
                                           .thread_count = request->thread_count};
    ASSAY_TRY(open_embedding(&wanted, &s->opened, err));
    *out = ASSAY_GIVE(s);
    return ASSAY_OK;
}

bool similar_index_has(const similar_index *s, uint32_t sample)
{
    const project_neighbours *n = &s->opened.files;
    return isfinite(n->vectors[(size_t)sample * n->dimensions]);
}

size_t similar_index_kept(const similar_index *s)
{
    return s->opened.files.k;
}

neighbour_lists similar_index_lists(const similar_index *s)
{
    const project_neighbours *n = &s->opened.files;
    return (neighbour_lists){n->index, n->distance, n->row_count, n->k};
}

static assay_code look(const similar_index *s, const similar_request *r, found_similar *out,
                       assay_err *err)
{
    const project_neighbours *n = &s->opened.files;
    const size_t limit = r->limit ? r->limit : n->k;
    const size_t most = n->row_count > 0 ? n->row_count - 1 : 0;
    if (!r->rows && limit <= n->k)
        return take_kept(n, limit, out, err);
    return compare_all(n, r, limit < most ? limit : most, out, err);
}

assay_code similar_index_find(const similar_index *s, uint32_t sample,
                              const similar_request *request, found_similar *out, assay_err *err)
{
    *out = (found_similar){.of = sample, .own_vectors = embedding_is_own(&s->opened.embedding)};
    const assay_code code = look(s, request, out, err);
    if (code != ASSAY_OK)
        found_similar_clear(out);
    return code;
}

assay_code find_similar(const frame *f, const similar_request *request, found_similar *out,
                        assay_err *err)
{
    *out = (found_similar){0};
    uint32_t of = 0;
    __attribute__((cleanup(close_index))) similar_index *s = NULL;
    ASSAY_TRY(find_sample(f, request, &of, err));
    ASSAY_TRY(similar_index_open(request, f->row_count, &s, err));
    assert(s && s->opened.files.vectors);
    if (!similar_index_has(s, of))
        return assay_fail(err, ASSAY_E_INPUT,
                          "%.300s: has no vector; its image could not be read, or its row of the "
                          "embedding is none",
                          request->key);
    return similar_index_find(s, of, request, out, err);
}
