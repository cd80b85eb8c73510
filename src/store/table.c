/* The columns of a table while it is read: typed arrays that grow, and texts that become codes.
 * Knows no format. */
#include "store/table.h"

#include "store/number.h"
#include "store/source.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CODE_MISSING = 0xFFFF, ROWS_ROOM_FIRST = 4096 };

void table_clear(table *t)
{
    for (size_t i = 0; i < t->column_count; i++) {
        table_column *c = &t->column[i];
        mem_free(c->name);
        mem_free(c->class_code);
        mem_free(c->code);
        mem_free(c->number);
        mem_free(c->hash);
        dictionary_clear(&c->values);
    }
    mem_free(t->column);
    mem_free(t->matrix);
    mem_free(t->place_class);
    mem_free(t->top_code);
    mem_free(t->top_number);
    mem_free(t->sample_row);
    mem_free(t->id_start);
    mem_free(t->id_bytes);
    dictionary_clear(&t->classes);
    *t = (table){0};
}

void table_part_clear(table_part *p)
{
    mem_free(p->pending);
    mem_free(p->text);
    mem_free(p->id);
    list_items_clear(&p->items);
    *p = (table_part){0};
}

static assay_code fail_nomem(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the columns of the table");
}

static assay_code copy_columns(table *t, const column_list *list, const column_role *role,
                               assay_err *err)
{
    t->column = mem_zalloc(list->count, sizeof *t->column);
    if (!t->column)
        return fail_nomem(err);
    t->column_count = list->count;
    for (size_t i = 0; i < list->count; i++) {
        const column_facts *f = &list->column[i];
        table_column *c = &t->column[i];
        c->name = mem_copy_text(f->name, strlen(f->name));
        if (!c->name)
            return fail_nomem(err);
        c->role = role[i];
        c->kind = f->kind;
        c->single = f->single;
        if (c->role == ROLE_PROBABILITY)
            c->place = t->place_count++;
        if (c->role == ROLE_TOP_LABELS || c->role == ROLE_TOP_PROBABILITIES)
            t->list_length = f->longest_list > t->list_length ? f->longest_list : t->list_length;
    }
    return ASSAY_OK;
}

/* Probability columns are named after their classes. */
static assay_code name_places(table *t, assay_err *err)
{
    if (t->place_count == 0)
        return ASSAY_OK;
    if (t->place_count > CLASSES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %d probability columns", t->path,
                          CLASSES_MOST);
    t->place_class = mem_alloc(t->place_count, sizeof *t->place_class);
    if (!t->place_class)
        return fail_nomem(err);
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->column[i].role != ROLE_PROBABILITY)
            continue;
        const char *name = columns_class_name(t->column[i].name);
        uint32_t code;
        ASSAY_TRY(dictionary_add(&t->classes, name, strlen(name), text_hash(name, strlen(name)),
                                 &code, err));
        t->place_class[t->column[i].place] = (uint16_t)code;
    }
    return ASSAY_OK;
}

/* The columns as they look in the first rows, but for those that an earlier reading found to hold
 * texts. */
static assay_code correct_kinds(text_columns *texts, const column_list *list, column_facts *facts,
                                assay_err *err)
{
    memcpy(facts, list->column, list->count * sizeof *facts);
    if (!texts)
        return ASSAY_OK;
    if (!texts->is_text) {
        texts->is_text = mem_zalloc(list->count, sizeof *texts->is_text);
        texts->count = list->count;
    }
    if (!texts->is_text)
        return fail_nomem(err);
    for (size_t i = 0; i < list->count && i < texts->count; i++) {
        if (atomic_load(&texts->is_text[i]))
            facts[i].kind = KIND_TEXT;
    }
    return ASSAY_OK;
}

assay_code table_init(table *t, const import_request *request, const char *format,
                      const column_list *list, assay_err *err)
{
    *t = (table){.path = request->path,
                 .format = format,
                 .keep_ids = request->keep_ids,
                 .texts = request->texts,
                 .progress = request->progress,
                 .thread_count = request->thread_count};
    ASSAY_AUTO_MEM column_role *role = mem_alloc(list->count, sizeof *role);
    ASSAY_AUTO_MEM column_facts *facts = mem_alloc(list->count, sizeof *facts);
    if (!role || !facts)
        return fail_nomem(err);
    ASSAY_TRY(correct_kinds(request->texts, list, facts, err));
    const column_list corrected = {facts, list->count, list->label_values};
    ASSAY_TRY(columns_recognise(&corrected, request, role, &t->shape, err));
    ASSAY_TRY(copy_columns(t, &corrected, role, err));
    return name_places(t, err);
}

table_column *table_find(const table *t, column_role role)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->column[i].role == role)
            return &t->column[i];
    }
    return NULL;
}

static bool resize(void *array_pointer, size_t room, size_t each, size_t size)
{
    void **array = array_pointer;
    size_t count;
    if (each == 0)
        return true;
    if (__builtin_mul_overflow(room, each, &count))
        return false;
    /* What grows moves, which large pages make dear. */
    void *grown = *array ? mem_resize(*array, count, size) : mem_alloc_large(count, size);
    if (grown)
        *array = grown;
    return grown;
}

static bool resize_column(const table *t, table_column *c, size_t room)
{
    if (!table_wants(c))
        return true;
    switch (c->role) {
    case ROLE_LABEL:
    case ROLE_PREDICTION:
    case ROLE_CLASS:
        return resize(&c->class_code, room, 1, sizeof *c->class_code);
    case ROLE_ATTRIBUTE:
    case ROLE_GROUP:
        return resize(&c->code, room, 1, sizeof *c->code);
    case ROLE_ID:
        return t->shape == SHAPE_LONG ? resize(&c->code, room, 1, sizeof *c->code)
                                      : resize(&c->hash, room, 1, sizeof *c->hash);
    case ROLE_CONFIDENCE:
    case ROLE_METRIC:
        return resize(&c->number, room, 1, sizeof *c->number);
    case ROLE_PROBABILITY:
    case ROLE_TOP_LABELS:
    case ROLE_TOP_PROBABILITIES:
    case ROLE_IGNORED:
        return true;
    }
    return true;
}

static bool resize_all(table *t, size_t room)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (!resize_column(t, &t->column[i], room))
            return false;
    }
    if (!resize(&t->matrix, room, t->place_count, sizeof *t->matrix))
        return false;
    if (table_find(t, ROLE_TOP_LABELS) &&
        !resize(&t->top_code, room, t->list_length, sizeof *t->top_code))
        return false;
    if (table_find(t, ROLE_TOP_PROBABILITIES) &&
        !resize(&t->top_number, room, t->list_length, sizeof *t->top_number))
        return false;
    return !t->keep_ids || t->shape == SHAPE_LONG || !table_find(t, ROLE_ID) ||
           resize(&t->id_start, room + 1, 1, sizeof *t->id_start);
}

assay_code table_fail_lists(const table *t, size_t list_count, size_t length, assay_err *err)
{
    return assay_fail(err, ASSAY_E_LIMIT,
                      "%s: has %zu lists and one of %zu: together more than %" PRIu64
                      " places; leave out the least likely of each",
                      t->path, list_count, length, LIST_PLACES_MOST);
}

assay_code table_tell(const table *t, uint64_t expected, assay_err *err)
{
    progress_show(t->progress, "reading rows", t->row_count,
                  expected > t->row_count ? expected : t->row_count);
    return progress_stopped(t->progress)
               ? assay_fail(err, ASSAY_E_CANCELLED, "%s: interrupted after row %zu", t->path,
                            t->row_count)
               : ASSAY_OK;
}

assay_code table_reserve(table *t, size_t row_count, assay_err *err)
{
    if (row_count > ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %" PRIu64 " rows", t->path,
                          ROWS_MOST);
    if (t->list_length && row_count > LIST_PLACES_MOST / t->list_length)
        return table_fail_lists(t, row_count, t->list_length, err);
    if (row_count <= t->row_room)
        return ASSAY_OK;
    size_t room = t->row_room ? t->row_room : ROWS_ROOM_FIRST;
    while (room < row_count)
        room *= 2;
    if (!resize_all(t, room))
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %zu rows", t->path, room);
    t->row_room = room;
    return ASSAY_OK;
}

/* Append bytes to a buffer that grows; where they begin in *start. */
static bool append(char **buffer, size_t *used, size_t *room, const char *at, size_t length)
{
    if (length > *room - *used) {
        const size_t more = (*used + length) * 2 + 1024;
        char *grown = mem_resize(*buffer, more, 1);
        if (!grown)
            return false;
        *buffer = grown;
        *room = more;
    }
    if (length)
        memcpy(*buffer + *used, at, length);
    *used += length;
    return true;
}

static assay_code fail_part(table_part *part, assay_code code)
{
    part->code = code;
    return code;
}

static assay_code part_nomem(table_part *part)
{
    return fail_part(part, assay_fail(&part->err, ASSAY_E_NOMEM, "%s: out of memory for its texts",
                                      part->into->path));
}

static assay_code fail_value(table_part *part, size_t row, size_t column, const cell *value,
                             const char *what)
{
    char shown[80];
    source_show_value(value->at, value->length, shown);
    return fail_part(part, assay_fail(&part->err, ASSAY_E_INPUT,
                                      "%s: row %zu: '%s' in column '%s' %s", part->into->path,
                                      row + 1, shown, part->into->column[column].name, what));
}

static assay_code wait_for_code(table_part *part, size_t column, size_t index, const cell *value,
                                uint64_t hash)
{
    if (part->pending_count == part->pending_room) {
        const size_t room = part->pending_room ? part->pending_room * 2 : 256;
        pending_code *grown = mem_resize(part->pending, room, sizeof *grown);
        if (!grown)
            return part_nomem(part);
        part->pending = grown;
        part->pending_room = room;
    }
    const size_t start = part->text_used;
    if (!append(&part->text, &part->text_used, &part->text_room, value->at, value->length))
        return part_nomem(part);
    part->pending[part->pending_count++] = (pending_code){.hash = hash,
                                                          .index = index,
                                                          .column = (uint32_t)column,
                                                          .length = (uint32_t)value->length,
                                                          .at = start};
    return ASSAY_OK;
}

static assay_code put_class(table_part *part, size_t column, size_t index, uint16_t *slot,
                            const cell *value)
{
    *slot = CODE_MISSING;
    if (value->kind == CELL_MISSING || value->length == 0)
        return ASSAY_OK;
    const uint64_t hash = text_hash(value->at, value->length);
    const uint32_t code = dictionary_find(&part->into->classes, value->at, value->length, hash);
    if (code == DICTIONARY_NONE)
        return wait_for_code(part, column, index, value, hash);
    *slot = (uint16_t)code;
    return ASSAY_OK;
}

static assay_code put_code(table_part *part, size_t column, size_t row, const cell *value)
{
    table_column *c = &part->into->column[column];
    c->code[row] = UINT32_MAX;
    if (value->kind == CELL_MISSING || value->length == 0)
        return ASSAY_OK;
    const uint64_t hash = text_hash(value->at, value->length);
    const uint32_t code = dictionary_find(&c->values, value->at, value->length, hash);
    if (code == DICTIONARY_NONE)
        return wait_for_code(part, column, row, value, hash);
    c->code[row] = code;
    return ASSAY_OK;
}

static assay_code put_id(table_part *part, size_t column, size_t row, const cell *value)
{
    table *t = part->into;
    if (t->shape == SHAPE_LONG) {
        if (value->length == 0 || value->kind == CELL_MISSING)
            return fail_value(part, row, column, value,
                              "is no sample: every row of the long form needs one");
        return put_code(part, column, row, value);
    }
    const size_t length = value->kind == CELL_MISSING ? 0 : value->length;
    t->column[column].hash[row] = length ? text_hash(value->at, length) : 0;
    if (!t->keep_ids)
        return ASSAY_OK;
    t->id_start[row + 1] = length;
    return append(&part->id, &part->id_used, &part->id_room, value->at, length) ? ASSAY_OK
                                                                                : part_nomem(part);
}

/* The value as a number: NaN where there is none. */
static number_kind read_number(const cell *value, double *out)
{
    *out = (double)NAN;
    if (value->kind == CELL_TEXT)
        return number_parse(value->at, value->length, out);
    if (value->kind != CELL_NUMBER)
        return NUMBER_EMPTY;
    *out = value->number;
    return isfinite(value->number) ? NUMBER_FINE : NUMBER_NOT_FINITE;
}

static assay_code fail_number(table_part *part, size_t row, size_t column, const cell *value)
{
    return fail_value(part, row, column, value, "is not a number");
}

/* How a number that is not finite reads in a message. */
static cell shown_number(const cell *value)
{
    if (value->kind != CELL_NUMBER)
        return *value;
    const char *text = isnan(value->number) ? "nan" : value->number < 0 ? "-inf" : "inf";
    return (cell){.kind = CELL_TEXT, .at = text, .length = strlen(text)};
}

static assay_code put_confidence(table_part *part, size_t column, size_t row, const cell *value)
{
    double *slot = &part->into->column[column].number[row];
    const number_kind kind = read_number(value, slot);
    if (kind == NUMBER_BAD)
        return fail_number(part, row, column, value);
    if (kind == NUMBER_NOT_FINITE) {
        const cell text = shown_number(value);
        char shown[80];
        source_show_value(text.at, text.length, shown);
        bad_rows_add(&part->not_finite, row, "confidence is '%s'", shown);
        *slot = (double)NAN;
    }
    return ASSAY_OK;
}

/* That a column is no metric after all. The reading goes on, so that it finds all of these columns,
 * and is for nothing: the next one knows. */
static bool note_text(text_columns *texts, size_t column)
{
    if (!texts || column >= texts->count)
        return false;
    if (!atomic_exchange(&texts->is_text[column], true))
        atomic_store(&texts->found, true);
    return true;
}

static assay_code put_metric(table_part *part, size_t column, size_t row, const cell *value)
{
    double *slot = &part->into->column[column].number[row];
    if (read_number(value, slot) == NUMBER_BAD)
        return note_text(part->into->texts, column) ? ASSAY_OK
                                                    : fail_number(part, row, column, value);
    if (isinf(*slot)) {
        const cell shown = shown_number(value);
        return fail_value(part, row, column, &shown, "is not a finite number");
    }
    return ASSAY_OK;
}

static assay_code check_list(table_part *part, size_t column, size_t row, uint32_t count)
{
    const table *t = part->into;
    if (count <= t->list_length)
        return ASSAY_OK;
    return fail_part(
        part, assay_fail(&part->err, ASSAY_E_INPUT,
                         "%s: row %zu: a list of %u in column '%s'; the first rows have at most %u",
                         t->path, row + 1, count, t->column[column].name, t->list_length));
}

/* The items of a list cell, whether the format knows lists or prints them as text. */
static assay_code read_list(table_part *part, size_t column, size_t row, const cell *value,
                            const list_items **items)
{
    part->items.count = 0;
    *items = value->kind == CELL_LIST ? value->list : &part->items;
    if (value->kind == CELL_TEXT && value->length > 0) {
        assay_err why = {0};
        const assay_code code = list_cell_parse(value->at, value->length, &part->items, &why);
        char shown[80];
        source_show_value(value->at, value->length, shown);
        if (code != ASSAY_OK)
            return fail_part(part,
                             assay_fail(&part->err, code, "%s: row %zu: '%s' in column '%s': %s",
                                        part->into->path, row + 1, shown,
                                        part->into->column[column].name, why.msg));
    }
    return check_list(part, column, row, (*items)->count);
}

static assay_code put_top_labels(table_part *part, size_t column, size_t row, const cell *value)
{
    table *t = part->into;
    const list_items *items;
    ASSAY_TRY(read_list(part, column, row, value, &items));
    for (uint32_t i = 0; i < t->list_length; i++) {
        const size_t index = row * t->list_length + i;
        cell one = {.kind = CELL_MISSING};
        if (i < items->count)
            one =
                (cell){.kind = CELL_TEXT, .at = items->item[i].at, .length = items->item[i].length};
        ASSAY_TRY(put_class(part, column, index, &t->top_code[index], &one));
    }
    return ASSAY_OK;
}

static assay_code put_top_probabilities(table_part *part, size_t column, size_t row,
                                        const cell *value)
{
    table *t = part->into;
    const list_items *items;
    ASSAY_TRY(read_list(part, column, row, value, &items));
    bool finite = true;
    for (uint32_t i = 0; i < t->list_length; i++) {
        double *slot = &t->top_number[row * t->list_length + i];
        *slot = (double)NAN;
        if (i >= items->count)
            continue;
        const cell one = {
            .kind = CELL_TEXT, .at = items->item[i].at, .length = items->item[i].length};
        const number_kind kind = read_number(&one, slot);
        if (kind == NUMBER_BAD)
            return fail_number(part, row, column, &one);
        if (kind != NUMBER_NOT_FINITE)
            continue;
        if (finite)
            bad_rows_add(&part->not_finite, row, "a probability is '%.*s'", (int)one.length,
                         one.at);
        finite = false;
        *slot = (double)INFINITY;
    }
    return ASSAY_OK;
}

assay_code table_put(table_part *part, size_t column, size_t row, const cell *value)
{
    table *t = part->into;
    const table_column *c = &t->column[column];
    switch (c->role) {
    case ROLE_LABEL:
    case ROLE_PREDICTION:
    case ROLE_CLASS:
        return put_class(part, column, row, &c->class_code[row], value);
    case ROLE_CONFIDENCE:
        return put_confidence(part, column, row, value);
    case ROLE_ID:
        return put_id(part, column, row, value);
    case ROLE_ATTRIBUTE:
    case ROLE_GROUP:
        return put_code(part, column, row, value);
    case ROLE_PROBABILITY:
        return read_number(value, &t->matrix[row * t->place_count + c->place]) == NUMBER_BAD
                   ? fail_number(part, row, column, value)
                   : ASSAY_OK;
    case ROLE_TOP_LABELS:
        return put_top_labels(part, column, row, value);
    case ROLE_TOP_PROBABILITIES:
        return put_top_probabilities(part, column, row, value);
    case ROLE_METRIC:
        return put_metric(part, column, row, value);
    case ROLE_IGNORED:
        break;
    }
    return ASSAY_OK;
}

static assay_code settle_class(table *t, const table_part *part, const pending_code *p,
                               assay_err *err)
{
    const char *at = part->text + p->at;
    table_column *c = &t->column[p->column];
    uint32_t code;
    if (p->length > NAME_BYTES_MOST) {
        char shown[80];
        source_show_value(at, p->length, shown);
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: a class name of %u bytes in column '%s': '%s'; at most %d are allowed", t->path,
            p->length, c->name, shown, NAME_BYTES_MOST);
    }
    ASSAY_TRY(dictionary_add(&t->classes, at, p->length, p->hash, &code, err));
    if (code >= CLASSES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%s: column '%s' has more than %d distinct values; is it really a class?",
                          t->path, c->name, CLASSES_MOST);
    (c->role == ROLE_TOP_LABELS ? t->top_code : c->class_code)[p->index] = (uint16_t)code;
    return ASSAY_OK;
}

static void drop_column(table_column *c)
{
    c->dropped = true;
    mem_free(c->code);
    c->code = NULL;
    dictionary_clear(&c->values);
}

static assay_code settle_code(table *t, const table_part *part, const pending_code *p,
                              assay_err *err)
{
    table_column *c = &t->column[p->column];
    if (c->dropped)
        return ASSAY_OK;
    if (c->role == ROLE_ATTRIBUTE &&
        (p->length > NAME_BYTES_MOST || c->values.count >= ATTRIBUTE_VALUES_MOST)) {
        uint32_t known = dictionary_find(&c->values, part->text + p->at, p->length, p->hash);
        if (known == DICTIONARY_NONE) {
            drop_column(c);
            return ASSAY_OK;
        }
    }
    return dictionary_add(&c->values, part->text + p->at, p->length, p->hash, &c->code[p->index],
                          err);
}

assay_code table_settle(table_part *part, assay_err *err)
{
    table *t = part->into;
    for (size_t i = 0; i < part->pending_count; i++) {
        const pending_code *p = &part->pending[i];
        const column_role role = t->column[p->column].role;
        const bool coded = role == ROLE_ATTRIBUTE || role == ROLE_GROUP || role == ROLE_ID;
        ASSAY_TRY(coded ? settle_code(t, part, p, err) : settle_class(t, part, p, err));
    }
    if (!append(&t->id_bytes, &t->id_used, &t->id_room, part->id, part->id_used))
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for the ids", t->path);
    bad_rows_merge(&t->not_finite, &part->not_finite);
    part->pending_count = 0;
    part->text_used = 0;
    part->id_used = 0;
    part->not_finite = (bad_rows){0};
    return ASSAY_OK;
}

assay_code table_finish(table *t, assay_err *err)
{
    if (t->row_count == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: has no rows", t->path);
    if (t->id_start) {
        t->id_start[0] = 0;
        for (size_t i = 0; i < t->row_count; i++)
            t->id_start[i + 1] += t->id_start[i];
    }
    return ASSAY_OK;
}
