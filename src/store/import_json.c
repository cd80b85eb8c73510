/* JSON: an array of objects, or one object a line. The records are found here, so that a file of
 * any size is read in blocks; each record is parsed by jansson. */
#include "store/text_table.h"

#include "base/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 32 };

/* Texts that a record's numbers are printed into, and lists of a record's arrays. */
typedef struct json_scratch {
    char number[NUMBER_BYTES];
    list_items items;
    char *text; /* of the numbers in a list */
    size_t text_room;
} json_scratch;

static size_t cut_lines(const char *at, size_t length)
{
    const char *last = memrchr(at, '\n', length);
    return last ? (size_t)(last - at) + 1 : 0;
}

/* The element of an array that begins at `at`: the comma or bracket that ends it, or `end`. */
static const char *element_end(const char *at, const char *end)
{
    size_t depth = 0;
    bool inside = false;
    for (; at < end; at++) {
        const char c = *at;
        if (inside) {
            at += c == '\\' && at + 1 < end;
            inside = c != '"';
        } else if (c == '"') {
            inside = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            depth--;
        } else if (c == ',' && depth == 0) {
            return at;
        }
    }
    return end;
}

static size_t cut_elements(const char *at, size_t length)
{
    const char *end = at + length;
    const char *whole = at;
    for (const char *p = at; p < end;) {
        p = element_end(p, end);
        if (p < end && *p == ',')
            whole = p + 1;
        p++;
    }
    return (size_t)(whole - at);
}

static bool is_blank(const char *at, const char *end)
{
    for (; at < end; at++) {
        if (*at != ' ' && *at != '\t' && *at != '\r' && *at != '\n')
            return false;
    }
    return true;
}

static const char *record_end(const text_table *t, const char *at, const char *end)
{
    if (t->is_array)
        return element_end(at, end);
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline ? newline : end;
}

/* Blank lines are no records, nor is what stands between [ and ] of an empty array. */
static size_t count_records(const text_table *t, const char *at, size_t length)
{
    const char *end = at + length;
    size_t rows = 0;
    while (at < end) {
        const char *stop = record_end(t, at, end);
        rows += !is_blank(at, stop);
        if (t->is_array && stop < end && *stop != ',')
            break;
        at = stop + 1;
    }
    return rows;
}

static void print_real(double x, char out[NUMBER_BYTES])
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, NUMBER_BYTES, "%.*g", digits, x);
        if (strtod(out, NULL) == x)
            break;
    }
    if (!strpbrk(out, ".eEn"))
        memcpy(out + strlen(out), ".0", 3);
}

static size_t print_number(const json_t *value, char out[NUMBER_BYTES])
{
    if (json_is_integer(value))
        snprintf(out, NUMBER_BYTES, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        print_real(json_real_value(value), out);
    return strlen(out);
}

static assay_code make_text_room(json_scratch *s, size_t count, assay_err *err)
{
    if (count <= s->text_room)
        return ASSAY_OK;
    char *text = mem_resize(s->text, count, NUMBER_BYTES);
    if (!text)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a list");
    s->text = text;
    s->text_room = count;
    return ASSAY_OK;
}

/* *is_list is false when the array holds anything but texts and numbers. */
static assay_code read_array(const json_t *array, json_scratch *s, bool *is_list, assay_err *err)
{
    const size_t count = json_array_size(array);
    s->items.count = 0;
    *is_list = true;
    ASSAY_TRY(make_text_room(s, count, err));
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(array, i);
        char *number = s->text + i * NUMBER_BYTES;
        if (json_is_string(one))
            ASSAY_TRY(list_items_add(&s->items, json_string_value(one), json_string_length(one),
                                     true, err));
        else if (json_is_number(one))
            ASSAY_TRY(list_items_add(&s->items, number, print_number(one, number), false, err));
        else
            *is_list = false;
    }
    return ASSAY_OK;
}

/* *known is false for records and lists of lists. Numbers are text too: a label 3 is the class "3".
 */
static assay_code read_value(const json_t *value, json_scratch *s, bool as_number, cell *out,
                             bool *known, assay_err *err)
{
    *out = (cell){.kind = CELL_MISSING};
    *known = true;
    if (json_is_string(value)) {
        const size_t length = json_string_length(value);
        *out = (cell){.kind = length ? CELL_TEXT : CELL_MISSING,
                      .at = json_string_value(value),
                      .length = length};
    } else if (json_is_number(value) && as_number) {
        *out = (cell){.kind = CELL_NUMBER, .number = json_number_value(value)};
    } else if (json_is_number(value)) {
        *out = (cell){.kind = CELL_TEXT, .at = s->number, .length = print_number(value, s->number)};
    } else if (json_is_boolean(value)) {
        const char *text = json_is_true(value) ? "true" : "false";
        *out = (cell){.kind = CELL_TEXT, .at = text, .length = strlen(text)};
    } else if (json_is_array(value)) {
        *out = (cell){.kind = CELL_LIST, .list = &s->items};
        return read_array(value, s, known, err);
    } else if (json_is_object(value)) {
        *known = false;
    }
    return ASSAY_OK;
}

static assay_code parse_object(const text_table *t, const char *at, size_t length, size_t row,
                               json_t **out, assay_err *err)
{
    json_error_t why;
    *out = json_loadb(at, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
    /* Out of memory before the first token, jansson gives no reason at all. */
    if (!*out && (json_error_code(&why) == json_error_out_of_memory || why.text[0] == '\0'))
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for row %zu", t->into->path,
                          row + 1);
    if (!*out) {
        char shown[80];
        source_show_value(why.text, strlen(why.text), shown);
        return assay_fail(err, ASSAY_E_INPUT, "%s: row %zu: is not valid JSON: %s", t->into->path,
                          row + 1, shown);
    }
    if (json_is_object(*out))
        return ASSAY_OK;
    json_decref(*out);
    *out = NULL;
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: row %zu: is not an object; expected {\"label\": …, \"prediction\": …} "
                      "(pandas: orient=\"records\")",
                      t->into->path, row + 1);
}

static bool wants_number(column_role role)
{
    return role == ROLE_CONFIDENCE || role == ROLE_METRIC || role == ROLE_PROBABILITY;
}

static assay_code put_field(const text_table *t, uint32_t column, const json_t *value, size_t row,
                            json_scratch *s, table_part *part)
{
    if (!table_wants(&t->into->column[column]))
        return ASSAY_OK;
    const char *key = t->into->column[column].name;
    const column_role role = t->into->column[column].role;
    cell one;
    bool known;
    ASSAY_TRY(read_value(value, s, wants_number(role), &one, &known, &part->err));
    const bool list_role = role == ROLE_TOP_LABELS || role == ROLE_TOP_PROBABILITIES;
    if (!known || (one.kind == CELL_LIST && !list_role))
        return assay_fail(&part->err, ASSAY_E_INPUT,
                          "%s: row %zu: field '%s' holds a list or record; expected one value",
                          t->into->path, row + 1, key);
    if (list_role && one.kind == CELL_TEXT && !list_cell_is_list(one.at, one.length))
        return assay_fail(&part->err, ASSAY_E_INPUT, "%s: row %zu: field '%s' is not a list",
                          t->into->path, row + 1, key);
    return table_put(part, column, row, &one);
}

/* A field that a record leaves out is a missing cell. */
static assay_code put_missing(const text_table *t, const json_t *object, size_t row,
                              table_part *part)
{
    const cell none = {.kind = CELL_MISSING, .at = ""};
    for (size_t i = 0; i < t->into->column_count; i++) {
        const table_column *c = &t->into->column[i];
        if (table_wants(c) && !json_object_get(object, c->name))
            ASSAY_TRY(table_put(part, i, row, &none));
    }
    return ASSAY_OK;
}

static assay_code put_object(const text_table *t, json_t *object, size_t row, json_scratch *s,
                             table_part *part)
{
    const char *key;
    json_t *value;
    size_t known = 0;
    json_object_foreach(object, key, value)
    {
        const size_t length = strlen(key);
        const uint32_t column = dictionary_find(&t->keys, key, length, text_hash(key, length));
        if (column == DICTIONARY_NONE)
            continue; /* only the first rows name columns */
        ASSAY_TRY(put_field(t, column, value, row, s, part));
        known++;
    }
    return known == t->into->column_count ? ASSAY_OK : put_missing(t, object, row, part);
}

static assay_code parse_record(const text_table *t, const char *at, const char *stop, size_t row,
                               json_scratch *s, table_part *part)
{
    json_t *object;
    ASSAY_TRY(parse_object(t, at, (size_t)(stop - at), row, &object, &part->err));
    const assay_code code = put_object(t, object, row, s, part);
    json_decref(object);
    return code;
}

static assay_code fail_open_array(const text_table *t, size_t rows, assay_err *err)
{
    return assay_fail(err, ASSAY_E_INPUT, "%s: is cut off: the array is never closed (%zu row%s)",
                      t->into->path, rows, rows == 1 ? "" : "s");
}

static assay_code parse_array_end(const text_table *t, const char *stop, const char *end,
                                  size_t row, assay_err *err)
{
    if (stop == end)
        return fail_open_array(t, row, err);
    if (*stop != ']' || !is_blank(stop + 1, end))
        return assay_fail(err, ASSAY_E_INPUT, "%s: row %zu: something follows the array",
                          t->into->path, row);
    return ASSAY_OK;
}

static assay_code parse_block(const text_table *t, char *at, size_t length, table_part *part)
{
    json_scratch s = {.text = NULL};
    const char *p = at;
    const char *end = at + length;
    size_t row = part->first_row;
    assay_code code = ASSAY_OK;
    while (p < end && code == ASSAY_OK) {
        const char *stop = record_end(t, p, end);
        const bool more = stop < end && *stop == ',';
        const bool after_comma = row > 0 && stop < end;
        if (!is_blank(p, stop))
            code = parse_record(t, p, stop, row++, &s, part);
        else if (t->is_array && (more || after_comma))
            code = assay_fail(&part->err, ASSAY_E_INPUT, "%s: row %zu: is empty", t->into->path,
                              row + 1);
        if (code == ASSAY_OK && t->is_array && !more) {
            code = parse_array_end(t, stop, end, row, &part->err);
            part->closed = true;
            break;
        }
        p = stop + 1;
    }
    list_items_clear(&s.items);
    mem_free(s.text);
    return code;
}

typedef struct json_head {
    column_facts *column;
    column_sample *sample;
    size_t count, room;
    dictionary label_values;
    json_scratch scratch;
    list_items items;
} json_head;

static void json_head_clear(json_head *h)
{
    for (size_t i = 0; i < h->count; i++)
        mem_free(h->column[i].name);
    mem_free(h->column);
    mem_free(h->sample);
    dictionary_clear(&h->label_values);
    list_items_clear(&h->scratch.items);
    mem_free(h->scratch.text);
    list_items_clear(&h->items);
}

static assay_code add_column(text_table *t, json_head *h, const char *key, assay_err *err)
{
    if (h->count >= COLUMNS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "%s: has more than %d fields", t->into->path,
                          COLUMNS_MOST);
    if (h->count == h->room) {
        const size_t room = h->room ? h->room * 2 : 16;
        column_facts *column = mem_resize(h->column, room, sizeof *column);
        if (column)
            h->column = column;
        column_sample *sample = mem_resize(h->sample, room, sizeof *sample);
        if (sample)
            h->sample = sample;
        if (!column || !sample)
            return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for the fields",
                              t->into->path);
        h->room = room;
    }
    char *name = mem_copy_text(key, strlen(key));
    if (!name)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for the fields", t->into->path);
    h->column[h->count] = (column_facts){.name = name};
    h->sample[h->count++] = (column_sample){.first_number = (double)NAN};
    return ASSAY_OK;
}

static assay_code look_at_field(text_table *t, json_head *h, const char *key, const json_t *value,
                                const import_request *request, assay_err *err)
{
    uint32_t column;
    ASSAY_TRY(
        dictionary_add(&t->keys, key, strlen(key), text_hash(key, strlen(key)), &column, err));
    if (column == h->count)
        ASSAY_TRY(add_column(t, h, key, err));
    column_sample *s = &h->sample[column];
    cell one;
    bool known;
    ASSAY_TRY(read_value(value, &h->scratch, true, &one, &known, err));
    if (!known) {
        s->others++;
        return ASSAY_OK;
    }
    /* A number in quotes is text, as its writer meant. */
    s->texts += json_is_string(value) && one.length > 0 && !list_cell_is_list(one.at, one.length);
    const double before = s->first_number;
    ASSAY_TRY(column_sample_add(s, 0, &one, &h->items, err));
    if (!isnan(before))
        s->first_number = before;
    if (!columns_may_be_label(key, request) || one.kind == CELL_LIST)
        return ASSAY_OK;
    ASSAY_TRY(read_value(value, &h->scratch, false, &one, &known, err));
    return one.length ? dictionary_add(&h->label_values, one.at, one.length,
                                       text_hash(one.at, one.length), &column, err)
                      : ASSAY_OK;
}

static assay_code look_at_object(text_table *t, json_head *h, json_t *object,
                                 const import_request *request, assay_err *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value)
        ASSAY_TRY(look_at_field(t, h, key, value, request, err));
    return ASSAY_OK;
}

static assay_code look_at_rows(text_table *t, json_head *h, const char *at, const char *end,
                               const import_request *request, assay_err *err)
{
    for (size_t row = 0; row < ROWS_LOOKED_AT && at < end;) {
        const char *stop = record_end(t, at, end);
        if (!is_blank(at, stop)) {
            json_t *object;
            ASSAY_TRY(parse_object(t, at, (size_t)(stop - at), row++, &object, err));
            const assay_code code = look_at_object(t, h, object, request, err);
            json_decref(object);
            ASSAY_TRY(code);
        }
        if (t->is_array && (stop == end || *stop != ','))
            break;
        at = stop + 1;
    }
    for (size_t i = 0; i < h->count; i++) {
        h->column[i].kind = column_sample_kind(&h->sample[i]);
        h->column[i].longest_list = h->sample[i].longest_list;
        h->column[i].first_number = h->sample[i].first_number;
    }
    return ASSAY_OK;
}

static size_t skip_start(const char *at, size_t length)
{
    size_t i = length >= 3 && !memcmp(at, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (i < length && is_blank(at + i, at + i + 1))
        i++;
    return i;
}

/* What kind of JSON the file is, its own first byte tells. */
static size_t cut_first(const char *at, size_t length)
{
    const size_t skip = skip_start(at, length);
    if (skip == length || at[skip] != '[')
        return cut_lines(at, length);
    const size_t whole = cut_elements(at + skip + 1, length - skip - 1);
    return whole ? skip + 1 + whole : 0;
}

static assay_code read_head(text_table *t, const import_request *request, const char *format,
                            const block *b, size_t skip, assay_err *err)
{
    json_head h = {.count = 0};
    assay_code code = look_at_rows(t, &h, b->at + skip, b->at + b->length, request, err);
    if (code == ASSAY_OK && h.count == 0)
        code = assay_fail(err, ASSAY_E_INPUT, "%s: has no rows", t->into->path);
    const column_list list = {h.column, h.count, &h.label_values};
    if (code == ASSAY_OK)
        code = table_init(t->into, request, format, &list, err);
    json_head_clear(&h);
    return code;
}

static assay_code check_start(const text_table *t, const block *b, size_t skip, assay_err *err)
{
    if (skip < b->length && (b->at[skip] == '[' || b->at[skip] == '{'))
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: is not JSON; expected an array of objects or one object a line",
                      t->into->path);
}

static assay_code read_all(const import_request *request, text_table *t, block_reader *r, block *b,
                           assay_err *err)
{
    ASSAY_TRY(block_reader_next(r, cut_first, b, err));
    size_t skip = skip_start(b->at, b->length);
    ASSAY_TRY(check_start(t, b, skip, err));
    t->is_array = b->at[skip] == '[';
    t->cut = t->is_array ? cut_elements : cut_lines;
    skip += t->is_array;
    ASSAY_TRY(read_head(t, request, t->is_array ? "JSON" : "JSON lines", b, skip, err));
    ASSAY_TRY(text_table_read(t, r, b, skip, err));
    /* A file may be cut right after a comma: then every block is whole, and no end is missed. */
    return t->is_array && !t->closed ? fail_open_array(t, t->into->row_count, err) : ASSAY_OK;
}

assay_code json_table_read(const import_request *request, const source *s, table *out,
                           assay_err *err)
{
    *out = (table){.path = request->path};
    text_table t = {.count = count_records, .parse = parse_block, .into = out};
    block_reader *r;
    ASSAY_TRY(block_reader_new(request->path, s, &r, err));
    block first = {0};
    const assay_code code = read_all(request, &t, r, &first, err);
    block_clear(&first);
    block_reader_free(r);
    dictionary_clear(&t.keys);
    if (code != ASSAY_OK)
        table_clear(out);
    return code;
}
