/* The use-case behind `assay tag`. */
#include "project/tag_samples.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "project/join.h"
#include "store/project_columns.h"
#include "store/project_images.h"
#include "store/project_load.h"
#include "store/source.h"
#include "store/where.h"

#include <string.h>
#include <unistd.h>

ASSAY_AUTO_DECLARE(frame)
ASSAY_AUTO_CLEAR_DECLARE(selection)
ASSAY_AUTO_CLEAR_DECLARE(image_list)
ASSAY_AUTO_CLEAR_DECLARE(joined)

/* The longest list of paths: a path a sample. */
#define LIST_BYTES_MOST ((uint64_t)1 << 32)

static assay_code check_name(const char *name, assay_err *err)
{
    const size_t length = strlen(name);
    if (length == 0 || length > NAME_BYTES_MOST / 4)
        return assay_fail(err, ASSAY_E_USAGE, "a tag's name has 1 to %d bytes",
                          NAME_BYTES_MOST / 4);
    bool plain = utf8_valid(name, length) == length;
    for (size_t i = 0; i < length; i++)
        plain &= (unsigned char)name[i] >= 0x20 && name[i] != 0x7F;
    return plain ? ASSAY_OK
                 : assay_fail(err, ASSAY_E_USAGE,
                              "the tag '%s' holds control characters or is not UTF-8", name);
}

/* Each line as a key; empty ones are none. */
static assay_code split_lines(char *bytes, size_t length, uint64_t **out, size_t *count,
                              assay_err *err)
{
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

static assay_code refuse_lines(const tag_request *r, const joined *j, assay_err *err)
{
    const bad_rows_words words = {r->paths, 1, "no sample in the project",
                                  "; --allow-unmatched leaves such lines out"};
    return j->unmatched.count > 0 && !r->allow_unmatched ? bad_rows_fail(&j->unmatched, &words, err)
                                                         : ASSAY_OK;
}

static assay_code choose_listed(const tag_request *r, const image_list *images, selection *rows,
                                tag_notes *notes, assay_err *err)
{
    ASSAY_AUTO_MEM char *bytes = NULL;
    ASSAY_AUTO_MEM uint64_t *start = NULL;
    size_t length = 0;
    size_t count = 0;
    ASSAY_TRY(read_file(r->paths, &bytes, &length, err));
    ASSAY_TRY(split_lines(bytes, length, &start, &count, err));
    const text_column lines = {.start = start, .bytes = bytes};
    const join_request request = {
        .images = images, .key = &lines, .row_count = count, .table = r->paths};
    ASSAY_AUTO_CLEAR(joined) j = {0};
    ASSAY_TRY(join_rows(&request, &j, err));
    ASSAY_TRY(refuse_lines(r, &j, err));
    notes->unmatched = j.unmatched.count;
    for (size_t i = 0; i < count; i++) {
        if (j.sample[i] != SAMPLE_NONE)
            selection_set(rows, j.sample[i], true);
    }
    return ASSAY_OK;
}

static assay_code read_images(project_writer *w, image_list *out, assay_err *err)
{
    duck *db;
    ASSAY_TRY(project_writer_begin(w, &db, err));
    const assay_code code = project_read_images(db, out, err);
    project_writer_abandon(w);
    return code;
}

static assay_code choose_where(project_writer *w, const tag_request *r, selection *rows,
                               assay_err *err)
{
    const project_load_request load = {.path = project_writer_name(w),
                                       .model = r->model,
                                       .texts = true,
                                       .thread_count = r->thread_count};
    ASSAY_AUTO(frame) f = NULL;
    ASSAY_TRY(project_load(&load, &f, err));
    const where_options options = {.thread_count = r->thread_count, .give_up = r->give_up};
    return where_select(f, r->where, &options, rows, err);
}

static assay_code choose_rows(project_writer *w, const tag_request *r, selection *rows,
                              tag_notes *notes, assay_err *err)
{
    if (r->where)
        ASSAY_TRY(choose_where(w, r, rows, err));
    if (!r->paths)
        return ASSAY_OK;
    ASSAY_AUTO_CLEAR(image_list) images = {0};
    ASSAY_TRY(read_images(w, &images, err));
    ASSAY_AUTO_CLEAR(selection) listed = {0};
    ASSAY_TRY(selection_init(&listed, images.count, false, err));
    ASSAY_TRY(choose_listed(r, &images, &listed, notes, err));
    if (r->where)
        selection_and(rows, &listed);
    if (!r->where) {
        *rows = listed;
        listed = (selection){0};
    }
    return ASSAY_OK;
}

static assay_code put_tag(project_writer *w, const tag_request *r, const selection *rows,
                          tag_notes *notes, assay_err *err)
{
    duck *db;
    ASSAY_TRY(project_writer_begin(w, &db, err));
    const assay_code code = project_put_tag(db, r->name, rows, r->remove, &notes->changed, err);
    if (code == ASSAY_OK)
        return project_writer_commit(w, err);
    project_writer_abandon(w);
    return code;
}

assay_code tag_samples(project_writer *w, const tag_request *request, tag_notes *notes,
                       assay_err *err)
{
    *notes = (tag_notes){0};
    ASSAY_TRY(check_name(request->name, err));
    if (!request->where && !request->paths)
        return assay_fail(err, ASSAY_E_USAGE,
                          "tag needs to know which samples: --where CONDITION or --paths FILE");
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(choose_rows(w, request, &rows, notes, err));
    notes->chosen = selection_count(&rows);
    return put_tag(w, request, &rows, notes, err);
}
