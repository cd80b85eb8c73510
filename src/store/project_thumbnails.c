/* The small pictures of a project's samples, in one file. */
#include "store/project_thumbnails.h"

#include "base/mem.h"
#include "store/dictionary.h"
#include "store/npy_write.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct project_thumbnails {
    int fd;
    size_t sample_count;
    const uint8_t *mapping; /* of the whole file; NULL: not mapped */
    size_t mapping_bytes;
};

static assay_code thumbnails_fail(const char *what, assay_err *err)
{
    return assay_fail(err, errno == ENOENT ? ASSAY_E_NOT_FOUND : ASSAY_E_IO,
                      "thumbnails.npy: %s: %s", what, strerrordesc_np(errno));
}

static size_t file_bytes(size_t sample_count)
{
    return NPY_HEADER_BYTES + sample_count * THUMBNAIL_BYTES;
}

static void make_header(size_t sample_count, char out[NPY_HEADER_BYTES])
{
    char shape[64];
    snprintf(shape, sizeof shape, "%zu, %d, %d, 3", sample_count, THUMBNAIL_SIDE, THUMBNAIL_SIDE);
    npy_make_header("|u1", shape, out);
}

static assay_code path_in(const char *folder, char out[PATH_MAX], assay_err *err)
{
    const int length = snprintf(out, PATH_MAX, "%s/thumbnails.npy", folder);
    return length > 0 && length < PATH_MAX
               ? ASSAY_OK
               : assay_fail(err, ASSAY_E_LIMIT, "%.200s…: the path is too long", folder);
}

static assay_code open_file(const char *folder, int flags, size_t sample_count,
                            project_thumbnails **out, assay_err *err)
{
    *out = NULL;
    char path[PATH_MAX];
    ASSAY_TRY(path_in(folder, path, err));
    project_thumbnails *t = mem_zalloc(1, sizeof *t);
    if (!t)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory for the thumbnails");
    t->sample_count = sample_count;
    t->fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (t->fd < 0) {
        mem_free(t);
        return thumbnails_fail("cannot be opened", err);
    }
    *out = t;
    return ASSAY_OK;
}

static bool is_whole(const project_thumbnails *t)
{
    struct stat info;
    char wanted[NPY_HEADER_BYTES];
    char header[NPY_HEADER_BYTES];
    make_header(t->sample_count, wanted);
    return fstat(t->fd, &info) == 0 && S_ISREG(info.st_mode) &&
           (uint64_t)info.st_size == file_bytes(t->sample_count) &&
           pread(t->fd, header, NPY_HEADER_BYTES, 0) == NPY_HEADER_BYTES &&
           !memcmp(header, wanted, NPY_HEADER_BYTES);
}

static bool write_empty(const project_thumbnails *t)
{
    char header[NPY_HEADER_BYTES];
    make_header(t->sample_count, header);
    return ftruncate(t->fd, (off_t)file_bytes(t->sample_count)) == 0 &&
           pwrite(t->fd, header, NPY_HEADER_BYTES, 0) == NPY_HEADER_BYTES;
}

/* A file that is not as it should be is replaced, never cut: somebody may have it mapped. */
static assay_code replace_file(const char *folder, size_t sample_count, project_thumbnails **out,
                               assay_err *err)
{
    char path[PATH_MAX];
    project_thumbnails_close(*out);
    *out = NULL;
    ASSAY_TRY(path_in(folder, path, err));
    if (unlink(path) != 0)
        return thumbnails_fail("cannot be replaced", err);
    return open_file(folder, O_RDWR | O_CREAT | O_EXCL, sample_count, out, err);
}

assay_code project_thumbnails_write(const char *folder, size_t sample_count,
                                    project_thumbnails **out, assay_err *err)
{
    ASSAY_TRY(open_file(folder, O_RDWR | O_CREAT, sample_count, out, err));
    assert(*out);
    if (is_whole(*out))
        return ASSAY_OK;
    ASSAY_TRY(replace_file(folder, sample_count, out, err));
    assert(*out);
    if (write_empty(*out))
        return ASSAY_OK;
    const assay_code code = thumbnails_fail("cannot be written", err);
    project_thumbnails_close(*out);
    *out = NULL;
    return code;
}

static assay_code map_file(project_thumbnails *t, assay_err *err)
{
    if (!is_whole(t))
        return assay_fail(err, ASSAY_E_INPUT, "thumbnails.npy: is not of %zu samples",
                          t->sample_count);
    void *at = mmap(NULL, file_bytes(t->sample_count), PROT_READ, MAP_SHARED, t->fd, 0);
    if (at == MAP_FAILED)
        return thumbnails_fail("cannot be mapped into memory", err);
    t->mapping = at;
    t->mapping_bytes = file_bytes(t->sample_count);
    return ASSAY_OK;
}

assay_code project_thumbnails_read(const char *folder, size_t sample_count,
                                   project_thumbnails **out, assay_err *err)
{
    ASSAY_TRY(open_file(folder, O_RDONLY, sample_count, out, err));
    assert(*out);
    const assay_code code = map_file(*out, err);
    if (code != ASSAY_OK) {
        project_thumbnails_close(*out);
        *out = NULL;
    }
    return code;
}

void project_thumbnails_close(project_thumbnails *t)
{
    if (!t)
        return;
    if (t->mapping)
        munmap((void *)(uintptr_t)t->mapping, t->mapping_bytes);
    close(t->fd);
    mem_free(t);
}

assay_code project_thumbnails_put(const project_thumbnails *t, size_t sample,
                                  const uint8_t *picture, assay_err *err)
{
    const off_t at = (off_t)(NPY_HEADER_BYTES + sample * THUMBNAIL_BYTES);
    errno = ENOSPC; /* where less was written than asked for */
    return pwrite(t->fd, picture, THUMBNAIL_BYTES, at) == THUMBNAIL_BYTES
               ? ASSAY_OK
               : thumbnails_fail("cannot be written", err);
}

assay_code project_thumbnails_sync(const project_thumbnails *t, assay_err *err)
{
    return fdatasync(t->fd) == 0 ? ASSAY_OK : thumbnails_fail("cannot be written", err);
}

const uint8_t *project_thumbnails_all(const project_thumbnails *t)
{
    return t->mapping + NPY_HEADER_BYTES;
}

uint64_t thumbnail_hash(const uint8_t *picture)
{
    const uint64_t hash = text_hash((const char *)picture, THUMBNAIL_BYTES);
    return hash ? hash : 1;
}
