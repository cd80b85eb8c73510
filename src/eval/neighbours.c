/* Uniqueness, annotation quality, outliers and diversity, from lists of neighbours. */
#include "eval/neighbours.h"

#include "base/mem.h"
#include "eval/equal_pixels.h"
#include "frame/classes.h"
#include "stats/disjoint.h"
#include "stats/sort.h"

#include <math.h>

static bool list_is_full(const neighbour_lists *lists, size_t row)
{
    return lists->k > 0 && lists->index[(row + 1) * lists->k - 1] != NO_NEIGHBOUR;
}

static void join_repeats(const neighbour_lists *lists, uint32_t *parent)
{
    for (size_t row = 0; row < lists->row_count; row++) {
        const uint32_t *const index = lists->index + row * lists->k;
        const float *const distance = lists->distance + row * lists->k;
        for (size_t n = 0; n < lists->k && distance[n] < REPEAT_DISTANCE; n++)
            disjoint_join(parent, (uint32_t)row, index[n]);
    }
}

/* Half the distance to the nearest outside the sample's own set. */
static double to_nearest_outside(const neighbour_lists *lists, uint32_t *parent, size_t row,
                                 uniqueness_notes *notes)
{
    const uint32_t *const index = lists->index + row * lists->k;
    const float *const distance = lists->distance + row * lists->k;
    for (size_t n = 0; n < lists->k && index[n] != NO_NEIGHBOUR; n++) {
        if (disjoint_root(parent, index[n]) != row)
            return (double)distance[n] / 2.0;
    }
    if (!list_is_full(lists, row))
        return (double)NAN;
    notes->bounded++;
    return (double)distance[lists->k - 1] / 2.0;
}

assay_code neighbours_uniqueness(const neighbour_lists *lists, const pixel_identity *pixels,
                                 double *uniqueness, uniqueness_notes *notes, assay_err *err)
{
    *notes = (uniqueness_notes){0};
    const size_t count = lists->row_count;
    ASSAY_AUTO_MEM uint32_t *parent = mem_alloc(count, sizeof *parent);
    if (!parent)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the repeats among %zu samples",
                          count);
    disjoint_init(parent, count);
    if (pixels)
        ASSAY_TRY(equal_pixels_join(pixels, count, parent, err));
    join_repeats(lists, parent);
    for (size_t row = 0; row < count; row++) {
        if (disjoint_root(parent, (uint32_t)row) == row) {
            uniqueness[row] = to_nearest_outside(lists, parent, row, notes);
        } else {
            uniqueness[row] = 0.0;
            notes->repeated++;
        }
    }
    return ASSAY_OK;
}

/* The labels of the 10 nearest labelled others, and how similar each is. */
typedef struct jury {
    uint16_t label[NEIGHBOURS_ASKED];
    double similarity[NEIGHBOURS_ASKED];
    size_t count;
} jury;

static jury jury_of(const neighbour_lists *lists, const uint16_t *label, size_t row)
{
    jury j = {.count = 0};
    const uint32_t *const index = lists->index + row * lists->k;
    for (size_t n = 0; n < lists->k && index[n] != NO_NEIGHBOUR && j.count < NEIGHBOURS_ASKED;
         n++) {
        if (label[index[n]] == CLASS_MISSING)
            continue;
        j.label[j.count] = label[index[n]];
        j.similarity[j.count++] = 1.0 - (double)lists->distance[row * lists->k + n];
    }
    return j;
}

static uint16_t majority_of(const jury *j)
{
    uint16_t best = CLASS_MISSING;
    size_t best_votes = 0;
    double best_sum = 0.0;
    for (size_t a = 0; a < j->count; a++) {
        size_t votes = 0;
        double sum = 0.0;
        for (size_t b = 0; b < j->count; b++) {
            if (j->label[b] == j->label[a]) {
                votes++;
                sum += j->similarity[b];
            }
        }
        const bool better =
            votes > best_votes ||
            (votes == best_votes && (sum > best_sum || (sum == best_sum && j->label[a] < best)));
        if (better) {
            best = j->label[a];
            best_votes = votes;
            best_sum = sum;
        }
    }
    return best;
}

static void judge(const jury *j, uint16_t label, double *quality, double *closeness)
{
    size_t same = 0;
    double sum = 0.0;
    for (size_t n = 0; n < j->count; n++) {
        const bool agrees = j->label[n] == label;
        same += agrees;
        sum += agrees ? j->similarity[n] : -j->similarity[n];
    }
    *quality = (double)same / NEIGHBOURS_ASKED;
    *closeness = sum / NEIGHBOURS_ASKED;
}

void neighbours_annotation(const neighbour_lists *lists, const uint16_t *label,
                           const label_agreement *out)
{
    size_t labelled = 0;
    for (size_t row = 0; row < lists->row_count; row++)
        labelled += label[row] != CLASS_MISSING;
    for (size_t row = 0; row < lists->row_count; row++) {
        out->quality[row] = out->closeness[row] = (double)NAN;
        out->majority[row] = CLASS_MISSING;
        if (labelled <= NEIGHBOURS_ASKED)
            continue;
        const jury j = jury_of(lists, label, row);
        if (j.count < NEIGHBOURS_ASKED)
            continue;
        out->majority[row] = majority_of(&j);
        if (label[row] != CLASS_MISSING)
            judge(&j, label[row], &out->quality[row], &out->closeness[row]);
    }
}

void neighbours_outlier(const neighbour_lists *lists, double *outlier)
{
    for (size_t row = 0; row < lists->row_count; row++) {
        double sum = 0.0;
        size_t n = 0;
        for (; n < lists->k && n < NEIGHBOURS_ASKED; n++) {
            if (lists->index[row * lists->k + n] == NO_NEIGHBOUR)
                break;
            sum += (double)lists->distance[row * lists->k + n];
        }
        outlier[row] = n > 0 ? sum / (double)n : (double)NAN;
    }
}

typedef struct dealing {
    uint64_t *key, *key_scratch;
    uint32_t *index, *index_scratch;
    uint32_t *dealt; /* of each cluster */
} dealing;

static void dealing_free(dealing *d)
{
    mem_free(d->key);
    mem_free(d->key_scratch);
    mem_free(d->index);
    mem_free(d->index_scratch);
    mem_free(d->dealt);
}

static bool dealing_init(dealing *d, size_t n, size_t cluster_count)
{
    *d = (dealing){mem_alloc(n, sizeof *d->key), mem_alloc(n, sizeof *d->key),
                   mem_alloc(n, sizeof *d->index), mem_alloc(n, sizeof *d->index),
                   mem_zalloc(cluster_count, sizeof *d->dealt)};
    return d->key && d->key_scratch && d->index && d->index_scratch && d->dealt;
}

static void deal(dealing *d, const uint32_t *cluster, const float *to_centre, size_t row_count,
                 double *rank)
{
    size_t n = 0;
    for (size_t row = 0; row < row_count; row++) {
        rank[row] = (double)NAN;
        if (isnan(to_centre[row]))
            continue;
        d->key[n] = sort_key_f32(to_centre[row]);
        d->index[n++] = (uint32_t)row;
    }
    sort_keys_f64(d->key, d->index, d->key_scratch, d->index_scratch, n);
    for (size_t i = 0; i < n; i++) {
        const uint32_t c = cluster[d->index[i]];
        d->key[i] = (uint64_t)d->dealt[c]++ << 32 | c; /* the round, then the cluster */
    }
    sort_keys_f64(d->key, d->index, d->key_scratch, d->index_scratch, n);
    for (size_t i = 0; i < n; i++)
        rank[d->index[i]] = (double)i;
}

assay_code neighbours_diversity(const uint32_t *cluster, const float *to_centre, size_t row_count,
                                size_t cluster_count, double *rank, assay_err *err)
{
    dealing d;
    assay_code code = ASSAY_OK;
    if (dealing_init(&d, row_count, cluster_count))
        deal(&d, cluster, to_centre, row_count, rank);
    else
        code = assay_fail(err, ASSAY_E_NOMEM, "out of memory for the diversity of %zu samples",
                          row_count);
    dealing_free(&d);
    return code;
}
