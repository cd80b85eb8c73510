/* Which state of the project is the present one, and when it is read again. */
#include "server/workspace_state.h"

#include "base/clock.h"
#include "base/mem.h"

/* How often the project's files are looked at. */
static const double LOOK_SECONDS = 1.0;

static void view_free(workspace_view *v)
{
    mem_free(v->merged);
    mem_free(v->codes);
    mem_free(v);
}

static void snapshot_free(snapshot *s)
{
    if (!s)
        return;
    for (workspace_view *v = s->views, *next; v; v = next) {
        next = v->next;
        view_free(v);
    }
    frame_free(s->tags);
    mem_free(s);
}

/* The last user's end of a snapshot: it, and the columns where they were its alone. */
static void snapshot_end(workspace *w, snapshot *s)
{
    columns *of = s->columns;
    pthread_mutex_lock(&w->lock);
    const bool alone = --of->users == 0;
    pthread_mutex_unlock(&w->lock);
    snapshot_free(s);
    if (alone)
        columns_free(of);
}

void snapshot_release(workspace *w, snapshot *s)
{
    pthread_mutex_lock(&w->lock);
    const bool last = --s->users == 0;
    pthread_mutex_unlock(&w->lock);
    if (last)
        snapshot_end(w, s);
}

/* Takes over what it gets, also on failure. */
assay_code snapshot_new(workspace *w, columns *of, frame *tags, uint64_t revision, snapshot **out,
                        assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    pthread_mutex_lock(&w->lock);
    if (*out)
        of->users++;
    const bool unused = of->users == 0;
    pthread_mutex_unlock(&w->lock);
    if (*out) {
        **out = (snapshot){.revision = revision, .columns = of, .tags = tags, .users = 1};
        return ASSAY_OK;
    }
    frame_free(tags);
    if (unused)
        columns_free(of);
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", w->path);
}

assay_code snapshot_load(workspace *w, snapshot **out, assay_err *err)
{
    columns *fresh = NULL;
    ASSAY_TRY(columns_load(w->path, w->thread_count, &fresh, err));
    return snapshot_new(w, fresh, NULL, fresh->overview.revision, out, err);
}

/* Where this process wrote only tags since, the columns stay as they are. *out stays NULL where
 * somebody else wrote too. */
static assay_code load_tags(workspace *w, tagged_revisions tagged, snapshot **out, assay_err *err)
{
    frame *tags = NULL;
    uint64_t revision = 0;
    const snapshot *now = w->current;
    if (now->revision != tagged.from)
        return ASSAY_OK;
    ASSAY_TRY(
        tags_load(w->path, w->thread_count, now->columns->base->row_count, &tags, &revision, err));
    if (revision != tagged.to) {
        frame_free(tags);
        return ASSAY_OK;
    }
    return snapshot_new(w, now->columns, tags, revision, out, err);
}

static assay_code read_again(workspace *w, unsigned written, tagged_revisions tagged,
                             snapshot **out, assay_err *err)
{
    uint64_t revision = 0;
    ASSAY_TRY(project_revision_read(w->path, w->thread_count, &revision, err));
    if (revision == w->current->revision)
        return ASSAY_OK;
    if (tagged.to && written == 0)
        ASSAY_TRY(load_tags(w, tagged, out, err));
    return *out ? ASSAY_OK : snapshot_load(w, out, err);
}

static void put_in_place(workspace *w, snapshot *fresh)
{
    pthread_mutex_lock(&w->lock);
    snapshot *old = w->current;
    w->current = fresh;
    pthread_mutex_unlock(&w->lock);
    kept_forget(w->answers);
    kept_forget(w->filters);
    if (!old || old->columns != fresh->columns)
        kept_forget(w->lasting);
    if (old)
        snapshot_release(w, old);
}

/* What was written is in place; what was written since is not. */
static void forget_written(workspace *w, const project_stamp *seen, unsigned written,
                           tagged_revisions tagged)
{
    pthread_mutex_lock(&w->lock);
    w->seen = *seen;
    w->written -= written;
    if (w->tagged.to == tagged.to)
        w->tagged = (tagged_revisions){0};
    else
        w->tagged.from = tagged.to ? tagged.to : w->tagged.from;
    pthread_mutex_unlock(&w->lock);
}

/* With `loading` held. What cannot be read now is tried again in a second. */
assay_code workspace_follow(workspace *w, assay_err *err)
{
    project_stamp stamp;
    snapshot *fresh = NULL;
    pthread_mutex_lock(&w->database);
    pthread_mutex_lock(&w->lock);
    const unsigned written = w->written;
    const tagged_revisions tagged = w->tagged;
    pthread_mutex_unlock(&w->lock);
    project_stamp_read(w->path, &stamp);
    const assay_code code = read_again(w, written, tagged, &fresh, err);
    if (code == ASSAY_OK && fresh)
        put_in_place(w, fresh);
    /* Not before: until then whoever looks waits for it. */
    if (code == ASSAY_OK)
        forget_written(w, &stamp, written, tagged);
    pthread_mutex_unlock(&w->database);
    return code;
}

/* The orders of the first model's metrics, so that the first question need not wait for all of
 * them. What does not succeed now is tried again by whoever asks. */
static void make_orders_ahead(workspace *w)
{
    workspace_view *v;
    const metric_codes *const *codes;
    if (workspace_look(w, NULL, &v, NULL) != ASSAY_OK)
        return;
    const assay_code code = workspace_codes(v, &codes, NULL);
    (void)code;
    workspace_release(v);
}

static void end_reading(workspace *w)
{
    pthread_mutex_lock(&w->lock);
    w->reading = false;
    pthread_mutex_unlock(&w->lock);
}

static void *prepare_beside(void *context)
{
    make_orders_ahead(context);
    end_reading(context);
    return NULL;
}

static void *read_beside(void *context)
{
    workspace *w = context;
    pthread_mutex_lock(&w->loading);
    const assay_code code = workspace_follow(w, NULL);
    (void)code;
    pthread_mutex_unlock(&w->loading);
    make_orders_ahead(w);
    end_reading(w);
    return NULL;
}

/* One thread beside the requests at a time. One that no longer reads wants no lock to end. */
static void start_beside(workspace *w, void *(*work)(void *))
{
    pthread_mutex_lock(&w->lock);
    if (!w->reading) {
        if (w->has_reader)
            pthread_join(w->reader, NULL);
        w->reading = w->has_reader = pthread_create(&w->reader, NULL, work, w) == 0;
    }
    pthread_mutex_unlock(&w->lock);
}

void workspace_prepare(workspace *w)
{
    start_beside(w, prepare_beside);
}

/* Reads the project beside the requests where its files are not what they were. */
static void notice(workspace *w)
{
    project_stamp stamp;
    project_stamp_read(w->path, &stamp);
    pthread_mutex_lock(&w->lock);
    const bool changed = !project_stamp_equal(&stamp, &w->seen);
    pthread_mutex_unlock(&w->lock);
    if (changed)
        start_beside(w, read_beside);
}

/* Looks at the files where it is time to; waits for the new state where this process wrote it. */
assay_code workspace_look_around(workspace *w, assay_err *err)
{
    const double now = clock_seconds();
    pthread_mutex_lock(&w->lock);
    const bool own = w->written > 0 || w->tagged.to;
    const bool due = own || now - w->looked_at >= LOOK_SECONDS;
    if (due)
        w->looked_at = now;
    pthread_mutex_unlock(&w->lock);
    if (due && !own)
        notice(w);
    if (!own)
        return ASSAY_OK;
    pthread_mutex_lock(&w->loading);
    pthread_mutex_lock(&w->lock);
    const bool still = w->written > 0 || w->tagged.to;
    pthread_mutex_unlock(&w->lock);
    const assay_code code = still ? workspace_follow(w, err) : ASSAY_OK;
    pthread_mutex_unlock(&w->loading);
    return code;
}
