/* PNG through libspng: every depth to 8 bits (of 16 the upper 8, as libvips does), alpha left out.
 */
#include "image/decoder.h"

#include <spng.h>

enum {
    /* What a text or a colour profile may unpack to; no picture needs one so large. */
    CHUNK_BYTES_MOST = 64 << 20,
    /* Deflate packs no tighter than this, so a smaller file cannot hold what its header tells. */
    DEFLATE_RATIO_MOST = 1032
};

/* libspng's allocator is told nothing of who asks, and what fails within zlib comes back as damaged
 * data: so this remembers whether it was memory. */
static _Thread_local bool short_of_memory;

static void *noticed(void *p)
{
    short_of_memory |= !p;
    return p;
}

static void *take(size_t bytes)
{
    return noticed(mem_alloc(bytes, 1));
}

static void *take_zeroed(size_t count, size_t bytes)
{
    return noticed(mem_zalloc(count, bytes));
}

static void *resize(void *p, size_t bytes)
{
    return noticed(mem_resize(p, bytes, 1));
}

static void drop(spng_ctx **ctx)
{
    spng_ctx_free(*ctx);
}

static assay_code fail(int error, assay_err *err)
{
    if (short_of_memory)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    switch (error) {
    case SPNG_EIO:
    case SPNG_IO_EOF:
    case SPNG_EOF:
    case SPNG_EIDAT_TOO_SHORT:
        return assay_fail(err, ASSAY_E_INPUT, "is cut short: the PNG data have no end");
    case SPNG_ECHUNK_LIMITS:
        return assay_fail(err, ASSAY_E_LIMIT,
                          "has texts or profiles of more than %d bytes beside its pixels",
                          CHUNK_BYTES_MOST);
    default:
        return assay_fail(err, ASSAY_E_INPUT, "is damaged: %s", spng_strerror(error));
    }
}

static uint32_t samples_of(const struct spng_ihdr *header)
{
    switch (header->color_type) {
    case SPNG_COLOR_TYPE_TRUECOLOR:
        return 3;
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
        return 4;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
        return 2;
    default:
        return 1;
    }
}

/* Before the pixels' memory is taken: does the file have what its header tells? */
static assay_code check_room(const struct spng_ihdr *header, size_t length, assay_err *err)
{
    const uint64_t row_bits = (uint64_t)header->width * samples_of(header) * header->bit_depth;
    const uint64_t packed = (1 + (row_bits + 7) / 8) * header->height / DEFLATE_RATIO_MOST;
    if (packed <= length)
        return ASSAY_OK;
    return assay_fail(err, ASSAY_E_INPUT,
                      "is cut short: %zu bytes cannot hold the %u × %u pixels of its header",
                      length, header->width, header->height);
}

static assay_code decode_open(image_decoder *d, spng_ctx *ctx, image_file file, pixels *out,
                              assay_err *err)
{
    struct spng_ihdr header;
    int error = spng_set_chunk_limits(ctx, CHUNK_BYTES_MOST, CHUNK_BYTES_MOST);
    if (!error)
        error = spng_set_png_buffer(ctx, file.at, file.length);
    if (!error)
        error = spng_get_ihdr(ctx, &header);
    if (error)
        return fail(error, err);
    const bool grey = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE && header.bit_depth <= 8;
    pixels p = {.width = header.width, .height = header.height, .channels = grey ? 1 : 3};
    ASSAY_TRY(image_check_size(p.width, p.height, err));
    ASSAY_TRY(check_room(&header, file.length, err));
    ASSAY_TRY(image_begin_stored(d, &p, err));
    const size_t bytes = (size_t)p.width * p.height * p.channels;
    error = spng_decode_image(ctx, d->stored.at, bytes, grey ? SPNG_FMT_G8 : SPNG_FMT_RGB8, 0);
    if (!error)
        error = spng_decode_chunks(ctx);
    if (error)
        return fail(error, err);
    p.at = d->stored.at;
    *out = p;
    return ASSAY_OK;
}

assay_code png_decode(image_decoder *d, image_file file, pixels *out, assay_err *err)
{
    short_of_memory = false;
    struct spng_alloc memory = {take, resize, take_zeroed, mem_free};
    __attribute__((cleanup(drop))) spng_ctx *ctx = spng_ctx_new2(&memory, 0);
    if (!ctx)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    return decode_open(d, ctx, file, out, err);
}
