/* How many samples a filter leaves. */
#include "server/filter.h"
#include "server/kept_body.h"
#include "server/routes.h"

enum { BODY_BYTES_MOST = 4096 };

static assay_code put_selection(const filter *f, reply *out, assay_err *err)
{
    json_writer w;
    json_writer_init(&w);
    json_put_count(&w, w.root, "revision", workspace_revision(filter_view(f)));
    json_put_count(&w, w.root, "samples", filter_count(f));
    json_put_count(&w, w.root, "of", filter_frame(f)->row_count);
    text_init(&out->body, BODY_BYTES_MOST);
    const assay_code code = json_dump_checked(&w, &out->body, err);
    json_writer_clear(&w);
    return code;
}

ROUTE_HANDLER(handle_selection)
{
    filter *f;
    ASSAY_TRY(filter_of_request(w, q, &f, out, err));
    out->revision_plus_one = workspace_revision(filter_view(f)) + 1;
    const assay_code code = put_selection(f, out, err);
    filter_release(f);
    return code;
}
