/* Decides what a table's format is (asked for, else by its first bytes, else by its name) and has
 * it read. */
#include "store/text_table.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

typedef enum table_format {
    FORMAT_UNKNOWN,
    FORMAT_CSV,
    FORMAT_TSV,
    FORMAT_JSON,
    FORMAT_PARQUET
} table_format;

typedef struct format_name {
    const char *name;
    table_format format;
} format_name;

static const format_name names[] = {
    {"csv", FORMAT_CSV},        {"tsv", FORMAT_TSV},         {"tab", FORMAT_TSV},
    {"json", FORMAT_JSON},      {"jsonl", FORMAT_JSON},      {"ndjson", FORMAT_JSON},
    {"jsonlines", FORMAT_JSON}, {"parquet", FORMAT_PARQUET}, {"pq", FORMAT_PARQUET}};

static table_format by_name(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i].name) == length && !strncasecmp(name, names[i].name, length))
            return names[i].format;
    }
    return FORMAT_UNKNOWN;
}

static table_format by_extension(const char *path)
{
    size_t length = strlen(path);
    if (length > 3 && !strcasecmp(path + length - 3, ".gz"))
        length -= 3;
    const char *dot = memrchr(path, '.', length);
    return dot ? by_name(dot + 1, length - (size_t)(dot + 1 - path)) : FORMAT_UNKNOWN;
}

static table_format by_first_bytes(const source *s)
{
    char at[64];
    const ssize_t length = s->kind == SOURCE_TEXT ? pread(s->fd, at, sizeof at, 0) : 0;
    for (ssize_t i = 0; i < length; i++) {
        if (at[i] == '[' || at[i] == '{')
            return FORMAT_JSON;
        if (!strchr(" \t\r\n\xef\xbb\xbf", at[i]))
            break;
    }
    return FORMAT_CSV;
}

static assay_code decide(const import_request *r, const source *s, table_format *out,
                         assay_err *err)
{
    if (s->kind == SOURCE_NPY)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: is an .npy array, not a table; give it with --probabilities, "
                          "--labels or --predictions",
                          r->path);
    if (s->kind == SOURCE_ZIP)
        return assay_fail(
            err, ASSAY_E_INPUT,
            "%s: is a zip archive (.npz and .xlsx are, too); expected CSV, TSV, JSON or Parquet",
            r->path);
    *out = r->format ? by_name(r->format, strlen(r->format)) : FORMAT_UNKNOWN;
    if (r->format && *out == FORMAT_UNKNOWN)
        return assay_fail(err, ASSAY_E_USAGE,
                          "there is no format '%s'; expected csv, tsv, json, jsonl or parquet",
                          r->format);
    if (*out == FORMAT_UNKNOWN)
        *out = s->kind == SOURCE_PARQUET ? FORMAT_PARQUET : by_extension(r->path);
    if (*out == FORMAT_UNKNOWN)
        *out = by_first_bytes(s);
    if ((*out == FORMAT_PARQUET) != (s->kind == SOURCE_PARQUET))
        return assay_fail(err, ASSAY_E_INPUT,
                          *out == FORMAT_PARQUET ? "%s: is not a Parquet file"
                                                 : "%s: is a Parquet file, not text",
                          r->path);
    return ASSAY_OK;
}

static assay_code read_as(const import_request *request, const source *s, table *out,
                          assay_err *err)
{
    table_format format = FORMAT_UNKNOWN;
    ASSAY_TRY(decide(request, s, &format, err));
    if (format == FORMAT_PARQUET)
        return parquet_table_read(request, s, out, err);
    if (format == FORMAT_JSON)
        return json_table_read(request, s, out, err);
    return csv_table_read(request, s, format == FORMAT_TSV, out, err);
}

static assay_code read_once(const import_request *request, table *out, assay_err *err)
{
    *out = (table){0};
    source s;
    ASSAY_TRY(source_open(request->path, &s, err));
    assay_code code = read_as(request, &s, out, err);
    source_close(&s);
    ASSAY_TRY(code);
    code = table_finish(out, err);
    if (code != ASSAY_OK)
        table_clear(out);
    return code;
}

/* Anew where columns turned out to hold texts below the rows that were looked at: the first reading
 * found them all, or up to a failure that may be none of them. */
assay_code table_read(const import_request *request, table *out, assay_err *err)
{
    text_columns texts = {0};
    import_request own = *request;
    own.texts = &texts;
    assay_code code = read_once(&own, out, err);
    while ((code == ASSAY_OK || code == ASSAY_E_INPUT) && atomic_exchange(&texts.found, false)) {
        if (code == ASSAY_OK)
            table_clear(out);
        if (err)
            *err = (assay_err){0};
        code = read_once(&own, out, err);
    }
    mem_free(texts.is_text);
    out->texts = NULL;
    return code;
}
