/* Pixels as files that a browser shows. */
#include "image/encode_image.h"

#include "base/try.h"

#include <stdint.h>
#include <stdlib.h>

#include <spng.h>
#include <turbojpeg.h>

static void drop_handle(void **handle)
{
    if (*handle)
        tjDestroy(*handle);
}

static void drop_jpeg(unsigned char **at)
{
    tjFree(*at);
}

static void drop_png(spng_ctx **png)
{
    spng_ctx_free(*png);
}

assay_code image_encode_jpeg(const pixels *p, int quality, text *out, assay_err *err)
{
    __attribute__((cleanup(drop_handle))) tjhandle jpeg = tjInitCompress();
    __attribute__((cleanup(drop_jpeg))) unsigned char *at = NULL;
    unsigned long length = 0;
    if (!jpeg)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    const bool grey = p->channels == 1;
    if (tjCompress2(jpeg, p->at, (int)p->width, 0, (int)p->height, grey ? TJPF_GRAY : TJPF_RGB, &at,
                    &length, grey ? TJSAMP_GRAY : TJSAMP_420, quality, 0))
        return assay_fail(err, ASSAY_E_INTERNAL, "cannot be written as JPEG: %s",
                          tjGetErrorStr2(jpeg));
    text_put(out, (const char *)at, length);
    return text_check(out, err);
}

static int write_png(spng_ctx *png, const pixels *p)
{
    struct spng_ihdr head = {.width = p->width,
                             .height = p->height,
                             .bit_depth = 8,
                             .color_type = p->channels == 1 ? SPNG_COLOR_TYPE_GRAYSCALE
                                                            : SPNG_COLOR_TYPE_TRUECOLOR};
    const size_t bytes = (size_t)p->width * p->height * p->channels;
    int code = spng_set_option(png, SPNG_ENCODE_TO_BUFFER, 1);
    if (!code)
        code = spng_set_option(png, SPNG_IMG_COMPRESSION_LEVEL, 4);
    if (!code)
        code = spng_set_ihdr(png, &head);
    return code ? code : spng_encode_image(png, p->at, bytes, SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
}

assay_code image_encode_png(const pixels *p, text *out, assay_err *err)
{
    __attribute__((cleanup(drop_png))) spng_ctx *png = spng_ctx_new(SPNG_CTX_ENCODER);
    if (!png)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    size_t length = 0;
    int code = write_png(png, p);
    char *at = code ? NULL : spng_get_png_buffer(png, &length, &code);
    if (!at)
        return assay_fail(err, code == SPNG_EMEM ? ASSAY_E_NOMEM : ASSAY_E_INTERNAL,
                          "cannot be written as PNG: %s", spng_strerror(code));
    text_put(out, at, length);
    free(at);
    return text_check(out, err);
}
