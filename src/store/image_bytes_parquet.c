/* Images out of a Parquet file, a run of rows at a time. A query goes through the file on one
 * thread, and only a step back or a leap begins another. DuckDB makes chunks of up to 2,048 rows
 * and holds a few, so large images are asked for in windows; not where a window would have to be
 * looked for in a row group of many times its size. */
#include "store/image_bytes_parts.h"

#include "base/limits.h"
#include "store/parquet_images.h"

#include <inttypes.h>
#include <string.h>

/* Rows that it is cheaper to read over than to begin a query for; the least and most rows of a
 * window, and of a row group that has windows. */
enum { ROWS_READ_OVER = 2048, WINDOW_ROWS_LEAST = 64, WINDOW_GROUP_ROWS_MOST = 16384 };

/* What a window should hold. */
#define WINDOW_BYTES ((uint64_t)32 << 20)

#define NO_BYTES UINT64_MAX

struct parquet_reader {
    duck db;
    parquet_images file;
    duckdb_result result;
    bool running;
    duckdb_data_chunk chunk;
    size_t chunk_rows, chunk_next;
    uint64_t next;        /* the row that comes next */
    uint64_t window_rows; /* of a query */
    uint64_t window_end;  /* of the query that runs */
    /* What is ready. */
    uint64_t first, count;
    uint64_t *start;  /* count entries: into bytes */
    uint64_t *length; /* NO_BYTES: a null */
    size_t room;
    uint8_t *bytes;
    size_t byte_used, byte_room;
};

static uint64_t choose_window(const parquet_images *p)
{
    const uint64_t mean = p->image_bytes / (p->row_count ? p->row_count : 1) + 1;
    const uint64_t rows = WINDOW_BYTES / mean;
    if (p->group_rows_most > WINDOW_GROUP_ROWS_MOST)
        return p->row_count;
    return rows < WINDOW_ROWS_LEAST ? WINDOW_ROWS_LEAST : rows;
}

assay_code parquet_reader_open(const char *path, parquet_reader **out, uint64_t *item_count,
                               assay_err *err)
{
    *out = NULL;
    parquet_reader *r = mem_zalloc(1, sizeof *r);
    if (!r)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    r->file.s.fd = -1;
    const duck_options options = {.thread_count = 1};
    assay_code code = duck_open(&r->db, &options, err);
    if (code == ASSAY_OK)
        code = duck_run(&r->db, "SET streaming_buffer_size = '1KB'", err);
    if (code == ASSAY_OK)
        code = parquet_images_open(&r->db, path, NULL, &r->file, err);
    if (code == ASSAY_OK && !r->file.image)
        code = assay_fail(err, ASSAY_E_INPUT, "%s: has no column of images", path);
    if (code != ASSAY_OK) {
        parquet_reader_free(r);
        return code;
    }
    r->window_rows = choose_window(&r->file);
    *item_count = r->file.row_count;
    *out = r;
    return ASSAY_OK;
}

static void stop(parquet_reader *r)
{
    duckdb_destroy_data_chunk(&r->chunk);
    r->chunk = NULL;
    r->chunk_rows = r->chunk_next = 0;
    if (r->running)
        duckdb_destroy_result(&r->result);
    r->running = false;
}

void parquet_reader_free(parquet_reader *r)
{
    if (!r)
        return;
    stop(r);
    parquet_images_close(&r->file);
    duck_close(&r->db);
    mem_free(r->start);
    mem_free(r->length);
    mem_free(r->bytes);
    mem_free(r);
}

static assay_code begin(parquet_reader *r, uint64_t row, assay_err *err)
{
    text sql;
    stop(r);
    text_init(&sql, (size_t)1 << 20);
    text_puts(&sql, "SELECT CAST(file_row_number AS UBIGINT), struct_extract(");
    parquet_put_name(&sql, r->file.image);
    text_printf(&sql,
                ", 'bytes') FROM read_parquet('%s', file_row_number=true) "
                "WHERE file_row_number >= ? AND file_row_number < ?",
                r->file.from);
    const uint64_t range[] = {row, row + r->window_rows};
    const assay_code code = parquet_images_query(&r->file, &sql, range, &r->result, err);
    text_clear(&sql);
    r->running = code == ASSAY_OK;
    r->next = row;
    r->window_end = range[1];
    return code;
}

static assay_code refill(parquet_reader *r, assay_err *err)
{
    while (r->chunk_next == r->chunk_rows) {
        duckdb_destroy_data_chunk(&r->chunk);
        r->chunk_rows = r->chunk_next = 0;
        ASSAY_TRY(parquet_images_fetch(&r->file, &r->result, &r->chunk, err));
        if (!r->chunk)
            return assay_fail(err, ASSAY_E_INPUT, "%s: the Parquet file is damaged", r->file.file);
        r->chunk_rows = duckdb_data_chunk_get_size(r->chunk);
    }
    return ASSAY_OK;
}

static assay_code keep(parquet_reader *r, const char *at, uint64_t length, assay_err *err)
{
    const uint64_t needed = r->byte_used + length;
    if (needed > PREFETCH_BYTES_MOST && r->count > 0)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%s: rows %" PRIu64 " to %" PRIu64 " hold more than %" PRIu64
                          " bytes of images",
                          r->file.file, r->first + 1, r->first + r->count + 1, PREFETCH_BYTES_MOST);
    if (needed > r->byte_room) {
        const size_t room = needed > 2 * r->byte_room ? (size_t)needed : 2 * r->byte_room;
        uint8_t *bytes = mem_resize(r->bytes, room, 1);
        if (!bytes)
            return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %" PRIu64 " bytes",
                              r->file.file, needed);
        r->bytes = bytes;
        r->byte_room = room;
    }
    if (length)
        memcpy(r->bytes + r->byte_used, at, (size_t)length);
    r->byte_used = (size_t)needed;
    return ASSAY_OK;
}

/* The row that comes next: kept, or read over. */
static assay_code take_row(parquet_reader *r, bool wanted, assay_err *err)
{
    if (r->next == r->window_end)
        ASSAY_TRY(begin(r, r->next, err));
    ASSAY_TRY(refill(r, err));
    const uint64_t *number = duckdb_vector_get_data(duckdb_data_chunk_get_vector(r->chunk, 0));
    duckdb_vector vector = duckdb_data_chunk_get_vector(r->chunk, 1);
    const uint64_t *validity = duckdb_vector_get_validity(vector);
    const size_t row = r->chunk_next;
    if (number[row] != r->next)
        return assay_fail(err, ASSAY_E_INTERNAL,
                          "%s: DuckDB gives row %" PRIu64 " for row %" PRIu64, r->file.file,
                          number[row] + 1, r->next + 1);
    if (wanted) {
        duckdb_string_t *value = (duckdb_string_t *)duckdb_vector_get_data(vector) + row;
        const bool valid = !validity || (validity[row / 64] >> (row % 64) & 1u);
        const uint64_t length = valid ? duckdb_string_t_length(*value) : 0;
        const bool fits = length <= IMAGE_FILE_BYTES_MOST;
        r->start[r->count] = r->byte_used;
        r->length[r->count] = valid ? length : NO_BYTES;
        ASSAY_TRY(
            keep(r, valid && fits ? duckdb_string_t_data(value) : NULL, fits ? length : 0, err));
        r->count++;
    }
    r->chunk_next++;
    r->next++;
    return ASSAY_OK;
}

static assay_code make_room(parquet_reader *r, uint64_t count, assay_err *err)
{
    if (count <= r->room)
        return ASSAY_OK;
    uint64_t *start = mem_resize(r->start, (size_t)count, sizeof *start);
    r->start = start ? start : r->start;
    uint64_t *length = start ? mem_resize(r->length, (size_t)count, sizeof *length) : NULL;
    r->length = length ? length : r->length;
    if (!length)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %" PRIu64 " images",
                          r->file.file, count);
    r->room = (size_t)count;
    return ASSAY_OK;
}

assay_code parquet_reader_fetch(parquet_reader *r, uint64_t first, uint64_t count, assay_err *err)
{
    r->first = first;
    r->count = 0;
    r->byte_used = 0;
    ASSAY_TRY(make_room(r, count, err));
    if (count > 0 && (!r->running || first < r->next || first - r->next > ROWS_READ_OVER))
        ASSAY_TRY(begin(r, first, err));
    assay_code code = ASSAY_OK;
    while (code == ASSAY_OK && r->count < count)
        code = take_row(r, r->next >= first, err);
    if (code != ASSAY_OK)
        stop(r);
    return code;
}

assay_code parquet_reader_item(const parquet_reader *r, uint64_t item, image_item *out,
                               assay_err *err)
{
    if (item < r->first || item - r->first >= r->count)
        return assay_fail(err, ASSAY_E_INTERNAL, "%s: row %" PRIu64 " was not made ready",
                          r->file.file, item + 1);
    const uint64_t length = r->length[item - r->first];
    if (length == NO_BYTES || length == 0)
        return assay_fail(err, ASSAY_E_INPUT, "there are no bytes in row %" PRIu64 " of the table",
                          item + 1);
    if (length > IMAGE_FILE_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "has %" PRIu64 " bytes; at most %" PRIu64 " are read",
                          length, IMAGE_FILE_BYTES_MOST);
    *out = (image_item){.at = r->bytes + r->start[item - r->first], .length = (size_t)length};
    return ASSAY_OK;
}
