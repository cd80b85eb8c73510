/* The table's other columns become the frame's: metrics, attributes, the group, the ids. Arrays are
 * handed over, not copied. */
#include "store/import_parts.h"

#include <string.h>

static assay_code columns_nomem(const import_state *s, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for its columns", s->t.path);
}

/* The room that doubling left over goes back. */
static void *shrink(void *array, size_t count, size_t size)
{
    void *fitted = mem_resize(array, count, size);
    return fitted ? fitted : array;
}

/* The codes get their texts one by one, so that a frame can hand them out. */
static assay_code take_values(const import_state *s, const dictionary *d, attribute_column *a,
                              assay_err *err)
{
    a->value = mem_zalloc(d->count, sizeof *a->value);
    if (!a->value)
        return columns_nomem(s, err);
    for (uint32_t i = 0; i < d->count; i++) {
        size_t length;
        const char *at = dictionary_text(d, i, &length);
        a->value[i] = mem_copy_text(at, length);
        if (!a->value[i])
            return columns_nomem(s, err);
        a->value_count = i + 1;
    }
    return ASSAY_OK;
}

static assay_code add_attribute(import_state *s, table_column *c, assay_err *err)
{
    attribute_column *a = &s->f->attribute[s->f->attribute_count++];
    *a = (attribute_column){.name = ASSAY_GIVE(c->name), .code = ASSAY_GIVE(c->code)};
    a->code = shrink(a->code, s->f->row_count, sizeof *a->code);
    return take_values(s, &c->values, a, err);
}

static void add_metric(import_state *s, table_column *c)
{
    metric_column *m = &s->f->metric[s->f->metric_count++];
    *m = (metric_column){.name = ASSAY_GIVE(c->name), .value = ASSAY_GIVE(c->number)};
    m->value = shrink(m->value, s->f->row_count, sizeof *m->value);
}

/* A row without a group is a group of its own. */
static assay_code add_group(import_state *s, table_column *c, assay_err *err)
{
    frame *f = s->f;
    f->group = ASSAY_GIVE(c->code);
    f->group_count = c->values.count;
    size_t alone = 0;
    for (size_t i = 0; i < f->row_count; i++) {
        if (f->group[i] == UINT32_MAX) {
            f->group[i] = f->group_count++;
            alone++;
        }
    }
    return alone
               ? import_notes_warn(s->notes, err,
                                   "%s: %zu %s no value in the group column '%s'; each counts as "
                                   "a group of its own",
                                   s->t.path, alone, alone == 1 ? "row has" : "rows have", c->name)
               : ASSAY_OK;
}

static assay_code add_ids(import_state *s, assay_err *err)
{
    table_column *c = table_find(&s->t, ROLE_ID);
    if (!c || !s->t.id_start)
        return ASSAY_OK;
    s->f->id = (text_column){.name = ASSAY_GIVE(c->name),
                             .start = ASSAY_GIVE(s->t.id_start),
                             .bytes = ASSAY_GIVE(s->t.id_bytes)};
    if (s->f->id.bytes)
        return ASSAY_OK;
    s->f->id.bytes = mem_alloc(1, 1);
    return s->f->id.bytes ? ASSAY_OK : columns_nomem(s, err);
}

static size_t count_role(const table *t, column_role role)
{
    size_t count = 0;
    for (size_t i = 0; i < t->column_count; i++)
        count += t->column[i].role == role && !t->column[i].dropped;
    return count;
}

static assay_code add_column(import_state *s, table_column *c, assay_err *err)
{
    if (c->dropped)
        return ASSAY_OK;
    if (c->role == ROLE_ATTRIBUTE)
        return add_attribute(s, c, err);
    if (c->role == ROLE_GROUP)
        return add_group(s, c, err);
    if (c->role == ROLE_METRIC)
        add_metric(s, c);
    return ASSAY_OK;
}

assay_code import_columns(import_state *s, assay_err *err)
{
    frame *f = s->f;
    const size_t metrics = count_role(&s->t, ROLE_METRIC);
    const size_t attributes = count_role(&s->t, ROLE_ATTRIBUTE);
    if (metrics && !(f->metric = mem_zalloc(metrics, sizeof *f->metric)))
        return columns_nomem(s, err);
    if (attributes && !(f->attribute = mem_zalloc(attributes, sizeof *f->attribute)))
        return columns_nomem(s, err);
    for (size_t i = 0; i < s->t.column_count; i++)
        ASSAY_TRY(add_column(s, &s->t.column[i], err));
    return add_ids(s, err);
}
