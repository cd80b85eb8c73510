/* Text files in blocks of whole records, one reader for plain files and gzip. What a record is,
 * only the cut function knows. */
#include "store/blocks.h"

#include "base/limits.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { BLOCK_BYTES = 1 << 20, GZIP_BYTES = 1 << 16, GZIP_WINDOW = 15 + 16 };

struct block_reader {
    const char *path;
    int fd;
    uint64_t offset, file_bytes;
    bool ended;
    block rest; /* the beginning of a record whose end was not yet read */
    bool gzip;
    bool gzip_open;
    bool gzip_between; /* at the end of one member: the file may end here */
    z_stream stream;
    unsigned char *packed;
};

void block_clear(block *b)
{
    mem_free(b->at);
    *b = (block){0};
}

assay_code block_reader_new(const char *path, const source *s, block_reader **out, assay_err *err)
{
    *out = NULL;
    block_reader *r = mem_zalloc(1, sizeof *r);
    if (!r)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for reading", path);
    r->path = path;
    r->fd = s->fd;
    r->file_bytes = s->bytes;
    r->gzip = s->kind == SOURCE_GZIP;
    if (r->gzip) {
        r->packed = mem_alloc(GZIP_BYTES, 1);
        r->gzip_open = r->packed && inflateInit2(&r->stream, GZIP_WINDOW) == Z_OK;
        if (!r->gzip_open) {
            block_reader_free(r);
            return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for reading", path);
        }
    }
    *out = r;
    return ASSAY_OK;
}

void block_reader_free(block_reader *r)
{
    if (!r)
        return;
    if (r->gzip_open)
        inflateEnd(&r->stream);
    mem_free(r->packed);
    block_clear(&r->rest);
    mem_free(r);
}

double block_reader_share(const block_reader *r)
{
    return r->offset < r->file_bytes ? (double)r->offset / (double)r->file_bytes : 1.0;
}

/* Up to `room` bytes of the file itself; 0 at its end. */
static assay_code read_file(block_reader *r, char *at, size_t room, size_t *length, assay_err *err)
{
    ssize_t got;
    do {
        got = pread(r->fd, at, room, (off_t)r->offset);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return assay_fail(err, ASSAY_E_IO, "%s: cannot be read: %s", r->path,
                          strerrordesc_np(errno));
    r->offset += (uint64_t)got;
    *length = (size_t)got;
    return ASSAY_OK;
}

static assay_code refill(block_reader *r, bool *at_end, assay_err *err)
{
    size_t length = 0;
    ASSAY_TRY(read_file(r, (char *)r->packed, GZIP_BYTES, &length, err));
    r->stream.next_in = r->packed;
    r->stream.avail_in = (unsigned)length;
    *at_end = length == 0;
    if (*at_end && !r->gzip_between)
        return assay_fail(err, ASSAY_E_INPUT, "%s: the gzip file is cut off", r->path);
    return ASSAY_OK;
}

static assay_code read_gzip(block_reader *r, char *at, size_t room, size_t *length, assay_err *err)
{
    *length = 0;
    r->stream.next_out = (unsigned char *)at;
    r->stream.avail_out = (unsigned)room;
    while (r->stream.avail_out == room) {
        bool at_end = false;
        if (r->stream.avail_in == 0)
            ASSAY_TRY(refill(r, &at_end, err));
        if (at_end)
            return ASSAY_OK;
        if (r->gzip_between && inflateReset(&r->stream) != Z_OK)
            return assay_fail(err, ASSAY_E_INTERNAL, "%s: gzip", r->path);
        r->gzip_between = false;
        const int answer = inflate(&r->stream, Z_NO_FLUSH);
        if (answer == Z_STREAM_END)
            r->gzip_between = true;
        else if (answer != Z_OK && answer != Z_BUF_ERROR)
            return assay_fail(err, answer == Z_MEM_ERROR ? ASSAY_E_NOMEM : ASSAY_E_INPUT,
                              "%s: the gzip file is damaged", r->path);
    }
    *length = room - r->stream.avail_out;
    return ASSAY_OK;
}

static assay_code make_room(block_reader *r, block *b, size_t room, assay_err *err)
{
    if (room <= b->room)
        return ASSAY_OK;
    char *at = mem_resize(b->at, room, 1);
    if (!at)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %zu bytes", r->path, room);
    b->at = at;
    b->room = room;
    return ASSAY_OK;
}

static assay_code fill(block_reader *r, block *b, size_t target, assay_err *err)
{
    ASSAY_TRY(make_room(r, b, target, err));
    while (b->length < target && !r->ended) {
        size_t length = 0;
        ASSAY_TRY(r->gzip ? read_gzip(r, b->at + b->length, target - b->length, &length, err)
                          : read_file(r, b->at + b->length, target - b->length, &length, err));
        b->length += length;
        r->ended = length == 0;
    }
    return ASSAY_OK;
}

assay_code block_reader_next(block_reader *r, block_cut *cut, block *b, assay_err *err)
{
    b->length = 0;
    ASSAY_TRY(make_room(r, b, r->rest.length + 1, err));
    if (r->rest.length)
        memcpy(b->at, r->rest.at, r->rest.length);
    b->length = r->rest.length;
    r->rest.length = 0;
    size_t whole = 0;
    for (size_t target = BLOCK_BYTES; !r->ended && whole == 0; target *= 2) {
        if (b->length > LINE_BYTES_MOST)
            return assay_fail(err, ASSAY_E_LIMIT, "%s: a line of more than %zu bytes", r->path,
                              (size_t)LINE_BYTES_MOST);
        ASSAY_TRY(fill(r, b, target, err));
        whole = cut(b->at, b->length);
    }
    if (r->ended)
        return ASSAY_OK;
    const size_t left = b->length - whole;
    ASSAY_TRY(make_room(r, &r->rest, left + 1, err));
    memcpy(r->rest.at, b->at + whole, left);
    r->rest.length = left;
    b->length = whole;
    return ASSAY_OK;
}
