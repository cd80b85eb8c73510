/* What libvips can load of a picture at less than its size. Only what shows the same picture, and
 * the same colours: the preview in a HEIF file is not made use of, for nothing says that it was
 * made anew when the picture was edited. */
#include "image/vips_part.h"

#include <string.h>

typedef int load_function(void *at, size_t length, VipsImage **out, ...);

static load_function *loader_of(image_kind kind)
{
    switch (kind) {
    case KIND_JPEG:
        return vips_jpegload_buffer;
    case KIND_WEBP:
        return vips_webpload_buffer;
    case KIND_GIF:
        return vips_gifload_buffer;
    case KIND_TIFF:
        return vips_tiffload_buffer;
    case KIND_HEIF:
        return vips_heifload_buffer;
    case KIND_JP2:
        return vips_jp2kload_buffer;
    case KIND_PNG:
    case KIND_BMP:
    case KIND_UNKNOWN:
        break;
    }
    return NULL;
}

static const char scale[] = "scale", shrink[] = "shrink", page[] = "page", subifd[] = "subifd";

bool vips_open(image_kind kind, image_file file, const vips_part *part, VipsImage **out)
{
    /* libvips does not write there, whatever its interface says. */
    union {
        const uint8_t *at;
        void *borrowed;
    } bytes = {.at = file.at};
    load_function *load = loader_of(kind);
    const char *option = part->option;
    *out = NULL;
    if (option == scale)
        return load(bytes.borrowed, file.length, out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                    VIPS_FAIL_ON_ERROR, option, part->value, NULL) == 0;
    /* Without an option, its name ends the list. */
    return load(bytes.borrowed, file.length, out, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on",
                VIPS_FAIL_ON_ERROR, option, (int)part->value, NULL) == 0;
}

static uint32_t longest_of(VipsImage *image)
{
    const int width = vips_image_get_width(image), height = vips_image_get_height(image);
    return (uint32_t)(width > height ? width : height);
}

static uint32_t halved(uint32_t side, int times)
{
    return (uint32_t)(((uint64_t)side + (1U << times) - 1) >> times);
}

/* How often a side of `longest` can be halved, up to `most` times. */
static int halvings(uint32_t longest, uint32_t side, int most)
{
    int n = 0;
    while (n < most && halved(longest, n + 1) >= side)
        n++;
    return n;
}

/* Levels that were made by others, or by wavelets, are blurred in ways of their own and lie up to
 * half a pixel aside; libvips cuts what is left over of a JPEG's last block. Averages of two by two
 * pixels hide all of it. */
enum { LEVEL_SIDES = 2 };

static vips_part part_of_jpeg(uint32_t longest, uint32_t side)
{
    const int n = halvings(longest, side, 3);
    return n > 0 ? (vips_part){shrink, 1 << n} : (vips_part){0};
}

/* A transparent pixel's colour would count by how much it is seen, which it does nowhere else. */
static vips_part part_of_webp(VipsImage *stored, uint32_t longest, uint32_t side)
{
    if (vips_image_get_bands(stored) != 3 || side >= longest)
        return (vips_part){0};
    return (vips_part){scale, (double)side / longest};
}

static int pages_of(VipsImage *stored, const char *kind)
{
    int n = 0;
    return vips_image_get_typeof(stored, kind) && vips_image_get_int(stored, kind, &n) == 0 ? n : 0;
}

/* Places in a palette have no averages. */
static bool has_palette(image_file file)
{
    return memmem(file.at, file.length, "pclr", 4) != NULL;
}

static vips_part part_of_jp2(image_file file, VipsImage *stored, uint32_t longest, uint32_t side)
{
    const int n = halvings(longest, side, pages_of(stored, VIPS_META_N_PAGES) - 1);
    return n > 0 && !has_palette(file) ? (vips_part){page, n} : (vips_part){0};
}

/* Whether `small` has half the sides of `large`, however they were rounded. */
static bool is_half(VipsImage *large, VipsImage *small)
{
    const int wide = vips_image_get_width(large) - 2 * vips_image_get_width(small);
    const int high = vips_image_get_height(large) - 2 * vips_image_get_height(small);
    return wide >= -1 && wide <= 1 && high >= -1 && high <= 1 &&
           vips_image_get_bands(large) == vips_image_get_bands(small);
}

/* The levels of a pyramid are pages or, what `option` says, directories within the first one. Each
 * is half of the one before, which other pages hardly ever are. */
static vips_part level_of_tiff(image_file file, VipsImage *stored, uint32_t side, vips_part first,
                               int level_count)
{
    vips_part best = {0};
    VIPS_AUTO *above = g_object_ref(stored);
    for (int i = 0; i < level_count; i++) {
        const vips_part level = {first.option, first.value + i};
        VIPS_AUTO *image = NULL;
        if (!vips_open(KIND_TIFF, file, &level, &image) || !is_half(above, image) ||
            longest_of(image) < side)
            break;
        best = level;
        vips_unref(&above);
        above = g_object_ref(image);
    }
    return best;
}

static vips_part part_of_tiff(image_file file, VipsImage *stored, uint32_t side)
{
    const vips_part inner = {subifd, 0}, next = {page, 1};
    const vips_part level =
        level_of_tiff(file, stored, side, inner, pages_of(stored, VIPS_META_N_SUBIFDS));
    if (level.option)
        return level;
    return level_of_tiff(file, stored, side, next, pages_of(stored, VIPS_META_N_PAGES) - 1);
}

vips_part vips_part_for(image_kind kind, image_file file, VipsImage *stored, uint32_t side)
{
    const uint32_t longest = longest_of(stored);
    switch (kind) {
    case KIND_JPEG:
        return part_of_jpeg(longest, LEVEL_SIDES * side);
    case KIND_WEBP:
        return part_of_webp(stored, longest, side);
    case KIND_JP2:
        return part_of_jp2(file, stored, longest, LEVEL_SIDES * side);
    case KIND_TIFF:
        return part_of_tiff(file, stored, LEVEL_SIDES * side);
    case KIND_HEIF:
    case KIND_GIF:
    case KIND_PNG:
    case KIND_BMP:
    case KIND_UNKNOWN:
        break;
    }
    return (vips_part){0};
}
