/* Pictures and neighbours, opened once. */
#include "server/sample_parts.h"

/* What they take is the project's size, not an answer's: they are there as long as anybody asks. */
enum { BYTES_COUNTED = 1 };

/* How a part is called, opened and closed. */
typedef struct part_kind {
    const char *key;
    assay_code (*open)(workspace *w, size_t sample_count, void **out, assay_err *err);
    kept_free *close;
} part_kind;

static assay_code take_part(workspace *w, const part_kind *kind, size_t sample_count,
                            kept_item **out, assay_err *err)
{
    kept *k = workspace_lasting(w);
    bool made;
    void *part = NULL;
    ASSAY_TRY(kept_take(k, kind->key, out, &made, err));
    if (made)
        return ASSAY_OK;
    workspace_lock_database(w);
    const assay_code code = kind->open(w, sample_count, &part, err);
    workspace_unlock_database(w);
    if (code == ASSAY_OK)
        kept_finish(k, *out, part, BYTES_COUNTED, kind->close);
    else
        kept_abandon(k, ASSAY_GIVE(*out));
    return code;
}

static assay_code open_pictures(workspace *w, size_t sample_count, void **out, assay_err *err)
{
    (void)sample_count;
    sample_pictures *p = NULL;
    const assay_code code = sample_pictures_open(workspace_path(w), workspace_threads(w), &p, err);
    *out = p;
    return code;
}

static void close_pictures(void *at)
{
    sample_pictures_close(at);
}

assay_code sample_parts_pictures(workspace *w, kept_item **out, assay_err *err)
{
    static const part_kind kind = {"pictures", open_pictures, close_pictures};
    return take_part(w, &kind, 0, out, err);
}

static assay_code open_similar(workspace *w, size_t sample_count, void **out, assay_err *err)
{
    similar_index *s = NULL;
    const similar_request asked = {.project = workspace_path(w),
                                   .thread_count = workspace_threads(w)};
    const assay_code code = similar_index_open(&asked, sample_count, &s, err);
    *out = s;
    return code;
}

static void close_similar(void *at)
{
    similar_index_close(at);
}

assay_code sample_parts_similar(workspace *w, size_t sample_count, kept_item **out, assay_err *err)
{
    static const part_kind kind = {"similar", open_similar, close_similar};
    return take_part(w, &kind, sample_count, out, err);
}

static assay_code open_small(workspace *w, size_t sample_count, void **out, assay_err *err)
{
    picture_index *p = NULL;
    const assay_code code =
        picture_index_open(workspace_path(w), sample_count, workspace_threads(w), &p, err);
    *out = p;
    return code;
}

static void close_small(void *at)
{
    picture_index_close(at);
}

assay_code sample_parts_small(workspace *w, size_t sample_count, kept_item **out, assay_err *err)
{
    static const part_kind kind = {"small pictures", open_small, close_small};
    return take_part(w, &kind, sample_count, out, err);
}
