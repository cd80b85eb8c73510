/* What a handler answers, and the one shape of everything that is not an answer. */
#include "server/reply.h"

#include "base/json.h"

#include <string.h>

enum { FAILURE_BYTES_MOST = 1 << 16 };

/* The second number of ASSAY_CODE_MAP, which is the browser's. */
static unsigned status_of(assay_code code)
{
    static const unsigned statuses[] = {
#define X(name, exit_status, http_status, exception, words) [name] = (http_status),
        ASSAY_CODE_MAP(X)
#undef X
    };
    return (size_t)code < sizeof statuses / sizeof *statuses ? statuses[code] : 500;
}

static const char *word_of(assay_code code)
{
    switch (code) {
    case ASSAY_E_USAGE:
        return "usage";
    case ASSAY_E_INPUT:
        return "input";
    case ASSAY_E_NOT_FOUND:
        return "not_found";
    case ASSAY_E_CONFLICT:
        return "conflict";
    case ASSAY_E_LIMIT:
        return "too_large";
    case ASSAY_E_NOMEM:
    case ASSAY_E_CANCELLED:
        return "busy";
    case ASSAY_OK:
    case ASSAY_E_IO:
    case ASSAY_E_INTERNAL:
    default:
        return "internal";
    }
}

void reply_clear(reply *r)
{
    text_clear(&r->body);
    *r = (reply){0};
}

void reply_refuse(reply *r, unsigned status, const char *code, const char *message)
{
    const bool is_where = r->field_is_where;
    const long position = r->position;
    reply_clear(r);
    r->status = status;
    text_init(&r->body, FAILURE_BYTES_MOST);
    json_writer w;
    json_writer_init(&w);
    json_t *error = json_put_object(&w, w.root, "error");
    json_put_text(&w, error, "code", code);
    json_put_text(&w, error, "message", message);
    if (is_where) {
        json_put_text(&w, error, "field", "where");
        if (position >= 0)
            json_put_count(&w, error, "position", (uint64_t)position);
    }
    const assay_code code_of_words = json_dump_checked(&w, &r->body, NULL);
    json_writer_clear(&w);
    /* No memory for the words: the status speaks. */
    if (code_of_words != ASSAY_OK)
        text_clear(&r->body);
}

void reply_fail(reply *r, const assay_err *err)
{
    /* Nobody closed the request: what says "interrupted" here is a server that ends. */
    const unsigned status = err->code == ASSAY_E_CANCELLED ? 503 : status_of(err->code);
    reply_refuse(r, status, word_of(err->code), err->msg);
}
