/* Pairs become groups, and each group says what to keep and what it is a sign of. */
#include "eval/near_duplicates.h"

#include "base/mem.h"
#include "eval/clique_groups.h"
#include "eval/equal_pixels.h"
#include "frame/classes.h"
#include "stats/disjoint.h"

#include <math.h>

void duplicate_groups_clear(duplicate_groups *groups)
{
    mem_free(groups->at);
    mem_free(groups->member);
    *groups = (duplicate_groups){0};
}

static bool counts(const duplicate_evidence *e, size_t pair)
{
    return e->strength[pair] >= e->threshold; /* NaN does not */
}

/* -1, 0, 1 as a is less, as good, or better; missing is least. */
static int compare_known(const double *values, uint32_t a, uint32_t b)
{
    if (!values)
        return 0;
    const double x = isnan(values[a]) ? -1.0 : values[a], y = isnan(values[b]) ? -1.0 : values[b];
    return (x > y) - (x < y);
}

static bool is_better(const sample_facts *facts, uint32_t a, uint32_t b)
{
    const int by_area = compare_known(facts->area, a, b);
    if (by_area)
        return by_area > 0;
    const int by_file = compare_known(facts->file_bytes, a, b);
    return by_file ? by_file > 0 : a < b;
}

static bool differ(const uint16_t *code, uint32_t a, uint32_t b)
{
    return code && code[a] != CLASS_MISSING && code[b] != CLASS_MISSING && code[a] != code[b];
}

/* The first member that has a code, or the first of all. */
static uint32_t first_coded(const uint16_t *code, const uint32_t *member, uint32_t count)
{
    for (uint32_t i = 0; code && i < count; i++) {
        if (code[member[i]] != CLASS_MISSING)
            return member[i];
    }
    return member[0];
}

static void describe(duplicate_group *g, const uint32_t *member, const pixel_identity *pixels,
                     const sample_facts *facts)
{
    const uint32_t labelled = first_coded(facts->label, member, g->count);
    const uint32_t split = first_coded(facts->split, member, g->count);
    g->keep = member[0];
    g->equal_pixels = pixels;
    for (uint32_t i = 0; i < g->count; i++) {
        const uint32_t m = member[i];
        if (is_better(facts, m, g->keep))
            g->keep = m;
        g->spans_labels = g->spans_labels || differ(facts->label, labelled, m);
        g->spans_splits = g->spans_splits || differ(facts->split, split, m);
        g->equal_pixels = g->equal_pixels && equal_pixels(pixels, member[0], m);
    }
}

/* The number of a row's group; `size` has the size of each root's set. */
#define NO_GROUP UINT32_MAX

typedef struct partition {
    uint32_t *parent, *size, *group; /* of each row; size and group at roots */
    size_t row_count;
} partition;

static void partition_free(partition *p)
{
    mem_free(p->parent);
    mem_free(p->size);
    mem_free(p->group);
}

static bool partition_init(partition *p, size_t row_count)
{
    *p =
        (partition){mem_alloc(row_count, sizeof *p->parent), mem_zalloc(row_count, sizeof *p->size),
                    mem_alloc(row_count, sizeof *p->group), row_count};
    if (!p->parent || !p->size || !p->group)
        return false;
    disjoint_init(p->parent, row_count);
    return true;
}

/* Counts the sets, and the groups among them and their members. */
static void count_sets(partition *p, duplicate_groups *out)
{
    for (size_t row = 0; row < p->row_count; row++)
        p->size[disjoint_root(p->parent, (uint32_t)row)]++;
    for (size_t row = 0; row < p->row_count; row++) {
        p->group[row] = NO_GROUP;
        if (p->size[row] < 2)
            continue;
        p->group[row] = (uint32_t)out->count++;
        out->member_count += p->size[row];
    }
}

static void lay_out(partition *p, duplicate_groups *out)
{
    uint32_t start = 0;
    for (size_t row = 0; row < p->row_count; row++) {
        if (p->group[row] == NO_GROUP)
            continue;
        out->at[p->group[row]] = (duplicate_group){.start = start, .strength = 1.0F};
        start += p->size[row];
    }
    for (size_t row = 0; row < p->row_count; row++) {
        const uint32_t number = p->group[disjoint_root(p->parent, (uint32_t)row)];
        if (number == NO_GROUP)
            continue;
        duplicate_group *const g = &out->at[number];
        out->member[g->start + g->count++] = (uint32_t)row;
    }
}

static void weigh(partition *p, const duplicate_evidence *e, duplicate_groups *out)
{
    for (size_t i = 0; e->pairs && i < e->pairs->count; i++) {
        if (!counts(e, i))
            continue;
        const uint32_t root = disjoint_root(p->parent, e->pairs->at[i].first);
        if (root != disjoint_root(p->parent, e->pairs->at[i].second))
            continue;
        duplicate_group *const g = &out->at[p->group[root]];
        if (e->strength[i] < g->strength)
            g->strength = e->strength[i];
    }
}

static assay_code find_groups(partition *p, const duplicate_evidence *e, const sample_facts *facts,
                              duplicate_groups *out, assay_err *err)
{
    if (e->pixels)
        ASSAY_TRY(equal_pixels_join(e->pixels, p->row_count, p->parent, err));
    if (e->pairs)
        ASSAY_TRY(
            clique_groups_join(e->pairs, e->strength, e->threshold, p->parent, p->row_count, err));
    duplicate_groups found = {0};
    count_sets(p, &found);
    found.at = mem_alloc(found.count, sizeof *found.at);
    found.member = mem_alloc(found.member_count, sizeof *found.member);
    if (!found.at || !found.member) {
        duplicate_groups_clear(&found);
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the duplicates of %zu samples",
                          p->row_count);
    }
    lay_out(p, &found);
    for (size_t g = 0; g < found.count; g++)
        describe(&found.at[g], found.member + found.at[g].start, e->pixels, facts);
    weigh(p, e, &found);
    *out = found;
    return ASSAY_OK;
}

assay_code duplicate_groups_find(size_t row_count, const duplicate_evidence *evidence,
                                 const sample_facts *facts, duplicate_groups *out, assay_err *err)
{
    *out = (duplicate_groups){0};
    partition p;
    const assay_code code =
        partition_init(&p, row_count)
            ? find_groups(&p, evidence, facts, out, err)
            : assay_fail(err, ASSAY_E_NOMEM, "out of memory for the duplicates of %zu samples",
                         row_count);
    partition_free(&p);
    return code;
}
