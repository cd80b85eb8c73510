/* The use-cases behind `assay find`: which samples, in which order. How they are listed is the
 * report's business. */
#include "project/find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One outlier and where its metric stands among those that were asked for. */
typedef struct candidate {
    outlier outlier;
    uint32_t metric, place; /* place within the metric's own list */
} candidate;

typedef struct candidates {
    candidate *at;
    size_t count;
} candidates;

/* -1 for those without a finite number: they come last. */
static double rank_of(const candidate *c)
{
    return isfinite(c->outlier.iqrs) ? c->outlier.iqrs : -1;
}

static int compare_candidates(const void *a, const void *b)
{
    const candidate *x = a;
    const candidate *y = b;
    const double p = rank_of(x), q = rank_of(y);
    if (p != q)
        return p > q ? -1 : 1;
    if (x->metric != y->metric)
        return x->metric < y->metric ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static size_t count_outliers(const metric_distribution *d, bool severe_only)
{
    const outlier_counts *n = &d->outliers;
    const uint64_t severe = n->severe_low + n->severe_high;
    return (size_t)(severe_only ? severe : severe + n->moderate_low + n->moderate_high);
}

static assay_code add_metric(const frame *f, const described_metrics *d, size_t i, bool severe_only,
                             candidates *all, assay_err *err)
{
    outlier_list list;
    ASSAY_TRY(outlier_list_init(&list, f, &d->rows, &f->metric[d->which[i]],
                                &d->distributions->metric[i], err));
    for (size_t k = 0; k < list.count; k++) {
        if (list.at[k].severe || !severe_only)
            all->at[all->count++] = (candidate){list.at[k], (uint32_t)i, (uint32_t)k};
    }
    outlier_list_clear(&list);
    return ASSAY_OK;
}

static assay_code gather(const frame *f, const described_metrics *d, bool severe_only,
                         candidates *all, assay_err *err)
{
    size_t most = 0;
    for (size_t i = 0; i < d->distributions->count; i++)
        most += count_outliers(&d->distributions->metric[i], severe_only);
    all->at = mem_alloc(most, sizeof *all->at);
    if (!all->at)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu outliers", most);
    for (size_t i = 0; i < d->distributions->count; i++)
        ASSAY_TRY(add_metric(f, d, i, severe_only, all, err));
    qsort(all->at, all->count, sizeof *all->at, compare_candidates);
    return ASSAY_OK;
}

static assay_code list_candidates(const described_metrics *d, const candidates *all, size_t top,
                                  found_outliers *out, assay_err *err)
{
    const size_t count = top > 0 && top < all->count ? top : all->count;
    found_outliers made = {
        .row = mem_alloc(count, sizeof *made.row),
        .iqrs = mem_alloc(count, sizeof *made.iqrs),
        .value = mem_alloc(count, sizeof *made.value),
        .metric = mem_alloc(count, sizeof(char *)),
        .side = mem_alloc(count, sizeof(char *)),
        .severity = mem_alloc(count, sizeof(char *)),
        .count = count,
        .found = all->count,
    };
    if (!made.row || !made.iqrs || !made.value || !made.metric || !made.side || !made.severity) {
        found_outliers_clear(&made);
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu outliers", count);
    }
    for (size_t i = 0; i < count; i++) {
        const outlier *o = &all->at[i].outlier;
        made.row[i] = o->row;
        made.iqrs[i] = o->iqrs;
        made.value[i] = o->value;
        made.metric[i] = d->distributions->metric[all->at[i].metric].name;
        made.side[i] = o->high ? "high" : "low";
        made.severity[i] = o->severe ? "severe" : "moderate";
    }
    *out = made;
    return ASSAY_OK;
}

assay_code find_outliers(const frame *f, const outlier_request *request, found_outliers *out,
                         assay_err *err)
{
    *out = (found_outliers){0};
    metrics_request metrics = request->metrics;
    metrics.images_only = true;
    ASSAY_AUTO_CLEAR(described_metrics) d = {0};
    ASSAY_TRY(describe_metrics(f, &metrics, &d, err));
    candidates all = {0};
    assay_code code = gather(f, &d, request->severe_only, &all, err);
    if (code == ASSAY_OK)
        code = list_candidates(&d, &all, request->top, out, err);
    mem_free(all.at);
    return code;
}

void found_outliers_clear(found_outliers *found)
{
    mem_free(found->row);
    mem_free(found->iqrs);
    mem_free(found->value);
    mem_free(found->metric);
    mem_free(found->side);
    mem_free(found->severity);
    *found = (found_outliers){0};
}

static const attribute_column *attribute_named(const frame *f, const char *name)
{
    for (size_t i = 0; i < f->attribute_count; i++) {
        if (strcmp(f->attribute[i].name, name) == 0)
            return &f->attribute[i];
    }
    return NULL;
}

static assay_code list_texts(const attribute_column *a, const selection *rows, size_t top,
                             found_texts *out, assay_err *err)
{
    size_t found = 0;
    for (size_t row = 0; row < rows->row_count; row++)
        found += a->code[row] != ATTRIBUTE_MISSING && selection_has(rows, row);
    const size_t most = top > 0 && top < found ? top : found;
    found_texts made = {.row = mem_alloc(most, sizeof *made.row),
                        .word = mem_alloc(most, sizeof(char *)),
                        .found = found};
    if (!made.row || !made.word) {
        found_texts_clear(&made);
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu samples", most);
    }
    for (size_t row = 0; row < rows->row_count && made.count < most; row++) {
        if (a->code[row] == ATTRIBUTE_MISSING || !selection_has(rows, row))
            continue;
        made.row[made.count] = (uint32_t)row;
        made.word[made.count++] = a->value[a->code[row]];
    }
    *out = made;
    return ASSAY_OK;
}

assay_code find_by_attribute(const frame *f, const char *attribute, const metrics_request *request,
                             size_t top, found_texts *out, assay_err *err)
{
    *out = (found_texts){0};
    selection rows;
    ASSAY_TRY(choose_samples(f, request, &rows, err));
    const attribute_column *a = attribute_named(f, attribute);
    const assay_code code = a ? list_texts(a, &rows, top, out, err) : ASSAY_OK;
    selection_clear(&rows);
    return code;
}

void found_texts_clear(found_texts *found)
{
    mem_free(found->row);
    mem_free(found->word);
    *found = (found_texts){0};
}
