/* An embedding's files, checked before they are believed. */
#include "store/project_neighbours.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct wanted_file {
    const char *name;
    uint64_t hash;
    npy_kind kind;
    size_t columns; /* 0: any */
} wanted_file;

static assay_code refuse(const char *folder, const char *name, assay_err *err)
{
    return assay_fail(
        err, ASSAY_E_INPUT,
        "%s/embeddings/%s: is damaged: it is not what assay wrote (assay embed makes it "
        "again)",
        folder, name);
}

static assay_code open_wanted(const char *folder, const wanted_file *w, size_t rows, npy_file *out,
                              assay_err *err)
{
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/embeddings/%s", folder, w->name);
    if (length < 0 || length >= (int)sizeof path || strchr(w->name, '/'))
        return assay_fail(err, ASSAY_E_INPUT, "%s: an embedding's file is called '%.100s'", folder,
                          w->name);
    uint64_t hash = 0;
    ASSAY_TRY(file_hash(path, &hash, err));
    if (hash != w->hash)
        return refuse(folder, w->name, err);
    ASSAY_TRY(npy_open(path, out, err));
    const npy_header *h = &out->header;
    const bool fits = h->kind == w->kind && h->item_bytes == 4 && !h->by_column &&
                      h->dimension_count == 2 && h->shape[0] == rows &&
                      (w->columns == 0 || h->shape[1] == w->columns);
    return fits ? ASSAY_OK : refuse(folder, w->name, err);
}

static assay_code open_all(const char *folder, const project_embedding *e, project_neighbours *n,
                           assay_err *err)
{
    const size_t rows = n->row_count;
    const wanted_file vectors = {e->vectors, e->vectors_hash, NPY_FLOAT, e->dimensions};
    ASSAY_TRY(open_wanted(folder, &vectors, rows, &n->vector_file, err));
    n->vectors = (const float *)(const void *)n->vector_file.data;
    n->dimensions = e->dimensions;
    if (!e->neighbours || !e->distances)
        return ASSAY_OK;
    const wanted_file index = {e->neighbours, e->neighbours_hash, NPY_UINT, 0};
    ASSAY_TRY(open_wanted(folder, &index, rows, &n->index_file, err));
    n->k = n->index_file.header.shape[1];
    const wanted_file distance = {e->distances, e->distances_hash, NPY_FLOAT, n->k};
    ASSAY_TRY(open_wanted(folder, &distance, rows, &n->distance_file, err));
    n->index = (const uint32_t *)(const void *)n->index_file.data;
    n->distance = (const float *)(const void *)n->distance_file.data;
    return ASSAY_OK;
}

/* A hash says who wrote the file, not that what was written makes sense here. */
static assay_code check_indices(const char *folder, const project_embedding *e,
                                const project_neighbours *n, assay_err *err)
{
    for (size_t i = 0; i < n->row_count * n->k; i++) {
        if (n->index[i] != UINT32_MAX && n->index[i] >= n->row_count)
            return refuse(folder, e->neighbours, err);
    }
    return ASSAY_OK;
}

assay_code project_neighbours_open(const char *folder, const project_embedding *e,
                                   size_t sample_count, project_neighbours *out, assay_err *err)
{
    *out = (project_neighbours){0};
    project_neighbours n = {.row_count = sample_count};
    assay_code code = open_all(folder, e, &n, err);
    if (code == ASSAY_OK)
        code = check_indices(folder, e, &n, err);
    if (code != ASSAY_OK) {
        project_neighbours_clear(&n);
        return code;
    }
    *out = n;
    return ASSAY_OK;
}

void project_neighbours_clear(project_neighbours *n)
{
    npy_close(&n->vector_file);
    npy_close(&n->index_file);
    npy_close(&n->distance_file);
    *n = (project_neighbours){0};
}
