/* POST /api/export: samples as a file to be saved. */
#include "base/limits.h"
#include "server/body_rows.h"
#include "server/routes.h"
#include "store/export.h"

#include <assert.h>
#include <string.h>

typedef struct export_form {
    const char *name, *type, *file;
} export_form;

static const export_form forms[] = {
    {"csv", "text/csv; charset=utf-8", "samples.csv"},
    {"jsonl", "application/jsonl", "samples.jsonl"},
    {"paths", "text/plain; charset=utf-8", "samples.txt"},
};

static assay_code read_form(const json_t *body, const export_form **out, assay_err *err)
{
    static const char *const members[] = {"form", "samples", "all", "except", NULL};
    ASSAY_TRY(body_check(body, members, err));
    const char *name = json_string_value(json_object_get(body, "form"));
    for (size_t i = 0; name && i < sizeof forms / sizeof *forms; i++) {
        *out = &forms[i];
        if (strcmp(forms[i].name, name) == 0)
            return ASSAY_OK;
    }
    return assay_fail(err, ASSAY_E_USAGE, "'form' is \"csv\", \"jsonl\" or \"paths\"");
}

/* The bytes that the path has, so that a program finds the file. */
static void put_paths(const frame *f, const selection *rows, text *out)
{
    const text_column *names = f->path.start ? &f->path : &f->id;
    for (size_t i = 0; names->start && i < f->row_count; i++) {
        if (!selection_has(rows, i))
            continue;
        text_put(out, names->bytes + names->start[i],
                 (size_t)(names->start[i + 1] - names->start[i]));
        text_puts(out, "\n");
    }
}

static assay_code put_samples_of(workspace *w, const body_rows *b, const export_form *form,
                                 text *out, assay_err *err)
{
    const frame *f = sample_query_frame(&b->query);
    assert(form);
    if (strcmp(form->name, "paths") != 0)
        return export_frame_text(f, &b->rows, strcmp(form->name, "jsonl") == 0,
                                 workspace_threads(w), out, err);
    put_paths(f, &b->rows, out);
    return text_check(out, err);
}

ROUTE_HANDLER(handle_export)
{
    const export_form *form = NULL;
    ASSAY_AUTO_CLEAR(body_rows) chosen = {0};
    ASSAY_TRY(read_form(q->body, &form, err));
    ASSAY_TRY(body_rows_read(w, q->body, &chosen, out, err));
    text_init(&out->body, EXPORT_BYTES_MOST);
    const assay_code code = put_samples_of(w, &chosen, form, &out->body, err);
    if (code == ASSAY_E_LIMIT)
        return assay_fail(err, code,
                          "the samples take more than %zu MB; assay export writes as many as there "
                          "are",
                          EXPORT_BYTES_MOST >> 20);
    out->content_type = form->type;
    out->file_name = form->file;
    return code;
}
