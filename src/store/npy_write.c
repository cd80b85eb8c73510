/* Writes matrices as .npy files: whole under a temporary name, synced, then renamed. */
#include "store/npy_write.h"

#include "base/mem.h"
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HEADER_BYTES = 128 };

/* Of version 1.0, with the length of the text behind it. */
static const unsigned char magic[] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, HEADER_BYTES - 10, 0};

static const char *const type_names[] = {[NPY_WRITE_F16] = "<f2",
                                         [NPY_WRITE_F32] = "<f4",
                                         [NPY_WRITE_F64] = "<f8",
                                         [NPY_WRITE_U16] = "<u2",
                                         [NPY_WRITE_U32] = "<u4"};
static const size_t type_bytes[] = {[NPY_WRITE_F16] = 2,
                                    [NPY_WRITE_F32] = 4,
                                    [NPY_WRITE_F64] = 8,
                                    [NPY_WRITE_U16] = 2,
                                    [NPY_WRITE_U32] = 4};

struct npy_writer {
    char *path, *temporary;
    int fd;
    npy_write_type type;
    size_t column_count, row_bytes, rows_left;
};

static assay_code write_fail(const npy_writer *w, assay_err *err)
{
    return assay_fail(err, ASSAY_E_IO, "%s: cannot be written: %s", w->path,
                      strerrordesc_np(errno));
}

static assay_code write_all(const npy_writer *w, const char *at, size_t length, assay_err *err)
{
    while (length > 0) {
        const ssize_t written = write(w->fd, at, length < (1u << 30) ? length : (1u << 30));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return write_fail(w, err);
        at += written;
        length -= (size_t)written;
    }
    return ASSAY_OK;
}

/* Version 1.0: magic, length of the text, the text padded so that the data is aligned to 64. */
static assay_code write_header(const npy_writer *w, npy_write_type type, size_t row_count,
                               size_t column_count, assay_err *err)
{
    char header[HEADER_BYTES + 1];
    memset(header, ' ', HEADER_BYTES);
    memcpy(header, magic, sizeof magic);
    const int length = snprintf(header + 10, HEADER_BYTES - 10,
                                "{'descr': '%s', 'fortran_order': False, 'shape': (%zu, %zu), }",
                                type_names[type], row_count, column_count);
    assert(length > 0 && length < HEADER_BYTES - 11);
    header[10 + length] = ' ';
    header[HEADER_BYTES - 1] = '\n';
    return write_all(w, header, HEADER_BYTES, err);
}

static assay_code open_temporary(npy_writer *w, assay_err *err)
{
    text name;
    text_init(&name, PATH_MAX);
    text_printf(&name, "%s.part", w->path);
    w->temporary = text_check(&name, err) ? NULL : mem_copy_text(text_view(&name), name.length);
    text_clear(&name);
    if (!w->temporary)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", w->path);
    w->fd = open(w->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    return w->fd < 0 ? write_fail(w, err) : ASSAY_OK;
}

assay_code npy_writer_new(const char *path, npy_write_type type, size_t row_count,
                          size_t column_count, npy_writer **out, assay_err *err)
{
    *out = NULL;
    ASSAY_AUTO(npy_writer) w = mem_zalloc(1, sizeof *w);
    if (!w)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    w->fd = -1;
    w->path = mem_copy_text(path, strlen(path));
    if (!w->path)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", path);
    w->type = type;
    w->column_count = column_count;
    w->row_bytes = column_count * type_bytes[type];
    w->rows_left = row_count;
    ASSAY_TRY(open_temporary(w, err));
    ASSAY_TRY(write_header(w, type, row_count, column_count, err));
    *out = ASSAY_GIVE(w);
    return ASSAY_OK;
}

assay_code npy_writer_put(npy_writer *w, const void *rows, size_t row_count, assay_err *err)
{
    assert(row_count <= w->rows_left);
    w->rows_left -= row_count;
    return write_all(w, rows, row_count * w->row_bytes, err);
}

/* The bits of a number that a float16 holds. */
static uint16_t half_of(double x)
{
    const uint16_t sign = signbit(x) ? 0x8000 : 0;
    if (isnan(x))
        return 0x7E00;
    const double size = fabs(x);
    if (size > 65504.0)
        return (uint16_t)(sign | 0x7C00);
    int exponent = 0;
    const double mantissa = frexp(size, &exponent); /* 0.5 to 1 */
    if (size < 0x1p-14)
        return (uint16_t)(sign | (unsigned)(size * 0x1p24));
    return (uint16_t)(sign | ((unsigned)(exponent + 14) << 10) |
                      (unsigned)((2.0 * mantissa - 1.0) * 1024.0));
}

static void convert(npy_write_type type, const double *from, size_t count, void *to)
{
    if (type == NPY_WRITE_F16) {
        uint16_t *out = to;
        for (size_t i = 0; i < count; i++)
            out[i] = half_of(from[i]);
    } else {
        float *out = to;
        for (size_t i = 0; i < count; i++)
            out[i] = (float)from[i];
    }
}

assay_code npy_writer_put_numbers(npy_writer *w, const double *rows, size_t row_count,
                                  assay_err *err)
{
    assert(w->type <= NPY_WRITE_F64);
    if (w->type == NPY_WRITE_F64)
        return npy_writer_put(w, rows, row_count, err);
    ASSAY_AUTO_MEM void *converted = mem_alloc(row_count, w->row_bytes);
    if (!converted)
        return assay_fail(err, ASSAY_E_NOMEM, "%s: out of memory", w->path);
    convert(w->type, rows, row_count * w->column_count, converted);
    return npy_writer_put(w, converted, row_count, err);
}

static assay_code sync_folder_of(const npy_writer *w, assay_err *err)
{
    const char *slash = strrchr(w->path, '/');
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - w->path) + 1 : 1,
             slash ? w->path : ".");
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return write_fail(w, err);
    const bool failed = fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP;
    close(fd);
    return failed ? write_fail(w, err) : ASSAY_OK;
}

assay_code npy_writer_finish(npy_writer *w, assay_err *err)
{
    assert(w->rows_left == 0);
    if (fsync(w->fd) != 0)
        return write_fail(w, err);
    const int closed = close(w->fd);
    w->fd = -1;
    if (closed != 0 || rename(w->temporary, w->path) != 0)
        return write_fail(w, err);
    mem_free(w->temporary);
    w->temporary = NULL;
    return sync_folder_of(w, err);
}

void npy_writer_free(npy_writer *w)
{
    if (!w)
        return;
    if (w->fd >= 0)
        close(w->fd);
    if (w->temporary)
        unlink(w->temporary);
    mem_free(w->temporary);
    mem_free(w->path);
    mem_free(w);
}
