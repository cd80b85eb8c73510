/* From lists of neighbours to metrics and attributes of a project. */
#include "project/neighbour_measures.h"

#include "base/mem.h"
#include "frame/frame.h"
#include "store/project_columns.h"
#include "store/project_images.h"
#include "store/project_measures.h"

#include <math.h>
#include <string.h>

/* Clusters of the diversity rank where there are no classes, and at most. */
enum { CLUSTERS_WITHOUT_CLASSES = 10, CLUSTERS_MOST = 1000 };

static assay_code measures_nomem(size_t count, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the neighbours of %zu samples", count);
}

static assay_code put_uniqueness(const duck *d, const neighbour_lists *lists, double *value,
                                 assay_err *err)
{
    ASSAY_AUTO_CLEAR(image_identities) pictures = {0};
    ASSAY_TRY(project_read_identities(d, lists->row_count, &pictures, err));
    const pixel_identity pixels = {pictures.pixel_hash, pictures.width, pictures.height};
    uniqueness_notes notes;
    ASSAY_TRY(neighbours_uniqueness(lists, &pixels, value, &notes, err));
    return project_put_computed_metric(d, "uniqueness", value, lists->row_count, err);
}

void sample_clusters_clear(sample_clusters *c)
{
    mem_free(c->of);
    mem_free(c->to_centre);
    *c = (sample_clusters){0};
}

assay_code count_sample_clusters(const duck *d, size_t row_count, size_t *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(class_list) classes = {0};
    ASSAY_TRY(project_read_classes(d, &classes, err));
    const size_t wanted = classes.count ? classes.count : CLUSTERS_WITHOUT_CLASSES;
    const size_t most = row_count < CLUSTERS_MOST ? row_count : CLUSTERS_MOST;
    *out = wanted < most ? wanted : most;
    return ASSAY_OK;
}

assay_code find_sample_clusters(const sample_vectors *vectors, size_t row_count,
                                const kmeans_options *options, sample_clusters *out, assay_err *err)
{
    *out = (sample_clusters){0};
    const linear_matrix rows = {vectors->at, row_count, vectors->dimensions, vectors->dimensions};
    ASSAY_AUTO_MEM float *centre = mem_alloc(options->count * vectors->dimensions, sizeof *centre);
    sample_clusters found = {.row_count = row_count, .count = options->count};
    found.of = mem_alloc(row_count, sizeof *found.of);
    found.to_centre = mem_alloc(row_count, sizeof *found.to_centre);
    const assay_code code = centre && found.of && found.to_centre
                                ? kmeans_fit(&rows, options, centre, found.of, found.to_centre, err)
                                : measures_nomem(row_count, err);
    if (code == ASSAY_OK)
        *out = found;
    else
        sample_clusters_clear(&found);
    return code;
}

static assay_code put_diversity(const duck *d, const sample_clusters *c, double *value,
                                assay_err *err)
{
    ASSAY_TRY(neighbours_diversity(c->of, c->to_centre, c->row_count, c->count, value, err));
    return project_put_computed_metric(d, "diversity", value, c->row_count, err);
}

assay_code put_neighbour_measures(const duck *d, const neighbour_lists *lists,
                                  const sample_clusters *clusters, assay_err *err)
{
    const size_t count = lists->row_count;
    ASSAY_AUTO_MEM double *value = mem_alloc(count, sizeof *value);
    if (!value)
        return measures_nomem(count, err);
    ASSAY_TRY(put_uniqueness(d, lists, value, err));
    neighbours_outlier(lists, value);
    ASSAY_TRY(project_put_computed_metric(d, "embedding_outlier", value, count, err));
    ASSAY_TRY(put_diversity(d, clusters, value, err));
    return put_label_measures(d, lists, err);
}

/* The neighbours' labels as a text of each sample. */
static assay_code put_majority(const duck *d, const class_list *classes, const uint16_t *majority,
                               size_t count, assay_err *err)
{
    ASSAY_AUTO_MEM uint32_t *code = mem_alloc(count, sizeof *code);
    if (!code)
        return measures_nomem(count, err);
    for (size_t i = 0; i < count; i++)
        code[i] = majority[i] == CLASS_MISSING ? ATTRIBUTE_MISSING : majority[i];
    char name[] = "neighbours_label";
    const attribute_column column = {
        .name = name, .code = code, .value = classes->name, .value_count = classes->count};
    return project_put_computed_attribute(d, &column, count, err);
}

assay_code put_label_measures(const duck *d, const neighbour_lists *lists, assay_err *err)
{
    const size_t count = lists->row_count;
    ASSAY_AUTO_CLEAR(class_list) classes = {0};
    ASSAY_TRY(project_read_classes(d, &classes, err));
    ASSAY_AUTO_MEM uint16_t *label = mem_alloc(count, sizeof *label);
    ASSAY_AUTO_MEM uint16_t *majority = mem_alloc(count, sizeof *majority);
    ASSAY_AUTO_MEM double *quality = mem_alloc(count, sizeof *quality);
    ASSAY_AUTO_MEM double *closeness = mem_alloc(count, sizeof *closeness);
    if (!label || !majority || !quality || !closeness)
        return measures_nomem(count, err);
    ASSAY_TRY(project_read_labels(d, label, count, err));
    const label_agreement out = {quality, closeness, majority};
    neighbours_annotation(lists, label, &out);
    ASSAY_TRY(project_put_computed_metric(d, "annotation_quality", quality, count, err));
    return put_majority(d, &classes, majority, count, err);
}
