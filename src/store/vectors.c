/* Columns of DuckDB's chunks into the table. Almost all cells are short class names and finite
 * numbers: these are put without the general way. */
#include "store/vectors.h"

#include <math.h>
#include <string.h>

enum { INLINE_SLOTS = 1024 };

/* A text of up to 12 bytes is two words in DuckDB, the rest of which is zero, so that it is
 * compared whole. */
typedef struct inline_codes {
    uint64_t word[INLINE_SLOTS][2];
    uint16_t code[INLINE_SLOTS];
    bool used[INLINE_SLOTS];
} inline_codes;

vector_view vector_view_of(duckdb_vector vector)
{
    duckdb_logical_type logical = duckdb_vector_get_column_type(vector);
    vector_view v = {.type = duckdb_get_type_id(logical),
                     .data = duckdb_vector_get_data(vector),
                     .validity = duckdb_vector_get_validity(vector)};
    duckdb_destroy_logical_type(&logical);
    if (v.type == DUCKDB_TYPE_LIST) {
        duckdb_vector child = duckdb_list_vector_get_child(vector);
        v.child = duckdb_vector_get_data(child);
        v.child_validity = duckdb_vector_get_validity(child);
    }
    return v;
}

static inline bool is_valid(const uint64_t *validity, size_t row)
{
    return !validity || (validity[row / 64] >> (row % 64) & 1u);
}

static inline const char *string_at(duckdb_string_t *s, size_t *length)
{
    *length = s->value.inlined.length;
    return *length <= sizeof s->value.inlined.inlined ? s->value.inlined.inlined
                                                      : s->value.pointer.ptr;
}

static assay_code read_list(const vector_view *v, size_t row, list_items *items, assay_err *err)
{
    const duckdb_list_entry entry = ((const duckdb_list_entry *)v->data)[row];
    items->count = 0;
    for (uint64_t i = entry.offset; i < entry.offset + entry.length; i++) {
        size_t length = 0;
        const char *at = is_valid(v->child_validity, i) ? string_at(&v->child[i], &length) : "";
        ASSAY_TRY(list_items_add(items, at, length, false, err));
    }
    return ASSAY_OK;
}

assay_code vector_cell(const vector_view *v, size_t row, list_items *items, cell *out,
                       assay_err *err)
{
    *out = (cell){.kind = CELL_MISSING, .at = ""};
    if (!is_valid(v->validity, row))
        return ASSAY_OK;
    if (v->type == DUCKDB_TYPE_DOUBLE) {
        out->kind = CELL_NUMBER;
        out->number = ((const double *)v->data)[row];
    } else if (v->type == DUCKDB_TYPE_LIST) {
        out->kind = CELL_LIST;
        out->list = items;
        return read_list(v, row, items, err);
    } else {
        out->at = string_at(&((duckdb_string_t *)v->data)[row], &out->length);
        out->kind = out->length ? CELL_TEXT : CELL_MISSING;
    }
    return ASSAY_OK;
}

assay_code vector_reader_new(table *t, vector_reader **out, assay_err *err)
{
    *out = NULL;
    vector_reader *r = mem_zalloc(1, sizeof *r);
    if (r) {
        r->part = mem_zalloc(1, sizeof *r->part);
        r->codes = mem_zalloc(1, sizeof *r->codes);
    }
    if (!r || !r->part || !r->codes) {
        vector_reader_free(r);
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", t->path);
    }
    r->part->into = t;
    *out = r;
    return ASSAY_OK;
}

void vector_reader_free(vector_reader *r)
{
    if (!r)
        return;
    if (r->part)
        table_part_clear(r->part);
    mem_free(r->part);
    mem_free(r->codes);
    list_items_clear(&r->items);
    mem_free(r);
}

static assay_code put_cell(vector_reader *r, size_t column, const vector_view *v, size_t i)
{
    cell value;
    ASSAY_TRY(vector_cell(v, i, &r->items, &value, &r->part->err));
    return table_put(r->part, column, r->part->first_row + i, &value);
}

static assay_code put_cells(vector_reader *r, size_t column, const vector_view *v, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        ASSAY_TRY(put_cell(r, column, v, i));
    return ASSAY_OK;
}

/* Ids that are not kept: only which are equal is wanted. */
static void put_hashes(vector_reader *r, size_t column, const vector_view *v, size_t rows)
{
    uint64_t *hash = r->part->into->column[column].hash + r->part->first_row;
    for (size_t i = 0; i < rows; i++) {
        size_t length = 0;
        const char *at =
            is_valid(v->validity, i) ? string_at((duckdb_string_t *)v->data + i, &length) : "";
        hash[i] = length ? text_hash(at, length) : 0;
    }
}

static assay_code put_numbers(vector_reader *r, size_t column, const vector_view *v, size_t rows)
{
    double *number = r->part->into->column[column].number + r->part->first_row;
    const double *from = v->data;
    for (size_t i = 0; i < rows; i++) {
        if (is_valid(v->validity, i) && isfinite(from[i]))
            number[i] = from[i];
        else
            ASSAY_TRY(put_cell(r, column, v, i));
    }
    return ASSAY_OK;
}

/* A name that is in the table's dictionary already is remembered by its two words. */
static assay_code put_name(vector_reader *r, size_t column, const vector_view *v, size_t i)
{
    uint16_t *slot = r->part->into->column[column].class_code + r->part->first_row + i;
    uint64_t word[2];
    memcpy(word, (const duckdb_string_t *)v->data + i, sizeof word);
    const uint64_t mixed = (word[0] ^ word[1] * 0x9E3779B97F4A7C15u) * 0xD1342543DE82EF95u;
    const size_t at = (size_t)(mixed >> 54);
    inline_codes *known = r->codes;
    if (known->used[at] && known->word[at][0] == word[0] && known->word[at][1] == word[1]) {
        *slot = known->code[at];
        return ASSAY_OK;
    }
    ASSAY_TRY(put_cell(r, column, v, i));
    if (*slot == CLASS_MISSING)
        return ASSAY_OK;
    memcpy(known->word[at], word, sizeof word);
    known->code[at] = *slot;
    known->used[at] = true;
    return ASSAY_OK;
}

static assay_code put_names(vector_reader *r, size_t column, const vector_view *v, size_t rows)
{
    for (size_t i = 0; i < rows; i++) {
        const duckdb_string_t *s = (const duckdb_string_t *)v->data + i;
        const bool inlined =
            is_valid(v->validity, i) && s->value.inlined.length <= sizeof s->value.inlined.inlined;
        ASSAY_TRY(inlined ? put_name(r, column, v, i) : put_cell(r, column, v, i));
    }
    return ASSAY_OK;
}

static assay_code put_by_kind(vector_reader *r, size_t column, const vector_view *v, size_t rows)
{
    const table_column *c = &r->part->into->column[column];
    if (v->type == DUCKDB_TYPE_DOUBLE && c->number)
        return put_numbers(r, column, v, rows);
    if (v->type == DUCKDB_TYPE_VARCHAR && c->class_code)
        return put_names(r, column, v, rows);
    if (v->type == DUCKDB_TYPE_VARCHAR && c->hash && !r->part->into->keep_ids) {
        put_hashes(r, column, v, rows);
        return ASSAY_OK;
    }
    return put_cells(r, column, v, rows);
}

assay_code vector_put(vector_reader *r, size_t column, duckdb_vector vector, size_t rows,
                      assay_err *err)
{
    const vector_view v = vector_view_of(vector);
    const assay_code code = put_by_kind(r, column, &v, rows);
    if (code != ASSAY_OK && err)
        *err = r->part->err;
    return code;
}
