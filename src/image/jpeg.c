/* JPEG through TurboJPEG, which is several times as fast as anything else. What it cannot turn into
 * grey or RGB goes to libvips. */
#include "image/decoder.h"
#include "image/exif.h"
#include "image/vips_loader.h"

#include <ctype.h>
#include <string.h>

#include <turbojpeg.h>

/* Within a scan a 0xFF is followed by 0 or a restart marker, so an end marker is an end; a file
 * that has none was cut. */
static bool has_end(image_file file, size_t scan)
{
    for (size_t i = file.length; scan > 0 && i-- > scan + 1;) {
        if (file.at[i] == 0xD9 && file.at[i - 1] == 0xFF)
            return true;
    }
    return false;
}

/* The library's words, without what every one of them begins with. */
static assay_code fail(const char *said, image_file file, size_t scan, assay_err *err)
{
    static const char prefix[] = "Corrupt JPEG data: ";
    if (!has_end(file, scan))
        return assay_fail(err, ASSAY_E_INPUT, "is cut short: the JPEG data have no end");
    if (strncmp(said, prefix, sizeof prefix - 1) == 0)
        said += sizeof prefix - 1;
    char first = *said;
    /* Not where it begins an abbreviation. */
    if (first && islower((unsigned char)said[1]))
        first = (char)tolower((unsigned char)first);
    return assay_fail(err, ASSAY_E_INPUT, "is damaged: %c%s", first ? first : '?',
                      first ? said + 1 : "");
}

/* What decoders everywhere pass over: the picture is whole. */
static bool is_harmless(const char *warning)
{
    static const char *const words[] = {"extraneous bytes", "Adobe", "ICC", "progression sequence"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(warning, words[i]))
            return true;
    }
    return false;
}

static void drop(void **handle)
{
    if (*handle)
        tjDestroy(*handle);
}

/* The library tells of its first warning only; whether an end was reached is looked up. */
static assay_code check_warning(tjhandle jpeg, image_file file, size_t scan, assay_err *err)
{
    const char *said = tjGetErrorStr2(jpeg);
    const bool warning = tjGetErrorCode(jpeg) == TJERR_WARNING;
    if (warning && is_harmless(said) && has_end(file, scan))
        return ASSAY_OK;
    return fail(said, file, scan, err);
}

/* The smallest of the fractions that decode faster which leaves the longest side long enough. */
static void choose_size(uint32_t side, int *width, int *height)
{
    const int longest = *width > *height ? *width : *height;
    for (int denominator = 8; side > 0 && denominator > 1; denominator /= 2) {
        const tjscalingfactor part = {1, denominator};
        if (TJSCALED(longest, part) < (int)side)
            continue;
        *width = TJSCALED(*width, part);
        *height = TJSCALED(*height, part);
        return;
    }
}

/* A handle for each image, for it keeps an image's tables for the next one that lacks them, and
 * costs next to nothing. */
assay_code jpeg_decode(image_decoder *d, image_file file, pixels *out, uint32_t *orientation,
                       assay_err *err)
{
    const jpeg_outline outline = jpeg_outline_of(file.at, file.length);
    /* TurboJPEG takes a file of tables alone for a success without a size. */
    if (outline.scan == 0)
        return fail("", file, 0, err);
    __attribute__((cleanup(drop))) tjhandle jpeg = tjInitDecompress();
    if (!jpeg)
        return assay_fail(err, ASSAY_E_NOMEM, "out of memory");
    int width = 0, height = 0, sampling = 0, space = 0;
    if (tjDecompressHeader3(jpeg, file.at, file.length, &width, &height, &sampling, &space)) {
        /* Sampling that has no name in TurboJPEG is decoded by others. */
        if (strstr(tjGetErrorStr2(jpeg), "subsampling"))
            return vips_decode(d, KIND_JPEG, file, out, orientation, err);
        return fail(tjGetErrorStr2(jpeg), file, outline.scan, err);
    }
    if (space == TJCS_CMYK || space == TJCS_YCCK)
        return vips_decode(d, KIND_JPEG, file, out, orientation, err);
    ASSAY_TRY(image_begin(d, (uint64_t)width, (uint64_t)height, err));
    choose_size(d->side, &width, &height);
    pixels p = {.width = (uint32_t)width,
                .height = (uint32_t)height,
                .channels = space == TJCS_GRAY ? 1 : 3};
    ASSAY_TRY(image_room_take(&d->stored, (size_t)p.width * p.height * p.channels, err));
    if (tjDecompress2(jpeg, file.at, file.length, d->stored.at, width, 0, height,
                      p.channels == 1 ? TJPF_GRAY : TJPF_RGB, TJFLAG_LIMITSCANS))
        ASSAY_TRY(check_warning(jpeg, file, outline.scan, err));
    p.at = d->stored.at;
    *orientation = outline.orientation;
    *out = p;
    return ASSAY_OK;
}
