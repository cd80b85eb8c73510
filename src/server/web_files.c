/* Files of the page. The program holds them packed; a folder is read anew each time. */
#include "server/web_files.h"

#include "base/file.h"
#include "base/mem.h"
#include "server/coding.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* No file of a page is larger. */
#define WEB_FILE_BYTES_MOST ((uint64_t)64 << 20)

typedef struct packed_file {
    const char *name, *version;
    size_t offset, bytes, unpacked_bytes;
    bool packed;
} packed_file;

#include "server/web_pack.h"

__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        "assay_web_pack:\n"
        ".incbin \"" WEB_PACK_FILE "\"\n"
        ".byte 0\n"
        ".popsection\n");
extern const char assay_web_pack[] __attribute__((visibility("hidden")));

const char *web_content_type(const char *name)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".webp", "image/webp"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".txt", "text/plain; charset=utf-8"},
        {".map", "application/json"},
        {".wasm", "application/wasm"},
    };
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i][0], ending) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}

static assay_code fail_missing(const char *name, assay_err *err)
{
    return assay_fail(err, ASSAY_E_NOT_FOUND, "the page has no file '%.200s'", name);
}

static assay_code find_packed(const char *name, bool gzip, web_file *out, assay_err *err)
{
    for (size_t i = 0; i < sizeof packed_files / sizeof *packed_files; i++) {
        const packed_file *f = &packed_files[i];
        if (strcmp(f->name, name) != 0)
            continue;
        out->at = assay_web_pack + f->offset;
        out->length = f->bytes;
        out->packed = f->packed;
        out->immutable = strncmp(name, "assets/", 7) == 0;
        snprintf(out->version, sizeof out->version, "%s", f->version);
        if (!f->packed || gzip)
            return ASSAY_OK;
        ASSAY_TRY(coding_unpack(out->at, f->bytes, f->unpacked_bytes, &out->owned, err));
        out->at = out->owned.at;
        out->length = out->owned.length;
        out->packed = false;
        return ASSAY_OK;
    }
    return fail_missing(name, err);
}

/* Whether a path, links followed, lies in a folder. */
static bool lies_within(const char *folder, const char *path)
{
    char *real_folder = realpath(folder, NULL);
    char *real_path = realpath(path, NULL);
    const size_t length = real_folder ? strlen(real_folder) : 0;
    const bool within = real_folder && real_path && strncmp(real_folder, real_path, length) == 0 &&
                        real_path[length] == '/';
    free(real_folder);
    free(real_path);
    return within;
}

static assay_code read_whole(int fd, uint64_t bytes, text *out, assay_err *err)
{
    text_init(out, (size_t)bytes);
    char piece[1 << 14];
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0)
        text_put(out, piece, (size_t)got);
    if (got < 0)
        return assay_fail(err, ASSAY_E_IO, "a file of the page cannot be read");
    return text_check(out, err);
}

static assay_code find_in_folder(const char *folder, const char *name, web_file *out,
                                 assay_err *err)
{
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= sizeof path || !lies_within(folder, path))
        return fail_missing(name, err);
    int fd;
    uint64_t bytes;
    if (file_open(path, &fd, &bytes, NULL) != ASSAY_OK)
        return fail_missing(name, err);
    const assay_code code =
        bytes > WEB_FILE_BYTES_MOST
            ? assay_fail(err, ASSAY_E_LIMIT, "'%.200s' is too large for a page", name)
            : read_whole(fd, bytes, &out->owned, err);
    close(fd);
    out->at = text_view(&out->owned);
    out->length = out->owned.length;
    return code;
}

assay_code web_file_find(const char *folder, const char *path, bool gzip, web_file *out,
                         assay_err *err)
{
    *out = (web_file){0};
    const char *last = strrchr(path, '/');
    const char *name = last && strchr(last, '.') ? path + 1 : "index.html";
    out->content_type = web_content_type(name);
    const assay_code code =
        folder ? find_in_folder(folder, name, out, err) : find_packed(name, gzip, out, err);
    if (code != ASSAY_OK)
        web_file_clear(out);
    return code;
}

void web_file_clear(web_file *f)
{
    text_clear(&f->owned);
    *f = (web_file){0};
}
