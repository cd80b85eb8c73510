/* ETags, Accept-Encoding, and gzip by zlib, whose memory is ours. */
#include "server/coding.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

/* zlib's way to say gzip, and its widest window. Level 1: the wire is a loopback. */
enum { GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8 };

uint64_t coding_hash(const char *at, uint64_t hash)
{
    for (; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x100000001b3u;
    return hash;
}

void coding_etag(uint64_t revision, uint64_t salt, const char *address, char out[ETAG_BYTES])
{
    snprintf(out, ETAG_BYTES, "W/\"%" PRIx64 "-%016" PRIx64 "\"", revision,
             coding_hash(address, salt));
}

static const char *without_weakness(const char *etag)
{
    return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

bool coding_matches(const char *header, const char *etag)
{
    const char *wanted = without_weakness(etag);
    const size_t length = strlen(wanted);
    while (header && *header) {
        header += strspn(header, " \t,");
        const char *at = without_weakness(header);
        const size_t here = strcspn(header, ",");
        if (strncmp(at, wanted, length) == 0 && strchr(", \t", at[length]))
            return true;
        if (*header == '*')
            return true;
        header += here;
    }
    return false;
}

/* ";q=0" and its longer forms say no. */
static bool wants(const char *parameters, const char *end)
{
    const char *q = parameters;
    while (q < end && *q != '=')
        q++;
    return q == end || strtod(q + 1, NULL) > 0.0;
}

bool coding_accepts_gzip(const char *header)
{
    bool any = false;
    while (header && *header) {
        header += strspn(header, " \t,");
        const char *end = header + strcspn(header, ",");
        const size_t name = strcspn(header, ",; \t");
        const bool is_gzip = name == 4 && strncasecmp(header, "gzip", 4) == 0;
        if (is_gzip)
            return wants(header + name, end);
        if (name == 1 && *header == '*')
            any = wants(header + name, end);
        header = end;
    }
    return any;
}

static void *zlib_alloc(void *context, unsigned count, unsigned size)
{
    (void)context;
    return mem_alloc(count, size);
}

static void zlib_free(void *context, void *at)
{
    (void)context;
    mem_free(at);
}

/* zlib takes pointers to bytes that it only reads without saying so. */
static Bytef *readable(const char *at)
{
    return (Bytef *)(uintptr_t)at;
}

/* A text of `room` bytes that zlib writes into. */
static assay_code begin(text *out, size_t room, assay_err *err)
{
    text_init(out, room);
    out->at = mem_alloc(room + 1, 1);
    if (!out->at)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for a reply");
    out->room = room + 1;
    out->at[0] = '\0';
    return ASSAY_OK;
}

assay_code coding_pack(const char *at, size_t length, text *out, assay_err *err)
{
    text_init(out, 0);
    if (length < 2 || length > UINT32_MAX)
        return assay_fail(err, ASSAY_E_LIMIT, "%zu bytes are not packed", length);
    ASSAY_TRY(begin(out, length - 1, err));
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
    int state = deflateInit2(&z, 1, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY);
    if (state == Z_OK) {
        z.next_in = readable(at);
        z.avail_in = (uInt)length;
        z.next_out = (Bytef *)out->at;
        z.avail_out = (uInt)(length - 1);
        state = deflate(&z, Z_FINISH);
        out->length = z.total_out;
        deflateEnd(&z);
    }
    if (state == Z_STREAM_END) {
        out->at[out->length] = '\0';
        return ASSAY_OK;
    }
    text_clear(out);
    return state == Z_MEM_ERROR ? assay_fail(err, ASSAY_E_NOMEM, "out of memory for a reply")
                                : assay_fail(err, ASSAY_E_LIMIT, "packing makes it no smaller");
}

assay_code coding_unpack(const char *at, size_t length, size_t most, text *out, assay_err *err)
{
    ASSAY_TRY(begin(out, most, err));
    z_stream z = {.zalloc = zlib_alloc, .zfree = zlib_free};
    int state = inflateInit2(&z, GZIP_WINDOW);
    if (state == Z_OK) {
        z.next_in = readable(at);
        z.avail_in = (uInt)length;
        z.next_out = (Bytef *)out->at;
        z.avail_out = (uInt)most;
        state = inflate(&z, Z_FINISH);
        out->length = z.total_out;
        inflateEnd(&z);
    }
    if (state == Z_STREAM_END && out->length == most) {
        out->at[most] = '\0';
        return ASSAY_OK;
    }
    text_clear(out);
    return state == Z_MEM_ERROR
               ? assay_fail(err, ASSAY_E_NOMEM, "out of memory for a reply")
               : assay_fail(err, ASSAY_E_INTERNAL, "a file of the page was packed wrongly");
}
