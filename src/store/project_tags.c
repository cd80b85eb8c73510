/* Tags: named sets of samples. */
#include "store/project_columns.h"

#include "base/limits.h"
#include "store/append.h"
#include "store/project_images.h"
#include "store/query.h"

#include <string.h>

static assay_code find_tag(const duck *d, const char *name, bool *found, uint32_t *tag,
                           assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "SELECT tag FROM tags WHERE name = $1", name, err));
    ASSAY_TRY(query_bind_text(&q, 1, name, strlen(name), err));
    size_t rows;
    ASSAY_TRY(query_next(&q, &rows, err));
    *found = rows > 0;
    if (*found)
        *tag = ((const uint32_t *)query_get(&q, 0).at)[0];
    return ASSAY_OK;
}

static assay_code make_tag(const duck *d, const char *name, uint32_t *tag, assay_err *err)
{
    uint64_t next;
    ASSAY_TRY(query_number(d, "SELECT CAST(coalesce(max(tag) + 1, 0) AS UBIGINT) FROM tags", name,
                           &next, err));
    *tag = (uint32_t)next;
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "INSERT INTO tags VALUES ($1, $2)", name, err));
    ASSAY_TRY(query_bind_count(&q, 1, next, err));
    ASSAY_TRY(query_bind_text(&q, 2, name, strlen(name), err));
    return query_run(&q, err);
}

static assay_code read_rows(const duck *d, uint32_t tag, const char *name, selection *out,
                            assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "SELECT sample FROM tag_samples WHERE tag = $1", name, err));
    ASSAY_TRY(query_bind_count(&q, 1, tag, err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const uint32_t *sample = rows ? query_get(&q, 0).at : NULL;
        for (size_t i = 0; i < rows; i++) {
            if (sample[i] < out->row_count)
                selection_set(out, sample[i], true);
        }
    }
    return ASSAY_OK;
}

static assay_code run_on_tag(const duck *d, const char *sql, const char *name, uint32_t tag,
                             assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, name, err));
    ASSAY_TRY(query_bind_count(&q, 1, tag, err));
    return query_run(&q, err);
}

static assay_code write_rows(const duck *d, uint32_t tag, const char *name, const selection *rows,
                             assay_err *err)
{
    ASSAY_TRY(run_on_tag(d, "DELETE FROM tag_samples WHERE tag = $1", name, tag, err));
    if (selection_count(rows) == 0)
        return run_on_tag(d, "DELETE FROM tags WHERE tag = $1", name, tag, err);
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, "tag_samples", name, err));
    for (size_t i = 0; i < rows->row_count; i++) {
        if (!selection_has(rows, i))
            continue;
        append_u32(&a, 0, tag);
        append_u32(&a, 1, (uint32_t)i);
        append_row(&a);
    }
    return append_finish(&a, err);
}

/* Which samples was chosen earlier, of a project that may have been another one. */
static assay_code check_samples(const duck *d, size_t chosen_of, assay_err *err)
{
    size_t count;
    ASSAY_TRY(project_count_samples(d, &count, err));
    return count == chosen_of
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_CONFLICT,
                            "the project has been replaced by one of %zu samples; nothing was "
                            "tagged",
                            count);
}

/* A selection that ends with its scope. */
ASSAY_AUTO_CLEAR_DECLARE(selection)

assay_code project_has_tag(const duck *d, const char *name, bool *out, assay_err *err)
{
    uint32_t tag;
    return find_tag(d, name, out, &tag, err);
}

assay_code project_put_tag(const duck *d, const char *name, const selection *rows, bool remove,
                           size_t *changed, assay_err *err)
{
    bool found;
    uint32_t tag = 0;
    *changed = 0;
    ASSAY_TRY(check_samples(d, rows->row_count, err));
    ASSAY_TRY(find_tag(d, name, &found, &tag, err));
    if (!found && (remove || selection_count(rows) == 0))
        return ASSAY_OK;
    if (!found)
        ASSAY_TRY(make_tag(d, name, &tag, err));
    ASSAY_AUTO_CLEAR(selection) now = {0};
    ASSAY_TRY(selection_init(&now, rows->row_count, false, err));
    ASSAY_TRY(read_rows(d, tag, name, &now, err));
    const size_t before = selection_count(&now);
    for (size_t i = 0; i < rows->row_count; i++) {
        if (selection_has(rows, i))
            selection_set(&now, i, !remove);
    }
    const size_t after = selection_count(&now);
    *changed = after > before ? after - before : before - after;
    return write_rows(d, tag, name, &now, err);
}

static assay_code read_tag(const duck *d, frame *f, uint32_t number, const char *at, size_t length,
                           assay_err *err)
{
    tag_column *grown = mem_resize(f->tag, f->tag_count + 1, sizeof *grown);
    if (!grown)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the tags");
    f->tag = grown;
    tag_column *tag = &f->tag[f->tag_count++];
    *tag = (tag_column){.name = mem_copy_text(at, length)};
    if (!tag->name)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the tags");
    ASSAY_TRY(selection_init(&tag->rows, f->row_count, false, err));
    return read_rows(d, number, tag->name, &tag->rows, err);
}

assay_code project_read_tags(const duck *d, frame *f, assay_err *err)
{
    /* Made whole first: a second statement ends the first one's stream. */
    uint64_t count;
    ASSAY_TRY(
        query_number(d, "SELECT CAST(count(*) AS UBIGINT) FROM tags", "the tags", &count, err));
    for (uint64_t i = 0; i < count; i++) {
        ASSAY_AUTO_CLEAR(query) q = {0};
        ASSAY_TRY(query_prepare(&q, d, "SELECT tag, name FROM tags ORDER BY name LIMIT 1 OFFSET $1",
                                "the tags", err));
        ASSAY_TRY(query_bind_count(&q, 1, i, err));
        size_t rows;
        ASSAY_TRY(query_next(&q, &rows, err));
        if (rows == 0)
            break;
        const query_column name = query_get(&q, 1);
        const uint32_t number = ((const uint32_t *)query_get(&q, 0).at)[0];
        size_t length;
        const char *at = query_text(&name, 0, &length);
        char copy[NAME_BYTES_MOST + 1];
        length = length > NAME_BYTES_MOST ? NAME_BYTES_MOST : length;
        memcpy(copy, at, length);
        query_clear(&q);
        ASSAY_TRY(read_tag(d, f, number, copy, length, err));
    }
    return ASSAY_OK;
}
