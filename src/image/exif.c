/* Reads one number of EXIF data. Every offset and count is checked before it is used; what lies is
 * taken for silence, because a picture that is shown the wrong way up is still a picture. */
#include "image/exif.h"

#include <stdbool.h>
#include <string.h>

enum {
    TAG_ORIENTATION = 0x0112,
    TYPE_SHORT = 3,
    TYPE_LONG = 4,
    ENTRY_BYTES = 12,
    TIFF_HEADER_BYTES = 8,
    CHUNK_FRAME_BYTES = 12, /* length, name, checksum */
    PNG_MAGIC_BYTES = 8
};

/* JPEG markers. */
enum { START_OF_IMAGE = 0xD8, END_OF_IMAGE = 0xD9, START_OF_SCAN = 0xDA, APP1 = 0xE1 };

static uint32_t read16(const uint8_t *at, bool big)
{
    return big ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

static uint32_t read32(const uint8_t *at, bool big)
{
    return big ? read16(at, true) << 16 | read16(at + 2, true)
               : read16(at + 2, false) << 16 | read16(at, false);
}

static uint32_t orientation_or_upright(uint32_t value)
{
    return value >= 1 && value <= 8 ? value : 1;
}

uint32_t exif_orientation(const uint8_t *at, size_t length)
{
    if (length < TIFF_HEADER_BYTES)
        return 1;
    const bool big = memcmp(at, "MM\0*", 4) == 0;
    if (!big && memcmp(at, "II*\0", 4) != 0)
        return 1;
    const size_t folder = read32(at + 4, big);
    if (folder > length - 2)
        return 1;
    const size_t room = (length - folder - 2) / ENTRY_BYTES;
    const size_t told = read16(at + folder, big);
    for (size_t i = 0; i < told && i < room; i++) {
        const uint8_t *entry = at + folder + 2 + i * ENTRY_BYTES;
        if (read16(entry, big) != TAG_ORIENTATION)
            continue;
        const uint32_t type = read16(entry + 2, big);
        if (read32(entry + 4, big) != 1 || (type != TYPE_SHORT && type != TYPE_LONG))
            return 1;
        return orientation_or_upright(type == TYPE_SHORT ? read16(entry + 8, big)
                                                         : read32(entry + 8, big));
    }
    return 1;
}

/* The next marker at or behind *i, which moves past it; 0 where there is none. As decoders do, what
 * stands between segments is passed over. */
static uint8_t next_marker(const uint8_t *at, size_t length, size_t *i)
{
    while (*i < length) {
        const uint8_t *mark = memchr(at + *i, 0xFF, length - *i);
        if (!mark)
            break;
        *i = (size_t)(mark - at) + 1;
        if (*i < length && at[*i] != 0xFF && at[*i] != 0)
            return at[(*i)++];
    }
    *i = length;
    return 0;
}

/* Markers that stand alone, without a length behind them. */
static bool stands_alone(uint8_t marker)
{
    return marker == 0x01 || (marker >= 0xD0 && marker <= START_OF_IMAGE);
}

jpeg_outline jpeg_outline_of(const uint8_t *at, size_t length)
{
    jpeg_outline outline = {.orientation = 1};
    bool found = false;
    size_t i = 0;
    for (uint8_t marker; (marker = next_marker(at, length, &i)) != 0;) {
        if (stands_alone(marker))
            continue;
        if (marker == END_OF_IMAGE || length - i < 2)
            break;
        const size_t segment = read16(at + i, true);
        if (segment < 2 || segment > length - i)
            break;
        if (marker == START_OF_SCAN) {
            outline.scan = i;
            break;
        }
        if (marker == APP1 && !found && segment > 8 && memcmp(at + i + 2, "Exif\0", 5) == 0) {
            outline.orientation = exif_orientation(at + i + 8, segment - 8);
            found = true;
        }
        i += segment;
    }
    return outline;
}

uint32_t png_orientation(const uint8_t *at, size_t length)
{
    size_t i = PNG_MAGIC_BYTES;
    while (i < length && length - i >= CHUNK_FRAME_BYTES) {
        const size_t bytes = read32(at + i, true);
        const size_t room = length - i - CHUNK_FRAME_BYTES;
        if (bytes > room)
            return 1;
        if (memcmp(at + i + 4, "eXIf", 4) == 0)
            return exif_orientation(at + i + 8, bytes);
        i += bytes + CHUNK_FRAME_BYTES;
    }
    return 1;
}
