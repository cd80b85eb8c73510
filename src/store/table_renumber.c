/* Codes in the order in which their texts first stand in the file, where rows were put in another
 * order. Classes need none of it: they are sorted, or given. */
#include "store/table.h"

#define NO_CODE UINT32_MAX

/* to[code] is its place among the codes by their first row; false: every code has it already. */
static bool order_by_first_row(const table_column *c, size_t row_count, uint32_t *to)
{
    bool moved = false;
    uint32_t seen = 0;
    for (uint32_t i = 0; i < c->values.count; i++)
        to[i] = NO_CODE;
    for (size_t row = 0; row < row_count && seen < c->values.count; row++) {
        const uint32_t code = c->code[row];
        if (code == NO_CODE || to[code] != NO_CODE)
            continue;
        moved |= code != seen;
        to[code] = seen++;
    }
    return moved;
}

/* The dictionary with text `from[i]` of the old one as its i-th. */
static assay_code move_texts(dictionary *values, const uint32_t *from, assay_err *err)
{
    dictionary ordered = {0};
    assay_code code = ASSAY_OK;
    for (uint32_t i = 0; i < values->count && code == ASSAY_OK; i++) {
        size_t length;
        uint32_t added;
        const char *at = dictionary_text(values, from[i], &length);
        code = dictionary_add(&ordered, at, length, text_hash(at, length), &added, err);
    }
    if (code != ASSAY_OK) {
        dictionary_clear(&ordered);
        return code;
    }
    dictionary_clear(values);
    *values = ordered;
    return ASSAY_OK;
}

static assay_code renumber_column(table_column *c, size_t row_count, assay_err *err)
{
    const uint32_t count = c->values.count;
    ASSAY_AUTO_MEM uint32_t *to = mem_alloc(count, sizeof *to);
    ASSAY_AUTO_MEM uint32_t *from = mem_alloc(count, sizeof *from);
    if (!to || !from)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %u texts of column '%s'", count,
                          c->name);
    if (!order_by_first_row(c, row_count, to))
        return ASSAY_OK;
    for (uint32_t i = 0; i < count; i++)
        from[to[i]] = i;
    ASSAY_TRY(move_texts(&c->values, from, err));
    for (size_t row = 0; row < row_count; row++) {
        if (c->code[row] != NO_CODE)
            c->code[row] = to[c->code[row]];
    }
    return ASSAY_OK;
}

assay_code table_renumber(table *t, assay_err *err)
{
    for (size_t i = 0; i < t->column_count; i++) {
        table_column *c = &t->column[i];
        if (c->code && c->values.count > 1)
            ASSAY_TRY(renumber_column(c, t->row_count, err));
    }
    return ASSAY_OK;
}
