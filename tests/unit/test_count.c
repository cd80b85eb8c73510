#include "support/check.h"

#include "base/mem.h"
#include "base/rng.h"
#include "stats/count.h"

#include <stdbool.h>
#include <string.h>

enum { ROWS = 3001 };

typedef struct rows {
    uint16_t label[ROWS], prediction[ROWS];
    uint64_t selected[(ROWS + 63) / 64];
} rows;

/* Every seventh code is missing; the first words select all, none, then every other row or so. */
static rows *make_rows(uint32_t class_count, bool sorted)
{
    rows *made = mem_zalloc(1, sizeof *made);
    assert_non_null(made);
    rng r;
    rng_init(&r, class_count, sorted);
    for (size_t i = 0; i < ROWS; i++) {
        made->label[i] = (uint16_t)(sorted ? i * class_count / ROWS : rng_below(&r, class_count));
        made->prediction[i] =
            rng_below(&r, 10) ? made->label[i] : (uint16_t)rng_below(&r, class_count);
        if (rng_below(&r, 7) == 0)
            made->label[i] = 0xFFFF;
        if (rng_below(&r, 7) == 0)
            made->prediction[i] = 0xFFFF;
    }
    for (size_t i = 0; i < sizeof made->selected / sizeof *made->selected; i++)
        made->selected[i] = i < 5 ? UINT64_MAX : i < 9 ? 0 : rng_next(&r);
    return made;
}

static uint32_t slow_count(const rows *made, size_t n, bool all, uint32_t class_count, size_t cell)
{
    uint32_t count = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t row = made->label[i] == 0xFFFF ? class_count : made->label[i];
        const size_t column = made->prediction[i] == 0xFFFF ? class_count : made->prediction[i];
        const bool in = all || (made->selected[i / 64] >> (i % 64) & 1);
        count += in && row * (class_count + 1) + column == cell;
    }
    return count;
}

static void check_state(uint32_t *state, const rows *made, size_t n, bool all, uint32_t class_count)
{
    count_pairs_finish(state, class_count);
    uint64_t total = 0;
    const size_t cells = (size_t)(class_count + 1) * (class_count + 1);
    for (size_t cell = 0; cell < cells; cell++) {
        total += state[cell];
        if (cells > 10000 && !state[cell])
            continue; /* the total tells when one is missing */
        assert_int_equal(state[cell], slow_count(made, n, all, class_count, cell));
    }
    uint64_t selected = 0;
    for (size_t i = 0; i < n; i++)
        selected += all || (made->selected[i / 64] >> (i % 64) & 1);
    assert_int_equal(total, selected);
}

static void every_pair_is_counted_once_in_its_cell(void **state)
{
    (void)state;
    static const uint32_t CLASSES[] = {1, 2, 10, 36, 37, 99, 250, 251, 400};
    static const size_t LENGTHS[] = {0, 1, 3, 64, 65, 511, 513, ROWS};
    for (size_t k = 0; k < sizeof CLASSES / sizeof *CLASSES; k++) {
        for (size_t l = 0; l < sizeof LENGTHS / sizeof *LENGTHS; l++) {
            rows *made = make_rows(CLASSES[k], k % 2);
            const size_t cells = count_pairs_cells(CLASSES[k]);
            uint32_t *counts = mem_zalloc(cells, sizeof *counts);
            count_pairs_add(counts, CLASSES[k], made->label, made->prediction, LENGTHS[l]);
            check_state(counts, made, LENGTHS[l], true, CLASSES[k]);
            memset(counts, 0, cells * sizeof *counts);
            count_pairs_add_selected(counts, CLASSES[k], made->label, made->prediction,
                                     made->selected, LENGTHS[l]);
            check_state(counts, made, LENGTHS[l], false, CLASSES[k]);
            mem_free(counts);
            mem_free(made);
        }
    }
}

static void rows_may_come_in_pieces(void **state)
{
    (void)state;
    rows *made = make_rows(10, false);
    uint32_t *counts = mem_zalloc(count_pairs_cells(10), sizeof *counts);
    for (size_t at = 0, step = 1; at < ROWS; at += step, step = step * 3 % 1000 + 1) {
        const size_t n = ROWS - at < step ? ROWS - at : step;
        count_pairs_add(counts, 10, made->label + at, made->prediction + at, n);
    }
    check_state(counts, made, ROWS, true, 10);
    mem_free(counts);
    mem_free(made);
}

/* All rows in one cell: the lanes must add up beyond what one of them holds alone. */
static void one_cell_may_hold_all_rows(void **state)
{
    (void)state;
    static const uint16_t zero[ROWS];
    uint32_t *counts = mem_zalloc(count_pairs_cells(3), sizeof *counts);
    for (size_t i = 0; i < 1000; i++)
        count_pairs_add(counts, 3, zero, zero, ROWS);
    count_pairs_finish(counts, 3);
    assert_int_equal(counts[0], 1000 * ROWS);
    mem_free(counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_is_counted_once_in_its_cell),
        cmocka_unit_test(rows_may_come_in_pieces),
        cmocka_unit_test(one_cell_may_hold_all_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
