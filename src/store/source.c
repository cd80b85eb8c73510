/* Opens input files: regular files only, never following what a name might mean to somebody else.
 */
#include "store/source.h"

#include "base/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VALUE_BYTES_SHOWN = 60, MAGIC_BYTES = 6 };

static assay_code fail_open(const char *path, int error, assay_err *err)
{
    if (error == ENOENT || error == ENOTDIR)
        return assay_fail(err, ASSAY_E_NOT_FOUND, "%s: there is no such file", path);
    if (error == EACCES || error == EPERM)
        return assay_fail(err, ASSAY_E_IO, "%s: may not be read (permission denied)", path);
    if (error == ENXIO)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is a socket or device; expected a file", path);
    return assay_fail(err, ASSAY_E_IO, "%s: cannot be opened: %s", path, strerrordesc_np(error));
}

static assay_code check_kind(const char *path, mode_t mode, assay_err *err)
{
    if (S_ISREG(mode))
        return ASSAY_OK;
    const char *what = S_ISDIR(mode)    ? "folder"
                       : S_ISFIFO(mode) ? "pipe"
                       : S_ISSOCK(mode) ? "socket"
                                        : "device";
    return assay_fail(err, ASSAY_E_INPUT, "%s: is a %s; expected a file", path, what);
}

static source_kind recognise(const char *magic, size_t length)
{
    if (length >= 2 && !memcmp(magic, "\x1f\x8b", 2))
        return SOURCE_GZIP;
    if (length >= 4 && !memcmp(magic, "PAR1", 4))
        return SOURCE_PARQUET;
    if (length >= 6 && !memcmp(magic, "\x93NUMPY", 6))
        return SOURCE_NPY;
    if (length >= 4 && !memcmp(magic, "PK\x03\x04", 4))
        return SOURCE_ZIP;
    return SOURCE_TEXT;
}

static assay_code examine(const char *path, source *s, assay_err *err)
{
    struct stat info;
    if (fstat(s->fd, &info))
        return fail_open(path, errno, err);
    ASSAY_TRY(check_kind(path, info.st_mode, err));
    char magic[MAGIC_BYTES];
    const ssize_t length = pread(s->fd, magic, sizeof magic, 0);
    if (length < 0)
        return fail_open(path, errno, err);
    if (length == 0)
        return assay_fail(err, ASSAY_E_INPUT, "%s: is empty", path);
    s->bytes = (uint64_t)info.st_size;
    s->kind = recognise(magic, (size_t)length);
    return ASSAY_OK;
}

assay_code source_open(const char *path, source *out, assay_err *err)
{
    *out = (source){.fd = -1};
    source s = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (s.fd < 0)
        return fail_open(path, errno, err);
    const assay_code code = examine(path, &s, err);
    if (code != ASSAY_OK) {
        source_close(&s);
        return code;
    }
    *out = s;
    return ASSAY_OK;
}

void source_close(source *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

/* Bytes of the character at `at`, or 0 where there is none that can be shown. */
static size_t shown_character(const char *at, size_t length)
{
    const unsigned char c = (unsigned char)*at;
    if (c < 0x80)
        return c >= 0x20 && c != 0x7F;
    for (size_t whole = 2; whole <= 4 && whole <= length; whole++) {
        if (utf8_valid(at, whole) == whole)
            return whole;
    }
    return 0;
}

void source_show_value(const char *at, size_t length, char out[80])
{
    size_t used = 0;
    size_t i = 0;
    while (i < length && used < VALUE_BYTES_SHOWN) {
        const size_t whole = shown_character(at + i, length - i);
        memcpy(out + used, whole ? at + i : "?", whole ? whole : 1);
        used += whole ? whole : 1;
        i += whole ? whole : 1;
    }
    memcpy(out + used, i < length ? "…" : "", i < length ? 4 : 1);
}
