/* Lists that people and programs write: an id or a path a line. */
#include "project/read_lines.h"

#include "store/source.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

/* The longest list: a path a sample. */
#define LIST_BYTES_MOST ((uint64_t)1 << 32)

/* Each line as a key; empty ones are none. */
static assay_code split_lines(char *bytes, size_t length, uint64_t **out, size_t *count,
                              assay_err *err)
{
    assert(bytes);
    size_t lines = 0;
    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    uint64_t *start = mem_alloc(lines + 2, sizeof *start);
    *out = start;
    if (!start)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for %zu lines", lines);
    size_t used = 0;
    *count = 0;
    for (size_t i = 0; i < length;) {
        const char *newline = memchr(bytes + i, '\n', length - i);
        size_t line = newline ? (size_t)(newline - bytes) - i : length - i;
        const size_t next = i + line + 1;
        line -= line > 0 && bytes[i + line - 1] == '\r';
        if (line > 0) {
            start[(*count)++] = used;
            memmove(bytes + used, bytes + i, line);
            used += line;
        }
        i = next;
    }
    start[*count] = used;
    return ASSAY_OK;
}

static assay_code read_file(const char *path, char **bytes, size_t *length, assay_err *err)
{
    source s;
    ASSAY_TRY(source_open(path, &s, err));
    assay_code code = ASSAY_OK;
    ssize_t got = 0;
    *length = 0;
    if (s.bytes > LIST_BYTES_MOST)
        code = assay_fail(err, ASSAY_E_LIMIT, "%s: is longer than %llu bytes", path,
                          (unsigned long long)LIST_BYTES_MOST);
    else if (!(*bytes = mem_alloc((size_t)s.bytes, 1)))
        code = assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    while (code == ASSAY_OK && *length < s.bytes &&
           (got = pread(s.fd, *bytes + *length, (size_t)s.bytes - *length, (off_t)*length)) > 0)
        *length += (size_t)got;
    source_close(&s);
    return got < 0 ? assay_fail(err, ASSAY_E_IO, "%s: cannot be read", path) : code;
}

assay_code read_lines_open(const char *path, read_lines *out, assay_err *err)
{
    *out = (read_lines){0};
    size_t length = 0;
    read_lines lines = {0};
    assay_code code = read_file(path, &lines.bytes, &length, err);
    if (code == ASSAY_OK)
        code = split_lines(lines.bytes, length, &lines.start, &lines.count, err);
    if (code != ASSAY_OK) {
        read_lines_clear(&lines);
        return code;
    }
    *out = lines;
    return ASSAY_OK;
}

void read_lines_clear(read_lines *lines)
{
    mem_free(lines->bytes);
    mem_free(lines->start);
    *lines = (read_lines){0};
}
