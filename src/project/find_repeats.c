/* Which of a sample's neighbours show the same picture. */
#include "project/find_repeats.h"

#include "eval/near_duplicates.h"
#include "store/project_folder.h"
#include "store/project_measures.h"
#include "store/project_thumbnails.h"

struct picture_index {
    project_thumbnails *thumbnails;
    measured_state *state;
};

void picture_index_close(picture_index *p)
{
    if (!p)
        return;
    project_thumbnails_close(p->thumbnails);
    mem_free(p->state);
    mem_free(p);
}

static void close_index(picture_index **p)
{
    picture_index_close(*p);
}

static assay_code read_state(const char *project, size_t sample_count, int thread_count,
                             measured_state *state, assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(project, thread_count, &db, err));
    const assay_code code = project_read_measured(&db, state, sample_count, err);
    duck_close(&db);
    return code;
}

assay_code picture_index_open(const char *project, size_t sample_count, int thread_count,
                              picture_index **out, assay_err *err)
{
    *out = NULL;
    __attribute__((cleanup(close_index))) picture_index *p = mem_zalloc(1, sizeof *p);
    if (!p)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    ASSAY_TRY(project_thumbnails_read(project, sample_count, &p->thumbnails, err));
    p->state = mem_alloc(sample_count, sizeof *p->state);
    if (!p->state)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu pictures", sample_count);
    ASSAY_TRY(read_state(project, sample_count, thread_count, p->state, err));
    *out = ASSAY_GIVE(p);
    return ASSAY_OK;
}

/* The picture of a sample; NULL: there is none that can be believed. */
static const uint8_t *picture_of(const picture_index *p, uint32_t sample)
{
    const uint8_t *at = project_thumbnails_all(p->thumbnails) + (size_t)sample * THUMBNAIL_BYTES;
    const uint64_t wanted = p->state[sample].thumbnail_hash;
    return wanted != 0 && thumbnail_hash(at) == wanted ? at : NULL;
}

static void insert(found_similar *found, uint32_t row, double strength)
{
    size_t at = found->count++;
    for (; at > 0 && (found->similarity[at - 1] < strength ||
                      (found->similarity[at - 1] == strength && found->row[at - 1] > row));
         at--) {
        found->similarity[at] = found->similarity[at - 1];
        found->row[at] = found->row[at - 1];
    }
    found->similarity[at] = strength;
    found->row[at] = row;
}

assay_code find_repeats(const picture_index *p, const similar_index *s, uint32_t sample,
                        double threshold, found_similar *out, assay_err *err)
{
    *out = (found_similar){.of = sample};
    const uint8_t *own = picture_of(p, sample);
    if (!own || !similar_index_has(s, sample))
        return ASSAY_OK;
    const similar_request request = {.limit = similar_index_kept(s)};
    ASSAY_TRY(similar_index_find(s, sample, &request, out, err));
    const size_t count = out->count;
    out->count = 0;
    for (size_t i = 0; i < count; i++) {
        bool mirrored;
        const uint32_t row = out->row[i];
        const uint8_t *other = picture_of(p, row);
        const double strength = other ? (double)pictures_likeness(own, other, &mirrored) : 0.0;
        if (strength >= threshold)
            insert(out, row, strength);
    }
    return ASSAY_OK;
}
