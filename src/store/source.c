/* Opens input files and tells by their first bytes what they are. */
#include "store/source.h"

#include "base/file.h"
#include "base/utf8.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { VALUE_BYTES_SHOWN = 60, MAGIC_BYTES = 6 };

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

/* The reasons come from base/file.h, which does not know how the caller names the file. */
static assay_code fail_named(const char *path, const assay_err *reason, assay_err *err)
{
    return assay_fail(err, reason->code, "%s: %s", path, reason->msg);
}

static assay_code examine(source *s, assay_err *err)
{
    char magic[MAGIC_BYTES];
    const ssize_t length = pread(s->fd, magic, sizeof magic, 0);
    if (length < 0)
        return file_fail(errno, err);
    if (length == 0)
        return assay_fail(err, ASSAY_E_INPUT, "is empty");
    s->kind = recognise(magic, (size_t)length);
    return ASSAY_OK;
}

assay_code source_open(const char *path, source *out, assay_err *err)
{
    *out = (source){.fd = -1};
    source s = {.fd = -1};
    assay_err reason = {0};
    if (file_open(path, &s.fd, &s.bytes, &reason) != ASSAY_OK)
        return fail_named(path, &reason, err);
    if (examine(&s, &reason) != ASSAY_OK) {
        source_close(&s);
        return fail_named(path, &reason, err);
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
