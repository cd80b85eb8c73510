/* The one number of EXIF data that is read, from data that tell the truth and data that do not. */
#include "image/exif.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

/* Calls with a copy that is exactly as long, so that a sanitizer sees a read behind its end. */
static uint32_t orientation_of(const char *at, size_t length)
{
    uint8_t *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, at, length);
    const uint32_t found = exif_orientation(copy, length);
    free(copy);
    return found;
}

#define HEAD_II "II*\0\x08\0\0\0"
#define HEAD_MM "MM\0*\0\0\0\x08"

static void what_the_data_say_is_read_in_both_byte_orders(void **state)
{
    (void)state;
#define BYTES(text) text, sizeof(text) - 1
    static const struct {
        const char *name, *at;
        size_t length;
        uint32_t expected;
    } cases[] = {
        {"little", BYTES(HEAD_II "\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"), 6},
        {"big", BYTES(HEAD_MM "\0\1\1\x12\0\3\0\0\0\1\0\x08\0\0"), 8},
        {"second", BYTES(HEAD_II "\2\0\x0F\1\2\0\4\0\0\0abc\0\x12\1\3\0\1\0\0\0\3\0\0\0"), 3},
        {"as a long number", BYTES(HEAD_MM "\0\1\1\x12\0\4\0\0\0\1\0\0\0\5"), 5},
        {"none", BYTES(HEAD_II "\1\0\x0F\1\2\0\4\0\0\0abc\0"), 1},
        {"zero", BYTES(HEAD_II "\1\0\x12\1\3\0\1\0\0\0\0\0\0\0"), 1},
        {"nine", BYTES(HEAD_II "\1\0\x12\1\3\0\1\0\0\0\x09\0\0\0"), 1},
        {"two numbers", BYTES(HEAD_II "\1\0\x12\1\3\0\2\0\0\0\6\0\6\0"), 1},
        {"a text", BYTES(HEAD_II "\1\0\x12\1\2\0\1\0\0\0\6\0\0\0"), 1},
        {"more entries than there are", BYTES(HEAD_II "\xFF\xFF\x12\1\3\0\1\0\0\0\6\0\0\0"), 6},
        {"an entry that is cut", BYTES(HEAD_II "\1\0\x12\1\3\0\1\0\0\0\6\0"), 1},
        {"a folder behind the end", BYTES("II*\0\xF0\xFF\xFF\xFF\1\0\x12\1"), 1},
        {"a folder on the end", BYTES("II*\0\x07\0\0\0\1"), 1},
        {"no TIFF", BYTES("IM*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0"), 1},
        {"nothing", BYTES(""), 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const uint32_t found = orientation_of(cases[i].at, cases[i].length);
        if (found != cases[i].expected)
            fail_msg("%s: %u; expected %u", cases[i].name, found, cases[i].expected);
    }
}

static void a_jpeg_tells_where_its_scan_begins(void **state)
{
    (void)state;
#define APP1                                                                                       \
    "\xFF\xE1\0\x20"                                                                               \
    "Exif\0\0" HEAD_II "\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0"
#define SCAN "\xFF\xDA\0\x02"
    static const struct {
        const char *name, *at;
        size_t length;
        uint32_t orientation;
        size_t scan;
    } cases[] = {
        {"upright", BYTES("\xFF\xD8" SCAN), 1, 4},
        {"turned", BYTES("\xFF\xD8" APP1 SCAN), 6, 38},
        {"filled up", BYTES("\xFF\xD8\xFF\xFF\xFF" SCAN), 1, 7},
        {"garbage between", BYTES("\xFF\xD8garbage\xFF\0" SCAN), 1, 13},
        {"Exif behind the scan", BYTES("\xFF\xD8" SCAN APP1), 1, 4},
        {"a segment behind the end",
         BYTES("\xFF\xD8\xFF\xE1\xFF\xFF"
               "Exif\0\0"),
         1, 0},
        {"a segment of length 1", BYTES("\xFF\xD8\xFF\xE1\0\1" SCAN), 1, 0},
        {"ended before the scan", BYTES("\xFF\xD8\xFF\xD9" SCAN), 1, 0},
        {"cut in a marker", BYTES("\xFF\xD8\xFF"), 1, 0},
        {"cut in a length", BYTES("\xFF\xD8\xFF\xDA\0"), 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *copy = malloc(cases[i].length);
        assert_non_null(copy);
        memcpy(copy, cases[i].at, cases[i].length);
        const jpeg_outline found = jpeg_outline_of(copy, cases[i].length);
        free(copy);
        if (found.orientation != cases[i].orientation || found.scan != cases[i].scan)
            fail_msg("%s: %u, %zu", cases[i].name, found.orientation, found.scan);
    }
}

static void a_png_tells_it_in_a_chunk(void **state)
{
    (void)state;
    static const char turned[] = "\x89PNG\r\n\x1a\n\0\0\0\1abcd.CRC_\0\0\0\x16"
                                 "eXIf" HEAD_II "\1\0\x12\1\3\0\1\0\0\0\7\0\0\0CRC_";
    assert_int_equal(png_orientation((const uint8_t *)turned, sizeof turned - 1), 7);
    for (size_t cut = 0; cut < sizeof turned - 1; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1);
        assert_non_null(copy);
        memcpy(copy, turned, cut);
        assert_int_equal(png_orientation(copy, cut), 1);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_data_say_is_read_in_both_byte_orders),
        cmocka_unit_test(a_jpeg_tells_where_its_scan_begins),
        cmocka_unit_test(a_png_tells_it_in_a_chunk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
