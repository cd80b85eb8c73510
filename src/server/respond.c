/* Headers. What a browser may do with a reply is decided here and nowhere else. */
#include "server/respond.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* Below this packing saves nothing that anybody would notice. */
enum { PACK_BYTES_LEAST = 1024, CACHE_BYTES = 48, NAME_BYTES = 160 };

#define PAGE_POLICY                                                                                \
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "         \
    "frame-ancestors 'none'; form-action 'self'"

static bool is_json(const reply *r)
{
    return !r->content_type || strcmp(r->content_type, "application/json") == 0;
}

static bool can_be_packed(const reply *r)
{
    return is_json(r) || strncmp(r->content_type, "text/", 5) == 0 ||
           strcmp(r->content_type, "application/x-ndjson") == 0;
}

void finish_reply(finished_reply *f, const finish_options *options)
{
    reply *r = &f->reply;
    if (r->status == 0)
        r->status = 200;
    if (r->revision_plus_one && r->status == 200) {
        coding_etag(r->revision_plus_one - 1, options->salt, options->address, f->etag);
        if (coding_matches(options->if_none_match, f->etag)) {
            r->status = 304;
            text_clear(&r->body);
        }
    }
    if (!options->gzip || !can_be_packed(r) || r->body.length <= PACK_BYTES_LEAST)
        return;
    text packed;
    if (coding_pack(r->body.at, r->body.length, &packed, NULL) != ASSAY_OK)
        return;
    text_clear(&r->body);
    r->body = packed;
    f->packed = true;
}

bool respond_header(struct MHD_Response *r, const char *name, const char *value)
{
    return MHD_add_response_header(r, name, value) == MHD_YES;
}

static bool add_headers(struct MHD_Response *r, const char *content_type, const char *cache,
                        const char *policy)
{
    return respond_header(r, "Content-Type", content_type) &&
           respond_header(r, "Cache-Control", cache) &&
           respond_header(r, "Content-Security-Policy", policy) &&
           respond_header(r, "X-Content-Type-Options", "nosniff") &&
           respond_header(r, "X-Frame-Options", "DENY") &&
           respond_header(r, "Referrer-Policy", "no-referrer") &&
           respond_header(r, "Cross-Origin-Opener-Policy", "same-origin") &&
           respond_header(r, "Cross-Origin-Resource-Policy", "same-origin");
}

bool respond_headers(struct MHD_Response *r, const char *content_type, const char *cache)
{
    return add_headers(r, content_type, cache, PAGE_POLICY);
}

/* Takes the text's memory. */
static struct MHD_Response *respond_text(text *body)
{
    static char nothing[1];
    struct MHD_Response *r =
        body->at
            ? MHD_create_response_from_buffer_with_free_callback(body->length, body->at, mem_free)
            : MHD_create_response_from_buffer(0, nothing, MHD_RESPMEM_PERSISTENT);
    if (r && body->at)
        *body = (text){.most = body->most};
    return r;
}

/* A name that cannot leave its quotes, whatever it was made of. */
static void put_disposition(const char *file_name, char out[NAME_BYTES])
{
    int length = snprintf(out, NAME_BYTES, "attachment; filename=\"");
    for (const char *at = file_name; *at && length < NAME_BYTES - 2; at++) {
        const bool plain = (unsigned char)*at >= ' ' && (unsigned char)*at < 0x7f && *at != '"' &&
                           *at != '\\' && *at != '/';
        char shown = '_';
        if (plain)
            shown = *at;
        out[length++] = shown;
    }
    out[length++] = '"';
    out[length] = '\0';
}

struct MHD_Response *respond_reply(finished_reply *f)
{
    reply *r = &f->reply;
    char cache[CACHE_BYTES] = "no-store";
    if (r->cache_seconds && (r->status == 200 || r->status == 304))
        snprintf(cache, sizeof cache, "private, max-age=%u", (unsigned)r->cache_seconds);
    else if (f->etag[0])
        snprintf(cache, sizeof cache, "private, no-cache");
    const char *type = r->content_type ? r->content_type : "application/json";
    const bool is_page_like = is_json(r);
    char disposition[NAME_BYTES];
    if (r->file_name)
        put_disposition(r->file_name, disposition);
    const bool varies = can_be_packed(r);
    struct MHD_Response *out = respond_text(&r->body);
    if (out &&
        add_headers(out, type, cache, is_page_like ? PAGE_POLICY : PAGE_POLICY "; sandbox") &&
        (!f->etag[0] || respond_header(out, "ETag", f->etag)) &&
        (!f->packed || respond_header(out, "Content-Encoding", "gzip")) &&
        (!varies || respond_header(out, "Vary", "Accept-Encoding")) &&
        (!r->file_name || respond_header(out, "Content-Disposition", disposition)))
        return out;
    if (out)
        MHD_destroy_response(out);
    return NULL;
}

/* libmicrohttpd takes what it only reads without saying so. */
static struct MHD_Response *respond_view(const char *at, size_t length)
{
    return MHD_create_response_from_buffer(length, (void *)(uintptr_t)at, MHD_RESPMEM_PERSISTENT);
}

struct MHD_Response *respond_file(web_file *f, const char *if_none_match, unsigned *status)
{
    char etag[ETAG_BYTES] = "";
    if (f->version[0])
        snprintf(etag, sizeof etag, "W/\"%s\"", f->version);
    *status = etag[0] && coding_matches(if_none_match, etag) ? 304 : 200;
    struct MHD_Response *out = *status == 304 ? respond_view("", 0)
                               : f->owned.at  ? respond_text(&f->owned)
                                              : respond_view(f->at, f->length);
    if (out &&
        respond_headers(out, f->content_type,
                        f->immutable ? "public, max-age=31536000, immutable" : "no-cache") &&
        (!etag[0] || respond_header(out, "ETag", etag)) &&
        (!f->packed || *status == 304 || respond_header(out, "Content-Encoding", "gzip")) &&
        respond_header(out, "Vary", "Accept-Encoding"))
        return out;
    if (out)
        MHD_destroy_response(out);
    return NULL;
}
