/* Long searches, done once. Those over all samples do not depend on tags and decisions, and last
 * while only these change: deciding on one suspect after the other searches once. */
#include "server/findings.h"

#include <inttypes.h>
#include <string.h>

enum { KEY_BYTES_MOST = 1 << 20 };

ASSAY_AUTO_CLEAR_DECLARE(text)

void finding_release(finding *f)
{
    if (f->of)
        kept_release(f->of, f->item);
    *f = (finding){0};
}

static void begin_moment(void *context)
{
    workspace_lock_database(context);
}

static void end_moment(void *context)
{
    workspace_unlock_database(context);
}

static database_moment moment_of(workspace *w)
{
    return (database_moment){begin_moment, end_moment, w};
}

static bool is_of_all(const filter *f)
{
    return filter_count(f) == filter_frame(f)->row_count;
}

/* Takes the finding's place among what is kept. */
static assay_code take(const finding_request *q, const char *what, finding *out, bool *made,
                       assay_err *err)
{
    workspace *w = q->workspace;
    const filter *f = q->filter;
    const char *model = filter_frame(f)->model;
    ASSAY_AUTO_CLEAR(text) key = {0};
    out->of = is_of_all(f) ? workspace_lasting(w) : workspace_answers(w);
    text_init(&key, KEY_BYTES_MOST);
    text_printf(&key, "%s\n%s\n", what, model ? model : "");
    if (!is_of_all(f))
        text_printf(&key, "%" PRIu64 " %s", workspace_revision(filter_view(f)), filter_key(f));
    assay_code code = text_check(&key, err);
    if (code == ASSAY_OK)
        code = kept_take_until(out->of, text_view(&key), q->stop, &out->item, made, err);
    if (code != ASSAY_OK)
        *out = (finding){0};
    return code;
}

static void abandon(finding *f)
{
    kept_abandon(f->of, f->item);
    *f = (finding){0};
}

static void free_duplicates(void *at)
{
    found_duplicates_clear(at);
    mem_free(at);
}

static progress progress_of(const finding_request *q)
{
    return (progress){.stop = q->stop ? &q->stop->asked : NULL};
}

static assay_code search_duplicates(const finding_request *q, double threshold,
                                    const finding *place, assay_err *err)
{
    workspace *w = q->workspace;
    const filter *f = q->filter;
    const progress giving_up = progress_of(q);
    found_duplicates *found = mem_zalloc(1, sizeof *found);
    if (!found)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the duplicates");
    const duplicates_request asked = {.project = workspace_path(w),
                                      .rows = is_of_all(f) ? NULL : filter_rows(f),
                                      .threshold = threshold,
                                      .thread_count = workspace_threads(w),
                                      .progress = &giving_up,
                                      .moment = moment_of(w)};
    const assay_code code = find_duplicates(filter_frame(f), &asked, found, err);
    if (code != ASSAY_OK) {
        mem_free(found);
        return code;
    }
    const size_t bytes = found->groups.count * sizeof *found->groups.at +
                         found->groups.member_count * sizeof *found->groups.member;
    kept_finish(place->of, place->item, found, sizeof *found + bytes, free_duplicates);
    return ASSAY_OK;
}

assay_code findings_duplicates(const finding_request *q, double threshold, finding *out,
                               assay_err *err)
{
    char what[64];
    uint64_t bits;
    bool made = false;
    memcpy(&bits, &threshold, sizeof bits);
    snprintf(what, sizeof what, "duplicates %" PRIx64, bits);
    ASSAY_TRY(take(q, what, out, &made, err));
    if (made)
        return ASSAY_OK;
    const assay_code code = search_duplicates(q, threshold, out, err);
    if (code != ASSAY_OK)
        abandon(out);
    return code;
}

/* Suspects borrow the names of a frame: its view stays with them. */
typedef struct kept_labels {
    found_labels found; /* first, for it is the value */
    workspace_view *view;
} kept_labels;

static void free_labels(void *at)
{
    kept_labels *l = at;
    found_labels_clear(&l->found);
    workspace_release(l->view);
    mem_free(l);
}

static assay_code look(workspace *w, const filter *f, kept_labels *l, assay_err *err)
{
    const char *model = filter_frame(f)->model;
    ASSAY_TRY(workspace_look(w, model ? model : "", &l->view, err));
    if (workspace_frame(l->view)->row_count != filter_frame(f)->row_count ||
        workspace_overview(l->view)->revision != workspace_overview(filter_view(f))->revision)
        return assay_fail(err, ASSAY_E_CONFLICT, "the project changed meanwhile; ask again");
    return ASSAY_OK;
}

static assay_code search_labels(const finding_request *q, kept_labels *l, assay_err *err)
{
    workspace *w = q->workspace;
    const filter *f = q->filter;
    const progress giving_up = progress_of(q);
    ASSAY_TRY(look(w, f, l, err));
    const label_error_request asked = {.samples = {.rows = is_of_all(f) ? NULL : filter_rows(f),
                                                   .thread_count = workspace_threads(w)},
                                       .project = workspace_path(w),
                                       .progress = &giving_up,
                                       .moment = moment_of(w)};
    return find_label_errors(workspace_frame(l->view), &asked, &l->found, err);
}

static size_t bytes_of(const found_labels *l)
{
    const size_t a_suspect = 6 * sizeof(double) + 3 * sizeof(char *);
    const size_t judged = l->quality ? l->quality->count * 3 * sizeof(double) : 0;
    return sizeof(kept_labels) + l->count * a_suspect + judged;
}

static assay_code make_labels(const finding_request *q, const finding *place, assay_err *err)
{
    kept_labels *l = mem_zalloc(1, sizeof *l);
    if (!l)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the suspect labels");
    const assay_code code = search_labels(q, l, err);
    if (code == ASSAY_OK)
        kept_finish(place->of, place->item, l, bytes_of(&l->found), free_labels);
    else
        free_labels(l);
    return code;
}

assay_code findings_labels(const finding_request *q, finding *out, assay_err *err)
{
    bool made = false;
    ASSAY_TRY(take(q, "suspects", out, &made, err));
    if (made)
        return ASSAY_OK;
    const assay_code code = make_labels(q, out, err);
    if (code != ASSAY_OK)
        abandon(out);
    return code;
}
