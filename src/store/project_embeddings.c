/* Embeddings in and out of a project's tables. */
#include "store/project_embeddings.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "store/dictionary.h"
#include "store/query.h"
#include "store/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { HASH_BLOCK_BYTES = 1 << 20 };

void embedding_stem(const char *name, char out[EMBEDDING_STEM_BYTES])
{
    const size_t length = strlen(name);
    const size_t most = EMBEDDING_STEM_BYTES - 1;
    const size_t used = utf8_whole(name, length < most ? length : most);
    for (size_t i = 0; i < used; i++) {
        const bool apart = name[i] == '/' || name[i] == '.' || (unsigned char)name[i] < 0x20;
        out[i] = name[i];
        if (apart)
            out[i] = '_';
    }
    out[used] = '\0';
}

void project_embedding_clear(project_embedding *e)
{
    mem_free(e->name);
    mem_free(e->source);
    mem_free(e->vectors);
    mem_free(e->neighbours);
    mem_free(e->distances);
    *e = (project_embedding){0};
}

static assay_code copy_text(const query *q, size_t column, char **out, assay_err *err)
{
    const query_column c = query_get(q, column);
    if (query_is_null(&c, 0))
        return ASSAY_OK;
    size_t length;
    const char *at = query_text(&c, 0, &length);
    *out = mem_copy_text(at, length);
    return *out ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "out of memory for the embeddings");
}

static uint64_t number_at(const query *q, size_t column)
{
    const query_column c = query_get(q, column);
    return query_is_null(&c, 0) ? 0 : ((const uint64_t *)c.at)[0];
}

static assay_code take_row(const query *q, project_embedding *out, assay_err *err)
{
    out->number = ((const uint32_t *)query_get(q, 0).at)[0];
    out->dimensions = ((const uint32_t *)query_get(q, 3).at)[0];
    out->is_default = ((const bool *)query_get(q, 4).at)[0];
    out->made_from = number_at(q, 5);
    out->vectors_hash = number_at(q, 7);
    out->neighbours_hash = number_at(q, 9);
    out->distances_hash = number_at(q, 11);
    ASSAY_TRY(copy_text(q, 1, &out->name, err));
    ASSAY_TRY(copy_text(q, 2, &out->source, err));
    ASSAY_TRY(copy_text(q, 6, &out->vectors, err));
    ASSAY_TRY(copy_text(q, 8, &out->neighbours, err));
    return copy_text(q, 10, &out->distances, err);
}

static assay_code bind_optional(query *q, size_t parameter, const char *text, assay_err *err)
{
    return text ? query_bind_text(q, parameter, text, strlen(text), err)
                : query_bind_null(q, parameter, err);
}

assay_code project_read_embedding(const duck *d, const char *name, project_embedding *out,
                                  bool *found, assay_err *err)
{
    *out = (project_embedding){0};
    *found = false;
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT embedding, name, source, dimensions, is_default, made_from, "
                            "vectors, vectors_hash, neighbours, neighbours_hash, distances, "
                            "distances_hash FROM embeddings WHERE name = coalesce($1, name) AND "
                            "($1 IS NOT NULL OR is_default)",
                            "the embeddings", err));
    ASSAY_TRY(bind_optional(&q, 1, name, err));
    size_t rows;
    ASSAY_TRY(query_next(&q, &rows, err));
    if (rows == 0)
        return ASSAY_OK;
    const assay_code code = take_row(&q, out, err);
    if (code != ASSAY_OK)
        project_embedding_clear(out);
    *found = code == ASSAY_OK;
    return code;
}

static assay_code run_with_name(const duck *d, const char *sql, const char *name, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(&q, d, sql, "the embedding", err));
    ASSAY_TRY(query_bind_text(&q, 1, name, strlen(name), err));
    return query_run(&q, err);
}

static assay_code put_row(const duck *d, const project_embedding *e, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    ASSAY_TRY(query_prepare(
        &q, d,
        "INSERT INTO embeddings VALUES ($1, $2, $3, $4, CAST($5 AS UTINYINT) = 1, $6, $7, $8, $9, "
        "$10, $11, $12, CAST(current_timestamp AT TIME ZONE 'UTC' AS TIMESTAMP))",
        "the embedding", err));
    ASSAY_TRY(query_bind_count(&q, 1, e->number, err));
    ASSAY_TRY(query_bind_text(&q, 2, e->name, strlen(e->name), err));
    ASSAY_TRY(query_bind_text(&q, 3, e->source, strlen(e->source), err));
    ASSAY_TRY(query_bind_count(&q, 4, e->dimensions, err));
    ASSAY_TRY(query_bind_count(&q, 5, e->is_default, err));
    ASSAY_TRY(query_bind_count(&q, 6, e->made_from, err));
    ASSAY_TRY(query_bind_text(&q, 7, e->vectors, strlen(e->vectors), err));
    ASSAY_TRY(query_bind_count(&q, 8, e->vectors_hash, err));
    ASSAY_TRY(bind_optional(&q, 9, e->neighbours, err));
    ASSAY_TRY(query_bind_count(&q, 10, e->neighbours_hash, err));
    ASSAY_TRY(bind_optional(&q, 11, e->distances, err));
    ASSAY_TRY(query_bind_count(&q, 12, e->distances_hash, err));
    return query_run(&q, err);
}

assay_code project_embedding_is_default(const duck *d, const char *name, bool *out, assay_err *err)
{
    ASSAY_AUTO_CLEAR(query) q = {0};
    size_t rows = 0;
    ASSAY_TRY(query_prepare(&q, d,
                            "SELECT count(*) FILTER (name = $1 AND is_default) > 0 OR "
                            "count(*) FILTER (name <> $1) = 0 FROM embeddings",
                            "the embeddings", err));
    ASSAY_TRY(query_bind_text(&q, 1, name, strlen(name), err));
    ASSAY_TRY(query_next(&q, &rows, err));
    *out = rows > 0 && ((const bool *)query_get(&q, 0).at)[0];
    return ASSAY_OK;
}

assay_code project_put_embedding(const duck *d, project_embedding *e, assay_err *err)
{
    uint64_t next = 0;
    bool is_default = false;
    ASSAY_TRY(project_embedding_is_default(d, e->name, &is_default, err));
    e->is_default |= is_default;
    ASSAY_TRY(run_with_name(d, "DELETE FROM embeddings WHERE name = $1", e->name, err));
    ASSAY_TRY(
        query_number(d, "SELECT CAST(coalesce(max(embedding) + 1, 0) AS UBIGINT) FROM embeddings",
                     "the embeddings", &next, err));
    e->number = (uint32_t)next;
    if (e->is_default)
        ASSAY_TRY(duck_run(d, "UPDATE embeddings SET is_default = false", err));
    return put_row(d, e, err);
}

static assay_code hash_blocks(const char *path, const source *s, uint64_t *out, assay_err *err)
{
    ASSAY_AUTO_MEM char *block = mem_alloc(HASH_BLOCK_BYTES, 1);
    if (!block)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    uint64_t hash[2] = {s->bytes, 0};
    for (uint64_t at = 0; at < s->bytes;) {
        const ssize_t got = pread(s->fd, block, HASH_BLOCK_BYTES, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return assay_fail(err, ASSAY_E_IO, "%s: cannot be read", path);
        hash[1] = text_hash(block, (size_t)got);
        hash[0] = text_hash((const char *)hash, sizeof hash);
        at += (uint64_t)got;
    }
    *out = hash[0];
    return ASSAY_OK;
}

assay_code file_hash(const char *path, uint64_t *out, assay_err *err)
{
    source s;
    ASSAY_TRY(source_open(path, &s, err));
    const assay_code code = hash_blocks(path, &s, out, err);
    source_close(&s);
    return code;
}
