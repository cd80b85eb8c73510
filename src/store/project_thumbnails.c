/* The small pictures of a project's samples, in one file. */
#include "store/project_thumbnails.h"

#include "base/mem.h"
#include "store/dictionary.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_BYTES = 128 };

/* Of version 1.0, with the length of the text behind it. */
static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, HEADER_BYTES - 10, 0};

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
    return HEADER_BYTES + sample_count * THUMBNAIL_BYTES;
}

/* An .npy of version 1.0, so that any tool can open it. */
static void make_header(size_t sample_count, char out[HEADER_BYTES + 1])
{
    memset(out, ' ', HEADER_BYTES);
    memcpy(out, magic, sizeof magic);
    const int length =
        snprintf(out + 10, HEADER_BYTES - 10,
                 "{'descr': '|u1', 'fortran_order': False, 'shape': (%zu, %d, %d, 3), }",
                 sample_count, THUMBNAIL_SIDE, THUMBNAIL_SIDE);
    out[10 + length] = ' ';
    out[HEADER_BYTES - 1] = '\n';
}

static assay_code open_file(const char *folder, int flags, size_t sample_count,
                            project_thumbnails **out, assay_err *err)
{
    *out = NULL;
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/thumbnails.npy", folder);
    if (length < 0 || length >= (int)sizeof path)
        return assay_fail(err, ASSAY_E_LIMIT, "%.200s…: the path is too long", folder);
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
    char wanted[HEADER_BYTES + 1];
    char header[HEADER_BYTES];
    make_header(t->sample_count, wanted);
    return fstat(t->fd, &info) == 0 && S_ISREG(info.st_mode) &&
           (uint64_t)info.st_size == file_bytes(t->sample_count) &&
           pread(t->fd, header, HEADER_BYTES, 0) == HEADER_BYTES &&
           !memcmp(header, wanted, HEADER_BYTES);
}

assay_code project_thumbnails_write(const char *folder, size_t sample_count,
                                    project_thumbnails **out, assay_err *err)
{
    ASSAY_TRY(open_file(folder, O_RDWR | O_CREAT, sample_count, out, err));
    assert(*out);
    if (is_whole(*out))
        return ASSAY_OK;
    char header[HEADER_BYTES + 1];
    make_header(sample_count, header);
    if (ftruncate((*out)->fd, 0) == 0 &&
        ftruncate((*out)->fd, (off_t)file_bytes(sample_count)) == 0 &&
        pwrite((*out)->fd, header, HEADER_BYTES, 0) == HEADER_BYTES)
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
    const off_t at = (off_t)(HEADER_BYTES + sample * THUMBNAIL_BYTES);
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
    return t->mapping + HEADER_BYTES;
}

uint64_t thumbnail_hash(const uint8_t *picture)
{
    const uint64_t hash = text_hash((const char *)picture, THUMBNAIL_BYTES);
    return hash ? hash : 1;
}
