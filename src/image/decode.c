/* Which decoder reads a file, within which limits, and in whose memory. */
#include "image/decode.h"

#include "base/file.h"
#include "base/limits.h"
#include "image/decoder.h"
#include "image/exif.h"
#include "image/kind.h"
#include "image/orient.h"
#include "image/shrink.h"
#include "image/vips_loader.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <unistd.h>

/* Whoever decodes an image above IMAGE_PIXELS_LARGE has the turn until its pixels are given up,
 * which another thread may do: hence no plain mutex. */
static pthread_mutex_t turn_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_given = PTHREAD_COND_INITIALIZER;
static bool turn_taken;

/* Room beyond this is given back after use: one large image must not stay for the whole run. */
#define ROOM_KEPT_BYTES ((size_t)64 << 20)

assay_code image_room_take(image_room *room, size_t bytes, assay_err *err)
{
    if (bytes <= room->bytes)
        return ASSAY_OK;
    mem_free(room->at);
    /* A little more than asked: images of one camera differ by a few bytes. */
    const size_t wanted = bytes + bytes / 8;
    *room = (image_room){.at = mem_alloc_large(wanted, 1), .bytes = wanted};
    if (room->at)
        return ASSAY_OK;
    room->bytes = 0;
    return assay_fail(err, ASSAY_E_NOMEM, "needs %zu bytes of memory, which there are not", wanted);
}

static void room_clear(image_room *room)
{
    mem_free(room->at);
    *room = (image_room){0};
}

static void room_shrink(image_room *room)
{
    if (room->bytes > ROOM_KEPT_BYTES)
        room_clear(room);
}

assay_code image_check_size(uint64_t width, uint64_t height, assay_err *err)
{
    if (width == 0 || height == 0)
        return assay_fail(err, ASSAY_E_INPUT, "is damaged: it is %" PRIu64 " × %" PRIu64 " pixels",
                          width, height);
    if (width > IMAGE_SIDE_MOST || height > IMAGE_SIDE_MOST)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "is %" PRIu64 " × %" PRIu64 " pixels; a side may have at most %d", width,
                          height, IMAGE_SIDE_MOST);
    if (width * height > IMAGE_PIXELS_MOST)
        return assay_fail(err, ASSAY_E_LIMIT,
                          "is %" PRIu64 " × %" PRIu64 " pixels; at most %" PRIu64 " are decoded",
                          width, height, IMAGE_PIXELS_MOST);
    return ASSAY_OK;
}

static void take_turn(image_decoder *d)
{
    pthread_mutex_lock(&turn_lock);
    while (turn_taken)
        pthread_cond_wait(&turn_given, &turn_lock);
    turn_taken = true;
    pthread_mutex_unlock(&turn_lock);
    d->holds_turn = true;
}

static void give_turn(image_decoder *d)
{
    if (!d->holds_turn)
        return;
    pthread_mutex_lock(&turn_lock);
    turn_taken = false;
    pthread_cond_signal(&turn_given);
    pthread_mutex_unlock(&turn_lock);
    d->holds_turn = false;
}

assay_code image_begin(image_decoder *d, uint64_t width, uint64_t height, assay_err *err)
{
    ASSAY_TRY(image_check_size(width, height, err));
    if (width * height > IMAGE_PIXELS_LARGE && !d->holds_turn)
        take_turn(d);
    d->width = (uint32_t)width;
    d->height = (uint32_t)height;
    return ASSAY_OK;
}

assay_code image_begin_stored(image_decoder *d, const pixels *shape, assay_err *err)
{
    ASSAY_TRY(image_begin(d, shape->width, shape->height, err));
    return image_room_take(&d->stored, (size_t)shape->width * shape->height * shape->channels, err);
}

/* The pixels of the last image; the file's bytes may be the next one's. */
static void drop_pixels(image_decoder *d)
{
    vips_drop(d);
    room_shrink(&d->stored);
    room_shrink(&d->turned);
    room_shrink(&d->small);
    give_turn(d);
}

void image_decoder_rest(image_decoder *d)
{
    drop_pixels(d);
    room_shrink(&d->file);
}

assay_code image_decoder_new(image_decoder **out, assay_err *err)
{
    *out = mem_zalloc(1, sizeof **out);
    return *out ? ASSAY_OK : assay_fail(err, ASSAY_E_NOMEM, "out of memory");
}

void image_decoder_free(image_decoder *d)
{
    if (!d)
        return;
    image_decoder_rest(d);
    room_clear(&d->file);
    room_clear(&d->stored);
    room_clear(&d->turned);
    room_clear(&d->small);
    mem_free(d);
}

static assay_code decode_kind(image_decoder *d, image_kind kind, image_file file, pixels *out,
                              uint32_t *orientation, assay_err *err)
{
    switch (kind) {
    case KIND_JPEG:
        return jpeg_decode(d, file, out, orientation, err);
    case KIND_PNG:
        *orientation = png_orientation(file.at, file.length);
        return png_decode(d, file, out, err);
    case KIND_BMP:
        return bmp_decode(d, file, out, err);
    case KIND_WEBP:
    case KIND_GIF:
    case KIND_TIFF:
    case KIND_HEIF:
    case KIND_JP2:
        return vips_decode(d, kind, file, out, orientation, err);
    case KIND_UNKNOWN:
        break;
    }
    return image_kind_fail(file.at, file.length, err);
}

static assay_code decode_upright(image_decoder *d, image_file file, pixels *out, assay_err *err)
{
    uint32_t orientation = 1;
    pixels stored;
    const image_kind kind = image_kind_of(file.at, file.length);
    ASSAY_TRY(decode_kind(d, kind, file, &stored, &orientation, err));
    if (orientation != 1) {
        const size_t bytes = (size_t)stored.width * stored.height * stored.channels;
        ASSAY_TRY(image_room_take(&d->turned, bytes, err));
        stored = orient_upright(&stored, orientation, d->turned.at);
    }
    if (orientation >= ORIENTATION_TURNED) {
        const uint32_t width = d->width;
        d->width = d->height;
        d->height = width;
    }
    *out = stored;
    return ASSAY_OK;
}

assay_code image_decode(image_decoder *d, const uint8_t *at, size_t length, pixels *out,
                        assay_err *err)
{
    *out = (pixels){0};
    drop_pixels(d);
    const assay_code code = decode_upright(d, (image_file){at, length}, out, err);
    if (code != ASSAY_OK)
        drop_pixels(d);
    return code;
}

static uint32_t lesser(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Neither side becomes longer than it is. */
static assay_code shrink_to(image_decoder *d, const pixels *from, uint32_t width, uint32_t height,
                            pixels *out, assay_err *err)
{
    width = lesser(width, from->width);
    height = lesser(height, from->height);
    *out = *from;
    if (width == from->width && height == from->height)
        return ASSAY_OK;
    ASSAY_TRY(image_room_take(&d->small, (size_t)width * height * from->channels, err));
    ASSAY_TRY(image_shrink(from, width, height, d->small.at, err));
    *out = (pixels){d->small.at, width, height, from->channels};
    return ASSAY_OK;
}

assay_code image_make_small(image_decoder *d, const pixels *from, uint32_t side, pixels *out,
                            assay_err *err)
{
    uint32_t width = from->width, height = from->height;
    image_fit(side, &width, &height);
    return shrink_to(d, from, width, height, out, err);
}

/* What was decoded may be smaller than the image, but has its size when it is made to fit. */
assay_code image_decode_small(image_decoder *d, const uint8_t *at, size_t length, uint32_t side,
                              pixels *out, assay_err *err)
{
    pixels got;
    *out = (pixels){0};
    d->side = side;
    const assay_code code = image_decode(d, at, length, &got, err);
    d->side = 0;
    if (code != ASSAY_OK)
        return code;
    uint32_t width = d->width, height = d->height;
    image_fit(side, &width, &height);
    return shrink_to(d, &got, width, height, out, err);
}

/* The file as it is now: one that shrank is read as far as it goes, one that grew as it was. */
static assay_code read_whole(image_decoder *d, int fd, size_t bytes, size_t *length, assay_err *err)
{
    if (bytes == 0)
        return assay_fail(err, ASSAY_E_INPUT, "is empty");
    if (bytes > IMAGE_FILE_BYTES_MOST)
        return assay_fail(err, ASSAY_E_LIMIT, "is %zu bytes long; at most %" PRIu64 " are read",
                          bytes, IMAGE_FILE_BYTES_MOST);
    ASSAY_TRY(image_room_take(&d->file, bytes, err));
    size_t used = 0;
    while (used < bytes) {
        const ssize_t got = read(fd, d->file.at + used, bytes - used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_fail(errno, err);
        if (got == 0)
            break;
        used += (size_t)got;
    }
    *length = used;
    return ASSAY_OK;
}

assay_code image_decoder_read(image_decoder *d, const char *path, const uint8_t **at,
                              size_t *length, assay_err *err)
{
    *at = NULL;
    *length = 0;
    image_decoder_rest(d);
    int fd;
    uint64_t bytes;
    ASSAY_TRY(file_open(path, &fd, &bytes, err));
    const assay_code code = read_whole(d, fd, bytes, length, err);
    close(fd);
    if (code == ASSAY_OK)
        *at = d->file.at;
    return code;
}

void image_thread_end(void)
{
    vips_end_thread();
}
