/* The use-case behind `assay embed`: describe every image, compare all with all, keep it. */
#include "project/embed_images.h"

#include "base/clock.h"
#include "base/mem.h"
#include "embed/descriptor.h"
#include "project/compare_vectors.h"
#include "project/neighbour_measures.h"
#include "project/own_vectors.h"
#include "store/dictionary.h"
#include "store/npy_write.h"
#include "store/project_columns.h"
#include "store/project_images.h"
#include "store/project_measures.h"
#include "store/project_neighbours.h"
#include "store/project_search.h"
#include "store/project_thumbnails.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Static_assert((int)THUMBNAIL_BYTES == (int)DESCRIPTOR_IMAGE_BYTES,
               "the pictures that are kept are those that are described");

/* What the built-in description is made by; another number makes the old ones stale. */
enum { DESCRIPTION_VERSION = 1, NAME_ROOM = 256, VERSIONS_MOST = 100000 };

typedef struct embedding_work {
    project_writer *writer;
    const embed_images_request *request;
    embed_images_notes *notes;
    size_t count;
    measured_state *state;
    uint64_t made_from;
    float *vectors; /* count × dimensions */
    size_t dimensions;
    knn_lists lists;
} embedding_work;

static void embedding_work_clear(embedding_work *e)
{
    mem_free(e->state);
    mem_free(e->vectors);
    knn_lists_clear(&e->lists);
}
ASSAY_AUTO_CLEAR_DECLARE(embedding_work)
ASSAY_AUTO_CLEAR_DECLARE(project_neighbours)

static assay_code embed_nomem(const embedding_work *e, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for the vectors of %zu samples",
                      project_writer_name(e->writer), e->count);
}

/* Pictures of all images that can be read. */
static assay_code make_pictures(embedding_work *e, assay_err *err)
{
    const measure_images_request request = {.thread_count = e->request->thread_count,
                                            .thumbnails = true,
                                            .progress = e->request->progress};
    e->notes->has_measures = true;
    return measure_images(e->writer, &request, &e->notes->measures, err);
}

static assay_code read_state(embedding_work *e, const duck *db, assay_err *err)
{
    ASSAY_TRY(project_count_samples(db, &e->count, err));
    e->state = mem_alloc(e->count, sizeof *e->state);
    if (!e->state)
        return embed_nomem(e, err);
    e->notes->samples = e->count;
    return project_read_measured(db, e->state, e->count, err);
}

/* Whether an embedding of this name is made from the same and its files are whole. */
static assay_code check_up_to_date(const embedding_work *e, const duck *db, bool *out,
                                   assay_err *err)
{
    ASSAY_AUTO_CLEAR(project_embedding) there = {0};
    bool found = false;
    *out = false;
    ASSAY_TRY(project_read_embedding(db, e->notes->name, &there, &found, err));
    if (!found || there.made_from != e->made_from || e->request->again ||
        (e->request->make_default && !there.is_default))
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(project_neighbours) files = {0};
    *out = there.neighbours && project_neighbours_open(project_writer_folder(e->writer), &there,
                                                       e->count, &files, NULL) == ASSAY_OK;
    e->notes->dimensions = there.dimensions;
    e->notes->is_default = there.is_default;
    return ASSAY_OK;
}

static void hash_pictures(embedding_work *e)
{
    uint64_t hash[4] = {DESCRIPTION_VERSION, e->request->seed, e->count, 0};
    for (size_t i = 0; i < e->count; i++) {
        hash[3] = e->state[i].thumbnail_hash;
        hash[0] = text_hash((const char *)hash, sizeof hash);
        e->notes->embedded += e->state[i].thumbnail_hash != 0;
    }
    e->made_from = hash[0];
}

static assay_code describe(embedding_work *e, const project_thumbnails *pictures,
                           const uint8_t *has, assay_err *err)
{
    const descriptor_images images = {project_thumbnails_all(pictures), has, e->count};
    const descriptor_options options = {.seed = e->request->seed,
                                        .thread_count = e->request->thread_count,
                                        .progress = e->request->progress};
    ASSAY_AUTO(descriptor) d = NULL;
    ASSAY_TRY(descriptor_fit(&images, &options, &d, err));
    e->dimensions = descriptor_dimensions(d);
    e->vectors = mem_alloc(e->count * e->dimensions, sizeof *e->vectors);
    if (!e->vectors)
        return embed_nomem(e, err);
    return descriptor_describe(d, &images, &options, e->vectors, err);
}

static assay_code describe_pictures(embedding_work *e, assay_err *err)
{
    ASSAY_AUTO_MEM uint8_t *has = mem_alloc(e->count, 1);
    if (!has)
        return embed_nomem(e, err);
    for (size_t i = 0; i < e->count; i++)
        has[i] = e->state[i].thumbnail_hash != 0;
    project_thumbnails *pictures;
    ASSAY_TRY(project_thumbnails_read(project_writer_folder(e->writer), e->count, &pictures, err));
    const double begun = clock_seconds();
    const assay_code code = describe(e, pictures, has, err);
    project_thumbnails_close(pictures);
    e->notes->describe_seconds = clock_seconds() - begun;
    return code;
}

static assay_code make_built_in(embedding_work *e, assay_err *err)
{
    duck *db;
    bool up_to_date = false;
    ASSAY_TRY(make_pictures(e, err));
    ASSAY_TRY(project_writer_begin(e->writer, &db, err));
    assay_code code = read_state(e, db, err);
    if (code == ASSAY_OK) {
        hash_pictures(e);
        code = check_up_to_date(e, db, &up_to_date, err);
    }
    project_writer_abandon(e->writer);
    ASSAY_TRY(code);
    e->notes->up_to_date = up_to_date;
    /* Not a failure: the measures say why none could be read. */
    if (up_to_date || e->notes->embedded == 0)
        return ASSAY_OK;
    return describe_pictures(e, err);
}

static assay_code take_own(embedding_work *e, assay_err *err)
{
    const embed_images_request *r = e->request;
    const own_vectors_request request = {.from = r->from,
                                         .ids = r->ids,
                                         .rows_in_order = r->rows_in_order,
                                         .allow_unmatched = r->allow_unmatched,
                                         .thread_count = r->thread_count};
    own_vectors own;
    ASSAY_TRY(own_vectors_read(e->writer, &request, &own, err));
    e->vectors = ASSAY_GIVE(own.vectors);
    e->count = own.sample_count;
    e->dimensions = own.dimensions;
    e->notes->samples = own.sample_count;
    e->notes->embedded = own.matched;
    return file_hash(r->from, &e->made_from, err);
}

static assay_code compare(embedding_work *e, assay_err *err)
{
    const embed_images_request *r = e->request;
    const knn_vectors v = {e->vectors, e->count, e->dimensions};
    const compare_vectors_request request = {.embedding = e->notes->name,
                                             .thread_count = r->thread_count,
                                             .progress = r->progress,
                                             .tell = r->tell,
                                             .keep_from = r->keep_from,
                                             .keep_seconds = r->keep_seconds};
    const double begun = clock_seconds();
    ASSAY_TRY(compare_vectors(e->writer, &v, &request, &e->lists, err));
    e->notes->compare_seconds = clock_seconds() - begun;
    e->notes->dimensions = e->dimensions;
    return ASSAY_OK;
}

/* A name in embeddings/ that no file has: "visual.neighbours-2.npy". */
static assay_code free_name(const embedding_work *e, const char *kind, char out[NAME_ROOM],
                            text *path, assay_err *err)
{
    char plain[EMBEDDING_STEM_BYTES];
    embedding_stem(e->notes->name, plain);
    for (int version = 1; version < VERSIONS_MOST; version++) {
        char inside[NAME_ROOM + 16];
        if (version == 1)
            snprintf(out, NAME_ROOM, "%s%s.npy", plain, kind);
        else
            snprintf(out, NAME_ROOM, "%s%s-%d.npy", plain, kind, version);
        snprintf(inside, sizeof inside, "embeddings/%s", out);
        ASSAY_TRY(project_writer_path(e->writer, inside, path, err));
        if (access(text_view(path), F_OK) != 0)
            return ASSAY_OK;
        text_clear(path);
    }
    return assay_fail(err, ASSAY_E_LIMIT, "%s: has %d files already", e->notes->name,
                      VERSIONS_MOST);
}

typedef struct kept_matrix {
    const char *kind;
    npy_write_type type;
    size_t columns;
    const void *at;
} kept_matrix;

static assay_code write_matrix(const embedding_work *e, const kept_matrix *m, const char *path,
                               uint64_t *hash, assay_err *err)
{
    ASSAY_AUTO(npy_writer) writer = NULL;
    ASSAY_TRY(npy_writer_new(path, m->type, e->count, m->columns, &writer, err));
    ASSAY_TRY(npy_writer_put(writer, m->at, e->count, err));
    ASSAY_TRY(npy_writer_finish(writer, err));
    return file_hash(path, hash, err);
}

static assay_code keep_matrix(const embedding_work *e, const kept_matrix *m, char **file,
                              uint64_t *hash, assay_err *err)
{
    char name[NAME_ROOM];
    text path;
    ASSAY_TRY(free_name(e, m->kind, name, &path, err));
    const assay_code code = write_matrix(e, m, text_view(&path), hash, err);
    text_clear(&path);
    ASSAY_TRY(code);
    *file = mem_copy_text(name, strlen(name));
    return *file ? ASSAY_OK : embed_nomem(e, err);
}

static assay_code keep_files(const embedding_work *e, project_embedding *out, assay_err *err)
{
    const char *source = e->request->from ? e->request->from : EMBEDDING_SOURCE_BUILT_IN;
    out->name = mem_copy_text(e->notes->name, strlen(e->notes->name));
    out->source = mem_copy_text(source, strlen(source));
    if (!out->name || !out->source)
        return embed_nomem(e, err);
    out->dimensions = (uint32_t)e->dimensions;
    out->made_from = e->made_from;
    out->is_default = e->request->make_default;
    const kept_matrix vectors = {"", NPY_WRITE_F32, e->dimensions, e->vectors};
    const kept_matrix index = {".neighbours", NPY_WRITE_U32, e->lists.k, e->lists.index};
    const kept_matrix distance = {".distances", NPY_WRITE_F32, e->lists.k, e->lists.distance};
    ASSAY_TRY(keep_matrix(e, &vectors, &out->vectors, &out->vectors_hash, err));
    ASSAY_TRY(keep_matrix(e, &index, &out->neighbours, &out->neighbours_hash, err));
    return keep_matrix(e, &distance, &out->distances, &out->distances_hash, err);
}

static assay_code count_clusters(const embedding_work *e, const duck *db, size_t *out,
                                 assay_err *err)
{
    bool is_default = false;
    *out = 0;
    ASSAY_TRY(project_embedding_is_default(db, e->notes->name, &is_default, err));
    return is_default || e->request->make_default ? count_sample_clusters(db, e->count, out, err)
                                                  : ASSAY_OK;
}

/* Clusters of the samples where metrics are to come of them, found before the database is opened
 * for the change: others want it too. Classes and embeddings stay as they are while this process
 * may write. */
static assay_code cluster(const embedding_work *e, sample_clusters *out, assay_err *err)
{
    duck *db;
    kmeans_options options = {.thread_count = e->request->thread_count, .seed = e->request->seed};
    ASSAY_TRY(project_writer_begin(e->writer, &db, err));
    const assay_code code = count_clusters(e, db, &options.count, err);
    project_writer_abandon(e->writer);
    ASSAY_TRY(code);
    if (options.count == 0)
        return ASSAY_OK;
    const sample_vectors vectors = {e->vectors, e->dimensions};
    return find_sample_clusters(&vectors, e->count, &options, out, err);
}

static assay_code put_all(const embedding_work *e, const duck *db, const sample_clusters *clusters,
                          project_embedding *row, assay_err *err)
{
    ASSAY_TRY(project_put_embedding(db, row, err));
    e->notes->is_default = row->is_default;
    if (!row->is_default)
        return ASSAY_OK;
    const neighbour_lists lists = {.index = e->lists.index,
                                   .distance = e->lists.distance,
                                   .row_count = e->count,
                                   .k = e->lists.k};
    return put_neighbour_measures(db, &lists, clusters, err);
}

static assay_code keep_all(const embedding_work *e, assay_err *err)
{
    ASSAY_AUTO_CLEAR(project_embedding) row = {0};
    ASSAY_AUTO_CLEAR(sample_clusters) clusters = {0};
    ASSAY_TRY(cluster(e, &clusters, err));
    ASSAY_TRY(keep_files(e, &row, err));
    duck *db;
    ASSAY_TRY(project_writer_begin(e->writer, &db, err));
    const assay_code code = put_all(e, db, &clusters, &row, err);
    return project_writer_end(e->writer, code, err);
}

static void name_embedding(const embed_images_request *r, embed_images_notes *notes)
{
    const char *slash = r->from ? strrchr(r->from, '/') : NULL;
    const char *start = r->name   ? r->name
                        : slash   ? slash + 1
                        : r->from ? r->from
                                  : EMBEDDING_BUILT_IN;
    const char *dot = r->name || !r->from ? NULL : strchr(start, '.');
    snprintf(notes->name, sizeof notes->name, "%.*s",
             dot && dot != start ? (int)(dot - start) : (int)sizeof notes->name - 1, start);
}

/* A comparison says itself what becomes of it. */
static assay_code tell_interruption(assay_code code, assay_err *err)
{
    if (code != ASSAY_E_CANCELLED || !err)
        return code;
    const assay_err why = *err;
    return assay_fail(err, code, "%s: no embedding was made yet; assay embed makes it", why.msg);
}

static assay_code embed(embedding_work *e, assay_err *err)
{
    ASSAY_TRY(tell_interruption(e->request->from ? take_own(e, err) : make_built_in(e, err), err));
    if (!e->notes->up_to_date && e->notes->embedded > 0) {
        ASSAY_TRY(compare(e, err));
        ASSAY_TRY(tell_interruption(keep_all(e, err), err));
    }
    project_search_remove(e->writer, e->notes->name);
    return ASSAY_OK;
}

assay_code embed_images(project_writer *w, const embed_images_request *request,
                        embed_images_notes *notes, assay_err *err)
{
    assert(w && request && notes);
    *notes = (embed_images_notes){0};
    name_embedding(request, notes);
    ASSAY_AUTO_CLEAR(embedding_work) e = {.writer = w, .request = request, .notes = notes};
    const assay_code code = embed(&e, err);
    project_writer_tidy(w);
    return code;
}

assay_code refresh_neighbour_measures(const project_writer *w, const duck *db, assay_err *unread,
                                      assay_err *err)
{
    ASSAY_AUTO_CLEAR(project_embedding) there = {0};
    ASSAY_AUTO_CLEAR(project_neighbours) files = {0};
    bool found = false;
    size_t count = 0;
    *unread = (assay_err){0};
    ASSAY_TRY(project_read_embedding(db, NULL, &there, &found, err));
    if (!found || !there.neighbours)
        return ASSAY_OK;
    ASSAY_TRY(project_count_samples(db, &count, err));
    const assay_code code =
        project_neighbours_open(project_writer_folder(w), &there, count, &files, unread);
    if (code != ASSAY_OK)
        return code == ASSAY_E_NOMEM ? assay_fail(err, code, "%s", unread->msg) : ASSAY_OK;
    const neighbour_lists lists = {
        .index = files.index, .distance = files.distance, .row_count = count, .k = files.k};
    return put_label_measures(db, &lists, err);
}
