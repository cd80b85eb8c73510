/* A list printed into one cell of a text table. Pure: bytes in, views out; knows nothing of files.
 */
#include "store/list_cell.h"

#include "base/limits.h"

#include <string.h>

typedef struct cursor {
    const char *at, *end;
    const char *start;
} cursor;

void list_items_clear(list_items *items)
{
    mem_free(items->item);
    mem_free(items->scratch);
    *items = (list_items){0};
}

assay_code list_items_add(list_items *items, const char *at, size_t length, bool quoted,
                          assay_err *err)
{
    if (items->count >= CLASSES_MOST || length > UINT32_MAX)
        return assay_fail(err, ASSAY_E_LIMIT, "a list of more than %d items", CLASSES_MOST);
    if (items->count == items->room) {
        const uint32_t room = items->room ? items->room * 2 : 16;
        list_item *item = mem_resize(items->item, room, sizeof *item);
        if (!item)
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a list");
        items->item = item;
        items->room = room;
    }
    items->item[items->count++] = (list_item){at, (uint32_t)length, quoted};
    return ASSAY_OK;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_space(cursor *c)
{
    while (c->at < c->end && is_space(*c->at))
        c->at++;
}

static void trim(cursor *c)
{
    skip_space(c);
    while (c->end > c->at && is_space(c->end[-1]))
        c->end--;
}

bool list_cell_is_list(const char *at, size_t length)
{
    cursor c = {at, at + length, at};
    trim(&c);
    if (c.end - c.at < 2)
        return false;
    return (*c.at == '[' && c.end[-1] == ']') || (*c.at == '(' && c.end[-1] == ')');
}

/* The scratch never moves while a list is read: it is as long as the cell from the start. */
static assay_code reserve_scratch(list_items *items, size_t length, assay_err *err)
{
    items->scratch_used = 0;
    if (length <= items->scratch_room)
        return ASSAY_OK;
    char *scratch = mem_resize(items->scratch, length, 1);
    if (!scratch)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a list of %zu bytes", length);
    items->scratch = scratch;
    items->scratch_room = length;
    return ASSAY_OK;
}

static assay_code take_quoted(cursor *c, list_items *out, assay_err *err)
{
    const char quote = *c->at;
    const char *first = ++c->at;
    while (c->at < c->end && *c->at != quote && *c->at != '\\')
        c->at++;
    if (c->at < c->end && *c->at == quote)
        return list_items_add(out, first, (size_t)(c->at++ - first), true, err);
    char *copy = out->scratch + out->scratch_used;
    size_t length = (size_t)(c->at - first);
    if (length)
        memcpy(copy, first, length);
    while (c->at < c->end && *c->at != quote) {
        if (*c->at == '\\' && c->at + 1 < c->end) {
            c->at++;
            if (*c->at != '\\' && *c->at != '"' && *c->at != '\'' && *c->at != '/')
                return assay_fail(err, ASSAY_E_INPUT,
                                  "an escape that is not \\\\, \\' or \\\" at byte %td",
                                  c->at - c->start + 1);
        }
        copy[length++] = *c->at++;
    }
    if (c->at == c->end)
        return assay_fail(err, ASSAY_E_INPUT, "a quote at byte %td that is never closed",
                          first - c->start);
    c->at++;
    out->scratch_used += length;
    return list_items_add(out, copy, length, true, err);
}

static assay_code take_bare(cursor *c, list_items *out, assay_err *err)
{
    const char *first = c->at;
    while (c->at < c->end && !is_space(*c->at) && *c->at != ',') {
        if (strchr("[](){}'\"", *c->at))
            return assay_fail(err, ASSAY_E_INPUT, "'%c' at byte %td inside an item", *c->at,
                              c->at - c->start + 1);
        c->at++;
    }
    return list_items_add(out, first, (size_t)(c->at - first), false, err);
}

/* Between items: one comma, or white space alone. Only a Python tuple may end with a comma. */
static assay_code take_separator(cursor *c, assay_err *err)
{
    const char *before = c->at;
    skip_space(c);
    if (c->at == c->end)
        return ASSAY_OK;
    if (*c->at != ',')
        return c->at > before
                   ? ASSAY_OK
                   : assay_fail(err, ASSAY_E_INPUT, "nothing between two items at byte %td",
                                c->at - c->start + 1);
    c->at++;
    skip_space(c);
    if (c->at < c->end && *c->at == ',')
        return assay_fail(err, ASSAY_E_INPUT, "an empty item at byte %td", c->at - c->start + 1);
    return ASSAY_OK;
}

assay_code list_cell_parse(const char *at, size_t length, list_items *out, assay_err *err)
{
    out->count = 0;
    ASSAY_TRY(reserve_scratch(out, length, err));
    if (!list_cell_is_list(at, length))
        return assay_fail(err, ASSAY_E_INPUT, "not a list; expected [a, b]");
    cursor c = {at, at + length, at};
    trim(&c);
    c.at++;
    c.end--;
    skip_space(&c);
    if (c.at < c.end && *c.at == ',')
        return assay_fail(err, ASSAY_E_INPUT, "an empty item at byte %td", c.at - c.start + 1);
    while (c.at < c.end) {
        ASSAY_TRY(*c.at == '\'' || *c.at == '"' ? take_quoted(&c, out, err)
                                                : take_bare(&c, out, err));
        ASSAY_TRY(take_separator(&c, err));
    }
    return ASSAY_OK;
}
