/* Long form: (sample, class, probability) rows become one row a sample. Where every sample has
 * every class that is a matrix, else top lists. Samples keep the order in which they first appear.
 */
#include "store/import_parts.h"

#include "base/limits.h"
#include "store/source.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rows of each sample, by descending probability: row[start[s] .. start[s + 1]). */
typedef struct long_rows {
    size_t *start;
    uint32_t *row;
    uint32_t *seen_in; /* the last sample (plus one) in which a class was seen, and in which row */
    uint32_t *seen_row;
    uint16_t *label; /* one a sample */
    uint32_t *group; /* one a sample, where there is a column of groups */
    uint32_t sample_count;
    uint32_t class_count; /* distinct classes of the class column */
    size_t longest, shortest;
} long_rows;

static void long_rows_clear(long_rows *l)
{
    mem_free(l->start);
    mem_free(l->row);
    mem_free(l->seen_in);
    mem_free(l->seen_row);
    mem_free(l->label);
    mem_free(l->group);
}

static assay_code long_nomem(const table *t, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %zu rows", t->path, t->row_count);
}

static assay_code bucket_rows(table *t, long_rows *l, assay_err *err)
{
    const table_column *id = table_find(t, ROLE_ID);
    l->sample_count = id->values.count;
    l->start = mem_zalloc((size_t)l->sample_count + 2, sizeof *l->start);
    l->row = mem_alloc(t->row_count, sizeof *l->row);
    l->seen_in = mem_zalloc((size_t)t->classes.count + 1, sizeof *l->seen_in);
    l->seen_row = mem_zalloc((size_t)t->classes.count + 1, sizeof *l->seen_row);
    l->label = mem_alloc(l->sample_count, sizeof *l->label);
    l->group = mem_alloc(table_find(t, ROLE_GROUP) ? l->sample_count : 0, sizeof *l->group);
    t->sample_row = mem_alloc(l->sample_count, sizeof *t->sample_row);
    if (!t->sample_row || !l->start || !l->row || !l->seen_in || !l->seen_row || !l->label ||
        !l->group)
        return long_nomem(t, err);
    for (size_t i = 0; i < t->row_count; i++)
        l->start[(size_t)id->code[i] + 2]++;
    for (size_t s = 2; s < (size_t)l->sample_count + 2; s++)
        l->start[s] += l->start[s - 1];
    for (size_t i = 0; i < t->row_count; i++)
        l->row[l->start[(size_t)id->code[i] + 1]++] = (uint32_t)i;
    return ASSAY_OK;
}

static assay_code fail_row(const table *t, uint32_t row, const char *what, uint32_t other,
                           assay_err *err)
{
    const table_column *id = table_find(t, ROLE_ID);
    size_t length;
    char shown[80];
    const char *at = dictionary_text(&id->values, id->code[row], &length);
    source_show_value(at, length, shown);
    return assay_fail(err, ASSAY_E_INPUT, "%s: row %u: %s in row %u for sample '%s'", t->path,
                      row + 1, what, other + 1, shown);
}

/* One sample's rows: each class once, one label, one group. */
static assay_code check_sample(table *t, long_rows *l, uint32_t sample, assay_err *err)
{
    const uint16_t *class_code = table_find(t, ROLE_CLASS)->class_code;
    const table_column *label = table_find(t, ROLE_LABEL);
    const table_column *group = table_find(t, ROLE_GROUP);
    const uint32_t first = l->row[l->start[sample]];
    for (size_t i = l->start[sample]; i < l->start[sample + 1]; i++) {
        const uint32_t row = l->row[i];
        const uint16_t code = class_code[row];
        if (code == CLASS_MISSING)
            return assay_fail(err, ASSAY_E_INPUT, "%s: row %u: has no class", t->path, row + 1);
        if (l->seen_in[code] == sample + 1)
            return fail_row(t, row, "its class is already", l->seen_row[code], err);
        l->class_count += l->seen_in[code] == 0;
        l->seen_in[code] = sample + 1;
        l->seen_row[code] = row;
        if (label && label->class_code[row] != label->class_code[first])
            return fail_row(t, row, "its label differs from that", first, err);
        if (group && group->code[row] != group->code[first])
            return fail_row(t, row, "its group differs from that", first, err);
    }
    t->sample_row[sample] = first;
    l->label[sample] = label ? label->class_code[first] : CLASS_MISSING;
    if (group)
        l->group[sample] = group->code[first];
    const size_t length = l->start[sample + 1] - l->start[sample];
    l->longest = length > l->longest ? length : l->longest;
    l->shortest = length < l->shortest ? length : l->shortest;
    return ASSAY_OK;
}

static assay_code make_matrix(table *t, const long_rows *l, assay_err *err)
{
    const uint16_t *class_code = table_find(t, ROLE_CLASS)->class_code;
    const double *number = table_find(t, ROLE_CONFIDENCE)->number;
    const size_t classes = l->class_count;
    ASSAY_AUTO_MEM uint16_t *place_of = mem_alloc((size_t)t->classes.count + 1, sizeof *place_of);
    t->place_class = mem_alloc(classes, sizeof *t->place_class);
    size_t cells;
    if (__builtin_mul_overflow((size_t)l->sample_count, classes, &cells) || !place_of ||
        !t->place_class)
        return long_nomem(t, err);
    t->matrix = mem_alloc(cells, sizeof *t->matrix);
    if (!t->matrix)
        return long_nomem(t, err);
    for (uint32_t code = 0; code < t->classes.count; code++) {
        if (l->seen_in[code] != 0) {
            place_of[code] = (uint16_t)t->place_count;
            t->place_class[t->place_count++] = (uint16_t)code;
        }
    }
    for (uint32_t s = 0; s < l->sample_count; s++) {
        for (size_t i = l->start[s]; i < l->start[s + 1]; i++)
            t->matrix[s * classes + place_of[class_code[l->row[i]]]] = number[l->row[i]];
    }
    return ASSAY_OK;
}

static int compare_rows(const void *a, const void *b, void *numbers)
{
    const double *number = numbers;
    const uint32_t x = *(const uint32_t *)a;
    const uint32_t y = *(const uint32_t *)b;
    const double p = isnan(number[x]) ? -1.0 : number[x];
    const double q = isnan(number[y]) ? -1.0 : number[y];
    if (p != q)
        return p > q ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* An empty cell is no probability either, as in a matrix. */
static double given(double number)
{
    return isnan(number) ? (double)INFINITY : number;
}

/* The rows of sample s, the likeliest first, into its places. */
static void put_list(table *t, long_rows *l, uint32_t s)
{
    const uint16_t *class_code = table_find(t, ROLE_CLASS)->class_code;
    double *number = table_find(t, ROLE_CONFIDENCE)->number;
    const size_t length = l->start[s + 1] - l->start[s], begin = s * l->longest;
    uint32_t *row = l->row + l->start[s];
    qsort_r(row, length, sizeof *row, compare_rows, number);
    for (size_t i = 0; i < length; i++) {
        t->top_code[begin + i] = class_code[row[i]];
        t->top_number[begin + i] = given(number[row[i]]);
    }
    for (size_t i = length; i < l->longest; i++) {
        t->top_code[begin + i] = CLASS_MISSING;
        t->top_number[begin + i] = (double)NAN;
    }
}

static assay_code make_lists(table *t, long_rows *l, assay_err *err)
{
    const size_t longest = l->longest;
    if (longest && l->sample_count > LIST_PLACES_MOST / longest)
        return table_fail_lists(t, l->sample_count, longest, err);
    const size_t cells = l->sample_count * longest;
    t->top_code = mem_alloc(cells, sizeof *t->top_code);
    t->top_number = mem_alloc(cells, sizeof *t->top_number);
    if (!t->top_code || !t->top_number)
        return long_nomem(t, err);
    t->list_length = (uint32_t)longest;
    for (uint32_t s = 0; s < l->sample_count; s++)
        put_list(t, l, s);
    return ASSAY_OK;
}

/* The table as if it had had one row a sample: class and probability columns are used up. */
static void finish_table(table *t, long_rows *l)
{
    table_column *label = table_find(t, ROLE_LABEL);
    if (label) {
        mem_free(label->class_code);
        label->class_code = ASSAY_GIVE(l->label);
    }
    table_column *group = table_find(t, ROLE_GROUP);
    if (group) {
        mem_free(group->code);
        group->code = ASSAY_GIVE(l->group);
    }
    table_column *number = table_find(t, ROLE_CONFIDENCE);
    mem_free(number->number);
    number->number = NULL;
    table_column *id = table_find(t, ROLE_ID);
    mem_free(id->code);
    id->code = NULL;
    t->row_count = l->sample_count;
    if (!t->keep_ids)
        return;
    /* The dictionary's texts are the ids, end to end, in the order of the samples. */
    t->id_start = ASSAY_GIVE(id->values.start);
    t->id_bytes = ASSAY_GIVE(id->values.bytes);
    dictionary_clear(&id->values);
}

static assay_code assemble(table *t, long_rows *l, assay_err *err)
{
    l->shortest = SIZE_MAX;
    ASSAY_TRY(bucket_rows(t, l, err));
    for (uint32_t s = 0; s < l->sample_count; s++)
        ASSAY_TRY(check_sample(t, l, s, err));
    if (l->longest < 2)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: no column was recognised as the prediction (--prediction COLUMN "
                          "names it); as the long "
                          "form (sample, class, probability) it has only one row a sample",
                          t->path);
    const bool whole = l->shortest == l->class_count;
    ASSAY_TRY(whole ? make_matrix(t, l, err) : make_lists(t, l, err));
    finish_table(t, l);
    return ASSAY_OK;
}

assay_code import_long(table *t, assay_err *err)
{
    long_rows l = {0};
    const assay_code code = assemble(t, &l, err);
    long_rows_clear(&l);
    return code;
}
