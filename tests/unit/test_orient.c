/* The eight ways an image can lie, against what each of them is by its definition. */
#include "image/orient.h"
#include "support/check.h"

#include <stdlib.h>

enum { WIDTH = 37, HEIGHT = 70 };

/* Where the stored image shows what stands at (x, y) of the upright one. */
static void source_of(uint32_t orientation, uint32_t x, uint32_t y, uint32_t *sx, uint32_t *sy)
{
    const uint32_t right = WIDTH - 1, low = HEIGHT - 1;
    const uint32_t places[9][2] = {{0, 0},        {x, y}, {right - x, y}, {right - x, low - y},
                                   {x, low - y},  {y, x}, {y, low - x},   {right - y, low - x},
                                   {right - y, x}};
    *sx = places[orientation][0];
    *sy = places[orientation][1];
}

static void every_orientation_is_made_upright(void **state)
{
    (void)state;
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        static uint8_t stored[3 * WIDTH * HEIGHT], turned[3 * WIDTH * HEIGHT];
        for (size_t i = 0; i < sizeof stored; i++)
            stored[i] = (uint8_t)(i * 2654435761U >> 13);
        for (uint32_t n = 1; n <= 8; n++) {
            const pixels from = {stored, WIDTH, HEIGHT, channels};
            const pixels p = orient_upright(&from, n, turned);
            assert_int_equal(p.width, n < 5 ? WIDTH : HEIGHT);
            assert_int_equal(p.height, n < 5 ? HEIGHT : WIDTH);
            for (uint32_t y = 0; y < p.height; y++) {
                for (uint32_t x = 0; x < p.width; x++) {
                    uint32_t sx, sy;
                    source_of(n, x, y, &sx, &sy);
                    assert_memory_equal(p.at + (y * p.width + x) * channels,
                                        stored + (sy * WIDTH + sx) * channels, channels);
                }
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_orientation_is_made_upright)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
