/* A filter's samples, computed once. */
#include "server/filter.h"

#include "base/limits.h"
#include "base/mem.h"
#include "server/filter_words.h"
#include "store/where_apart.h"

#include <string.h>

/* A person waits for it. */
enum { WHERE_SECONDS = 5 };

/* A thousand classes and a condition of the longest. */
enum { KEY_BYTES_MOST = 1 << 20 };

ASSAY_AUTO_CLEAR_DECLARE(selection)
ASSAY_AUTO_CLEAR_DECLARE(text)

struct filter {
    kept_item *item;
    workspace_view *view;
    selection rows;
    size_t count;
    bool *shown;
    size_t shown_count;
    char *where;
};

static void filter_free(void *value)
{
    filter *f = value;
    if (!f)
        return;
    workspace_release(f->view);
    selection_clear(&f->rows);
    mem_free(f->shown);
    mem_free(f->where);
    mem_free(f);
}

static assay_code filter_nomem(assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a filter");
}

static assay_code put_key(const workspace_view *v, const filter_words *words,
                          const filter_tests *tests, text *out, assay_err *err)
{
    const frame *f = workspace_frame(v);
    text_init(out, KEY_BYTES_MOST);
    text_printf(out, "revision %llu\n", (unsigned long long)workspace_revision(v));
    text_printf(out, "model %s\n", f->model ? f->model : "");
    filter_tests_put_key(tests, f, out);
    if (words->where)
        text_printf(out, "where %s", words->where);
    return text_check(out, err);
}

/* The condition is a field of the page, not an option of a command. */
static assay_code refuse_where(assay_code code, const assay_err *why, long position, reply *failed,
                               assay_err *err)
{
    static const char option[] = "--where: ";
    const bool named = !strncmp(why->msg, option, sizeof option - 1);
    if (failed && (code == ASSAY_E_USAGE || code == ASSAY_E_LIMIT)) {
        failed->field_is_where = true;
        failed->position = position;
    }
    return assay_fail(err, code, "%s", why->msg + (named ? sizeof option - 1 : 0));
}

static assay_code ask_where(filter *f, const char *condition, reply *failed, assay_err *err)
{
    long position = -1;
    const where_options options = {.thread_count = workspace_threads(workspace_of(f->view)),
                                   .seconds = WHERE_SECONDS,
                                   .position = &position};
    ASSAY_AUTO_CLEAR(selection) rows = {0};
    assay_err why = {0};
    const assay_code code = where_select_apart(filter_frame(f), condition, &options, &rows, &why);
    if (code != ASSAY_OK)
        return refuse_where(code, &why, position, failed, err);
    selection_and(&f->rows, &rows);
    f->where = mem_copy_text(condition, strlen(condition));
    return f->where ? ASSAY_OK : filter_nomem(err);
}

static assay_code run(filter *f, const filter_words *words, filter_tests *tests, reply *failed,
                      assay_err *err)
{
    const frame *all = filter_frame(f);
    ASSAY_TRY(selection_init(&f->rows, all->row_count, true, err));
    ASSAY_TRY(
        filter_tests_run(tests, all, workspace_threads(workspace_of(f->view)), &f->rows, err));
    if (words->where)
        ASSAY_TRY(ask_where(f, words->where, failed, err));
    f->count = selection_count(&f->rows);
    f->shown = ASSAY_GIVE(tests->shown);
    f->shown_count = f->shown ? tests->shown_count : all->classes.count;
    return ASSAY_OK;
}

/* The filter of an item that is to be made; the view is taken over where it succeeds. */
static assay_code make(kept_item *item, workspace_view *v, const filter_words *words,
                       filter_tests *tests, reply *failed, assay_err *err)
{
    filter *f = mem_zalloc(1, sizeof *f);
    if (!f)
        return filter_nomem(err);
    f->item = item;
    f->view = v;
    const assay_code code = run(f, words, tests, failed, err);
    if (code != ASSAY_OK) {
        f->view = NULL;
        filter_free(f);
        return code;
    }
    const size_t bytes = sizeof *f + f->rows.row_count / 8 + filter_frame(f)->classes.count;
    kept_finish(workspace_filters(workspace_of(v)), item, f, bytes, filter_free);
    return ASSAY_OK;
}

/* Gives the view over, or back where the filter is there already. */
static assay_code take(workspace_view *v, const filter_words *words, filter_tests *tests,
                       kept_item **out, reply *failed, assay_err *err)
{
    kept *filters = workspace_filters(workspace_of(v));
    ASSAY_AUTO_CLEAR(text) key = {0};
    bool made = false;
    kept_item *item = NULL;
    assay_code code = put_key(v, words, tests, &key, err);
    if (code == ASSAY_OK)
        code = kept_take(filters, text_view(&key), &item, &made, err);
    if (code == ASSAY_OK && !made) {
        code = make(item, v, words, tests, failed, err);
        if (code == ASSAY_OK)
            v = NULL;
        else
            kept_abandon(filters, item);
    }
    workspace_release(v);
    if (code == ASSAY_OK)
        *out = item;
    return code;
}

assay_code filter_of_json(workspace *w, const json_t *value, filter **out, reply *failed,
                          assay_err *err)
{
    *out = NULL;
    filter_words words;
    ASSAY_TRY(filter_words_read(value, &words, err));
    workspace_view *v;
    ASSAY_TRY(workspace_look(w, words.model, &v, err));
    ASSAY_AUTO_CLEAR(filter_tests) tests = {0};
    const assay_code code = filter_tests_init(&tests, &words, workspace_frame(v), err);
    if (code != ASSAY_OK) {
        workspace_release(v);
        return code;
    }
    kept_item *item = NULL;
    ASSAY_TRY(take(v, &words, &tests, &item, failed, err));
    *out = kept_value(item);
    return ASSAY_OK;
}

assay_code filter_of_request(workspace *w, const request *q, filter **out, reply *failed,
                             assay_err *err)
{
    *out = NULL;
    const char *words = request_text(q, "filter");
    if (!words || *words == '\0')
        return filter_of_json(w, NULL, out, failed, err);
    json_error_t why = {0};
    json_t *value = json_loads(words, JSON_REJECT_DUPLICATES, &why);
    /* Where memory was short, jansson mostly has no words. */
    const bool told = why.text[0] && json_error_code(&why) != json_error_out_of_memory;
    if (!value)
        return told ? assay_fail(err, ASSAY_E_USAGE, "filter: is not JSON: %s", why.text)
                    : filter_nomem(err);
    const assay_code code = filter_of_json(w, value, out, failed, err);
    json_decref(value);
    return code;
}

void filter_release(filter *f)
{
    if (f)
        kept_release(workspace_filters(workspace_of(f->view)), f->item);
}

const workspace_view *filter_view(const filter *f)
{
    return f->view;
}

const frame *filter_frame(const filter *f)
{
    return workspace_frame(f->view);
}

const selection *filter_rows(const filter *f)
{
    return &f->rows;
}

size_t filter_count(const filter *f)
{
    return f->count;
}

const bool *filter_shown(const filter *f)
{
    return f->shown;
}

size_t filter_shown_count(const filter *f)
{
    return f->shown_count;
}

const char *filter_key(const filter *f)
{
    return kept_key(f->item);
}

const char *filter_where(const filter *f)
{
    return f->where;
}
