/* Files that the page sends in pieces: announce one, its next bytes, how far it is, forget it. */
#include "server/routes.h"

#include "base/limits.h"
#include "server/body_rows.h"
#include "server/uploads.h"

enum { UPLOADS_BYTES_MOST = 1 << 14 };

static void put_state(json_writer *w, json_t *object, const upload_state *s)
{
    json_put_count(w, object, "upload", s->number);
    json_put_text(w, object, "name", s->name);
    json_put_count(w, object, "bytes", s->bytes);
    json_put_count(w, object, "received", s->received);
}

static assay_code finish(json_writer *json, reply *out, assay_err *err)
{
    text_init(&out->body, UPLOADS_BYTES_MOST);
    const assay_code code = json_dump_checked(json, &out->body, err);
    json_writer_clear(json);
    return code;
}

static assay_code answer(const upload_state *s, reply *out, assay_err *err)
{
    json_writer json;
    json_writer_init(&json);
    put_state(&json, json.root, s);
    return finish(&json, out, err);
}

assay_code handle_uploads(workspace *w, const request *q, reply *out, assay_err *err)
{
    (void)w;
    upload_state open[UPLOADS_MOST];
    const size_t count = uploads_list(q->uploads, open);
    json_writer json;
    json_writer_init(&json);
    json_t *array = json_put_array(&json, json.root, "uploads");
    for (size_t i = 0; i < count; i++)
        put_state(&json, json_append_object(&json, array), &open[i]);
    return finish(&json, out, err);
}

assay_code handle_uploads_open(workspace *w, const request *q, reply *out, assay_err *err)
{
    (void)w;
    static const char *const members[] = {"name", "bytes", NULL};
    ASSAY_TRY(body_check(q->body, members, err));
    const char *name = json_string_value(json_object_get(q->body, "name"));
    const json_t *bytes = json_object_get(q->body, "bytes");
    if (!name)
        return assay_fail(err, ASSAY_E_USAGE, "'name' is not a file's name");
    if (!json_is_integer(bytes) || json_integer_value(bytes) < 0)
        return assay_fail(err, ASSAY_E_USAGE, "'bytes' is not how many bytes the file has");
    upload_state s;
    ASSAY_TRY(uploads_open(q->uploads, name, (uint64_t)json_integer_value(bytes), &s, err));
    const assay_code code = answer(&s, out, err);
    /* Nobody knows its number. */
    if (code != ASSAY_OK)
        (void)!uploads_drop(q->uploads, s.number, &s, NULL);
    return code;
}

assay_code handle_upload(workspace *w, const request *q, reply *out, assay_err *err)
{
    (void)w;
    upload_state s;
    ASSAY_TRY(uploads_look(q->uploads, q->number, &s, err));
    return answer(&s, out, err);
}

assay_code handle_upload_piece(workspace *w, const request *q, reply *out, assay_err *err)
{
    (void)w;
    upload_piece piece = {.at = q->bytes, .bytes = q->byte_count};
    upload_state s;
    if (!request_text(q, "from"))
        return assay_fail(err, ASSAY_E_USAGE,
                          "the address does not say where the piece begins: "
                          "?from=0");
    ASSAY_TRY(request_number(q, "from", 0, UPLOAD_BYTES_MOST, 0, &piece.from, err));
    ASSAY_TRY(uploads_write(q->uploads, q->number, &piece, &s, err));
    return answer(&s, out, err);
}

assay_code handle_upload_drop(workspace *w, const request *q, reply *out, assay_err *err)
{
    (void)w;
    upload_state s;
    ASSAY_TRY(body_check(q->body, (const char *const[]){NULL}, err));
    ASSAY_TRY(uploads_drop(q->uploads, q->number, &s, err));
    return answer(&s, out, err);
}
