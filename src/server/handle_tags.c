/* POST /api/tags: tags of some samples, or of all that a query gives. */
#include "project/tag_samples.h"
#include "server/body_rows.h"
#include "server/change.h"
#include "server/routes.h"
#include "store/project_columns.h"

#include <string.h>

enum { TAGS_MOST = 50 };

/* What a body asks for. Names are the body's. */
typedef struct tag_change {
    const char *add[TAGS_MOST], *remove[TAGS_MOST];
    size_t add_count, remove_count;
    const selection *rows;
} tag_change;

static assay_code read_names(const json_t *body, const char *member, const char **out,
                             size_t *count, assay_err *err)
{
    const json_t *list = json_object_get(body, member);
    if (list && !json_is_array(list))
        return assay_fail(err, ASSAY_E_USAGE, "'%s' is not a list of names", member);
    if (json_array_size(list) > TAGS_MOST)
        return assay_fail(err, ASSAY_E_USAGE, "'%s' has %zu tags; at most %d are changed at once",
                          member, json_array_size(list), TAGS_MOST);
    for (*count = 0; *count < json_array_size(list); ++*count) {
        const char *name = json_string_value(json_array_get(list, *count));
        if (!name)
            return assay_fail(err, ASSAY_E_USAGE, "'%s' is not a list of names", member);
        ASSAY_TRY(tag_check_name(name, err));
        out[*count] = name;
    }
    return ASSAY_OK;
}

static assay_code read_change(const json_t *body, tag_change *out, assay_err *err)
{
    static const char *const members[] = {"add", "remove", "samples", "all", "except", NULL};
    ASSAY_TRY(body_check(body, members, err));
    ASSAY_TRY(read_names(body, "add", out->add, &out->add_count, err));
    ASSAY_TRY(read_names(body, "remove", out->remove, &out->remove_count, err));
    if (out->add_count + out->remove_count == 0)
        return assay_fail(err, ASSAY_E_USAGE, "the body names no tag to 'add' or 'remove'");
    for (size_t a = 0; a < out->add_count; a++) {
        for (size_t r = 0; r < out->remove_count; r++) {
            if (strcmp(out->add[a], out->remove[r]) == 0)
                return assay_fail(err, ASSAY_E_USAGE,
                                  "the tag '%.200s' cannot be both added and removed", out->add[a]);
        }
    }
    return ASSAY_OK;
}

static assay_code put_tags(const duck *db, const tag_change *c, bool remove, size_t *changed,
                           assay_err *err)
{
    const size_t count = remove ? c->remove_count : c->add_count;
    for (size_t i = 0; i < count; i++) {
        size_t more;
        ASSAY_TRY(
            project_put_tag(db, remove ? c->remove[i] : c->add[i], c->rows, remove, &more, err));
        *changed += more;
    }
    return ASSAY_OK;
}

static assay_code change(void *context, const duck *db, size_t *changed, assay_err *err)
{
    const tag_change *c = context;
    ASSAY_TRY(put_tags(db, c, false, changed, err));
    return put_tags(db, c, true, changed, err);
}

ROUTE_HANDLER(handle_tags)
{
    tag_change c = {0};
    ASSAY_AUTO_CLEAR(body_rows) chosen = {0};
    ASSAY_TRY(read_change(q->body, &c, err));
    ASSAY_TRY(body_rows_read(w, q->body, &chosen, out, err));
    c.rows = &chosen.rows;
    return change_project(w, change, &c, out, err);
}
