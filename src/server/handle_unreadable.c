/* GET /api/unreadable: images that cannot be read, and why. */
#include "server/routes.h"

#include "base/limits.h"
#include "server/frame_columns.h"
#include "server/json_words.h"
#include "server/shown_sample.h"

#include <inttypes.h>
#include <math.h>

enum { UNREADABLE_MOST = 1000, UNREADABLE_OTHERWISE = 200 };

static size_t count_unreadable(const shown_columns *c)
{
    size_t count = 0;
    for (size_t i = 0; c->unreadable && i < c->frame->row_count; i++)
        count += c->unreadable->code[i] != ATTRIBUTE_MISSING;
    return count;
}

static void put_unreadable(const workspace_view *v, uint64_t most, text *out)
{
    shown_columns c;
    shown_columns_find(v, &c);
    text_printf(out, "{\"revision\": %" PRIu64 ", \"count\": %zu, \"samples\": [",
                workspace_revision(v), count_unreadable(&c));
    uint64_t listed = 0;
    for (uint32_t i = 0; c.unreadable && listed < most && i < c.frame->row_count; i++) {
        const char *reason = attribute_of(c.unreadable, i);
        if (!reason)
            continue;
        text_puts(out, listed++ ? ",\n{\"sample\": " : "\n{\"sample\": ");
        put_sample(out, &c, i, (double)NAN);
        text_puts(out, ", \"reason\": ");
        put_json_word(out, reason);
        text_puts(out, "}");
    }
    text_puts(out, "]}\n");
}

ROUTE_HANDLER(handle_unreadable)
{
    uint64_t most;
    workspace_view *v;
    ASSAY_TRY(request_number(q, "count", 0, UNREADABLE_MOST, UNREADABLE_OTHERWISE, &most, err));
    ASSAY_TRY(workspace_look(w, NULL, &v, err));
    text_init(&out->body, REPORT_BYTES_MOST);
    put_unreadable(v, most, &out->body);
    out->revision_plus_one = workspace_revision(v) + 1;
    workspace_release(v);
    return text_check(&out->body, err);
}
