/* Images for people to look at: found by sample, opened, made small, and kept. */
#include "project/sample_pictures.h"

#include "base/limits.h"
#include "base/mem.h"
#include "image/decode.h"
#include "image/encode_image.h"
#include "image/kind.h"
#include "store/image_bytes.h"
#include "store/picture_cache.h"
#include "store/project_images.h"

#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
    READERS_MOST = 8,   /* containers that stay open */
    DECODERS_MOST = 16, /* that keep their memory */
    QUALITY_SMALL = 85,
    QUALITY_WHOLE = 92,
    KEY_BYTES = PATH_MAX + 128,
};

/* Beyond this PNG takes too long to be waited for. */
#define EXACT_PIXELS_MOST ((uint64_t)1 << 20)

typedef struct open_reader {
    image_container_reader *reader;
    uint32_t container;
    struct timespec modified;
    uint64_t used;
} open_reader;

struct sample_pictures {
    image_list images;
    picture_cache *cache;
    int thread_count;
    pthread_mutex_t readers_lock;
    open_reader reader[READERS_MOST];
    uint64_t clock; /* counts uses of readers */
    pthread_mutex_t decoders_lock;
    image_decoder *decoder[DECODERS_MOST]; /* those that nobody uses */
    size_t decoder_count;
};

static void close_pictures(sample_pictures **p)
{
    sample_pictures_close(*p);
}

void sample_pictures_close(sample_pictures *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < READERS_MOST; i++)
        image_container_close(p->reader[i].reader);
    for (size_t i = 0; i < p->decoder_count; i++)
        image_decoder_free(p->decoder[i]);
    picture_cache_close(p->cache);
    image_list_clear(&p->images);
    pthread_mutex_destroy(&p->readers_lock);
    pthread_mutex_destroy(&p->decoders_lock);
    mem_free(p);
}

static assay_code read_images(const char *project, int thread_count, image_list *out,
                              assay_err *err)
{
    duck db;
    ASSAY_TRY(project_read(project, thread_count, &db, err));
    const assay_code code = project_read_images(&db, out, err);
    duck_close(&db);
    ASSAY_TRY(code);
    return out->root ? ASSAY_OK
                     : assay_fail(err, ASSAY_E_INPUT,
                                  "%s: was made without images; there is nothing to show", project);
}

assay_code sample_pictures_open(const char *project, int thread_count, sample_pictures **out,
                                assay_err *err)
{
    *out = NULL;
    __attribute__((cleanup(close_pictures))) sample_pictures *p = mem_zalloc(1, sizeof *p);
    if (!p)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", project);
    pthread_mutex_init(&p->readers_lock, NULL);
    pthread_mutex_init(&p->decoders_lock, NULL);
    p->thread_count = thread_count;
    ASSAY_TRY(read_images(project, thread_count, &p->images, err));
    ASSAY_TRY(picture_cache_open(project, PICTURES_BYTES_MOST, &p->cache, err));
    *out = ASSAY_GIVE(p);
    return ASSAY_OK;
}

/* Where a sample's bytes are, and what they were when that was looked up. */
typedef struct located {
    uint64_t sample;
    uint32_t container; /* CONTAINER_NONE: the file is the image */
    uint64_t item;
    char path[PATH_MAX];
    struct stat info;
} located;

static bool below_root(const sample_pictures *p, const char *at, size_t length, char out[PATH_MAX])
{
    const bool absolute = length > 0 && at[0] == '/';
    const int used = snprintf(out, PATH_MAX, "%s%s%.*s", absolute ? "" : p->images.root,
                              absolute ? "" : "/", (int)length, at);
    return length < PATH_MAX && used > 0 && used < PATH_MAX;
}

static assay_code locate(const sample_pictures *p, uint64_t sample, located *out, assay_err *err)
{
    const image_list *images = &p->images;
    if (sample >= images->count)
        return assay_fail(err, ASSAY_E_NOT_FOUND, "there is no sample %" PRIu64, sample);
    *out = (located){.sample = sample, .container = CONTAINER_NONE};
    if (images->container)
        out->container = images->container[sample];
    const char *at = images->path.bytes + images->path.start[sample];
    size_t length = (size_t)(images->path.start[sample + 1] - images->path.start[sample]);
    if (out->container != CONTAINER_NONE) {
        at = images->containers[out->container].path;
        length = strlen(at);
        out->item = images->item[sample];
    }
    if (!below_root(p, at, length, out->path))
        return assay_fail(err, ASSAY_E_NOT_FOUND, "its path is longer than %d bytes", PATH_MAX);
    if (stat(out->path, &out->info) != 0)
        return assay_fail(err, ASSAY_E_NOT_FOUND, "there is no such file");
    return ASSAY_OK;
}

/* All that a picture depends on. */
static void key_of(const located *l, uint32_t side, char out[KEY_BYTES])
{
    snprintf(out, KEY_BYTES, "%u %" PRIu64 " %lld.%09ld %lld %s", side, l->item,
             (long long)l->info.st_mtim.tv_sec, l->info.st_mtim.tv_nsec, (long long)l->info.st_size,
             l->path);
}

static assay_code take_decoder(sample_pictures *p, image_decoder **out, assay_err *err)
{
    *out = NULL;
    pthread_mutex_lock(&p->decoders_lock);
    if (p->decoder_count > 0)
        *out = p->decoder[--p->decoder_count];
    pthread_mutex_unlock(&p->decoders_lock);
    return *out ? ASSAY_OK : image_decoder_new(out, err);
}

static void give_decoder(sample_pictures *p, image_decoder *d)
{
    image_decoder_rest(d);
    pthread_mutex_lock(&p->decoders_lock);
    if (p->decoder_count < DECODERS_MOST) {
        p->decoder[p->decoder_count++] = d;
        d = NULL;
    }
    pthread_mutex_unlock(&p->decoders_lock);
    image_decoder_free(d);
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* The container's reader: an open one while the file is the same, else the longest unused is closed
 * for it. With readers_lock held. */
static assay_code open_reader_of(sample_pictures *p, const located *l, image_container_reader **out,
                                 assay_err *err)
{
    open_reader *place = &p->reader[0];
    for (size_t i = 0; i < READERS_MOST; i++) {
        open_reader *r = &p->reader[i];
        if (r->reader && r->container == l->container) {
            place = r;
            break;
        }
        if (r->used < place->used)
            place = r;
    }
    place->used = ++p->clock;
    *out = place->reader;
    if (*out && place->container == l->container && same_time(place->modified, l->info.st_mtim))
        return ASSAY_OK;
    image_container_close(place->reader);
    place->reader = NULL;
    const image_container *c = &p->images.containers[l->container];
    ASSAY_TRY(image_container_open(l->path, c->kind, c->item_count, p->thread_count, out, err));
    place->reader = *out;
    place->container = l->container;
    place->modified = l->info.st_mtim;
    return ASSAY_OK;
}

static assay_code fetch_item(sample_pictures *p, const located *l, image_item_room *room,
                             image_item *out, assay_err *err)
{
    image_container_reader *reader = NULL;
    ASSAY_TRY(open_reader_of(p, l, &reader, err));
    ASSAY_TRY(image_container_prefetch(reader, l->item, 1, err));
    return image_container_copy(reader, l->item, room, out, err);
}

/* A sample's bytes: a file's are in the decoder, an item's in the room. */
static assay_code fetch(sample_pictures *p, const located *l, image_decoder *d,
                        image_item_room *room, image_item *out, assay_err *err)
{
    *out = (image_item){0};
    if (l->container == CONTAINER_NONE)
        return image_decoder_read(d, l->path, &out->at, &out->length, err);
    pthread_mutex_lock(&p->readers_lock);
    const assay_code code = fetch_item(p, l, room, out, err);
    pthread_mutex_unlock(&p->readers_lock);
    return code;
}

static assay_code encode(const pixels *p, bool exact, int quality, shown_picture *out,
                         assay_err *err)
{
    out->type = exact ? "image/png" : "image/jpeg";
    return exact ? image_encode_png(p, &out->file, err)
                 : image_encode_jpeg(p, quality, &out->file, err);
}

static assay_code draw_small(image_decoder *d, const image_item *item, uint32_t side,
                             shown_picture *out, assay_err *err)
{
    pixels p = {item->at, item->width, item->height, item->channels};
    if (item->raw)
        ASSAY_TRY(image_make_small(d, &p, side, &p, err));
    else
        ASSAY_TRY(image_decode_small(d, item->at, item->length, side, &p, err));
    const bool exact = p.width <= SAMPLE_PICTURE_EXACT && p.height <= SAMPLE_PICTURE_EXACT;
    return encode(&p, exact, QUALITY_SMALL, out, err);
}

/* What a browser shows by itself; NULL: it does not. */
static const char *type_of(image_kind kind)
{
    switch (kind) {
    case KIND_JPEG:
        return "image/jpeg";
    case KIND_PNG:
        return "image/png";
    case KIND_WEBP:
        return "image/webp";
    case KIND_GIF:
        return "image/gif";
    case KIND_UNKNOWN:
    case KIND_BMP:
    case KIND_TIFF:
    case KIND_HEIF:
    case KIND_JP2:
        break;
    }
    return NULL;
}

static assay_code draw_whole(image_decoder *d, const image_item *item, uint32_t side,
                             shown_picture *out, assay_err *err)
{
    (void)side;
    pixels p = {item->at, item->width, item->height, item->channels};
    out->type = item->raw ? NULL : type_of(image_kind_of(item->at, item->length));
    if (out->type) {
        text_put(&out->file, (const char *)item->at, item->length);
        return text_check(&out->file, err);
    }
    if (!item->raw)
        ASSAY_TRY(image_decode(d, item->at, item->length, &p, err));
    const bool exact = (uint64_t)p.width * p.height <= EXACT_PIXELS_MOST;
    return encode(&p, exact, QUALITY_WHOLE, out, err);
}

typedef assay_code draw_function(image_decoder *d, const image_item *item, uint32_t side,
                                 shown_picture *out, assay_err *err);

/* What is wrong with an image is no fault of whoever asks: it cannot be shown. */
static assay_code tell(assay_code code, const assay_err *why, assay_err *err)
{
    const bool of_image = code == ASSAY_E_INPUT || code == ASSAY_E_IO;
    return assay_fail(err, of_image ? ASSAY_E_NOT_FOUND : code, "the image cannot be shown: %s",
                      why->msg);
}

static assay_code draw(sample_pictures *p, const located *l, draw_function *how, uint32_t side,
                       shown_picture *out, assay_err *err)
{
    image_decoder *d;
    image_item item;
    image_item_room room = {0};
    ASSAY_TRY(take_decoder(p, &d, err));
    assay_code code = fetch(p, l, d, &room, &item, err);
    if (code == ASSAY_OK)
        code = how(d, &item, side, out, err);
    image_item_room_clear(&room);
    give_decoder(p, d);
    image_thread_end(); /* the thread is somebody's, who knows nothing of images */
    return code;
}

static void begin(shown_picture *out)
{
    *out = (shown_picture){0};
    text_init(&out->file, (size_t)IMAGE_FILE_BYTES_MOST);
}

static assay_code finish(assay_code code, const assay_err *why, shown_picture *out, assay_err *err)
{
    if (code == ASSAY_OK)
        return code;
    text_clear(&out->file);
    return tell(code, why, err);
}

static const char *type_by_bytes(const text *file)
{
    return type_of(image_kind_of((const uint8_t *)text_view(file), file->length));
}

static assay_code show_small(sample_pictures *p, uint64_t sample, uint32_t side, shown_picture *out,
                             assay_err *err)
{
    located l = {0};
    char key[KEY_BYTES];
    ASSAY_TRY(locate(p, sample, &l, err));
    key_of(&l, side, key);
    if (picture_cache_get(p->cache, key, &out->file)) {
        out->type = type_by_bytes(&out->file);
        if (out->type)
            return ASSAY_OK;
        out->file.length = 0;
    }
    ASSAY_TRY(draw(p, &l, draw_small, side, out, err));
    picture_cache_put(p->cache, key, out->file.at, out->file.length);
    return ASSAY_OK;
}

assay_code sample_pictures_small(sample_pictures *p, uint64_t sample, uint32_t side,
                                 shown_picture *out, assay_err *err)
{
    assay_err why = {0};
    begin(out);
    return finish(show_small(p, sample, side, out, &why), &why, out, err);
}

static assay_code show_whole(sample_pictures *p, uint64_t sample, shown_picture *out,
                             assay_err *err)
{
    located l = {0};
    ASSAY_TRY(locate(p, sample, &l, err));
    return draw(p, &l, draw_whole, 0, out, err);
}

assay_code sample_pictures_whole(sample_pictures *p, uint64_t sample, shown_picture *out,
                                 assay_err *err)
{
    assay_err why = {0};
    begin(out);
    return finish(show_whole(p, sample, out, &why), &why, out, err);
}
