/* All vectors of a project compared with all, in pieces that survive an interruption. */
#include "project/compare_vectors.h"

#include "base/clock.h"
#include "knn/search.h"
#include "project/wording.h"
#include "store/project_search.h"

#include <math.h>

enum { MESSAGE_BYTES_MOST = 2000, TELLING_BATCH = 2 };

#define KEEP_SECONDS 60.0
/* Keeping may take one part in so many of the time. */
#define KEEP_SHARE 20.0
/* What has run for so long has a pace. */
#define PACE_SECONDS 2.0

typedef struct comparison {
    const project_writer *writer;
    const compare_vectors_request *request;
    size_t sample_count;
    knn_search *search;
    double kept_at;    /* when it was kept, or begun */
    double keep_every; /* seconds */
    bool told_unkept;
} comparison;

static void say(const comparison *c, text *message)
{
    if (c->request->tell && text_check(message, NULL) == ASSAY_OK)
        c->request->tell(text_view(message));
    text_clear(message);
}

/* What was kept is gone on from or, where it is of no use, removed. */
static assay_code take_up(const comparison *c, assay_err *err)
{
    const char *const name = c->request->embedding;
    ASSAY_AUTO_CLEAR(kept_search) kept = {0};
    assay_err why = {0};
    assay_code code = project_search_open(c->writer, name, &kept, &why);
    if (code == ASSAY_OK && !kept.at)
        return ASSAY_OK;
    if (code == ASSAY_OK)
        code = knn_search_restore(c->search, kept.at, kept.bytes, &why);
    if (code == ASSAY_E_NOMEM)
        return assay_fail(err, code, "%s", why.msg);
    text message;
    text_init(&message, MESSAGE_BYTES_MOST);
    if (code == ASSAY_OK) {
        text_printf(
            &message, "%.300s: going on with a comparison that was interrupted, %.0f %% done", name,
            100.0 * (double)knn_search_done(c->search) / (double)knn_search_total(c->search));
    } else {
        text_printf(&message, "%.300s: comparing anew: %s", name, why.msg);
        project_search_remove(c->writer, name);
    }
    say(c, &message);
    return ASSAY_OK;
}

static assay_code keep(comparison *c, assay_err *err)
{
    const double begun = clock_seconds();
    kept_search state = {0};
    state.at = knn_search_save(c->search, &state.bytes);
    const assay_code code = project_search_keep(c->writer, c->request->embedding, &state, err);
    c->kept_at = clock_seconds();
    const double least = KEEP_SHARE * (c->kept_at - begun);
    if (c->keep_every < least)
        c->keep_every = least;
    return code;
}

/* The comparison itself can go on without, so that a full disk is told once. */
static void keep_meanwhile(comparison *c)
{
    assay_err why = {0};
    if (keep(c, &why) == ASSAY_OK || c->told_unkept)
        return;
    c->told_unkept = true;
    text message;
    text_init(&message, MESSAGE_BYTES_MOST);
    text_printf(&message, "%.300s: the comparison cannot be kept while it lasts: %s",
                c->request->embedding, why.msg);
    say(c, &message);
}

static assay_code keep_interrupted(comparison *c, assay_err *err)
{
    const size_t done = knn_search_done(c->search), total = knn_search_total(c->search);
    const double share = 100.0 * (double)done / (double)total;
    assay_err why = {0};
    if (keep(c, &why) != ASSAY_OK)
        return assay_fail(err, ASSAY_E_CANCELLED,
                          "interrupted after %.0f %% of the comparison, which cannot be kept: %s",
                          share, why.msg);
    return assay_fail(err, ASSAY_E_CANCELLED,
                      "interrupted after %.0f %% of the comparison; what is done is kept, and the "
                      "same command goes on from there",
                      share);
}

static size_t pairs_left(const comparison *c)
{
    return knn_search_total(c->search) - knn_search_done(c->search);
}

static void tell_time(const comparison *c, double pace)
{
    text message;
    text_init(&message, MESSAGE_BYTES_MOST);
    text_printf(&message, "%.300s: comparing ", c->request->embedding);
    wording_counted(&message, c->sample_count, "sample", "samples");
    text_puts(&message, " with each other takes about ");
    wording_duration(&message, pace * (double)pairs_left(c));
    text_puts(&message, " more; interrupted, the same command goes on from there");
    say(c, &message);
}

/* As many pairs as take so long, by the pace so far; at least one a thread. */
static size_t pairs_in(const comparison *c, double seconds)
{
    const size_t least = c->request->thread_count > 1 ? (size_t)c->request->thread_count : 1;
    const size_t left = pairs_left(c);
    const double pairs = (double)left * seconds / knn_search_seconds_left(c->search);
    if (!(pairs > (double)least))
        return least;
    return pairs < (double)left ? (size_t)pairs : left;
}

/* The pairs of a block with itself come first, and fill empty lists: they say little of the pace of
 * the others. */
static size_t pairs_of_equals(const comparison *c)
{
    const double count = (sqrt(8.0 * (double)knn_search_total(c->search) + 1.0) - 1.0) / 2.0;
    const size_t done = knn_search_done(c->search);
    return done < (size_t)count ? (size_t)count - done : 0;
}

/* How many pairs to run before looking up: the first ones to have any pace, then those of a block
 * with itself, then some to tell the pace by, then until it is time to keep them. */
static size_t next_batch(const comparison *c, size_t batch)
{
    const double until = c->kept_at + c->keep_every - clock_seconds();
    const size_t due = pairs_in(c, until);
    if (batch >= TELLING_BATCH)
        return batch > TELLING_BATCH || PACE_SECONDS > until ? due : pairs_in(c, PACE_SECONDS);
    const size_t equals = pairs_of_equals(c);
    return batch > 0 && equals > 0 && equals < due ? equals : pairs_in(c, 0.0);
}

static assay_code run_batch(comparison *c, size_t pairs, assay_err *err)
{
    assay_err why = {0};
    const assay_code code = knn_search_run(c->search, pairs, &why);
    if (code == ASSAY_E_CANCELLED)
        return keep_interrupted(c, err);
    return code == ASSAY_OK ? code : assay_fail(err, code, "%s", why.msg);
}

static assay_code run_kept(comparison *c, assay_err *err)
{
    for (size_t batch = 0; pairs_left(c) > 0; batch++) {
        const double begun = clock_seconds();
        const size_t before = pairs_left(c);
        ASSAY_TRY(run_batch(c, next_batch(c, batch), err));
        const double now = clock_seconds();
        if (batch == TELLING_BATCH)
            tell_time(c, (now - begun) / (double)(before - pairs_left(c)));
        if (now - c->kept_at >= c->keep_every)
            keep_meanwhile(c);
    }
    /* Ordering uses the state up. */
    if (clock_seconds() - c->kept_at >= c->keep_every / 2)
        keep_meanwhile(c);
    return ASSAY_OK;
}

assay_code compare_vectors(const project_writer *w, const knn_vectors *v,
                           const compare_vectors_request *request, knn_lists *out, assay_err *err)
{
    *out = (knn_lists){0};
    const size_t keep_from = request->keep_from ? request->keep_from : COMPARISON_KEPT_FROM;
    const knn_options options = {.thread_count = request->thread_count,
                                 .progress = request->progress};
    ASSAY_AUTO(knn_search) s = NULL;
    ASSAY_TRY(knn_search_new(v, &options, &s, err));
    comparison c = {.writer = w,
                    .request = request,
                    .sample_count = v->row_count,
                    .search = s,
                    .kept_at = clock_seconds(),
                    .keep_every =
                        request->keep_seconds > 0.0 ? request->keep_seconds : KEEP_SECONDS};
    ASSAY_TRY(take_up(&c, err));
    ASSAY_TRY(v->row_count >= keep_from ? run_kept(&c, err) : knn_search_run(s, 0, err));
    return knn_search_lists(s, out, err);
}
