/* Images in and out of a project's tables: where each is, and the classes. */
#include "store/project_images.h"

#include "base/limits.h"
#include "base/text.h"
#include "base/utf8.h"
#include "store/append.h"
#include "store/query.h"

#include <string.h>

static const char *const kind_names[] = {
    [CONTAINER_IDX] = "idx", [CONTAINER_NPY] = "npy", [CONTAINER_PARQUET] = "parquet"};
enum { KIND_COUNT = sizeof kind_names / sizeof *kind_names };

static assay_code put_project_row(const duck *d, const image_list *list, const char *source,
                                  assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "UPDATE project SET root = $1, source = $2, kind = $3",
                            "the project", err));
    if (list->root)
        ASSAY_TRY(query_bind_blob(&q, 1, list->root, strlen(list->root), err));
    else
        ASSAY_TRY(query_bind_null(&q, 1, err));
    ASSAY_TRY(query_bind_blob(&q, 2, source, strlen(source), err));
    ASSAY_TRY(query_bind_text(&q, 3, list->kind, strlen(list->kind), err));
    return query_run(&q, err);
}

static assay_code put_containers(const duck *d, const image_list *list, assay_err *err)
{
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, "containers", "the containers", err));
    for (size_t i = 0; i < list->container_count; i++) {
        const image_container *c = &list->containers[i];
        append_u32(&a, 0, (uint32_t)i);
        append_text(&a, 1, c->path, strlen(c->path));
        append_text(&a, 2, kind_names[c->kind], strlen(kind_names[c->kind]));
        append_u64(&a, 3, c->item_count);
        append_row(&a);
    }
    return append_finish(&a, err);
}

/* A path as a text, and its bytes where they are none. */
static assay_code put_path(append *a, const char *at, size_t length, assay_err *err)
{
    if (utf8_valid(at, length) == length && !memchr(at, 0, length)) {
        append_text(a, 1, at, length);
        return ASSAY_OK;
    }
    text shown;
    text_init(&shown, 4 * length + 1);
    text_put_utf8(&shown, at, length);
    const assay_code code = text_check(&shown, err);
    if (code == ASSAY_OK) {
        append_text(a, 1, text_view(&shown), shown.length);
        append_text(a, 2, at, length);
    }
    text_clear(&shown);
    return code;
}

static assay_code put_rows(const duck *d, const image_list *list, assay_err *err)
{
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, "images", "the images", err));
    for (size_t i = 0; i < list->count; i++) {
        const uint64_t *start = &list->path.start[i];
        append_u32(&a, 0, (uint32_t)i);
        ASSAY_TRY(put_path(&a, list->path.bytes + start[0], (size_t)(start[1] - start[0]), err));
        if (list->id.start)
            append_text(&a, 3, list->id.bytes + list->id.start[i],
                        (size_t)(list->id.start[i + 1] - list->id.start[i]));
        if (list->container && list->container[i] != CONTAINER_NONE) {
            append_u32(&a, 4, list->container[i]);
            append_u64(&a, 5, list->item[i]);
        }
        append_row(&a);
    }
    return append_finish(&a, err);
}

assay_code project_put_images(const duck *d, const image_list *list, const char *source,
                              assay_err *err)
{
    ASSAY_TRY(put_project_row(d, list, source, err));
    ASSAY_TRY(project_put_classes(d, &list->classes, 0, err));
    ASSAY_TRY(put_containers(d, list, err));
    return put_rows(d, list, err);
}

assay_code project_put_root(const duck *d, const char *root, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "UPDATE project SET root = $1", "the root", err));
    ASSAY_TRY(query_bind_blob(&q, 1, root, strlen(root), err));
    return query_run(&q, err);
}

assay_code project_put_classes(const duck *d, const class_list *classes, uint32_t first,
                               assay_err *err)
{
    ASSAY_AUTO_CLEAR(append) a = {0};
    ASSAY_TRY(append_open(&a, d, "classes", "the classes", err));
    for (uint32_t i = first; i < classes->count; i++) {
        append_u16(&a, 0, (uint16_t)i);
        append_text(&a, 1, classes->name[i], classes->length[i]);
        append_row(&a);
    }
    return append_finish(&a, err);
}

assay_code project_read_classes(const duck *d, class_list *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, "SELECT name FROM classes ORDER BY class", "the classes", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const query_column name = rows ? query_get(&q, 0) : (query_column){0};
        for (size_t i = 0; i < rows; i++) {
            size_t length;
            uint16_t code;
            const char *at = query_text(&name, i, &length);
            ASSAY_TRY(class_list_add(out, at, length, &code, err));
        }
    }
    return ASSAY_OK;
}

assay_code project_count_samples(const duck *d, size_t *out, assay_err *err)
{
    uint64_t count = 0;
    ASSAY_TRY(
        query_number(d, "SELECT CAST(count(*) AS UBIGINT) FROM images", "the images", &count, err));
    if (count > ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "the project has %llu samples; at most %llu",
                          (unsigned long long)count, (unsigned long long)ROWS_MOST);
    *out = (size_t)count;
    return ASSAY_OK;
}

static assay_code read_blob(const duck *d, const char *sql, char **out, assay_err *err)
{
    *out = NULL;
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, "the project", err));
    size_t rows;
    ASSAY_TRY(query_next(&q, &rows, err));
    const query_column c = rows ? query_get(&q, 0) : (query_column){0};
    if (rows == 0 || query_is_null(&c, 0))
        return ASSAY_OK;
    size_t length;
    const char *at = query_text(&c, 0, &length);
    *out = mem_copy_text(at, length);
    return *out ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "out of memory for a path");
}

assay_code project_read_source(const duck *d, char **out, assay_err *err)
{
    return read_blob(d, "SELECT source FROM project", out, err);
}

assay_code project_read_root(const duck *d, char **out, assay_err *err)
{
    return read_blob(d, "SELECT root FROM project", out, err);
}

static assay_code read_container(const query *q, size_t row, image_container *out, assay_err *err)
{
    const query_column path = query_get(q, 0);
    const query_column kind = query_get(q, 1);
    const query_column items = query_get(q, 2);
    size_t length;
    const char *at = query_text(&path, row, &length);
    out->path = mem_copy_text(at, length);
    if (!out->path)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a container");
    out->item_count = ((const uint64_t *)items.at)[row];
    at = query_text(&kind, row, &length);
    for (size_t k = 0; k < KIND_COUNT; k++) {
        if (strlen(kind_names[k]) == length && !memcmp(kind_names[k], at, length)) {
            out->kind = (container_kind)k;
            return ASSAY_OK;
        }
    }
    return assay_fail(err, ASSAY_E_INPUT, "the project has a container of a kind '%.*s'",
                      (int)(length < 40 ? length : 40), at);
}

static assay_code read_containers(const duck *d, image_list *out, assay_err *err)
{
    uint64_t count = 0;
    ASSAY_TRY(query_number(d, "SELECT CAST(count(*) AS UBIGINT) FROM containers", "the containers",
                           &count, err));
    out->containers = mem_zalloc((size_t)count, sizeof *out->containers);
    if (!out->containers)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the containers");
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT path, kind, item_count FROM containers ORDER BY container",
                            "the containers", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        for (size_t i = 0; i < rows && out->container_count < count; i++)
            ASSAY_TRY(read_container(&q, i, &out->containers[out->container_count++], err));
    }
    return ASSAY_OK;
}

/* A column of texts under construction. */
typedef struct text_builder {
    text_column *column;
    size_t used, room;
} text_builder;

static assay_code add_text(text_builder *b, size_t row, const char *at, size_t length,
                           assay_err *err)
{
    if (b->used + length >= b->room) { /* also of nothing: a column has bytes */
        const size_t room = (b->used + length) * 2 + 4096;
        char *grown = mem_resize(b->column->bytes, room, 1);
        if (!grown)
            return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the paths");
        b->column->bytes = grown;
        b->room = room;
    }
    memcpy(b->column->bytes + b->used, at, length);
    b->used += length;
    b->column->start[row + 1] = b->used;
    return ASSAY_OK;
}

/* The columns of a chunk: to be asked for once a chunk, not once a row. */
typedef struct image_chunk {
    query_column shown, bytes, given, container, item, sample;
} image_chunk;

static image_chunk get_chunk(const query *q)
{
    return (image_chunk){query_get(q, 0), query_get(q, 1), query_get(q, 2),
                         query_get(q, 3), query_get(q, 4), query_get(q, 5)};
}

static assay_code read_row(const image_chunk *c, size_t i, image_list *out, text_builder *path,
                           text_builder *id, assay_err *err)
{
    const size_t row = out->count;
    if (((const uint32_t *)c->sample.at)[i] != row)
        return assay_fail(err, ASSAY_E_INPUT, "the project's samples are not in their order");
    size_t length;
    const char *at = query_text(query_is_null(&c->bytes, i) ? &c->shown : &c->bytes, i, &length);
    ASSAY_TRY(add_text(path, row, at, length, err));
    if (!query_is_null(&c->given, i))
        at = query_text(&c->given, i, &length);
    ASSAY_TRY(add_text(id, row, at, length, err));
    const bool none = query_is_null(&c->container, i);
    out->container[row] = none ? CONTAINER_NONE : ((const uint32_t *)c->container.at)[i];
    out->item[row] = none ? 0 : ((const uint64_t *)c->item.at)[i];
    if (!none && out->container[row] >= out->container_count)
        return assay_fail(err, ASSAY_E_INPUT, "sample %zu is in a container that is not there",
                          row);
    out->count++;
    return ASSAY_OK;
}

static assay_code read_rows(const duck *d, size_t count, image_list *out, assay_err *err)
{
    out->container = mem_alloc(count, sizeof *out->container);
    out->item = mem_alloc(count, sizeof *out->item);
    out->path.start = mem_zalloc(count + 1, sizeof *out->path.start);
    out->id.start = mem_zalloc(count + 1, sizeof *out->id.start);
    if (!out->container || !out->item || !out->path.start || !out->id.start)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu images", count);
    text_builder path = {.column = &out->path};
    text_builder id = {.column = &out->id};
    ASSAY_TRY(add_text(&path, 0, "", 0, err));
    ASSAY_TRY(add_text(&id, 0, "", 0, err));
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT path, path_bytes, id, container, item, sample FROM images",
                            "the images", err));
    for (size_t rows = 1; rows > 0;) {
        ASSAY_TRY(query_next(&q, &rows, err));
        const image_chunk chunk = rows ? get_chunk(&q) : (image_chunk){0};
        for (size_t i = 0; i < rows && out->count < count; i++)
            ASSAY_TRY(read_row(&chunk, i, out, &path, &id, err));
    }
    return out->count == count ? ASSAY_OK
                               : assay_fail(err, ASSAY_E_INPUT, "the project has lost samples");
}

static assay_code read_all(const duck *d, image_list *out, assay_err *err)
{
    size_t count = 0;
    ASSAY_TRY(project_count_samples(d, &count, err));
    ASSAY_TRY(project_read_root(d, &out->root, err));
    ASSAY_TRY(project_read_classes(d, &out->classes, err));
    ASSAY_TRY(read_containers(d, out, err));
    return read_rows(d, count, out, err);
}

assay_code project_read_images(const duck *d, image_list *out, assay_err *err)
{
    *out = (image_list){.kind = "a project"};
    const assay_code code = read_all(d, out, err);
    if (code != ASSAY_OK)
        image_list_clear(out);
    return code;
}

assay_code project_writer_images(project_writer *w, image_list *out, assay_err *err)
{
    duck *db;
    *out = (image_list){0};
    ASSAY_TRY(project_writer_begin(w, &db, err));
    const assay_code code = project_read_images(db, out, err);
    project_writer_abandon(w);
    return code;
}
