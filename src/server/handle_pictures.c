/* Images of samples: small ones and whole ones. */
#include "server/frame_columns.h"
#include "server/routes.h"
#include "server/sample_parts.h"
#include "server/shown_sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { A_YEAR = 365 * 24 * 3600, KEY_BYTES = 96 };

/* Which picture is asked for. */
typedef struct picture_asked {
    uint64_t sample;
    uint32_t side;  /* 0: the whole image */
    bool is_latest; /* the version in the address is the image's: it may be kept for ever */
    char version[PICTURE_VERSION_BYTES];
    uint64_t revision;
} picture_asked;

static assay_code read_side(const request *q, uint32_t *out, assay_err *err)
{
    static const char *const sides[] = {"64", "128", "256", "512"};
    const char *word = request_text(q, "size");
    *out = 256;
    for (size_t i = 0; word && i < sizeof sides / sizeof *sides; i++) {
        if (strcmp(word, sides[i]) == 0) {
            *out = 64u << i;
            return ASSAY_OK;
        }
    }
    return word ? assay_fail(err, ASSAY_E_USAGE, "size is '%.40s'; use 64, 128, 256 or 512", word)
                : ASSAY_OK;
}

static assay_code check_sample(const workspace_view *v, const request *q, picture_asked *out,
                               assay_err *err)
{
    shown_columns columns;
    const frame *f = workspace_frame(v);
    ASSAY_TRY(frame_check_sample(f, q->number, err));
    shown_columns_find(v, &columns);
    out->sample = q->number;
    out->revision = workspace_revision(v);
    if (!columns.has_images)
        return assay_fail(err, ASSAY_E_NOT_FOUND,
                          "the project was made without images; there is nothing to show");
    const char *reason = attribute_of(columns.unreadable, (size_t)q->number);
    if (!picture_version(&columns, (size_t)q->number, out->version))
        return assay_fail(err, ASSAY_E_NOT_FOUND, "the image cannot be shown: %s", reason);
    const char *version = request_text(q, "v");
    out->is_latest = version && strcmp(version, out->version) == 0;
    return ASSAY_OK;
}

static assay_code look(workspace *w, const request *q, picture_asked *out, assay_err *err)
{
    workspace_view *v;
    ASSAY_TRY(workspace_look(w, "", &v, err));
    const assay_code code = check_sample(v, q, out, err);
    workspace_release(v);
    return code;
}

static assay_code draw(workspace *w, const picture_asked *p, shown_picture *out, assay_err *err)
{
    kept_item *pictures;
    ASSAY_TRY(sample_parts_pictures(w, &pictures, err));
    const assay_code code =
        p->side ? sample_pictures_small(kept_value(pictures), p->sample, p->side, out, err)
                : sample_pictures_whole(kept_value(pictures), p->sample, out, err);
    kept_release(workspace_lasting(w), pictures);
    return code;
}

static void send(const picture_asked *p, reply *out)
{
    if (p->is_latest)
        out->cache_seconds = A_YEAR;
    else
        out->revision_plus_one = p->revision + 1;
}

static void free_picture(void *at)
{
    text_clear(&((shown_picture *)at)->file);
    mem_free(at);
}

static assay_code copy_picture(const shown_picture *p, reply *out, assay_err *err)
{
    out->content_type = p->type;
    text_init(&out->body, p->file.length + 1);
    text_put(&out->body, text_view(&p->file), p->file.length);
    return text_check(&out->body, err);
}

/* Hands a picture that was drawn to what is kept; the item stays in use. */
static assay_code keep(kept *k, kept_item *item, workspace *w, const picture_asked *p,
                       assay_err *err)
{
    shown_picture *drawn = mem_zalloc(1, sizeof *drawn);
    if (!drawn) {
        kept_abandon(k, item);
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a picture");
    }
    const assay_code code = draw(w, p, drawn, err);
    if (code == ASSAY_OK) {
        kept_finish(k, item, drawn, sizeof *drawn + drawn->file.length, free_picture);
        return ASSAY_OK;
    }
    mem_free(drawn);
    kept_abandon(k, item);
    return code;
}

/* A small picture of the version that was asked for, from memory where it is there. */
static assay_code show_kept(workspace *w, const picture_asked *p, reply *out, assay_err *err)
{
    char key[KEY_BYTES];
    kept_item *item;
    bool made;
    kept *k = workspace_lasting(w);
    snprintf(key, sizeof key, "picture %" PRIu64 " %u %s", p->sample, p->side, p->version);
    ASSAY_TRY(kept_take(k, key, &item, &made, err));
    if (!made)
        ASSAY_TRY(keep(k, item, w, p, err));
    const assay_code code = copy_picture(kept_value(item), out, err);
    kept_release(k, item);
    return code;
}

static assay_code show(workspace *w, const picture_asked *p, reply *out, assay_err *err)
{
    shown_picture drawn;
    ASSAY_TRY(draw(w, p, &drawn, err));
    out->content_type = drawn.type;
    out->body = drawn.file;
    return ASSAY_OK;
}

ROUTE_HANDLER(handle_thumbnail)
{
    picture_asked p = {0};
    ASSAY_TRY(read_side(q, &p.side, err));
    ASSAY_TRY(look(w, q, &p, err));
    const assay_code code = p.is_latest ? show_kept(w, &p, out, err) : show(w, &p, out, err);
    if (code == ASSAY_OK)
        send(&p, out);
    return code;
}

ROUTE_HANDLER(handle_image)
{
    picture_asked p = {0};
    ASSAY_TRY(look(w, q, &p, err));
    ASSAY_TRY(show(w, &p, out, err));
    send(&p, out);
    return ASSAY_OK;
}
