/* The formats that libvips reads, one loader each, chosen by us. Our threads give the parallelism,
 * so libvips runs its own work on one, and keeps nothing from image to image. */
#include "image/vips_loader.h"

#include "image/vips_part.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { SAID_BYTES = 200 };

static pthread_once_t start_once = PTHREAD_ONCE_INIT;
static atomic_bool started;

/* libvips keeps one text of errors for the whole process. To know which image a text is about, what
 * went wrong is done again while no other image is being decoded. */
static pthread_rwlock_t alone = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

/* A library's warnings are not ours to print. */
static void ignore(const gchar *domain, GLogLevelFlags level, const gchar *message, gpointer data)
{
    (void)domain;
    (void)level;
    (void)message;
    (void)data;
}

static void start(void)
{
    g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, ignore, NULL);
    if (vips_init("assay"))
        return;
    vips_block_untrusted_set(TRUE);
    /* OpenJPEG is tested with hostile files by its own people, and nothing else reads the format.
     */
    vips_operation_block_set("VipsForeignLoadJp2k", FALSE);
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    started = true;
}

void vips_end_thread(void)
{
    if (started)
        vips_thread_shutdown();
}

void vips_drop(image_decoder *d)
{
    g_free(d->foreign);
    d->foreign = NULL;
}

static const char *name_of(image_kind kind)
{
    switch (kind) {
    case KIND_JPEG:
        return "JPEG";
    case KIND_WEBP:
        return "WebP";
    case KIND_GIF:
        return "GIF";
    case KIND_TIFF:
        return "TIFF";
    case KIND_HEIF:
        return "HEIF";
    case KIND_JP2:
        return "JPEG 2000";
    case KIND_PNG:
    case KIND_BMP:
    case KIND_UNKNOWN:
        break;
    }
    return "image";
}

/* libvips's words, "loader: what\n" a line: the first line without the loader's name. */
static assay_code fail(image_kind kind, assay_err *err)
{
    char said[SAID_BYTES];
    snprintf(said, sizeof said, "%s", vips_error_buffer());
    vips_error_clear();
    said[strcspn(said, "\n")] = '\0';
    const char *what = strstr(said, ": ");
    what = what ? what + 2 : said;
    return assay_fail(err, ASSAY_E_INPUT, "is damaged or cut short (%s: %s)", name_of(kind),
                      *what ? what : "it cannot be decoded");
}

/* Grey stays one channel; all else becomes RGB. */
static bool is_grey(VipsInterpretation space, int bands)
{
    return bands < 3 || space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16;
}

/* Each step is an image of its own, which the next one holds on to. 0, or -1 as libvips has it. */
static int to_eight_bits(VipsImage *in, VipsImage **out)
{
    const VipsInterpretation space = vips_image_guess_interpretation(in);
    const bool grey = is_grey(space, vips_image_get_bands(in));
    const VipsInterpretation wanted = grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    VIPS_AUTO *converted = NULL, *taken = NULL;
    const bool as_stored = vips_image_get_format(in) == VIPS_FORMAT_UCHAR &&
                           (space == wanted || space == VIPS_INTERPRETATION_RGB ||
                            space == VIPS_INTERPRETATION_MULTIBAND) &&
                           vips_image_get_coding(in) == VIPS_CODING_NONE;
    if (as_stored ? vips_copy(in, &converted, NULL)
                  : vips_colourspace(in, &converted, wanted, NULL))
        return -1;
    if (vips_extract_band(converted, &taken, 0, "n", grey ? 1 : 3, NULL))
        return -1;
    return vips_cast_uchar(taken, out, NULL);
}

/* One image on its way through libvips. */
typedef struct loading {
    image_kind kind;
    image_file file;
    uint32_t side;     /* as the decoder has it */
    VipsImage *stored; /* opened: its header is known */
    VipsImage *part;   /* the same picture, opened at a smaller size; NULL: it is loaded whole */
    void *at;          /* the pixels; libvips's memory */
    pixels shape;
} loading;

static void loading_clear(loading *l)
{
    vips_unref(&l->part);
    vips_unref(&l->stored);
    g_free(l->at);
    l->at = NULL;
}
ASSAY_AUTO_CLEAR_DECLARE(loading)

static bool open_header(loading *l)
{
    const vips_part whole = {0};
    return vips_open(l->kind, l->file, &whole, &l->stored);
}

static bool decode_pixels(loading *l)
{
    VIPS_AUTO *eight = NULL;
    if (to_eight_bits(l->part ? l->part : l->stored, &eight))
        return false;
    size_t written;
    l->at = vips_image_write_to_memory(eight, &written);
    l->shape = (pixels){.at = l->at,
                        .width = (uint32_t)vips_image_get_width(eight),
                        .height = (uint32_t)vips_image_get_height(eight),
                        .channels = (uint32_t)vips_image_get_bands(eight)};
    return l->at != NULL;
}

static bool decode_part(loading *l)
{
    const vips_part part = vips_part_for(l->kind, l->file, l->stored, l->side);
    return part.option && vips_open(l->kind, l->file, &part, &l->part) && decode_pixels(l);
}

/* What did not work, once more and alone, for libvips's words. */
static assay_code explain(const loading *failed, assay_err *err)
{
    ASSAY_AUTO_CLEAR(loading) l = {.kind = failed->kind, .file = failed->file};
    pthread_rwlock_wrlock(&alone);
    vips_error_clear();
    if (open_header(&l) && failed->stored)
        (void)decode_pixels(&l);
    const assay_code code = fail(l.kind, err);
    pthread_rwlock_unlock(&alone);
    return code;
}

static bool beside_others(bool step(loading *l), loading *l)
{
    pthread_rwlock_rdlock(&alone);
    const bool done = step(l);
    pthread_rwlock_unlock(&alone);
    return done;
}

/* Whatever is the matter with a part, the whole decides: what it says of a file does not depend on
 * the size that was asked for. */
static bool decode_small_or_whole(loading *l)
{
    if (l->side > 0 && beside_others(decode_part, l))
        return true;
    vips_unref(&l->part);
    return beside_others(decode_pixels, l);
}

assay_code vips_decode(image_decoder *d, image_kind kind, image_file file, pixels *out,
                       uint32_t *orientation, assay_err *err)
{
    pthread_once(&start_once, start);
    if (!started)
        return assay_fail(err, ASSAY_E_INTERNAL, "libvips cannot be started");
    ASSAY_AUTO_CLEAR(loading) l = {.kind = kind, .file = file, .side = d->side};
    if (!beside_others(open_header, &l))
        return explain(&l, err);
    /* Between the two, because a turn must not be waited for with the lock in hand. */
    ASSAY_TRY(image_begin(d, (uint64_t)vips_image_get_width(l.stored),
                          (uint64_t)vips_image_get_height(l.stored), err));
    const int turned = vips_image_get_orientation(l.stored);
    if (!decode_small_or_whole(&l))
        return explain(&l, err);
    d->foreign = ASSAY_GIVE(l.at);
    *orientation = turned >= 1 && turned <= 8 ? (uint32_t)turned : 1;
    *out = l.shape;
    return ASSAY_OK;
}
