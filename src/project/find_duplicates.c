/* The use-case behind `assay find duplicates`. */
#include "project/find_duplicates.h"

#include "store/project_folder.h"
#include "store/project_measures.h"
#include "store/project_neighbours.h"
#include "store/project_thumbnails.h"

#include <string.h>

_Static_assert((int)THUMBNAIL_BYTES == (int)SMALL_BYTES,
               "the pictures that are kept are looked at");

/* What is known of the samples' pictures. */
typedef struct pictures {
    const frame *f;
    const duplicates_request *request;
    image_identities identity;
    measured_state *state;
    project_embedding embedding;
    project_neighbours neighbours;
    project_thumbnails *thumbnails;
    uint8_t *has_hash, *has_picture; /* a sample */
    sample_pairs pairs;
    float *strength;
    uint8_t *mirrored;
    double *area, *file_bytes;
    uint16_t *split;
} pictures;

static void pictures_clear(pictures *p)
{
    image_identities_clear(&p->identity);
    mem_free(p->state);
    project_embedding_clear(&p->embedding);
    project_neighbours_clear(&p->neighbours);
    project_thumbnails_close(p->thumbnails);
    mem_free(p->has_hash);
    mem_free(p->has_picture);
    sample_pairs_clear(&p->pairs);
    mem_free(p->strength);
    mem_free(p->mirrored);
    mem_free(p->area);
    mem_free(p->file_bytes);
    mem_free(p->split);
}
ASSAY_AUTO_CLEAR_DECLARE(pictures)

void found_duplicates_clear(found_duplicates *found)
{
    duplicate_groups_clear(&found->groups);
    *found = (found_duplicates){0};
}

static assay_code pictures_nomem(const pictures *p, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pictures", p->f->row_count);
}

static assay_code read_tables(pictures *p, const duck *db, assay_err *err)
{
    const size_t count = p->f->row_count;
    bool found = false;
    p->state = mem_alloc(count, sizeof *p->state);
    if (!p->state)
        return pictures_nomem(p, err);
    ASSAY_TRY(project_read_measured(db, p->state, count, err));
    ASSAY_TRY(project_read_identities(db, count, &p->identity, err));
    return project_read_embedding(db, NULL, &p->embedding, &found, err);
}

static assay_code read_project(pictures *p, assay_err *err)
{
    duck db;
    database_moment_begin(&p->request->moment);
    assay_code code = project_read(p->request->project, p->request->thread_count, &db, err);
    if (code == ASSAY_OK) {
        code = read_tables(p, &db, err);
        duck_close(&db);
    }
    database_moment_end(&p->request->moment);
    return code;
}

/* Who takes part: measured, and among the rows that are asked for. */
static assay_code choose_samples(pictures *p, assay_err *err)
{
    const size_t count = p->f->row_count;
    size_t measured = 0;
    p->has_hash = mem_zalloc(count, 1);
    p->has_picture = mem_zalloc(count, 1);
    if (!p->has_hash || !p->has_picture)
        return pictures_nomem(p, err);
    for (size_t i = 0; i < count; i++) {
        measured += p->state[i].measured;
        if (p->request->rows && !selection_has(p->request->rows, i))
            p->identity.width[i] = 0;
        p->has_hash[i] = p->identity.width[i] > 0;
        p->has_picture[i] = p->has_hash[i] && p->state[i].thumbnail_hash != 0;
    }
    return measured > 0
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_INPUT,
                            "%s: its images have not been measured; assay embed %s does it",
                            p->request->project, p->request->project);
}

/* Pictures whose rows in the file are what the tables say. */
static assay_code open_pictures(pictures *p, found_duplicates *out, assay_err *err)
{
    const assay_code code =
        project_thumbnails_read(p->request->project, p->f->row_count, &p->thumbnails, err);
    if (code == ASSAY_E_NOMEM)
        return code;
    const uint8_t *all = p->thumbnails ? project_thumbnails_all(p->thumbnails) : NULL;
    for (size_t i = 0; i < p->f->row_count; i++) {
        if (p->has_picture[i] &&
            (!all || thumbnail_hash(all + i * THUMBNAIL_BYTES) != p->state[i].thumbnail_hash))
            p->has_picture[i] = 0;
        out->has_pictures |= p->has_picture[i] != 0;
    }
    return ASSAY_OK;
}

static assay_code suspect_by_neighbours(pictures *p, found_duplicates *out, assay_err *err)
{
    if (!p->embedding.neighbours)
        return ASSAY_OK;
    ASSAY_TRY(project_neighbours_open(p->request->project, &p->embedding, p->f->row_count,
                                      &p->neighbours, err));
    const neighbour_lists lists = {.index = p->neighbours.index,
                                   .distance = p->neighbours.distance,
                                   .row_count = p->neighbours.row_count,
                                   .k = p->neighbours.k};
    out->has_neighbours = true;
    return suspect_neighbours(&lists, &p->pairs, err);
}

/* Pairs of which one takes no part are none. */
static void drop_others(pictures *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->pairs.count; i++) {
        const sample_pair pair = p->pairs.at[i];
        if (p->has_hash[pair.first] && p->has_hash[pair.second])
            p->pairs.at[kept++] = pair;
    }
    p->pairs.count = kept;
}

static assay_code look(pictures *p, const pixel_identity *pixels, found_duplicates *out,
                       assay_err *err)
{
    const duplicates_request *r = p->request;
    const hash_pairs_options options = {.mirrored = true, .progress = r->progress};
    ASSAY_TRY(open_pictures(p, out, err));
    if (!out->has_pictures)
        return ASSAY_OK;
    ASSAY_TRY(hash_pairs_find(p->identity.perceptual_hash, p->has_hash, p->f->row_count, &options,
                              &p->pairs, err));
    ASSAY_TRY(suspect_by_neighbours(p, out, err));
    ASSAY_TRY(sample_pairs_order(&p->pairs, err));
    drop_others(p);
    out->suspects = p->pairs.count;
    p->strength = mem_alloc(p->pairs.count, sizeof *p->strength);
    p->mirrored = mem_alloc(p->pairs.count, sizeof *p->mirrored);
    if (!p->strength || !p->mirrored)
        return pictures_nomem(p, err);
    const pair_view view = {.small = {project_thumbnails_all(p->thumbnails), p->has_picture},
                            .pixels = pixels,
                            .thread_count = r->thread_count,
                            .progress = r->progress};
    const pair_looks looks = {p->strength, p->mirrored};
    return look_at_pairs(&p->pairs, &view, &looks, err);
}

/* The split of each sample, as codes of 16 bits; NULL where the project has none. */
static assay_code read_split(pictures *p, assay_err *err)
{
    const frame *f = p->f;
    for (size_t a = 0; a < f->attribute_count; a++) {
        const attribute_column *column = &f->attribute[a];
        if (strcmp(column->name, "split") != 0 || column->value_count >= CLASS_MISSING)
            continue;
        p->split = mem_alloc(f->row_count, sizeof *p->split);
        if (!p->split)
            return pictures_nomem(p, err);
        for (size_t i = 0; i < f->row_count; i++)
            p->split[i] = column->code[i] == ATTRIBUTE_MISSING ? (uint16_t)CLASS_MISSING
                                                               : (uint16_t)column->code[i];
        return ASSAY_OK;
    }
    return ASSAY_OK;
}

static assay_code read_facts(pictures *p, sample_facts *out, assay_err *err)
{
    const size_t count = p->f->row_count;
    p->area = mem_alloc(count, sizeof *p->area);
    p->file_bytes = mem_alloc(count, sizeof *p->file_bytes);
    if (!p->area || !p->file_bytes)
        return pictures_nomem(p, err);
    for (size_t i = 0; i < count; i++) {
        p->area[i] = (double)p->identity.width[i] * (double)p->identity.height[i];
        p->file_bytes[i] = (double)p->identity.file_bytes[i];
    }
    ASSAY_TRY(read_split(p, err));
    *out = (sample_facts){p->area, p->file_bytes, p->f->label, p->split};
    return ASSAY_OK;
}

static void count_groups(const frame *f, found_duplicates *out)
{
    for (size_t g = 0; g < out->groups.count; g++) {
        out->leaking += out->groups.at[g].spans_splits;
        out->contradicting += out->groups.at[g].spans_labels;
    }
    for (size_t i = 0; i < out->groups.member_count; i++) {
        const uint32_t row = out->groups.member[i];
        const bool judged = f->label[row] != CLASS_MISSING && f->prediction[row] != CLASS_MISSING;
        out->wrong += judged && f->label[row] != f->prediction[row];
    }
}

static assay_code find(pictures *p, found_duplicates *out, assay_err *err)
{
    sample_facts facts;
    ASSAY_TRY(read_project(p, err));
    ASSAY_TRY(choose_samples(p, err));
    const pixel_identity pixels = {p->identity.pixel_hash, p->identity.width, p->identity.height};
    if (!p->request->equal_only)
        ASSAY_TRY(look(p, &pixels, out, err));
    ASSAY_TRY(read_facts(p, &facts, err));
    const duplicate_evidence evidence = {.pixels = &pixels,
                                         .pairs = p->strength ? &p->pairs : NULL,
                                         .strength = p->strength,
                                         .threshold = (float)p->request->threshold};
    ASSAY_TRY(duplicate_groups_find(p->f->row_count, &evidence, &facts, &out->groups, err));
    count_groups(p->f, out);
    return ASSAY_OK;
}

assay_code find_duplicates(const frame *f, const duplicates_request *request, found_duplicates *out,
                           assay_err *err)
{
    *out = (found_duplicates){0};
    ASSAY_AUTO_CLEAR(pictures) p = {.f = f, .request = request};
    const assay_code code = find(&p, out, err);
    if (code != ASSAY_OK)
        found_duplicates_clear(out);
    return code;
}
