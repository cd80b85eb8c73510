/* The use-case behind `assay measure`: decode each image once, measure it, keep the rows. */
#include "project/measure_images.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/threads.h"
#include "image/decode.h"
#include "image/measure.h"
#include "image/thumbnail.h"
#include "store/image_bytes.h"
#include "store/project_images.h"
#include "store/project_measures.h"
#include "store/project_thumbnails.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert((int)MEASURE_COLUMN_COUNT == (int)IMAGE_MEASURE_COUNT,
               "the table's columns are the measures");

/* A batch is what lies between two looks at the clock: so many images that it takes about this
 * long. Rows are kept when they are this old or this many. */
#define BATCH_SECONDS 0.4
#define KEEP_SECONDS 3.0
enum { BATCH_LEAST = 32, BATCH_MOST = 1 << 16, BATCH_FIRST = 128, KEEP_ROWS = 1 << 17 };

/* Images to a piece of work: small enough that no thread waits long for the other at the end. */
enum { PIECES_A_THREAD = 16, PIECE_MOST = 256 };

typedef struct tools {
    image_decoder *decoder;
    image_meter *meter;
    image_item_room room;
} tools;

typedef struct measuring {
    project_writer *writer;
    const measure_images_request *request;
    measure_images_notes *notes;
    image_list images;
    uint32_t *pending; /* samples to measure, in order */
    size_t pending_count;
    uint64_t *container_modified;
    project_thumbnails *thumbnails; /* NULL: none are made */
    image_container_reader *reader; /* of the container at hand */
    uint32_t reader_container;
    tools tool[THREADS_MOST];
    measured_row *row; /* not kept yet */
    size_t row_count, row_room;
    double kept_at;
    /* the batch at hand */
    const uint32_t *batch;
    measured_row *batch_row;
    size_t batch_count, piece;
    assay_err worker_err[THREADS_MOST];
} measuring;

static void drop_rows(measuring *m)
{
    for (size_t i = 0; i < m->row_count; i++)
        mem_free(m->row[i].unreadable);
    m->row_count = 0;
}

static void measuring_clear(measuring *m)
{
    drop_rows(m);
    mem_free(m->row);
    mem_free(m->pending);
    mem_free(m->container_modified);
    image_container_close(m->reader);
    project_thumbnails_close(m->thumbnails);
    for (int i = 0; i < THREADS_MOST; i++) {
        image_decoder_free(m->tool[i].decoder);
        image_meter_free(m->tool[i].meter);
        image_item_room_clear(&m->tool[i].room);
    }
    image_list_clear(&m->images);
    mem_free(m);
}

static void close_measuring(measuring **m)
{
    if (*m)
        measuring_clear(*m);
}

static assay_code measure_nomem(const measuring *m, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory for %zu images",
                      project_writer_name(m->writer), m->images.count);
}

static bool below_root(const measuring *m, const char *path, size_t length, char out[PATH_MAX])
{
    const bool absolute = length > 0 && path[0] == '/';
    const int used = absolute
                         ? snprintf(out, PATH_MAX, "%.*s", (int)length, path)
                         : snprintf(out, PATH_MAX, "%s/%.*s", m->images.root, (int)length, path);
    return length < PATH_MAX && used > 0 && used < PATH_MAX;
}

static uint64_t modified_of(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return 0;
    return (uint64_t)info.st_mtim.tv_sec * 1000000000u + (uint64_t)info.st_mtim.tv_nsec;
}

static bool is_file(const measuring *m, uint32_t sample)
{
    return m->images.container[sample] == CONTAINER_NONE;
}

static bool path_of(const measuring *m, uint32_t sample, char out[PATH_MAX])
{
    const uint64_t *start = &m->images.path.start[sample];
    return below_root(m, m->images.path.bytes + start[0], (size_t)(start[1] - start[0]), out);
}

/* When the sample's bytes were last written; 0: it is not known. */
static uint64_t sample_modified(const measuring *m, uint32_t sample)
{
    char path[PATH_MAX];
    if (!is_file(m, sample))
        return m->container_modified[m->images.container[sample]];
    return path_of(m, sample, path) ? modified_of(path) : 0;
}

/* Forgets the pictures that are not in the file as the table says: it is a cache, and may have been
 * lost or damaged. */
static void check_thumbnails(const measuring *m, measured_state *state)
{
    project_thumbnails *t = NULL;
    const bool there = project_thumbnails_read(project_writer_folder(m->writer), m->images.count,
                                               &t, NULL) == ASSAY_OK;
    const uint8_t *all = there ? project_thumbnails_all(t) : NULL;
    for (size_t i = 0; i < m->images.count; i++) {
        if (!there || (state[i].thumbnail_hash &&
                       thumbnail_hash(all + i * THUMBNAIL_BYTES) != state[i].thumbnail_hash))
            state[i].thumbnail_hash = 0;
    }
    project_thumbnails_close(t);
}

static assay_code open_thumbnails(measuring *m, measured_state *state, assay_err *err)
{
    text path;
    ASSAY_TRY(project_writer_path(m->writer, "thumbnails.npy", &path, err));
    const bool there = access(text_view(&path), F_OK) == 0;
    text_clear(&path);
    if (!m->request->thumbnails && !there)
        return ASSAY_OK;
    check_thumbnails(m, state);
    return project_thumbnails_write(project_writer_folder(m->writer), m->images.count,
                                    &m->thumbnails, err);
}

/* A picture is wanted and not there, though the image could be read. */
static bool lacks_thumbnail(const measuring *m, const measured_state *state)
{
    return m->thumbnails && state->measured && !state->unreadable && !state->thumbnail_hash;
}

static assay_code find_pending(measuring *m, const measured_state *state, assay_err *err)
{
    const image_list *images = &m->images;
    m->pending = mem_alloc(images->count, sizeof *m->pending);
    m->container_modified = mem_alloc(images->container_count, sizeof *m->container_modified);
    if (!m->pending || !m->container_modified)
        return measure_nomem(m, err);
    for (size_t c = 0; c < images->container_count; c++) {
        char path[PATH_MAX];
        const char *name = images->containers[c].path;
        m->container_modified[c] = below_root(m, name, strlen(name), path) ? modified_of(path) : 0;
    }
    for (size_t i = 0; i < images->count; i++) {
        const uint64_t modified =
            state[i].measured && !m->request->again ? sample_modified(m, (uint32_t)i) : UINT64_MAX;
        /* A file that is gone keeps the measures that it had. */
        if (!state[i].measured || m->request->again || lacks_thumbnail(m, &state[i]) ||
            (modified != 0 && modified != state[i].modified))
            m->pending[m->pending_count++] = (uint32_t)i;
    }
    return ASSAY_OK;
}

static assay_code check_root(const measuring *m, assay_err *err)
{
    struct stat info;
    const char *root = m->images.root;
    if (!root)
        return assay_fail(err, ASSAY_E_USAGE,
                          "%s: was made without images; there is nothing to measure",
                          project_writer_name(m->writer));
    if (stat(root, &info) == 0 && S_ISDIR(info.st_mode))
        return ASSAY_OK;
    return assay_fail(
        err, ASSAY_E_NOT_FOUND,
        "%s: the folder of its images is not there: %s (assay add root says where they "
        "are now)",
        project_writer_name(m->writer), root);
}

static assay_code read_state(measuring *m, const duck *db, assay_err *err)
{
    ASSAY_TRY(project_read_images(db, &m->images, err));
    ASSAY_TRY(check_root(m, err));
    ASSAY_AUTO_MEM measured_state *state = mem_alloc(m->images.count, sizeof *state);
    if (!state)
        return measure_nomem(m, err);
    ASSAY_TRY(project_read_measured(db, state, m->images.count, err));
    ASSAY_TRY(open_thumbnails(m, state, err));
    return find_pending(m, state, err);
}

static assay_code read_project(measuring *m, assay_err *err)
{
    duck *db;
    ASSAY_TRY(project_writer_begin(m->writer, &db, err));
    const assay_code code = read_state(m, db, err);
    project_writer_abandon(m->writer);
    return code;
}

static assay_code make_tools(measuring *m, assay_err *err)
{
    for (int i = 0; i < m->request->thread_count; i++) {
        ASSAY_TRY(image_decoder_new(&m->tool[i].decoder, err));
        ASSAY_TRY(image_meter_new(&m->tool[i].meter, err));
    }
    return ASSAY_OK;
}

/* The bytes of a sample as pixels: out of a container, or a file. */
static assay_code decode_sample(measuring *m, uint32_t sample, tools *t, pixels *out,
                                size_t *length, assay_err *err)
{
    const uint8_t *at = NULL;
    if (!is_file(m, sample)) {
        image_item item;
        ASSAY_TRY(image_container_item(m->reader, m->images.item[sample], &t->room, &item, err));
        *length = item.length;
        if (item.raw) {
            *out = (pixels){item.at, item.width, item.height, item.channels};
            return ASSAY_OK;
        }
        return image_decode(t->decoder, item.at, item.length, out, err);
    }
    char path[PATH_MAX];
    if (!path_of(m, sample, path))
        return assay_fail(err, ASSAY_E_LIMIT, "its path is longer than %d bytes", PATH_MAX);
    ASSAY_TRY(image_decoder_read(t->decoder, path, &at, length, err));
    return image_decode(t->decoder, at, *length, out, err);
}

/* Reading it again may go better: somebody may give the right to, or put the file back. */
static bool may_come_right(assay_code code)
{
    return code == ASSAY_E_IO || code == ASSAY_E_NOT_FOUND;
}

static assay_code put_thumbnail(const measuring *m, uint32_t sample, const pixels *p,
                                measured_row *row, assay_err *err)
{
    uint8_t picture[THUMBNAIL_BYTES];
    image_thumbnail(p, THUMBNAIL_SIDE, picture);
    row->thumbnail_hash = thumbnail_hash(picture);
    return project_thumbnails_put(m->thumbnails, sample, picture, err);
}

static assay_code measure_sample(measuring *m, uint32_t sample, tools *t, measured_row *row,
                                 assay_err *err)
{
    const uint64_t *start = &m->images.path.start[sample];
    *row = (measured_row){.sample = sample, .modified = sample_modified(m, sample)};
    for (size_t c = 0; c < MEASURE_COLUMN_COUNT; c++)
        row->value[c] = (double)NAN;
    image_measures all;
    pixels p = {0};
    size_t length = 0;
    assay_err why = {0};
    assay_code code = decode_sample(m, sample, t, &p, &length, &why);
    if (code == ASSAY_OK) {
        code = image_measure_all(t->meter, &p, &all, &why);
    }
    if (code == ASSAY_OK) {
        memcpy(row->value, all.value, sizeof row->value);
        row->pixel_hash = all.pixel_hash;
        row->perceptual_hash = all.perceptual_hash;
        if (code == ASSAY_OK && m->thumbnails)
            ASSAY_TRY(put_thumbnail(m, sample, &p, row, err));
    }
    if (code == ASSAY_E_NOMEM)
        return assay_fail(err, code, "%s", why.msg);
    if (code != ASSAY_OK) {
        row->unreadable = mem_copy_text(why.msg, strlen(why.msg));
        if (!row->unreadable)
            return measure_nomem(m, err);
        row->modified = may_come_right(code) ? 0 : row->modified;
    }
    if (length > 0)
        row->value[MEASURE_FILE_BYTES] = (double)length;
    row->value[MEASURE_RANDOM] =
        image_measure_random(m->images.path.bytes + start[0], (size_t)(start[1] - start[0]));
    return ASSAY_OK;
}

static int measure_piece(void *context, size_t chunk, int worker)
{
    measuring *m = context;
    const size_t first = chunk * m->piece;
    const size_t left = m->batch_count - first;
    const size_t count = left < m->piece ? left : m->piece;
    assay_code code = ASSAY_OK;
    for (size_t i = first; code == ASSAY_OK && i < first + count; i++)
        code = measure_sample(m, m->batch[i], &m->tool[worker], &m->batch_row[i],
                              &m->worker_err[worker]);
    image_decoder_rest(m->tool[worker].decoder);
    image_thread_end();
    return code != ASSAY_OK ? worker + 1 : 0;
}

static assay_code keep_rows(measuring *m, assay_err *err)
{
    if (m->row_count == 0)
        return ASSAY_OK;
    if (m->thumbnails)
        ASSAY_TRY(project_thumbnails_sync(m->thumbnails, err));
    duck *db;
    ASSAY_TRY(project_writer_begin(m->writer, &db, err));
    const assay_code code = project_put_measures(db, m->row, m->row_count, err);
    ASSAY_TRY(project_writer_end(m->writer, code, err));
    drop_rows(m);
    m->kept_at = clock_seconds();
    return ASSAY_OK;
}

/* Samples of one container that follow each other, or files: what one batch may hold. */
static size_t batch_end(const measuring *m, size_t first, size_t most)
{
    const image_list *images = &m->images;
    size_t end = first + 1;
    for (; end < m->pending_count && end - first < most; end++) {
        const uint32_t before = m->pending[end - 1];
        const uint32_t sample = m->pending[end];
        if (images->container[sample] != images->container[before])
            break;
        if (!is_file(m, sample) && images->item[sample] != images->item[before] + 1)
            break;
    }
    return end;
}

static assay_code open_container(measuring *m, uint32_t container, assay_err *err)
{
    if (m->reader && m->reader_container == container)
        return ASSAY_OK;
    image_container_close(m->reader);
    m->reader = NULL;
    const image_container *c = &m->images.containers[container];
    char path[PATH_MAX];
    if (!below_root(m, c->path, strlen(c->path), path))
        return assay_fail(err, ASSAY_E_LIMIT, "%s: the path is longer than %d bytes", c->path,
                          PATH_MAX);
    m->reader_container = container;
    return image_container_open(path, c->kind, c->item_count, m->request->thread_count, &m->reader,
                                err);
}

static assay_code make_ready(measuring *m, size_t first, size_t end, assay_err *err)
{
    const uint32_t sample = m->pending[first];
    if (is_file(m, sample))
        return ASSAY_OK;
    ASSAY_TRY(open_container(m, m->images.container[sample], err));
    return image_container_prefetch(m->reader, m->images.item[sample], end - first, err);
}

static assay_code make_room(measuring *m, size_t count, assay_err *err)
{
    if (m->row_count + count <= m->row_room)
        return ASSAY_OK;
    const size_t room =
        2 * m->row_room > m->row_count + count ? 2 * m->row_room : m->row_count + count;
    measured_row *grown = mem_resize(m->row, room, sizeof *grown);
    if (!grown)
        return measure_nomem(m, err);
    m->row = grown;
    m->row_room = room;
    return ASSAY_OK;
}

static assay_code run_batch(measuring *m, size_t first, size_t end, assay_err *err)
{
    const size_t count = end - first;
    ASSAY_TRY(make_ready(m, first, end, err));
    ASSAY_TRY(make_room(m, count, err));
    m->batch = m->pending + first;
    m->batch_row = m->row + m->row_count;
    m->batch_count = count;
    m->piece = count / ((size_t)m->request->thread_count * PIECES_A_THREAD) + 1;
    m->piece = m->piece < PIECE_MOST ? m->piece : PIECE_MOST;
    memset(m->batch_row, 0, count * sizeof *m->batch_row);
    const int failed =
        threads_run((count + m->piece - 1) / m->piece, m->request->thread_count, measure_piece, m);
    m->row_count += count;
    if (!failed)
        return ASSAY_OK;
    const assay_err *why = &m->worker_err[failed - 1];
    return assay_fail(err, why->code, "%s", why->msg);
}

static size_t next_batch(size_t count, double seconds)
{
    const double wanted = seconds > 0.0 ? (double)count * BATCH_SECONDS / seconds : BATCH_MOST;
    const double doubled = 2.0 * (double)count;
    const double next = wanted < doubled ? wanted : doubled;
    return next < BATCH_LEAST ? BATCH_LEAST : next > BATCH_MOST ? BATCH_MOST : (size_t)next;
}

static assay_code run_batches(measuring *m, assay_err *err)
{
    size_t most = BATCH_FIRST;
    m->kept_at = clock_seconds();
    for (size_t first = 0; first < m->pending_count;) {
        progress_show(m->request->progress, "measuring", first, m->pending_count);
        if (progress_stopped(m->request->progress)) {
            ASSAY_TRY(keep_rows(m, err));
            return assay_fail(
                err, ASSAY_E_CANCELLED,
                "interrupted; what was measured is kept, and assay measure goes on from "
                "there");
        }
        const double begun = clock_seconds();
        const size_t end = batch_end(m, first, most);
        ASSAY_TRY(run_batch(m, first, end, err));
        m->notes->measured += end - first;
        const double now = clock_seconds();
        /* The last piece of a container says nothing of how fast batches go. */
        if (end - first == most)
            most = next_batch(most, now - begun);
        if (m->row_count >= KEEP_ROWS || now - m->kept_at > KEEP_SECONDS)
            ASSAY_TRY(keep_rows(m, err));
        first = end;
    }
    ASSAY_TRY(keep_rows(m, err));
    progress_show(m->request->progress, "measuring", m->pending_count, m->pending_count);
    return ASSAY_OK;
}

static assay_code count_unreadable(measuring *m, assay_err *err)
{
    duck *db;
    unreadable_image *list;
    size_t count;
    ASSAY_TRY(project_writer_begin(m->writer, &db, err));
    const assay_code code = project_read_unreadable(db, &list, &count, err);
    project_writer_abandon(m->writer);
    if (code != ASSAY_OK)
        return code;
    unreadable_images_free(list, count);
    m->notes->unreadable = count;
    return ASSAY_OK;
}

assay_code measure_images(project_writer *w, const measure_images_request *request,
                          measure_images_notes *notes, assay_err *err)
{
    *notes = (measure_images_notes){0};
    const double begun = clock_seconds();
    __attribute__((cleanup(close_measuring))) measuring *m = mem_zalloc(1, sizeof *m);
    if (!m)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for measuring");
    m->writer = w;
    m->request = request;
    m->notes = notes;
    ASSAY_TRY(read_project(m, err));
    notes->total = m->images.count;
    notes->before = m->images.count - m->pending_count;
    ASSAY_TRY(make_tools(m, err));
    ASSAY_TRY(run_batches(m, err));
    ASSAY_TRY(count_unreadable(m, err));
    notes->seconds = clock_seconds() - begun;
    return ASSAY_OK;
}
