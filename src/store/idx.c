/* IDX files: a header that is believed in nothing, and bytes that are read as they are asked for,
 * or inflated up to a limit. */
#include "store/idx.h"

#include "base/file.h"
#include "base/limits.h"
#include "store/source.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
    IDX_UNSIGNED_BYTE = 0x08,
    PACKED_BYTES = 1 << 16,
    INFLATED_STEP = 1 << 30,
    GZIP_WINDOW = 15 + 16
};

static const char *type_name(unsigned type)
{
    static const char *const names[] = {"unsigned bytes",  "signed bytes",    NULL,
                                        "16-bit integers", "32-bit integers", "32-bit floats",
                                        "64-bit floats"};
    const unsigned first = IDX_UNSIGNED_BYTE;
    return type >= first && type - first < sizeof names / sizeof *names ? names[type - first]
                                                                        : NULL;
}

bool idx_is_magic(const uint8_t *at, size_t length)
{
    return length >= 4 && at[0] == 0 && at[1] == 0 && type_name(at[2]) && at[3] >= 1 &&
           at[3] <= IDX_DIMENSIONS_MOST;
}

static uint32_t read_extent(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static assay_code check_magic(const uint8_t *at, size_t length, idx_content content,
                              const char *name, assay_err *err)
{
    if (!idx_is_magic(at, length))
        return assay_fail(err, ASSAY_E_INPUT, "%s: is not an IDX file", name);
    if (at[2] != IDX_UNSIGNED_BYTE)
        return assay_fail(err, ASSAY_E_INPUT, "%s: holds %s; expected unsigned bytes", name,
                          type_name(at[2]));
    if (content == IDX_LABELS && at[3] != 1)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has %u dimensions; labels are a vector, one for each image", name,
                          at[3]);
    if (content == IDX_IMAGES && at[3] < 3)
        return assay_fail(
            err, ASSAY_E_INPUT, "%s: has %u dimension%s; images have three: count, height, width%s",
            name, at[3], at[3] == 1 ? "" : "s", at[3] == 1 ? " (these look like the labels)" : "");
    return ASSAY_OK;
}

static assay_code check_image(const idx_header *h, const char *name, assay_err *err)
{
    if (h->channels != 1 && h->channels != 3)
        return assay_fail(err, ASSAY_E_INPUT,
                          "%s: has images of %u channels; expected 1 (grey) or 3 (colour)", name,
                          h->channels);
    if (h->height == 0 || h->width == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: has images of %u×%u pixels", name, h->width,
                          h->height);
    if (h->height > IMAGE_SIDE_MOST || h->width > IMAGE_SIDE_MOST ||
        (uint64_t)h->height * h->width > IMAGE_PIXELS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%s: has images of %u×%u pixels; at most %d a side and %" PRIu64
                          " in all are read",
                          name, h->width, h->height, IMAGE_SIDE_MOST, IMAGE_PIXELS_MOST);
    return ASSAY_OK;
}

assay_code idx_parse_header(const uint8_t *at, size_t length, idx_content content, const char *name,
                            idx_header *out, assay_err *err)
{
    *out = (idx_header){0};
    ASSAY_TRY(check_magic(at, length, content, name, err));
    const size_t dimensions = at[3];
    const size_t data_offset = 4 + 4 * dimensions;
    if (length < data_offset)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is cut off in its header", name);
    uint32_t extent[IDX_DIMENSIONS_MOST] = {1, 1, 1, 1};
    for (size_t i = 0; i < dimensions; i++)
        extent[i] = read_extent(at + 4 + 4 * i);
    idx_header h = {.item_count = extent[0],
                    .height = extent[1],
                    .width = extent[2],
                    .channels = extent[3],
                    .data_offset = data_offset};
    ASSAY_TRY(check_image(&h, name, err));
    if (h.item_count == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: has no %s", name,
                          content == IDX_LABELS ? "labels" : "images");
    if (h.item_count > ROWS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%s: has %" PRIu64 " items; at most %" PRIu64 " are read", name,
                          h.item_count, ROWS_MOST);
    h.item_bytes = (uint64_t)h.height * h.width * h.channels;
    h.data_bytes = h.item_bytes * h.item_count; /* below 3e8 × 2^31 */
    *out = h;
    return ASSAY_OK;
}

assay_code idx_check_length(const idx_header *h, uint64_t file_bytes, const char *name,
                            assay_err *err)
{
    const uint64_t have = file_bytes - h->data_offset;
    if (have == h->data_bytes)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT,
                      "%s: is %s: the header says %" PRIu64 " items of %" PRIu64
                      " bytes, the file holds %" PRIu64 " bytes of them",
                      name, have < h->data_bytes ? "cut off" : "too long", h->item_count,
                      h->item_bytes, have);
}

/* All of the data, where there is little of it. */
static assay_code read_data(idx_file *f, const source *s, const char *path, assay_err *err)
{
    const idx_header *h = &f->header;
    size_t got;
    f->data = mem_alloc((size_t)h->data_bytes, 1);
    if (!f->data)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %" PRIu64 " bytes", path,
                          h->data_bytes);
    if (file_read_at(s->fd, f->data, (size_t)h->data_bytes, h->data_offset, &got))
        return assay_fail(err, ASSAY_E_IO, "%s: cannot be read", path);
    return idx_check_length(h, h->data_offset + got, path, err);
}

/* The file stays open where its images are not read now. */
static assay_code read_plain(source *s, const char *path, idx_content content, idx_file *f,
                             assay_err *err)
{
    uint8_t head[IDX_HEADER_BYTES_MOST];
    size_t length;
    if (file_read_at(s->fd, head, sizeof head, 0, &length))
        return assay_fail(err, ASSAY_E_IO, "%s: cannot be read", path);
    ASSAY_TRY(idx_parse_header(head, length, content, path, &f->header, err));
    ASSAY_TRY(idx_check_length(&f->header, s->bytes, path, err));
    if (content == IDX_LABELS)
        return read_data(f, s, path, err);
    f->fd = s->fd;
    f->open = true;
    s->fd = -1;
    return ASSAY_OK;
}

/* A gzip file as a stream of bytes. */
typedef struct inflater {
    z_stream stream;
    const char *path;
    int fd;
    uint64_t offset;
    uint8_t *packed;
    bool open, between; /* between: at the end of a member, where the file may end */
} inflater;

static assay_code refill(inflater *in, bool *ended, assay_err *err)
{
    const ssize_t got = pread(in->fd, in->packed, PACKED_BYTES, (off_t)in->offset);
    if (got < 0)
        return assay_fail(err, ASSAY_E_IO, "%s: cannot be read", in->path);
    if (got == 0 && !in->between)
        return assay_fail(err, ASSAY_E_INPUT, "%s: the gzip file is cut off", in->path);
    in->offset += (uint64_t)got;
    in->stream.next_in = in->packed;
    in->stream.avail_in = (unsigned)got;
    *ended = got == 0;
    return ASSAY_OK;
}

/* One step of zlib; *ended where the file does. */
static assay_code inflate_step(inflater *in, uint8_t *at, unsigned room, unsigned *length,
                               bool *ended, assay_err *err)
{
    *length = 0;
    if (in->stream.avail_in == 0)
        ASSAY_TRY(refill(in, ended, err));
    if (*ended)
        return ASSAY_OK;
    if (in->between && inflateReset(&in->stream) != Z_OK)
        return assay_fail(err, ASSAY_E_INTERNAL, "%s: gzip", in->path);
    in->stream.next_out = at;
    in->stream.avail_out = room;
    const int answer = inflate(&in->stream, Z_NO_FLUSH);
    *length = room - in->stream.avail_out;
    in->between = answer == Z_STREAM_END;
    if (answer != Z_OK && answer != Z_STREAM_END && answer != Z_BUF_ERROR)
        return assay_fail(err, answer == Z_MEM_ERROR ? ASSAY_E_NOMEM : ASSAY_E_INPUT,
                          "%s: the gzip file is damaged", in->path);
    return ASSAY_OK;
}

/* Up to `room` bytes; fewer only at the end of the file. */
static assay_code inflate_some(inflater *in, uint8_t *at, uint64_t room, uint64_t *length,
                               assay_err *err)
{
    bool ended = false;
    *length = 0;
    while (*length < room && !ended) {
        const uint64_t left = room - *length;
        const unsigned part = left < INFLATED_STEP ? (unsigned)left : INFLATED_STEP;
        unsigned got;
        ASSAY_TRY(inflate_step(in, at + *length, part, &got, &ended, err));
        *length += got;
    }
    return ASSAY_OK;
}

static void inflater_clear(inflater *in)
{
    if (in->open)
        inflateEnd(&in->stream);
    mem_free(in->packed);
}

static assay_code inflater_init(inflater *in, const source *s, const char *path, assay_err *err)
{
    *in = (inflater){.path = path, .fd = s->fd};
    in->packed = mem_alloc(PACKED_BYTES, 1);
    in->open = in->packed && inflateInit2(&in->stream, GZIP_WINDOW) == Z_OK;
    return in->open ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
}

/* The header says how much there is to come: room for that, and one byte to see that it ends. */
static assay_code inflate_data(inflater *in, idx_content content, idx_file *f, assay_err *err)
{
    uint8_t head[IDX_HEADER_BYTES_MOST];
    uint64_t length;
    ASSAY_TRY(inflate_some(in, head, 4, &length, err));
    const uint64_t rest = length == 4 && idx_is_magic(head, 4) ? 4 * (uint64_t)head[3] : 0;
    uint64_t more = 0;
    ASSAY_TRY(inflate_some(in, head + 4, rest, &more, err));
    ASSAY_TRY(idx_parse_header(head, (size_t)(length + more), content, in->path, &f->header, err));
    const uint64_t bytes = f->header.data_bytes;
    if (bytes > IDX_INFLATED_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "%s: inflates to %" PRIu64 " bytes; at most %" PRIu64
                          " are read from gzip: unpack it with gunzip",
                          in->path, bytes, IDX_INFLATED_BYTES_MOST);
    f->data = mem_alloc((size_t)bytes + 1, 1);
    if (!f->data)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %" PRIu64 " bytes", in->path,
                          bytes);
    ASSAY_TRY(inflate_some(in, f->data, bytes + 1, &length, err));
    return idx_check_length(&f->header, f->header.data_offset + length, in->path, err);
}

static assay_code read_packed(const source *s, const char *path, idx_content content, idx_file *f,
                              assay_err *err)
{
    inflater in;
    assay_code code = inflater_init(&in, s, path, err);
    if (code == ASSAY_OK)
        code = inflate_data(&in, content, f, err);
    inflater_clear(&in);
    return code;
}

assay_code idx_open(const char *path, idx_content content, idx_file *out, assay_err *err)
{
    *out = (idx_file){0};
    idx_file f = {0};
    source s;
    ASSAY_TRY(source_open(path, &s, err));
    const assay_code code = s.kind == SOURCE_GZIP ? read_packed(&s, path, content, &f, err)
                                                  : read_plain(&s, path, content, &f, err);
    source_close(&s);
    if (code != ASSAY_OK) {
        idx_close(&f);
        return code;
    }
    *out = f;
    return ASSAY_OK;
}

void idx_close(idx_file *f)
{
    if (f->open)
        close(f->fd);
    mem_free(f->data);
    *f = (idx_file){0};
}

bool idx_is_file(const char *path)
{
    source s;
    if (source_open(path, &s, NULL) != ASSAY_OK)
        return false;
    uint8_t head[4] = {0};
    uint64_t length = 0;
    if (s.kind == SOURCE_GZIP) {
        inflater in;
        if (inflater_init(&in, &s, path, NULL) != ASSAY_OK ||
            inflate_some(&in, head, sizeof head, &length, NULL) != ASSAY_OK)
            length = 0;
        inflater_clear(&in);
    } else {
        const ssize_t got = pread(s.fd, head, sizeof head, 0);
        length = got > 0 ? (uint64_t)got : 0;
    }
    source_close(&s);
    return idx_is_magic(head, (size_t)length);
}
