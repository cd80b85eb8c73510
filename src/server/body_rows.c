/* Bodies of requests that change or export samples. */
#include "server/body_rows.h"

#include "server/frame_columns.h"

#include <string.h>

static bool is_listed(const char *key, const char *const *members)
{
    for (; *members; members++) {
        if (strcmp(key, *members) == 0)
            return true;
    }
    return false;
}

assay_code body_check(const json_t *body, const char *const *members, assay_err *err)
{
    if (!body)
        return assay_fail(err, ASSAY_E_USAGE, "the request has no body");
    json_t *object =
        (json_t *)(uintptr_t)body; /* jansson's walk wants it so, and changes nothing */
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
        if (!is_listed(json_object_iter_key(at), members))
            return assay_fail(err, ASSAY_E_USAGE, "the body has no '%.100s'",
                              json_object_iter_key(at));
    }
    return ASSAY_OK;
}

/* Puts the samples of a list in, or takes them out. */
static assay_code set_listed(const json_t *body, const char *member, const frame *f, bool in,
                             selection *rows, assay_err *err)
{
    const json_t *list = json_object_get(body, member);
    if (!json_is_array(list))
        return assay_fail(err, ASSAY_E_USAGE, "'%s' is not a list of numbers", member);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        const json_int_t number = json_integer_value(item);
        if (!json_is_integer(item) || number < 0)
            return assay_fail(err, ASSAY_E_USAGE, "'%s' is not a list of numbers", member);
        ASSAY_TRY(frame_check_sample(f, (uint64_t)number, err));
        selection_set(rows, (size_t)number, in);
    }
    return ASSAY_OK;
}

static assay_code read_rows(workspace *w, const json_t *body, body_rows *out, reply *failed,
                            assay_err *err)
{
    const json_t *list = json_object_get(body, "samples"), *all = json_object_get(body, "all");
    const json_t *except = json_object_get(body, "except");
    if (!list && !all)
        return assay_fail(err, ASSAY_E_USAGE,
                          "the body names no samples: it needs 'samples', a "
                          "list of numbers, or 'all', a query");
    if (except && list)
        return assay_fail(err, ASSAY_E_USAGE,
                          "'except' takes samples out of 'all', not out of 'samples'");
    ASSAY_TRY(sample_query_of_json(w, all, &out->query, failed, err));
    const frame *f = sample_query_frame(&out->query);
    if (list)
        ASSAY_TRY(selection_init(&out->rows, f->row_count, false, err));
    else
        ASSAY_TRY(sample_query_rows(&out->query, &out->rows, err));
    if (list)
        return set_listed(body, "samples", f, true, &out->rows, err);
    return except ? set_listed(body, "except", f, false, &out->rows, err) : ASSAY_OK;
}

assay_code body_rows_read(workspace *w, const json_t *body, body_rows *out, reply *failed,
                          assay_err *err)
{
    *out = (body_rows){0};
    const assay_code code = read_rows(w, body, out, failed, err);
    if (code != ASSAY_OK)
        body_rows_clear(out);
    return code;
}

void body_rows_clear(body_rows *b)
{
    sample_query_clear(&b->query);
    selection_clear(&b->rows);
    *b = (body_rows){0};
}
