/* The use-case behind `assay tag`. */
#include "project/tag_samples.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "project/join.h"
#include "project/project_frame.h"
#include "project/read_lines.h"
#include "store/project_columns.h"
#include "store/project_images.h"
#include "store/where.h"

#include <string.h>

ASSAY_AUTO_DECLARE(frame)
ASSAY_AUTO_CLEAR_DECLARE(selection)
ASSAY_AUTO_CLEAR_DECLARE(image_list)
ASSAY_AUTO_CLEAR_DECLARE(joined)

assay_code tag_check_name(const char *name, assay_err *err)
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
    ASSAY_AUTO_CLEAR(read_lines) lines = {0};
    ASSAY_TRY(read_lines_open(r->paths, &lines, err));
    const text_column keys = {.start = lines.start, .bytes = lines.bytes};
    const join_request request = {
        .images = images, .key = &keys, .row_count = lines.count, .table = r->paths};
    ASSAY_AUTO_CLEAR(joined) j = {0};
    ASSAY_TRY(join_rows(&request, &j, err));
    ASSAY_TRY(refuse_lines(r, &j, err));
    notes->unmatched = j.unmatched.count;
    for (size_t i = 0; i < lines.count; i++) {
        if (j.sample[i] != SAMPLE_NONE)
            selection_set(rows, j.sample[i], true);
    }
    return ASSAY_OK;
}

static assay_code choose_where(project_writer *w, const tag_request *r, selection *rows,
                               assay_err *err)
{
    const wanted_columns wanted = {.where = r->where};
    const project_frame_request load = {.path = project_writer_name(w),
                                        .model = r->model,
                                        .model_optional = true,
                                        .ids = true,
                                        .wanted = &wanted,
                                        .where = r->where,
                                        .thread_count = r->thread_count};
    ASSAY_AUTO(frame) f = NULL;
    ASSAY_TRY(project_frame_load(&load, &f, err));
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
    ASSAY_TRY(project_writer_images(w, &images, err));
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
    bool there = true;
    assay_code code = r->remove ? project_has_tag(db, r->name, &there, err) : ASSAY_OK;
    notes->no_tag = !there;
    if (code == ASSAY_OK)
        code = project_put_tag(db, r->name, rows, r->remove, &notes->changed, err);
    return project_writer_end(w, code, err);
}

assay_code tag_samples(project_writer *w, const tag_request *request, tag_notes *notes,
                       assay_err *err)
{
    *notes = (tag_notes){0};
    ASSAY_TRY(tag_check_name(request->name, err));
    if (!request->where && !request->paths)
        return assay_fail(err, ASSAY_E_USAGE,
                          "tag needs to know which samples: --where CONDITION or --paths FILE");
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    ASSAY_TRY(choose_rows(w, request, &rows, notes, err));
    notes->chosen = selection_count(&rows);
    return put_tag(w, request, &rows, notes, err);
}
